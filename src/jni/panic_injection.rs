//! The native of the test class `dev.keybed.PanicInjection`; only with the feature `failpoints`.
#![expect(unsafe_code, reason = "exports an unmangled symbol")]

use jni::EnvUnowned;
use jni::objects::{JClass, JString};

use crate::ffi::guard::failpoints;
use crate::jni::errors::cold;

/// The next call of that export panics.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_PanicInjection_arm<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    export: JString<'local>,
) {
    cold(&mut env, "Java_dev_keybed_PanicInjection_arm", |env| {
        failpoints::arm(if export.is_null() { None } else { Some(export.try_to_string(env)?) });
        Ok(())
    });
}

//! The natives of `dev.keybed.NativePreparedSnapshot`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JClass, JObjectArray, JString};
use jni::sys::jlong;

use crate::ffi::handle;
use crate::ffi::kinds::PreparedKind;
use crate::jni::errors::cold;
use crate::jni::words;
use crate::store::PreparedSnapshot;

/// Writes the snapshot; what its directory has, see `words::of_directory`. Once only, whether it succeeds or not.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativePreparedSnapshot_finish<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    prepared: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativePreparedSnapshot_finish", |env| {
        let written = handle::with_shared::<PreparedKind, _>(prepared as u64, |p| {
            p.take().and_then(PreparedSnapshot::finish)
        })?;
        words::strings(env, words::of_directory(&written))
    })
}

/// Closes a prepared snapshot; one that was not finished has never been. Nothing happens when it is closed already.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativePreparedSnapshot_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    prepared: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativePreparedSnapshot_close", |_| {
        drop(handle::remove_shared::<PreparedKind>(prepared as u64)?);
        Ok(())
    });
}

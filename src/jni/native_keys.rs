//! The natives of `dev.keybed.NativeKeys`.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::ffi::c_void;

use jni::sys::jint;

use crate::ffi::{guard, last_error};
use crate::key;

/// The key group of a Java hash code, or a negative code.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeKeys_keyGroup(
    _env: *mut c_void,
    _class: *mut c_void,
    java_hash: jint,
    max_parallelism: jint,
) -> jint {
    let result = guard::catch(|| {
        guard::enter("Java_dev_keybed_NativeKeys_keyGroup");
        // A negative number becomes one that is far above the limit.
        let result = key::key_group(java_hash, max_parallelism as u32);
        guard::leave(&result);
        result
    });
    match result {
        Ok(group) => group as jint,
        Err(error) => {
            last_error::set(&error);
            -error.code()
        }
    }
}

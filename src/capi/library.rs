//! Functions about the library itself.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::ffi::{CStr, c_char};
use std::ptr;

use once_cell::sync::Lazy;

use crate::capi::memory;
use crate::capi::status::{ABSENT, OK, run};
use crate::error::ErrorKind;
use crate::ffi::{self, guard, last_error};
use crate::key;

/// The version of this binary interface: KEYBED_ABI_VERSION of the header the library was built with.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_abi_version() -> u32 {
    ffi::ABI_VERSION
}

/// The version of the library, such as "0.1.0". Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}

/// What the library was built with, comma-separated, such as "rocks". Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_features() -> *const c_char {
    if ffi::features().is_empty() { c"".as_ptr() } else { c"rocks".as_ptr() }
}

/// The message of the last call that failed on this thread, NUL-terminated UTF-8, or NULL if none has. Valid until the
/// next call fails on this thread. It is for people; decide by the status.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_last_error_message() -> *const c_char {
    guarded("keybed_last_error_message", ptr::null(), || {
        last_error::with(|message| message.map_or(ptr::null(), |m| m.as_ptr()))
    })
}

/// The name of a status, such as "KEYBED_LOCKED"; "KEYBED_UNKNOWN" for a number that is none. Never freed.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_status_name(status: i32) -> *const c_char {
    guarded("keybed_status_name", c"KEYBED_UNKNOWN".as_ptr(), || name_of(status))
}

/// Runs `body` under the panic guard; `fallback` is the answer if it panics.
fn guarded<T>(export: &'static str, fallback: T, body: impl FnOnce() -> T) -> T {
    let result = guard::catch(|| {
        guard::enter(export);
        let result = Ok(body());
        guard::leave(&result);
        result
    });
    result.unwrap_or(fallback)
}

fn name_of(status: i32) -> *const c_char {
    static NAMES: Lazy<Vec<(i32, std::ffi::CString)>> = Lazy::new(|| {
        let name = |kind: &ErrorKind| std::ffi::CString::new(format!("KEYBED_{}", kind.constant_name())).ok();
        ErrorKind::ALL.iter().filter_map(|kind| Some((kind.code(), name(kind)?))).collect()
    });
    match status {
        OK => c"KEYBED_OK".as_ptr(),
        ABSENT => c"KEYBED_ABSENT".as_ptr(),
        code => NAMES
            .iter()
            .find(|(known, _)| *known == code)
            .map_or(c"KEYBED_UNKNOWN".as_ptr(), |(_, name)| name.as_ptr()),
    }
}

/// The key group of an object with this Java hash code, as Flink assigns it: murmur(java_hash) % max_parallelism.
///
/// KEYBED_INVALID_ARGUMENT unless max_parallelism is 1 to 32768.
///
/// # Safety
/// `group` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_key_group(java_hash: i32, max_parallelism: u32, group: *mut u32) -> i32 {
    run("keybed_key_group", || {
        let out = memory::out("group", group)?;
        let group = key::key_group(java_hash, max_parallelism)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(group) };
        Ok(true)
    })
}

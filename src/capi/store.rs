//! `keybed_store_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;

use crate::capi::status::run;
use crate::capi::{keybed_option_t, keybed_session_t, keybed_store_t, memory};
use crate::ffi::handle;
use crate::ffi::kinds::{SessionKind, StoreKind};
use crate::options::StoreOptions;
use crate::store::Store;

/// Opens the store in directory `path`, making it when there is none. `options` are `count` names and values; the README
/// lists them.
///
/// KEYBED_NOT_A_DIRECTORY, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, KEYBED_CORRUPTION, KEYBED_LOCKED (another store
/// has the directory open, here or in another process), KEYBED_OPTIONS_MISMATCH, KEYBED_INVALID_OPTION,
/// KEYBED_ENGINE_UNAVAILABLE, KEYBED_IO, KEYBED_STORAGE_FULL, KEYBED_ENGINE. `*store` is untouched then.
///
/// # Safety
/// `path`, and the names and values of `options`, must be NULL or NUL-terminated; `options` must be readable for `count`
/// elements; `store` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_store_open(
    path: *const c_char,
    options: *const keybed_option_t,
    count: usize,
    store: *mut keybed_store_t,
) -> i32 {
    run("keybed_store_open", || {
        let out = memory::out("store", store)?;
        // SAFETY: the caller's promise.
        let (path, pairs) =
            unsafe { (memory::string("path", path)?, memory::array("options", options, count)?) };
        let mut options = StoreOptions::default();
        for pair in pairs {
            // SAFETY: the caller's promise.
            let (name, value) = unsafe {
                (memory::text("an option's name", pair.name)?, memory::text("an option's value", pair.value)?)
            };
            options.set(name, value)?;
        }
        let opened = Store::open(OsStr::from_bytes(path.to_bytes()), &options)?;
        let handle = handle::insert_shared::<StoreKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Flushes and closes a store. Its sessions and scans are refused from now on (KEYBED_CLOSED); the files are let go when
/// the last of them is closed. Closing a closed store is no error. A failed flush is reported, and the store is closed all the
/// same.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_store_close(store: keybed_store_t) -> i32 {
    run("keybed_store_close", || {
        if let Some(store) = handle::remove_shared::<StoreKind>(store)? {
            store.shut()?;
        }
        Ok(true)
    })
}

/// Writes everything that is only in memory to files, and waits for it.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_store_flush(store: keybed_store_t) -> i32 {
    run("keybed_store_flush", || handle::with_shared::<StoreKind, _>(store, |s| s.flush().map(|()| true)))
}

/// Opens a session, owned by the calling thread.
///
/// # Safety
/// `session` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_session_open(store: keybed_store_t, session: *mut keybed_session_t) -> i32 {
    run("keybed_session_open", || {
        let out = memory::out("session", session)?;
        let opened = handle::with_shared::<StoreKind, _>(store, Store::session)?;
        let handle = handle::insert_confined::<SessionKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

//! `keybed_store_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;

use crate::capi::status::run;
use crate::capi::{keybed_option_t, keybed_session_t, keybed_store_t, memory};
use crate::error::{Error, ErrorKind, Result};
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
        let (path, pairs) = unsafe { (memory::path("path", path)?, memory::options(options, count)?) };
        let opened = Store::open(path, &StoreOptions::from_pairs(pairs)?)?;
        let handle = handle::insert_shared::<StoreKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Makes the store in directory `path`, a new or empty one, with what the snapshots at `snapshots` hold of the key groups
/// that the option `key-groups` names; each of these must be in exactly one of the `snapshot_count` snapshots. A snapshot is a
/// file or a directory. On RocksDB the store is on disk afterwards, a table is after the next flush.
///
/// KEYBED_STORE_EXISTS, KEYBED_SNAPSHOT_MISMATCH, KEYBED_CORRUPTION, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, and those of
/// keybed_store_open. Nothing is left then.
///
/// # Safety
/// As keybed_store_open; `snapshots` must be readable for `snapshot_count` elements, each NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_store_restore(
    path: *const c_char,
    options: *const keybed_option_t,
    count: usize,
    snapshots: *const *const c_char,
    snapshot_count: usize,
    store: *mut keybed_store_t,
) -> i32 {
    run("keybed_store_restore", || {
        let out = memory::out("store", store)?;
        // SAFETY: the caller's promise.
        let (path, pairs, snapshots) = unsafe {
            (
                memory::path("path", path)?,
                memory::options(options, count)?,
                memory::array("snapshots", snapshots, snapshot_count)?,
            )
        };
        // SAFETY: the caller's promise.
        let snapshot = |path: &*const c_char| unsafe { memory::path("a snapshot's path", *path) };
        let snapshots = snapshots.iter().map(snapshot).collect::<Result<Vec<_>>>()?;
        let restored = Store::restore(path, &StoreOptions::from_pairs(pairs)?, &snapshots)?;
        let handle = handle::insert_shared::<StoreKind>(restored)?;
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

/// A number about a store, such as "memory-used-bytes", of this moment; the README lists the names. Costs next to nothing, and may
/// be asked for by any thread.
///
/// KEYBED_INVALID_ARGUMENT if the engine has no figure of that name; `*value` is untouched then.
///
/// # Safety
/// `name` must be NULL or NUL-terminated; `value` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_store_figure(
    store: keybed_store_t,
    name: *const c_char,
    value: *mut u64,
) -> i32 {
    run("keybed_store_figure", || {
        let out = memory::out("value", value)?;
        // SAFETY: the caller's promise.
        let name = unsafe { memory::text("name", name)? };
        let figures = handle::with_shared::<StoreKind, _>(store, Store::figures)?;
        let found = figures.into_iter().find(|(known, _)| *known == name);
        let missing = || Error::new(ErrorKind::InvalidArgument, format!("the store has no figure '{name}'"));
        let (_, figure) = found.ok_or_else(missing)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(figure) };
        Ok(true)
    })
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

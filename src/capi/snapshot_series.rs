//! `keybed_snapshot_series_t` and `keybed_prepared_snapshot_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;
use std::sync::Arc;

use crate::capi::snapshot_files::CSnapshotFiles;
use crate::capi::status::run;
use crate::capi::{
    keybed_option_t, keybed_prepared_snapshot_t, keybed_snapshot_files_t, keybed_snapshot_series_t,
    keybed_store_t, memory,
};
use crate::ffi::exclusive::Exclusive;
use crate::ffi::handle;
use crate::ffi::kinds::{FilesKind, PreparedKind, SeriesKind, StoreKind};
use crate::snapshot::SnapshotOptions;
use crate::store::PreparedSnapshot;

/// Opens a series of snapshots of a store: each is a directory that is complete by itself, and writes only what the ones before
/// have not. `options` are `count` names and values; the README lists them.
///
/// # Safety
/// `options` must be readable for `count` elements, their names and values NULL or NUL-terminated; `series` must be NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_series_open(
    store: keybed_store_t,
    options: *const keybed_option_t,
    count: usize,
    series: *mut keybed_snapshot_series_t,
) -> i32 {
    run("keybed_snapshot_series_open", || {
        let out = memory::out("series", series)?;
        // SAFETY: the caller's promise.
        let options = SnapshotOptions::from_pairs(unsafe { memory::options(options, count)? })?;
        let opened = handle::with_shared::<StoreKind, _>(store, |s| s.snapshot_series(&options))?;
        let handle = handle::insert_shared::<SeriesKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Fixes the moment of a snapshot, which will be in the new directory `path`. Write it with keybed_prepared_snapshot_finish, on
/// any thread, while sessions go on; or close it, and it has never been.
///
/// KEYBED_SNAPSHOT_EXISTS, KEYBED_LOCKED, KEYBED_CLOSED, KEYBED_IO, KEYBED_STORAGE_FULL.
///
/// # Safety
/// `path` must be NULL or NUL-terminated; `prepared` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_series_prepare(
    series: keybed_snapshot_series_t,
    path: *const c_char,
    prepared: *mut keybed_prepared_snapshot_t,
) -> i32 {
    run("keybed_snapshot_series_prepare", || {
        let out = memory::out("prepared", prepared)?;
        // SAFETY: the caller's promise.
        let path = unsafe { memory::path("path", path)? };
        let prepared = handle::with_shared::<SeriesKind, _>(series, |s| {
            Ok(Exclusive::new(s.prepare(path)?, Some(Arc::clone(s.core()))))
        })?;
        let handle = handle::insert_shared::<PreparedKind>(prepared)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Writes a prepared snapshot and says what its directory has; close both. Once only, whether it succeeds or not
/// (KEYBED_CLOSED later). After an error there is no directory, and the series is as it was.
///
/// # Safety
/// `files` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_prepared_snapshot_finish(
    prepared: keybed_prepared_snapshot_t,
    files: *mut keybed_snapshot_files_t,
) -> i32 {
    run("keybed_prepared_snapshot_finish", || {
        let out = memory::out("files", files)?;
        let written = handle::with_shared::<PreparedKind, _>(prepared, |p| {
            p.take().and_then(PreparedSnapshot::finish)
        })?;
        let handle = handle::insert_shared::<FilesKind>(CSnapshotFiles(written))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Closes a prepared snapshot; one that was not finished has never been. Closing a closed one is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_prepared_snapshot_close(prepared: keybed_prepared_snapshot_t) -> i32 {
    run("keybed_prepared_snapshot_close", || {
        drop(handle::remove_shared::<PreparedKind>(prepared)?);
        Ok(true)
    })
}

/// Closes a series; snapshots that were prepared can still be finished. Closing a closed series is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_snapshot_series_close(series: keybed_snapshot_series_t) -> i32 {
    run("keybed_snapshot_series_close", || {
        drop(handle::remove_shared::<SeriesKind>(series)?);
        Ok(true)
    })
}

//! `keybed_snapshot_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;

use crate::capi::status::run;
use crate::capi::{
    describe, keybed_option_t, keybed_snapshot_summary_t, keybed_snapshot_t, keybed_state_info_t,
    keybed_store_t, memory,
};
use crate::ffi::handle;
use crate::ffi::kinds::{SnapshotKind, StoreKind};
use crate::snapshot::SnapshotOptions;
use crate::store::Store;

/// Opens a snapshot: what all states hold now, to be read by any thread while sessions go on, and after the store is closed.
/// It keeps what is overwritten from now on, in memory or in files, until its key groups are released or it is closed.
///
/// # Safety
/// `snapshot` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_open(
    store: keybed_store_t,
    snapshot: *mut keybed_snapshot_t,
) -> i32 {
    run("keybed_snapshot_open", || {
        let out = memory::out("snapshot", snapshot)?;
        let opened = handle::with_shared::<StoreKind, _>(store, Store::snapshot)?;
        let handle = handle::insert_shared::<SnapshotKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// The key groups that the snapshot's store may hold, from `*first` to `*last`.
///
/// # Safety
/// `first` and `last` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_key_groups(
    snapshot: keybed_snapshot_t,
    first: *mut u32,
    last: *mut u32,
) -> i32 {
    run("keybed_snapshot_key_groups", || {
        let (first, last) = (memory::out("first", first)?, memory::out("last", last)?);
        let groups = handle::with_shared::<SnapshotKind, _>(snapshot, |s| Ok(s.key_groups()))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe {
            first.set(groups.first);
            last.set(groups.last);
        }
        Ok(true)
    })
}

/// State number `index` of a snapshot, from 0 on; its name is valid until the snapshot is closed. KEYBED_ABSENT behind the
/// last.
///
/// # Safety
/// `state` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_state(
    snapshot: keybed_snapshot_t,
    index: usize,
    state: *mut keybed_state_info_t,
) -> i32 {
    run("keybed_snapshot_state", || {
        let out = memory::out("state", state)?;
        let found = handle::with_shared::<SnapshotKind, _>(snapshot, |s| {
            Ok(s.states().get(index).map(describe::state))
        })?;
        let Some(found) = found else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(found) };
        Ok(true)
    })
}

/// Number of entries of a key group of a state: known to the engine table, counted one by one by rocks.
///
/// KEYBED_STATE_NOT_FOUND, KEYBED_KEY_GROUP_OUT_OF_RANGE, KEYBED_CLOSED when the key group has been released.
///
/// # Safety
/// `state` must be NULL or NUL-terminated; `count` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_count(
    snapshot: keybed_snapshot_t,
    state: *const c_char,
    group: u32,
    count: *mut u64,
) -> i32 {
    run("keybed_snapshot_count", || {
        let out = memory::out("count", count)?;
        // SAFETY: the caller's promise.
        let state = unsafe { memory::text("state", state)? };
        let count = handle::with_shared::<SnapshotKind, _>(snapshot, |s| s.count(state, group))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(count) };
        Ok(true)
    })
}

/// Lets go of a key group of a state, so that the store need no longer keep it. Releasing it twice is no error.
///
/// # Safety
/// `state` must be NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_release(
    snapshot: keybed_snapshot_t,
    state: *const c_char,
    group: u32,
) -> i32 {
    run("keybed_snapshot_release", || {
        // SAFETY: the caller's promise.
        let state = unsafe { memory::text("state", state)? };
        handle::with_shared::<SnapshotKind, _>(snapshot, |s| s.release(state, group)).map(|()| true)
    })
}

/// Writes a snapshot to a new file, whole or not at all. `options` are `count` names and values; the README lists them.
///
/// KEYBED_SNAPSHOT_EXISTS when there is something at `path`, KEYBED_LOCKED while another snapshot of that name is written,
/// KEYBED_INVALID_OPTION, KEYBED_KEY_GROUP_OUT_OF_RANGE, KEYBED_IO, KEYBED_STORAGE_FULL.
///
/// # Safety
/// `path`, and the names and values of `options`, must be NULL or NUL-terminated; `options` must be readable for `count`
/// elements; `summary` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_write(
    snapshot: keybed_snapshot_t,
    path: *const c_char,
    options: *const keybed_option_t,
    count: usize,
    summary: *mut keybed_snapshot_summary_t,
) -> i32 {
    run("keybed_snapshot_write", || {
        let out = memory::out("summary", summary)?;
        // SAFETY: the caller's promise.
        let (path, pairs) = unsafe { (memory::path("path", path)?, memory::options(options, count)?) };
        let options = SnapshotOptions::from_pairs(pairs)?;
        let written = handle::with_shared::<SnapshotKind, _>(snapshot, |s| s.write_file(path, &options))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(describe::summary(&written)) };
        Ok(true)
    })
}

/// Closes a snapshot; its streams go on. Closing a closed snapshot is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_snapshot_close(snapshot: keybed_snapshot_t) -> i32 {
    run("keybed_snapshot_close", || {
        drop(handle::remove_shared::<SnapshotKind>(snapshot)?);
        Ok(true)
    })
}

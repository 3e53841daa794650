//! `keybed_stored_snapshot_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;

use crate::capi::session::too_small;
use crate::capi::status::run;
use crate::capi::{
    describe, keybed_slice_t, keybed_snapshot_info_t, keybed_state_info_t, keybed_stored_snapshot_t, memory,
};
use crate::ffi::handle;
use crate::ffi::kinds::StoredKind;
use crate::snapshot::{self, SnapshotFile};

/// Opens the snapshot in a file. Its head and its index are checked now, its blocks when they are read.
///
/// KEYBED_IO, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, KEYBED_CORRUPTION (the message names file and position).
///
/// # Safety
/// `path` must be NULL or NUL-terminated; `stored` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_stored_snapshot_open(
    path: *const c_char,
    stored: *mut keybed_stored_snapshot_t,
) -> i32 {
    run("keybed_stored_snapshot_open", || {
        let out = memory::out("stored", stored)?;
        // SAFETY: the caller's promise.
        let file = SnapshotFile::open(unsafe { memory::path("path", path)? })?;
        let handle = handle::insert_shared::<StoredKind>(file)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// What a stored snapshot is of.
///
/// # Safety
/// `info` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_stored_snapshot_info(
    stored: keybed_stored_snapshot_t,
    info: *mut keybed_snapshot_info_t,
) -> i32 {
    run("keybed_stored_snapshot_info", || {
        let out = memory::out("info", info)?;
        let found = handle::with_shared::<StoredKind, _>(stored, |s| {
            Ok(describe::head(s.head(), s.bytes(), s.blocks(), s.entries()))
        })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(found) };
        Ok(true)
    })
}

/// State number `index` of a stored snapshot, from 0 on, and how many entries it has; its name is valid until the snapshot is
/// closed. KEYBED_ABSENT behind the last.
///
/// # Safety
/// `state` and `entries` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_stored_snapshot_state(
    stored: keybed_stored_snapshot_t,
    index: usize,
    state: *mut keybed_state_info_t,
    entries: *mut u64,
) -> i32 {
    run("keybed_stored_snapshot_state", || {
        let (state_out, entries_out) = (memory::out("state", state)?, memory::out("entries", entries)?);
        let found = handle::with_shared::<StoredKind, _>(stored, |s| match s.head().states.get(index) {
            Some(state) => Ok(Some((describe::state(&state.info), s.count(&state.info.name)?))),
            None => Ok(None),
        })?;
        let Some((state, entries)) = found else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe {
            state_out.set(state);
            entries_out.set(entries);
        }
        Ok(true)
    })
}

/// Copies the value of a key to `out` and sets `*len` to its length. Looks through the blocks that have its key group.
/// KEYBED_ABSENT when there is none. KEYBED_BUFFER_TOO_SMALL as in keybed_get. KEYBED_SNAPSHOT_MISMATCH for a snapshot of
/// changes.
///
/// # Safety
/// `state` must be NULL or NUL-terminated; `key`, `name_space` and `map_key` must be readable, `out` writable for `capacity`
/// bytes, `len` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_stored_snapshot_get(
    stored: keybed_stored_snapshot_t,
    state: *const c_char,
    group: u32,
    key: keybed_slice_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
    out: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> i32 {
    run("keybed_stored_snapshot_get", || {
        let len = memory::out("len", len)?;
        // SAFETY: the caller's promise.
        let (state, key, namespace, map_key, out) = unsafe {
            (
                memory::text("state", state)?,
                memory::bytes("key", key)?,
                memory::bytes("name_space", name_space)?,
                memory::bytes("map_key", map_key)?,
                memory::output("out", out, capacity)?,
            )
        };
        let found =
            handle::with_shared::<StoredKind, _>(stored, |s| s.get(state, group, key, namespace, map_key))?;
        let Some(value) = found else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { len.set(value.len()) };
        match out.get_mut(..value.len()) {
            Some(target) => {
                target.copy_from_slice(&value);
                Ok(true)
            }
            None => Err(too_small("value", value.len(), capacity)),
        }
    })
}

/// Closes a stored snapshot; its scans go on. Closing a closed one is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_stored_snapshot_close(stored: keybed_stored_snapshot_t) -> i32 {
    run("keybed_stored_snapshot_close", || {
        drop(handle::remove_shared::<StoredKind>(stored)?);
        Ok(true)
    })
}

/// Reads the snapshot in a file from its first byte to its last and checks all of it. The message of an error names file and
/// position of the first damage. Errors as keybed_stored_snapshot_open.
///
/// # Safety
/// `path` must be NULL or NUL-terminated; `info` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_verify(
    path: *const c_char,
    info: *mut keybed_snapshot_info_t,
) -> i32 {
    run("keybed_snapshot_verify", || {
        let out = memory::out("info", info)?;
        // SAFETY: the caller's promise.
        let found = snapshot::verify(unsafe { memory::path("path", path)? }, &mut |_, _| true)?;
        let described = describe::head(&found.head, found.bytes, found.blocks, found.entries);
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(described) };
        Ok(true)
    })
}

//! `keybed_snapshot_files_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;

use crate::capi::status::run;
use crate::capi::{
    describe, keybed_snapshot_file_t, keybed_snapshot_files_t, keybed_snapshot_info_t, keybed_state_info_t,
    memory,
};
use crate::ffi::handle;
use crate::ffi::kinds::FilesKind;
use crate::snapshot::SnapshotDirectory;

/// What a directory has.
#[derive(Debug)]
pub struct CSnapshotFiles(pub(super) SnapshotDirectory);

/// Reads what the snapshot in directory `path` has. With `verify`, also reads its files from the first byte to the last and
/// checks their checksums; else only whether they are there and how long they are.
///
/// KEYBED_IO, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, KEYBED_CORRUPTION (the message names the file).
///
/// # Safety
/// `path` must be NULL or NUL-terminated; `files` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_files_open(
    path: *const c_char,
    verify: bool,
    files: *mut keybed_snapshot_files_t,
) -> i32 {
    run("keybed_snapshot_files_open", || {
        let out = memory::out("files", files)?;
        // SAFETY: the caller's promise.
        let path = unsafe { memory::path("path", path)? };
        let snapshot = SnapshotDirectory::open(path)?;
        if verify {
            snapshot.check_files(path, snapshot.groups, &mut |_, _| true)?;
        }
        let handle = handle::insert_shared::<FilesKind>(CSnapshotFiles(snapshot))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// What the snapshot is of.
///
/// # Safety
/// `info` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_files_info(
    files: keybed_snapshot_files_t,
    info: *mut keybed_snapshot_info_t,
) -> i32 {
    run("keybed_snapshot_files_info", || {
        let out = memory::out("info", info)?;
        let found = handle::with_shared::<FilesKind, _>(files, |f| Ok(describe::directory(&f.0)))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(found) };
        Ok(true)
    })
}

/// State number `index`, from 0 on; its name is valid until the description is closed. KEYBED_ABSENT behind the last.
///
/// # Safety
/// `state` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_files_state(
    files: keybed_snapshot_files_t,
    index: usize,
    state: *mut keybed_state_info_t,
) -> i32 {
    run("keybed_snapshot_files_state", || {
        let out = memory::out("state", state)?;
        let found = handle::with_shared::<FilesKind, _>(files, |f| {
            Ok(f.0.states.get(index).map(|state| describe::state(&state.info)))
        })?;
        let Some(found) = found else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(found) };
        Ok(true)
    })
}

/// File number `index`, from 0 on; its name is valid until the description is closed. KEYBED_ABSENT behind the last.
///
/// # Safety
/// `file` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_files_file(
    files: keybed_snapshot_files_t,
    index: usize,
    file: *mut keybed_snapshot_file_t,
) -> i32 {
    run("keybed_snapshot_files_file", || {
        let out = memory::out("file", file)?;
        let found =
            handle::with_shared::<FilesKind, _>(files, |f| Ok(f.0.files.get(index).map(describe::file)))?;
        let Some(found) = found else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(found) };
        Ok(true)
    })
}

/// Closes a description. Closing a closed one is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_snapshot_files_close(files: keybed_snapshot_files_t) -> i32 {
    run("keybed_snapshot_files_close", || {
        drop(handle::remove_shared::<FilesKind>(files)?);
        Ok(true)
    })
}

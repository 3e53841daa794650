//! `keybed_stored_scan_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;

use crate::block::{BlockKind, BlockReader};
use crate::capi::status::run;
use crate::capi::{keybed_slice_t, keybed_stored_scan_t, keybed_stored_snapshot_t, memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::handle;
use crate::ffi::kinds::{StoredKind, StoredScanKind};
use crate::key::{KeyGroupRange, KeySpec};
use crate::snapshot::{NextBlock, OP_DELETE, StoredScan};

/// Size of a scan's block buffer until a block needs more.
const BLOCK_BYTES: usize = 320 << 10;

/// A scan with the block it is reading.
#[derive(Debug)]
pub struct CStoredScan {
    scan: StoredScan,
    keys: KeySpec,
    block: Vec<u8>,
    /// Length of the block in the buffer, 0 before the first.
    len: usize,
    next: usize,
}

/// An entry of a scan.
struct Entry<'a> {
    group: u32,
    key: &'a [u8],
    value: &'a [u8],
    deleted: bool,
}

impl CStoredScan {
    /// The next entry, from the next block if this one is used up.
    fn next(&mut self) -> Result<Option<Entry<'_>>> {
        while self.next >= self.count()? {
            match self.scan.next_block(&mut self.block)? {
                NextBlock::Block(len) => (self.len, self.next) = (len, 0),
                NextBlock::Needs(len) => self.block.resize(len, 0),
                NextBlock::End => return Ok(None),
            }
        }
        self.next += 1;
        let keys = self.keys;
        let block = BlockReader::new(self.block.get(..self.len).unwrap_or_default())?;
        let entry = block.get(self.next - 1).and_then(|(key, value)| {
            let changes = block.kind() == BlockKind::Changes;
            let (op, key) = if changes { key.split_at_checked(1)? } else { (&[][..], key) };
            let group = keys.group_of(key)?;
            Some(Entry { group, key: key.get(keys.group_bytes()..)?, value, deleted: op == [OP_DELETE] })
        });
        entry.map(Some).ok_or_else(|| Error::new(ErrorKind::Corruption, "a block's entry is out of range"))
    }

    fn count(&self) -> Result<usize> {
        match self.block.get(..self.len) {
            Some(block) if self.len > 0 => Ok(BlockReader::new(block)?.len()),
            _ => Ok(0),
        }
    }
}

/// Opens a scan over the entries that a state has in key groups `first_group` to `last_group`, in the order of the file: key
/// group by key group; within one by the bytes of the keys if the engine was rocks.
///
/// # Safety
/// `state` must be NULL or NUL-terminated; `scan` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_stored_scan_open(
    stored: keybed_stored_snapshot_t,
    state: *const c_char,
    first_group: u32,
    last_group: u32,
    scan: *mut keybed_stored_scan_t,
) -> i32 {
    run("keybed_stored_scan_open", || {
        let out = memory::out("scan", scan)?;
        // SAFETY: the caller's promise.
        let state = unsafe { memory::text("state", state)? };
        let groups = KeyGroupRange::new(first_group, last_group).ok_or_else(|| {
            let why = format!("there are no key groups {first_group} to {last_group}");
            Error::new(ErrorKind::KeyGroupOutOfRange, why)
        })?;
        let opened = handle::with_shared::<StoredKind, _>(stored, |s| {
            let (scan, keys) = (s.scan(state, groups)?, s.head().keys);
            Ok(CStoredScan { scan, keys, block: vec![0; BLOCK_BYTES], len: 0, next: 0 })
        })?;
        let handle = handle::insert_confined::<StoredScanKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// The next entry: its key group, its composite key without the key group, its value, and, in a snapshot of changes, whether it
/// was deleted. KEYBED_ABSENT at the end. Key and value point into the scan's memory and are valid until its next call.
///
/// # Safety
/// `group`, `key`, `value` and `deleted` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_stored_scan_next(
    scan: keybed_stored_scan_t,
    group: *mut u32,
    key: *mut keybed_slice_t,
    value: *mut keybed_slice_t,
    deleted: *mut bool,
) -> i32 {
    run("keybed_stored_scan_next", || {
        let (group, key) = (memory::out("group", group)?, memory::out("key", key)?);
        let (value, deleted) = (memory::out("value", value)?, memory::out("deleted", deleted)?);
        let slice = |bytes: &[u8]| keybed_slice_t { data: bytes.as_ptr(), len: bytes.len() };
        let entry = handle::with::<StoredScanKind, _>(scan, |s| {
            Ok(s.next()?.map(|e| (e.group, slice(e.key), slice(e.value), e.deleted)))
        })?;
        let Some(entry) = entry else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe {
            group.set(entry.0);
            key.set(entry.1);
            value.set(entry.2);
            deleted.set(entry.3);
        }
        Ok(true)
    })
}

/// Closes a scan of a stored snapshot. Closing a closed scan is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_stored_scan_close(scan: keybed_stored_scan_t) -> i32 {
    run("keybed_stored_scan_close", || {
        drop(handle::remove_confined::<StoredScanKind>(scan, false)?);
        Ok(true)
    })
}

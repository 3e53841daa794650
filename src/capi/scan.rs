//! `keybed_scan_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use crate::block::BlockReader;
use crate::capi::session::scope_of;
use crate::capi::status::run;
use crate::capi::{keybed_scan_t, keybed_session_t, keybed_slice_t, keybed_state_t, memory};
use crate::error::{Error, ErrorKind, Result};
use crate::ffi::handle;
use crate::ffi::kinds::{ScanKind, SessionKind};
use crate::store::{Scan, StateId};

/// Size of a scan's block buffer until an entry needs more.
const BLOCK_BYTES: usize = 64 << 10;

/// A scan with the block it is reading.
#[derive(Debug)]
pub struct CScan {
    pub(crate) scan: Scan,
    block: Vec<u8>,
    /// Length of the block in the buffer, 0 before the first.
    len: usize,
    next: usize,
}

impl CScan {
    /// The next entry, from the next block if this one is used up.
    fn next(&mut self) -> Result<Option<(&[u8], &[u8])>> {
        loop {
            let (count, more, needed) = match self.block.get(..self.len) {
                Some(block) if self.len > 0 => {
                    let reader = BlockReader::new(block)?;
                    (reader.len(), reader.more(), reader.needed())
                }
                _ => (0, true, None),
            };
            if let Some(needed) = needed {
                self.block.resize(needed, 0);
            }
            if self.next < count {
                break;
            }
            if !more {
                return Ok(None);
            }
            self.len = self.scan.fill(&mut self.block)?;
            self.next = 0;
        }
        self.next += 1;
        let block = self.block.get(..self.len).unwrap_or_default();
        BlockReader::new(block)?
            .get(self.next - 1)
            .map(Some)
            .ok_or_else(|| Error::new(ErrorKind::Corruption, "a block's entry is out of range"))
    }
}

/// Opens a scan over all entries of a scope, in byte order: of key group `group` (KEYBED_SCOPE_GROUP), of the current key
/// (KEYBED_SCOPE_KEY), or of the current key in namespace `name_space` (KEYBED_SCOPE_NAMESPACE). It sees the state as it
/// is now. It keeps files and memory of the engine in use until it is closed.
///
/// # Safety
/// `name_space` must be readable; `scan` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_scan_open(
    session: keybed_session_t,
    state: keybed_state_t,
    scope: i32,
    group: u32,
    name_space: keybed_slice_t,
    scan: *mut keybed_scan_t,
) -> i32 {
    run("keybed_scan_open", || {
        let out = memory::out("scan", scan)?;
        // SAFETY: the caller's promise.
        let scope = scope_of(scope, group, unsafe { memory::bytes("name_space", name_space)? })?;
        let scan = handle::with::<SessionKind, _>(session, |s| {
            let state = StateId::of_code(state);
            let mut scan = s.new_scan(state)?;
            s.start_scan(&mut scan, state, scope)?;
            Ok(scan)
        })?;
        let block = vec![0; BLOCK_BYTES];
        let handle = handle::insert_confined::<ScanKind>(CScan { scan, block, len: 0, next: 0 })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// The next entry: its key without the scanned prefix (for KEYBED_SCOPE_NAMESPACE of a map state the map key), and its
/// value. KEYBED_ABSENT at the end. Both point into the scan's memory and are valid until the next call on the scan.
///
/// # Safety
/// `key` and `value` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_scan_next(
    scan: keybed_scan_t,
    key: *mut keybed_slice_t,
    value: *mut keybed_slice_t,
) -> i32 {
    run("keybed_scan_next", || {
        let (key_out, value_out) = (memory::out("key", key)?, memory::out("value", value)?);
        let entry = handle::with::<ScanKind, _>(scan, |s| {
            let slice = |bytes: &[u8]| keybed_slice_t { data: bytes.as_ptr(), len: bytes.len() };
            Ok(s.next()?.map(|(key, value)| (slice(key), slice(value))))
        })?;
        let Some((key, value)) = entry else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe {
            key_out.set(key);
            value_out.set(value);
        }
        Ok(true)
    })
}

/// Closes a scan. Closing a closed scan is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_scan_close(scan: keybed_scan_t) -> i32 {
    run("keybed_scan_close", || {
        drop(handle::remove_confined::<ScanKind>(scan, false)?);
        Ok(true)
    })
}

//! Reading blocks.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use crate::block::{BlockReader, LONGEST_HEADER};
use crate::capi::status::run;
use crate::capi::{keybed_block_slice_t, keybed_slice_t, memory};

/// What a block holds: `*count` entries, whether more follow (`*more`), and, when there is none because the next one
/// does not fit, the buffer length that it needs (`*needed`, else 0). KEYBED_CORRUPTION when it is no block.
///
/// # Safety
/// `block` must be readable, the others NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_block_info(
    block: keybed_slice_t,
    count: *mut usize,
    more: *mut bool,
    needed: *mut usize,
) -> i32 {
    run("keybed_block_info", || {
        let outs = (memory::out("count", count)?, memory::out("more", more)?, memory::out("needed", needed)?);
        // SAFETY: the caller's promise.
        let reader = BlockReader::new(unsafe { memory::bytes("block", block)? })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe {
            outs.0.set(reader.len());
            outs.1.set(reader.more());
            outs.2.set(reader.needed().unwrap_or(0));
        }
        Ok(true)
    })
}

/// Key and value of entry `index` of a block, pointing into it. KEYBED_ABSENT behind the last entry.
///
/// # Safety
/// `block` must be readable, and stay so while key and value are used; `key` and `value` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_block_entry(
    block: keybed_slice_t,
    index: usize,
    key: *mut keybed_slice_t,
    value: *mut keybed_slice_t,
) -> i32 {
    run("keybed_block_entry", || {
        let (key_out, value_out) = (memory::out("key", key)?, memory::out("value", value)?);
        // SAFETY: the caller's promise.
        let reader = BlockReader::new(unsafe { memory::bytes("block", block)? })?;
        let Some((key, value)) = reader.get(index) else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe {
            key_out.set(slice_of(key));
            value_out.set(slice_of(value));
        }
        Ok(true)
    })
}

/// The entries from number `from` to before number `to` of a block, as a block in three pieces; nothing is copied.
/// KEYBED_INVALID_ARGUMENT when the block has no such range.
///
/// # Safety
/// `block` must be readable, and stay so while payload and index are used; `slice` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_block_slice(
    block: keybed_slice_t,
    from: usize,
    to: usize,
    slice: *mut keybed_block_slice_t,
) -> i32 {
    run("keybed_block_slice", || {
        let out = memory::out("slice", slice)?;
        // SAFETY: the caller's promise.
        let reader = BlockReader::new(unsafe { memory::bytes("block", block)? })?;
        let slice = reader.slice(from..to)?;
        let mut header = [0; LONGEST_HEADER];
        for (target, byte) in header.iter_mut().zip(slice.header()) {
            *target = *byte;
        }
        let result = keybed_block_slice_t {
            header,
            header_len: slice.header().len(),
            payload: slice_of(slice.payload()),
            index: slice_of(slice.index()),
        };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(result) };
        Ok(true)
    })
}

fn slice_of(bytes: &[u8]) -> keybed_slice_t {
    keybed_slice_t { data: bytes.as_ptr(), len: bytes.len() }
}

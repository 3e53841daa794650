//! Reading blocks.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use crate::block::BlockReader;
use crate::capi::status::run;
use crate::capi::{keybed_slice_t, memory};

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
            key_out.set(keybed_slice_t { data: key.as_ptr(), len: key.len() });
            value_out.set(keybed_slice_t { data: value.as_ptr(), len: value.len() });
        }
        Ok(true)
    })
}

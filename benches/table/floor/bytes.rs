//! Comparing and copying; short byte strings without a call.
#![allow(unsafe_code, reason = "raw memory")]

/// Are the bytes at `a` those of `b`?
///
/// # Safety
/// As many bytes as `b` has are there.
#[inline(always)]
pub(crate) unsafe fn equal(a: *const u8, b: &[u8]) -> bool {
    let len = b.len();
    // SAFETY: all reads are inside the `len` bytes of either.
    unsafe {
        if (8..=16).contains(&len) {
            let word = |p: *const u8| p.cast::<u64>().read_unaligned();
            let (b, last) = (b.as_ptr(), len - 8);
            (word(a) ^ word(b)) | (word(a.add(last)) ^ word(b.add(last))) == 0
        } else {
            std::slice::from_raw_parts(a, len) == b
        }
    }
}

/// Copies without a call where that is fastest.
///
/// # Safety
/// `from` and `to` have `len` bytes that do not overlap.
#[inline(always)]
pub(crate) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: all reads and writes are inside the `len` bytes of either.
    unsafe {
        match len {
            8..=16 => {
                let (first, last) = (from.cast::<u64>(), from.add(len - 8).cast::<u64>());
                let (first, last) = (first.read_unaligned(), last.read_unaligned());
                to.cast::<u64>().write_unaligned(first);
                to.add(len - 8).cast::<u64>().write_unaligned(last);
            }
            _ => from.copy_to_nonoverlapping(to, len),
        }
    }
}

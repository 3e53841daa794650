//! Size classes: which sizes blocks come in.
//!
//! ```text
//!  class   0 .. 10     16, 24, 32, ... 96             steps of 8
//!         11           128                            a block of 104 would mostly touch three cache lines, this one two
//!         12 .. 99     144, 160, ... 256, 288, ...    eight steps a doubling, up to 256 KiB: at most an eighth is wasted
//!  above               runs of pages
//! ```

use super::PAGE_BYTES;

/// Number of classes.
pub(super) const CLASSES: usize = FIRST_STEPPED + 88;
/// The class of 144 bytes.
const FIRST_STEPPED: usize = 12;
/// The largest block of a class; above, blocks are runs of pages.
pub(super) const LARGEST: usize = 256 << 10;
/// Up to here blocks come from slabs of one page, above from slabs of [`LARGE_SLAB_PAGES`].
const SMALL_SLAB_LARGEST: usize = 4 << 10;
/// Pages of a slab of large blocks.
pub(super) const LARGE_SLAB_PAGES: u32 = 8;

/// The smallest class whose blocks hold `bytes`, and their size; `None` above [`LARGEST`].
#[inline]
pub(in crate::table) fn class_of(bytes: usize) -> Option<(u8, usize)> {
    if bytes <= 96 {
        let words = bytes.div_ceil(8).max(2);
        return Some(((words - 2) as u8, words * 8));
    }
    if bytes <= 128 {
        return Some((FIRST_STEPPED as u8 - 1, 128));
    }
    if bytes > LARGEST {
        return None;
    }
    let last = bytes - 1;
    let top = last.ilog2() as usize;
    let steps = last >> (top - 3);
    Some(((FIRST_STEPPED + (top - 7) * 8 + (steps - 8)) as u8, (steps + 1) << (top - 3)))
}

/// The size of a class's blocks.
#[inline(always)]
pub(in crate::table) fn class_bytes(class: u8) -> usize {
    let class = usize::from(class);
    if class < FIRST_STEPPED {
        return if class + 1 == FIRST_STEPPED { 128 } else { 16 + 8 * class };
    }
    let (doubling, step) = ((class - FIRST_STEPPED) / 8, (class - FIRST_STEPPED) % 8);
    (9 + step) << (4 + doubling)
}

/// What a block of at least `bytes` really has.
#[inline]
pub(in crate::table) fn rounded(bytes: usize) -> usize {
    class_of(bytes).map_or_else(|| bytes.div_ceil(PAGE_BYTES) * PAGE_BYTES, |(_, size)| size)
}

/// Pages of one slab of a class.
pub(super) fn slab_pages(block_bytes: usize) -> u32 {
    if block_bytes <= SMALL_SLAB_LARGEST { 1 } else { LARGE_SLAB_PAGES }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_the_smallest_class_that_holds_it() {
        let mut sizes = vec![];
        let mut last = None;
        for bytes in 1..=LARGEST {
            let (class, size) = class_of(bytes).unwrap();
            assert!(size >= bytes && size % 8 == 0, "{bytes}: {size}");
            let waste = if size == 128 { 31 } else { (bytes / 8).max(15) };
            assert!(size - bytes <= waste, "{bytes}: {size} wastes too much");
            if last != Some(class) {
                assert_eq!(class as usize, sizes.len(), "classes are numbered without gaps");
                sizes.push(size);
                last = Some(class);
            }
            assert_eq!(sizes[class as usize], size);
            assert_eq!(class_bytes(class), size);
            assert_eq!(class_of(size), Some((class, size)), "a block's size finds its class again");
        }
        assert_eq!(sizes.len(), CLASSES);
        assert_eq!(class_of(LARGEST + 1), None);
        assert_eq!(rounded(LARGEST + 1), 5 * PAGE_BYTES);
    }
}

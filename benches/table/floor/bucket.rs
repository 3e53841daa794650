//! Eight slots in one cache line. All tags are compared at once: a loop over slots would end at an unpredictable one, and
//! the processor would find out only when the line has come, with nothing else on its way meanwhile.
//!
//! ```text
//!  slot   tag u16, odd | offset u48      0 = empty; slots are taken in order, so a bucket is full when its last one is
//! ```

pub(crate) const SLOTS: usize = 8;
const TAG_SHIFT: u32 = 48;
const OFFSET: u64 = (1 << TAG_SHIFT) - 1;

#[repr(align(64))]
pub(crate) struct Bucket {
    slots: [u64; SLOTS],
}

/// Positions in a bucket that have a tag, four bits apart.
#[derive(Clone, Copy)]
pub(crate) struct Matches(u32);

impl Iterator for Matches {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let at = self.0.trailing_zeros() / 4;
        self.0 &= self.0 - 1;
        Some(at as usize)
    }
}

/// Bits that choose no bucket; odd, so that it is never an empty slot's.
#[inline(always)]
pub(crate) fn tag(hash: u64) -> u16 {
    (hash >> TAG_SHIFT) as u16 | 1
}

impl Bucket {
    #[inline(always)]
    pub(crate) fn matches(&self, tag: u16) -> Matches {
        Matches(mask(&self.slots, tag))
    }

    #[inline(always)]
    pub(crate) fn full(&self) -> bool {
        self.slots[SLOTS - 1] != 0
    }

    /// Offset of the record in a slot; 0 in an empty one.
    #[inline(always)]
    pub(crate) fn offset(&self, at: usize) -> usize {
        (self.slots[at & (SLOTS - 1)] & OFFSET) as usize
    }

    /// Takes the next slot; false when there is none.
    pub(crate) fn push(&mut self, tag: u16, offset: usize) -> bool {
        match self.slots.iter_mut().find(|slot| **slot == 0) {
            None => false,
            Some(slot) => {
                *slot = u64::from(tag) << TAG_SHIFT | offset as u64;
                true
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "vector loads")]
#[inline(always)]
fn mask(slots: &[u64; SLOTS], tag: u16) -> u32 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi16, _mm_load_si128, _mm_movemask_epi8, _mm_packs_epi16, _mm_set1_epi16,
    };
    // SAFETY: SSE2 is part of every x86-64; the slots are 64 bytes, aligned by their bucket.
    unsafe {
        let tag = _mm_set1_epi16(tag as i16);
        let slots = slots.as_ptr().cast::<__m128i>();
        let equal = |n| _mm_cmpeq_epi16(_mm_load_si128(slots.add(n)), tag);
        // A bit for each of 16 words; a slot's tag is its last word.
        let low = _mm_movemask_epi8(_mm_packs_epi16(equal(0), equal(1))) as u32;
        let high = _mm_movemask_epi8(_mm_packs_epi16(equal(2), equal(3))) as u32;
        (low | high << 16) & 0x8888_8888
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn mask(slots: &[u64; SLOTS], tag: u16) -> u32 {
    let bits =
        slots.iter().enumerate().map(|(n, slot)| u32::from((slot >> TAG_SHIFT) as u16 == tag) << (4 * n + 3));
    bits.fold(0, |all, bit| all | bit)
}

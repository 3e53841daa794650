//! Eight slots at once.
//!
//! A loop over slots ends where the processor cannot foresee it, and so keeps it from working on the next lookup while
//! this one waits for memory: two thirds of a lookup's time in the cache. Compared all at once, the slots from a tag's
//! home on decide nearly every lookup without a branch that could be guessed wrongly.

use super::slot::TAG_BITS;

/// Slots that are looked at together.
pub(super) const WINDOW: usize = 8;

/// What the slots of a window are to a tag, a bit a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Probe {
    /// Slots with that tag.
    pub(super) equal: u32,
    /// Slots that end the search: with a higher tag, or empty.
    pub(super) beyond: u32,
}

const TAG_SHIFT: u32 = 32 - TAG_BITS;

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[expect(unsafe_code, reason = "vector instructions")]
pub(super) fn probe(slots: &[u64; WINDOW], tag: u32) -> Probe {
    use std::arch::x86_64::*;
    // SAFETY: SSE2 is part of every x86-64; the four loads cover the eight slots.
    unsafe {
        let at = slots.as_ptr().cast::<__m128i>();
        let pair = |i| {
            let (a, b) = (_mm_loadu_si128(at.add(i)), _mm_loadu_si128(at.add(i + 1)));
            // The upper halves of four slots: tag, owned, and the top of the address.
            _mm_castps_si128(_mm_shuffle_ps::<0xdd>(_mm_castsi128_ps(a), _mm_castsi128_ps(b)))
        };
        let (low, high) = (pair(0), pair(2));
        let wanted = _mm_set1_epi32((tag << TAG_SHIFT) as i32);
        let tags = _mm_set1_epi32((u32::MAX << TAG_SHIFT) as i32);
        // Comparisons are of signed numbers: flip the top bits.
        let flip = _mm_set1_epi32(i32::MIN);
        let limit = _mm_xor_si128(wanted, flip);
        let zero = _mm_setzero_si128();
        let equal = |half| _mm_cmpeq_epi32(_mm_and_si128(half, tags), wanted);
        let beyond = |half| {
            let higher = _mm_cmpgt_epi32(_mm_xor_si128(_mm_and_si128(half, tags), flip), limit);
            _mm_or_si128(higher, _mm_cmpeq_epi32(half, zero))
        };
        let mask = |low, high| {
            let low = _mm_movemask_ps(_mm_castsi128_ps(low)) as u32;
            low | (_mm_movemask_ps(_mm_castsi128_ps(high)) as u32) << 4
        };
        Probe { equal: mask(equal(low), equal(high)), beyond: mask(beyond(low), beyond(high)) }
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn probe(slots: &[u64; WINDOW], tag: u32) -> Probe {
    portable(slots, tag)
}

/// The same, a slot at a time.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn portable(slots: &[u64; WINDOW], tag: u32) -> Probe {
    let wanted = tag << TAG_SHIFT;
    let bits = |is: &dyn Fn(u32) -> bool| {
        slots.iter().enumerate().fold(0, |sum, (i, slot)| sum | u32::from(is((slot >> 32) as u32)) << i)
    };
    Probe {
        equal: bits(&|half| half & (u32::MAX << TAG_SHIFT) == wanted),
        beyond: bits(&|half| half & (u32::MAX << TAG_SHIFT) > wanted || half == 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_at_once_say_what_one_by_one_says() {
        let mut random = crate::table::tests::Random(3);
        for _ in 0..20_000 {
            let tags = [0, 1, 5, (1 << TAG_BITS) - 1, 1 << (TAG_BITS - 1), random.next() as u32 >> TAG_SHIFT];
            let mut pick = || tags[random.below(6) as usize];
            let tag = pick();
            let slots = [0; WINDOW].map(|_: u64| u64::from(pick()) << (64 - TAG_BITS));
            let slots =
                slots.map(|slot| if random.below(3) == 0 { 0 } else { slot | random.next() >> TAG_BITS });
            assert_eq!(probe(&slots, tag), portable(&slots, tag), "{slots:x?} {tag:x}");
        }
    }
}

//! The eight bytes that point to a record.
//!
//! ```text
//!  63                37  36     35                    0
//!  |  tag (27 bits)    | owned | address (36 bits)    |        0 = empty
//! ```
//!
//! The tag is the top of the key's hash: it decides the segment, the place in it and the order of the slots, so that a
//! segment is split, grown and merged without touching a record, and a lookup that misses reads a record only when two
//! keys share 27 bits.
//!
//! *Owned* says that no snapshot shares the record: it was made after the segment was last copied for one. References
//! in the nodes of maps carry the same bit; their tag bits are 0.

use super::arena::{ADDR_BITS, Addr};

/// Bits of a tag.
pub(super) const TAG_BITS: u32 = 27;
const TAG_SHIFT: u32 = 64 - TAG_BITS;
const OWNED: u64 = 1 << ADDR_BITS;

/// A slot's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Slot(pub(super) u64);

/// The tag of a hash. Never 0, so that the upper half of a slot in use is never 0 either: that is how `probe` tells
/// empty slots.
#[inline(always)]
pub(super) fn tag_of(hash: u64) -> u32 {
    let tag = (hash >> TAG_SHIFT) as u32;
    tag + u32::from(tag == 0)
}

impl Slot {
    /// A slot of a record that no snapshot shares.
    #[inline(always)]
    pub(super) fn owned(tag: u32, record: Addr) -> Slot {
        Slot(u64::from(tag) << TAG_SHIFT | OWNED | record.bits())
    }

    #[inline(always)]
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The tag; an empty slot's is 0.
    #[inline(always)]
    pub(super) fn tag(self) -> u32 {
        (self.0 >> TAG_SHIFT) as u32
    }

    /// For the order of a search: the tag, or for an empty slot a number above all tags.
    #[inline(always)]
    pub(super) fn rank(self) -> u32 {
        if self.0 == 0 { u32::MAX } else { self.tag() }
    }

    #[inline(always)]
    pub(super) fn addr(self) -> Addr {
        Addr::of_bits(self.0)
    }

    #[inline(always)]
    pub(super) fn is_owned(self) -> bool {
        self.0 & OWNED != 0
    }

    /// The same record, now shared with a snapshot.
    #[inline(always)]
    pub(super) fn shared(self) -> Slot {
        Slot(self.0 & !OWNED)
    }
}

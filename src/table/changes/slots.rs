//! The slots below a root, in the order of their tags.

use crate::table::arena::Memory;
use crate::table::group::SegmentWalk;
use crate::table::segment::{self, Entry};
use crate::table::slot::Slot;

/// Bytes of the following segment that are fetched in advance.
const FETCHED: usize = 256;

/// A place among the slots: in a segment, or before the next one.
#[derive(Debug, Default)]
pub(super) struct Slots {
    walk: SegmentWalk,
    segment: Option<Entry>,
    /// The next slot of the segment.
    at: usize,
}

impl Slots {
    pub(super) fn of(root: u64) -> Slots {
        Slots { walk: SegmentWalk::of(root), segment: None, at: 0 }
    }

    /// The slots of the segment that are left, empty ones too; `None` before a segment and at the end.
    #[inline(always)]
    pub(super) fn rest<'a>(&self, memory: &'a Memory) -> Option<&'a [u64]> {
        segment::slots(memory, self.segment?).get(self.at..)
    }

    /// So many of them are done.
    #[inline(always)]
    pub(super) fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// The segment is done.
    pub(super) fn leave(&mut self) {
        self.segment = None;
    }

    /// The least tag of the next segment, or a number above all tags.
    pub(super) fn next_tag(&self, memory: &Memory) -> u32 {
        self.walk.next_tag(memory)
    }

    /// The next segment.
    pub(super) fn next_segment(&self, memory: &Memory) -> Option<Entry> {
        self.walk.peek(memory)
    }

    /// Goes past the next segment.
    pub(super) fn pass(&mut self, memory: &Memory) {
        self.walk.next(memory);
    }

    /// Enters the next segment.
    pub(super) fn enter(&mut self, memory: &Memory) {
        self.segment = self.walk.next(memory).map(|(_, entry)| entry);
        self.at = 0;
        if let Some(following) = self.walk.peek(memory) {
            (0..FETCHED).step_by(64).for_each(|at| memory.prefetch(following.addr(), at));
        }
    }
}

/// How many slots at the start of both are the same, empty or of the same record.
#[inline]
pub(super) fn same(old: &[u64], new: &[u64]) -> usize {
    let differ = |(old, new): (&u64, &u64)| Slot(*old).shared() != Slot(*new).shared();
    old.iter().zip(new).position(differ).unwrap_or(old.len().min(new.len()))
}

/// How many slots at the start are empty.
#[inline]
pub(super) fn empty(slots: &[u64]) -> usize {
    slots.iter().take_while(|word| **word == 0).count()
}

/// The slots at the start that have this tag. They stand together: see `segment`.
pub(super) fn run(slots: &[u64], tag: u32) -> &[u64] {
    let len = slots.iter().take_while(|word| Slot(**word).tag() == tag).count();
    slots.get(..len).unwrap_or_default()
}

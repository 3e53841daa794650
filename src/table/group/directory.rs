//! A group's directory: which segment a hash leads to. Its layout is drawn in the module's comment.

use super::Group;
use crate::error::Result;
use crate::table::arena::{Addr, Memory, rounded};
use crate::table::heap::{Heap, Use};
use crate::table::segment::{self, Entry};
use crate::table::slot::TAG_BITS;

pub(super) const DIRECTORY: u64 = 1 << 63;
pub(super) const DEPTH_SHIFT: u32 = 56;
/// Words of a directory before its entries.
pub(super) const HEADER: usize = 2;

/// The segment for a hash below a root.
#[inline(always)]
pub(super) fn locate(memory: &Memory, root: u64, hash: u64) -> Option<Entry> {
    if root & DIRECTORY == 0 {
        return if root == 0 { None } else { Some(Entry(root)) };
    }
    let depth = directory_depth(root);
    Some(Entry(memory.word(Addr::of_bits(root), HEADER + (hash >> (64 - depth)) as usize)))
}

/// All segments below a root, each once, with the bits of the hash they stand for.
pub(in crate::table) fn segments(memory: &Memory, root: u64) -> impl Iterator<Item = (u32, Entry)> + '_ {
    let mut walk = SegmentWalk::of(root);
    std::iter::from_fn(move || walk.next(memory))
}

/// A walk through the segments below a root, in the order of the hashes they stand for.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::table) struct SegmentWalk {
    root: u64,
    depth: u32,
    /// The place of the directory that is next.
    at: usize,
}

impl SegmentWalk {
    pub(in crate::table) fn of(root: u64) -> SegmentWalk {
        SegmentWalk { root, depth: directory_depth(root), at: 0 }
    }

    /// The rest of such a walk: from the segment on that has a tag.
    pub(in crate::table) fn from(memory: &Memory, root: u64, tag: u32) -> SegmentWalk {
        let mut walk = SegmentWalk::of(root);
        walk.at = (tag >> (TAG_BITS - walk.depth)) as usize;
        if let Some((span, _)) = segment_at(memory, root, walk.depth, walk.at) {
            walk.at &= !(span - 1);
        }
        walk
    }

    /// The next segment, with the bits of the hash it stands for.
    #[inline]
    pub(in crate::table) fn next(&mut self, memory: &Memory) -> Option<(u32, Entry)> {
        let (span, entry) = segment_at(memory, self.root, self.depth, self.at)?;
        let prefix = self.at >> (self.depth - entry.depth());
        self.at += span;
        Some((prefix as u32, entry))
    }

    /// The least tag of the next segment, or a number above all tags.
    pub(in crate::table) fn next_tag(&self, memory: &Memory) -> u32 {
        match self.peek(memory) {
            Some(_) => (self.at as u32) << (TAG_BITS - self.depth),
            None => 1 << TAG_BITS,
        }
    }

    /// The next segment, without moving.
    #[inline]
    pub(in crate::table) fn peek(&self, memory: &Memory) -> Option<Entry> {
        segment_at(memory, self.root, self.depth, self.at).map(|(_, entry)| entry)
    }
}

pub(super) fn directory_depth(root: u64) -> u32 {
    if root & DIRECTORY == 0 { 0 } else { (root >> DEPTH_SHIFT) as u32 & 0x3f }
}

/// The segment at a place of the directory, and how many places it takes.
pub(super) fn segment_at(memory: &Memory, root: u64, depth: u32, at: usize) -> Option<(usize, Entry)> {
    if root == 0 || at >= 1 << depth {
        return None;
    }
    let entry = if root & DIRECTORY == 0 {
        Entry(root)
    } else {
        Entry(memory.word(Addr::of_bits(root), HEADER + at))
    };
    Some((1 << (depth - entry.depth()), entry))
}

pub(super) fn directory_bytes(depth: u32) -> usize {
    (HEADER + (1usize << depth)) * 8
}

impl Group {
    pub(super) fn depth(&self) -> u32 {
        directory_depth(self.root)
    }

    /// Has the directory, if there is one, in a form that may be written to.
    pub(super) fn thaw_directory(&mut self, heap: &mut Heap) -> Result<()> {
        if self.root & DIRECTORY == 0 || !self.is_frozen(heap.memory(), Addr::of_bits(self.root)) {
            return Ok(());
        }
        self.reserve_retired(heap, 1)?;
        self.rebuild_directory(heap, self.depth())
    }

    /// A directory of another depth (or the same) in place of this one. Every segment is at most as deep.
    pub(super) fn rebuild_directory(&mut self, heap: &mut Heap, depth: u32) -> Result<()> {
        let (old, old_depth) = (self.root, self.depth());
        let (addr, _) = heap.alloc_index(directory_bytes(depth))?;
        let mut deepest = 0;
        for i in 0..1usize << depth {
            let entry = if old & DIRECTORY == 0 {
                Entry(old)
            } else {
                let from =
                    if depth >= old_depth { i >> (depth - old_depth) } else { i << (old_depth - depth) };
                Entry(heap.memory().word(Addr::of_bits(old), HEADER + from))
            };
            deepest += usize::from(entry.depth() == depth);
            heap.arena.set_word(addr, HEADER + i, entry.0);
        }
        segment::begin(heap, addr, deepest);
        self.root = DIRECTORY | u64::from(depth) << DEPTH_SHIFT | addr.bits();
        self.discard_directory(heap, old)
    }

    pub(super) fn discard_directory(&mut self, heap: &mut Heap, root: u64) -> Result<()> {
        if root & DIRECTORY == 0 {
            return Ok(());
        }
        let addr = Addr::of_bits(root);
        let exclusive = !self.is_frozen(heap.memory(), addr);
        let size = rounded(directory_bytes(directory_depth(root)));
        let born = segment::epoch(heap.memory(), addr);
        self.discard_born(heap, (addr, size, Use::Index), exclusive, born)
    }

    /// Puts a segment where its hashes lead. The directory must be writable.
    pub(super) fn set_entry(&mut self, heap: &mut Heap, hash: u64, entry: Entry) {
        if self.root & DIRECTORY == 0 {
            self.root = entry.0;
            return;
        }
        let depth = self.depth();
        let span = 1usize << (depth - entry.depth());
        let first = (hash >> (64 - depth)) as usize & !(span - 1);
        heap.arena.words_mut(Addr::of_bits(self.root), HEADER + first, span).fill(entry.0);
    }

    pub(super) fn add_deepest(&mut self, heap: &mut Heap, by: isize) -> usize {
        let addr = Addr::of_bits(self.root);
        let deepest = segment::used(heap.memory(), addr).wrapping_add_signed(by);
        segment::set_used(heap, addr, deepest);
        deepest
    }
}

#[cfg(test)]
impl Group {
    /// Bytes of the lists of retired blocks themselves.
    pub(in crate::table) fn retired_list_bytes(&self, heap: &Heap) -> u64 {
        self.sharing.as_ref().map_or(0, |sharing| sharing.check(heap))
    }

    /// Whether directory and epochs are as they must be; adds the directory's bytes.
    pub(in crate::table) fn check(&self, heap: &Heap, bytes: &mut u64) {
        let memory = heap.memory();
        *bytes += self.retired_list_bytes(heap);
        assert_eq!(self.newest, self.sharing.as_ref().map_or(0, |sharing| sharing.newest()));
        if self.root & DIRECTORY != 0 {
            let depth = self.depth();
            *bytes += rounded(directory_bytes(depth)) as u64;
            let deepest = segments(memory, self.root).filter(|(_, entry)| entry.depth() == depth).count();
            assert_eq!(segment::used(memory, Addr::of_bits(self.root)), deepest);
        }
    }
}

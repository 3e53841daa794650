//! One key group of one state: a directory of segments, and the snapshots that share it.
//!
//! ```text
//!  root     0 = empty | an Entry: the only segment | 1 << 63 | depth << 56 | address of the directory
//!
//!  directory   word 0   as in a segment: the epoch in which it was made,
//!                   1   and the number of segments as deep as the directory
//!                   2   Entry of hashes 00..0 | 00..1 | ...    2^depth; a segment of less depth stands in several
//! ```
//!
//! A snapshot keeps the root. From then on the directory and the segments made before it (by their epochs) are frozen:
//! the first write to one copies it and puts the copy in its place. In the copy no record is *owned* (see `slot`), so the
//! first write to a record makes a new one. Nothing walks the table when a snapshot is opened.
//!
//! What only snapshots still need is *retired* (see `sharing`), and freed by later writes, a few blocks each.
//!
//! Invariants:
//! * `newest` is the newest epoch that shares the group, 0 without one. A segment or directory of an older epoch is frozen;
//! * a record may be changed or freed in place exactly if `newest` is 0, or its slot is owned and its segment is not
//!   frozen;
//! * a failed operation may have copied or grown segments, but the entries are what they were.

use super::arena::{Addr, Memory, out_of_memory};
use super::heap::{Heap, Use};
use super::map::{self, Node};
use super::retired::{Position, Retired};
use super::segment::{self, Entry, Part};
use super::sharing::Sharing;
use super::slot::{Slot, tag_of};
use crate::error::Result;

const DIRECTORY: u64 = 1 << 63;
const DEPTH_SHIFT: u32 = 56;
/// Words of a directory before its entries.
const HEADER: usize = 2;

/// A key group of a state.
#[derive(Debug, Default)]
pub(super) struct Group {
    root: u64,
    newest: u64,
    /// Number of entries.
    pub(super) count: u64,
    /// Kept only by groups that have been shared.
    sharing: Option<Box<Sharing>>,
}

/// What a transaction goes back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Savepoint {
    root: u64,
    count: u64,
    /// End of the list of retired blocks.
    retired: Option<Position>,
    epoch: u64,
}

/// A record that was found, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    entry: Entry,
    /// The slot's place in the segment.
    word: usize,
    slot: Slot,
}

impl Place {
    pub(super) fn record(&self) -> Addr {
        self.slot.addr()
    }
}

/// The segment for a hash below a root.
#[inline(always)]
fn locate(memory: &Memory, root: u64, hash: u64) -> Option<Entry> {
    if root & DIRECTORY == 0 {
        return if root == 0 { None } else { Some(Entry(root)) };
    }
    let depth = directory_depth(root);
    Some(Entry(memory.word(Addr::of_bits(root), HEADER + (hash >> (64 - depth)) as usize)))
}

/// All segments below a root, each once, with the bits of the hash they stand for.
pub(super) fn segments(memory: &Memory, root: u64) -> impl Iterator<Item = (u32, Entry)> + '_ {
    let depth = directory_depth(root);
    let mut at = 0usize;
    std::iter::from_fn(move || {
        let (span, entry) = segment_at(memory, root, depth, at)?;
        let prefix = at >> (depth - entry.depth());
        at += span;
        Some((prefix as u32, entry))
    })
}

/// The records of all keys below a root, in no order.
pub(super) fn records_below(memory: &Memory, root: u64) -> impl Iterator<Item = Addr> + '_ {
    segments(memory, root).flat_map(|(_, entry)| records(memory, entry)).map(Slot::addr)
}

/// The record of a key below a root.
#[inline(always)]
pub(super) fn find(memory: &Memory, root: u64, hash: u64, key: &[u8]) -> Option<Addr> {
    find_in(memory, locate(memory, root, hash)?, hash, key)
}

/// The same in the segment that the hash leads to.
#[inline(always)]
pub(super) fn find_in(memory: &Memory, entry: Entry, hash: u64, key: &[u8]) -> Option<Addr> {
    segment::find_key(memory, entry, tag_of(hash), key).map(|(_, slot)| slot.addr())
}

/// A record that nearly always has the key of this hash, if any has.
#[inline(always)]
pub(super) fn candidate(memory: &Memory, entry: Entry, hash: u64) -> Option<Addr> {
    segment::find_tag(memory, entry, tag_of(hash)).map(Slot::addr)
}

/// The segment that a hash leads to; tells the processor which of its slots will be read.
#[inline(always)]
pub(super) fn prefetch(memory: &Memory, root: u64, hash: u64) -> Option<Entry> {
    let entry = locate(memory, root, hash)?;
    segment::prefetch(memory, entry, tag_of(hash));
    Some(entry)
}

impl Group {
    /// What a snapshot keeps.
    pub(super) fn root(&self) -> u64 {
        self.root
    }

    /// Whether any snapshot or scan needs the group.
    #[inline(always)]
    pub(super) fn is_shared(&self) -> bool {
        self.newest != 0
    }

    fn depth(&self) -> u32 {
        directory_depth(self.root)
    }

    // Reading.

    /// The record of a key, and where it is.
    #[inline(always)]
    pub(super) fn place(&self, memory: &Memory, hash: u64, key: &[u8]) -> Option<Place> {
        let entry = locate(memory, self.root, hash)?;
        let (word, slot) = segment::find_key(memory, entry, tag_of(hash), key)?;
        Some(Place { entry, word, slot })
    }

    /// Whether the record there may be changed in place.
    #[inline(always)]
    pub(super) fn is_exclusive(&self, memory: &Memory, place: &Place) -> bool {
        self.newest == 0 || (place.slot.is_owned() && !self.is_frozen(memory, place.entry.addr()))
    }

    /// Whether a snapshot shares a segment or directory.
    fn is_frozen(&self, memory: &Memory, block: Addr) -> bool {
        segment::epoch(memory, block) < self.newest
    }

    // Writing.

    /// Adds a record with a key that is not there yet.
    pub(super) fn insert(&mut self, heap: &mut Heap, hash: u64, record: Addr) -> Result<()> {
        let tag = tag_of(hash);
        if self.root == 0 {
            self.root = segment::create(heap, 1, 0)?.0;
        }
        loop {
            let Some(entry) = locate(heap.memory(), self.root, hash) else { return Err(out_of_memory(())) };
            let entry = self.writable(heap, hash, entry)?;
            let (word, _) = segment::find(heap.memory(), entry, tag, |_| false);
            if segment::insert(heap, entry, word, Slot::owned(tag, record)) {
                return Ok(());
            }
            self.grow(heap, hash, entry)?;
        }
    }

    /// Puts another record where one was found; the old one is freed or retired by the caller's [`discard_record`].
    ///
    /// [`discard_record`]: Self::discard_record
    #[inline(always)]
    pub(super) fn replace(&mut self, heap: &mut Heap, hash: u64, place: &Place, record: Addr) -> Result<()> {
        let entry = self.writable(heap, hash, place.entry)?;
        segment::set_slot(heap, entry.addr(), place.word, Slot::owned(place.slot.tag(), record));
        Ok(())
    }

    /// Takes a record out. The record is left to the caller, and so is [`tidy`](Self::tidy): before it, what was reserved for
    /// discarding records is still there.
    pub(super) fn remove(&mut self, heap: &mut Heap, hash: u64, place: &Place) -> Result<()> {
        let entry = self.writable(heap, hash, place.entry)?;
        segment::remove(heap, entry, place.word);
        Ok(())
    }

    /// Shrinks the table where a record was removed, if it has become sparse there. A favour: without memory for it the
    /// segment stays as it is.
    pub(super) fn tidy(&mut self, heap: &mut Heap, hash: u64) {
        let Some(entry) = locate(heap.memory(), self.root, hash) else { return };
        if segment::is_sparse(heap.memory(), entry) || segment::used(heap.memory(), entry.addr()) == 0 {
            let _ = self.shrink(heap, hash, entry);
        }
    }

    /// Frees a record that the group no longer has, or keeps it for the snapshots that share it.
    pub(super) fn discard_record(&mut self, heap: &mut Heap, record: Addr, exclusive: bool) -> Result<()> {
        let size = super::record::Header::read(heap.memory(), record).block_bytes();
        self.discard(heap, record, size, Use::Record, exclusive)
    }

    /// Frees a block, or retires it. Room for it was made by [`reserve_retired`](Self::reserve_retired), or is made now.
    #[inline(always)]
    pub(super) fn discard(
        &mut self,
        heap: &mut Heap,
        addr: Addr,
        size: usize,
        used: Use,
        exclusive: bool,
    ) -> Result<()> {
        self.discard_born(heap, (addr, size, used), exclusive, 0)
    }

    /// The same of a block that was made in that epoch.
    #[inline(always)]
    fn discard_born(
        &mut self,
        heap: &mut Heap,
        (addr, size, used): (Addr, usize, Use),
        exclusive: bool,
        born: u64,
    ) -> Result<()> {
        if exclusive || self.newest == 0 {
            heap.free(addr, size, used);
            return Ok(());
        }
        let sharing = self.sharing.get_or_insert_default();
        sharing.reserve(heap, 1)?;
        let epoch = heap.epoch;
        sharing.retire(heap, Retired { epoch, addr, size, used }, born);
        Ok(())
    }

    /// Makes room for `count` retired blocks, so that discarding them cannot fail.
    #[inline(always)]
    pub(super) fn reserve_retired(&mut self, heap: &mut Heap, count: usize) -> Result<()> {
        if self.newest == 0 {
            return Ok(());
        }
        self.sharing.get_or_insert_default().reserve(heap, count)
    }

    /// The segment itself if it may be written to, or a copy in its place.
    #[inline(always)]
    fn writable(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<Entry> {
        if self.newest == 0 || !self.is_frozen(heap.memory(), entry.addr()) {
            return Ok(entry);
        }
        self.thaw(heap, hash, entry)
    }

    #[cold]
    fn thaw(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<Entry> {
        self.reserve_retired(heap, 2)?;
        self.thaw_directory(heap)?;
        let copy = segment::copy(heap, entry)?;
        self.set_entry(heap, hash, copy);
        self.discard_segment(heap, entry, false)?;
        Ok(copy)
    }

    fn discard_segment(&mut self, heap: &mut Heap, entry: Entry, exclusive: bool) -> Result<()> {
        let born = segment::epoch(heap.memory(), entry.addr());
        self.discard_born(heap, (entry.addr(), segment::size(entry), Use::Index), exclusive, born)
    }

    /// Has the directory, if there is one, in a form that may be written to.
    fn thaw_directory(&mut self, heap: &mut Heap) -> Result<()> {
        if self.root & DIRECTORY == 0 || !self.is_frozen(heap.memory(), Addr::of_bits(self.root)) {
            return Ok(());
        }
        self.reserve_retired(heap, 1)?;
        self.rebuild_directory(heap, self.depth())
    }

    /// A directory of another depth (or the same) in place of this one. Every segment is at most as deep.
    fn rebuild_directory(&mut self, heap: &mut Heap, depth: u32) -> Result<()> {
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

    fn discard_directory(&mut self, heap: &mut Heap, root: u64) -> Result<()> {
        if root & DIRECTORY == 0 {
            return Ok(());
        }
        let addr = Addr::of_bits(root);
        let exclusive = !self.is_frozen(heap.memory(), addr);
        let size = super::arena::rounded(directory_bytes(directory_depth(root)));
        let born = segment::epoch(heap.memory(), addr);
        self.discard_born(heap, (addr, size, Use::Index), exclusive, born)
    }

    /// Puts a segment where its hashes lead. The directory must be writable.
    fn set_entry(&mut self, heap: &mut Heap, hash: u64, entry: Entry) {
        if self.root & DIRECTORY == 0 {
            self.root = entry.0;
            return;
        }
        let depth = self.depth();
        let span = 1usize << (depth - entry.depth());
        let first = (hash >> (64 - depth)) as usize & !(span - 1);
        heap.arena.words_mut(Addr::of_bits(self.root), HEADER + first, span).fill(entry.0);
    }

    fn add_deepest(&mut self, heap: &mut Heap, by: isize) -> usize {
        let addr = Addr::of_bits(self.root);
        let deepest = segment::used(heap.memory(), addr).wrapping_add_signed(by);
        segment::set_used(heap, addr, deepest);
        deepest
    }

    /// Makes room in a full segment, which is writable: a larger one in its place, or two.
    #[cold]
    fn grow(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<()> {
        if segment::is_largest(entry) && entry.depth() < segment::MAX_DEPTH {
            return self.split(heap, hash, entry);
        }
        self.reserve_retired(heap, 2)?;
        self.thaw_directory(heap)?;
        let all = Part::all(heap.memory(), entry, false);
        let larger = segment::gather(heap, &[all], entry.depth(), entry.lines() + 1)?;
        self.set_entry(heap, hash, larger);
        self.discard_segment(heap, entry, true)
    }

    fn split(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<()> {
        self.reserve_retired(heap, 2)?;
        if entry.depth() == self.depth() {
            self.rebuild_directory(heap, entry.depth() + 1)?;
        } else {
            self.thaw_directory(heap)?;
        }
        let depth = entry.depth() + 1;
        let [low, high] = Part::halves(heap.memory(), entry, false);
        let low = segment::gather(heap, &[low], depth, 0)?;
        let high = match segment::gather(heap, &[high], depth, 0) {
            Ok(high) => high,
            Err(e) => {
                segment::free(heap, low);
                return Err(e);
            }
        };
        let bit = 1u64 << (64 - depth);
        self.set_entry(heap, hash & !bit, low);
        self.set_entry(heap, hash | bit, high);
        if depth == self.depth() {
            self.add_deepest(heap, 2);
        }
        self.discard_segment(heap, entry, true)
    }

    /// Gives a sparse segment, which is writable, a smaller size, or merges it with its neighbour.
    #[cold]
    fn shrink(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<()> {
        if self.root & DIRECTORY == 0 && segment::used(heap.memory(), entry.addr()) == 0 {
            self.root = 0;
            return self.discard_segment(heap, entry, true);
        }
        self.reserve_retired(heap, 3)?;
        self.thaw_directory(heap)?;
        if entry.depth() > 0 && self.merge(heap, hash, entry)? {
            return Ok(());
        }
        if segment::is_sparse(heap.memory(), entry) {
            let all = Part::all(heap.memory(), entry, false);
            let smaller = segment::gather(heap, &[all], entry.depth(), 0)?;
            self.set_entry(heap, hash, smaller);
            self.discard_segment(heap, entry, true)?;
        }
        Ok(())
    }

    /// Merges a segment with the other half of what was once one, if both fit.
    fn merge(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<bool> {
        let bit = 1u64 << (64 - entry.depth());
        let Some(other) = locate(heap.memory(), self.root, hash ^ bit) else { return Ok(false) };
        if other.depth() != entry.depth() {
            return Ok(false);
        }
        let frozen = self.newest != 0 && self.is_frozen(heap.memory(), other.addr());
        let mut parts = [Part::all(heap.memory(), entry, false), Part::all(heap.memory(), other, frozen)];
        if !segment::can_merge(parts.iter().map(|part| part.used()).sum()) {
            return Ok(false);
        }
        if hash & bit != 0 {
            parts.swap(0, 1);
        }
        let depth = entry.depth() - 1;
        let merged = segment::gather(heap, &parts, depth, 0)?;
        self.set_entry(heap, hash, merged);
        self.discard_segment(heap, entry, true)?;
        self.discard_segment(heap, other, !frozen)?;
        if entry.depth() == self.depth() {
            let mut deepest = self.add_deepest(heap, -2);
            while deepest == 0 {
                deepest = match self.depth() {
                    0 => break,
                    1 => {
                        let directory = std::mem::replace(&mut self.root, merged.0);
                        self.discard_directory(heap, directory)?;
                        break;
                    }
                    depth => {
                        self.reserve_retired(heap, 1)?;
                        self.rebuild_directory(heap, depth - 1)?;
                        segment::used(heap.memory(), Addr::of_bits(self.root))
                    }
                };
            }
        }
        Ok(true)
    }

    /// Removes all entries.
    pub(super) fn clear(&mut self, heap: &mut Heap, nested: bool) -> Result<()> {
        let root = self.root;
        if self.is_shared() {
            let mut blocks = 2;
            for (_, entry) in segments(heap.memory(), root) {
                blocks += 1;
                for record in records(heap.memory(), entry) {
                    let below = if nested {
                        map::blocks_below(heap.memory(), Node::root(heap.memory(), record.addr()))
                    } else {
                        0
                    };
                    blocks += 1 + below;
                }
            }
            self.reserve_retired(heap, blocks)?;
        }
        // From here on nothing can fail.
        self.root = 0;
        self.count = 0;
        let depth = directory_depth(root);
        let mut at = 0;
        while let Some((span, entry)) = segment_at(heap.memory(), root, depth, at) {
            at += span;
            let frozen = self.newest != 0 && self.is_frozen(heap.memory(), entry.addr());
            for word in segment::FIRST..segment::end(entry) {
                let slot = segment::slot(heap.memory(), entry.addr(), word);
                if slot.is_empty() {
                    continue;
                }
                let exclusive = self.newest == 0 || (slot.is_owned() && !frozen);
                if nested {
                    let root = Node::root(heap.memory(), slot.addr());
                    map::discard_below(heap, self, root, exclusive)?;
                }
                self.discard_record(heap, slot.addr(), exclusive)?;
            }
            self.discard_segment(heap, entry, !frozen)?;
        }
        self.discard_directory(heap, root)
    }

    // Transactions.

    /// Shares the group with a transaction of `epoch`: whatever it changes, the old is kept.
    pub(super) fn begin(&mut self, epoch: u64) -> Result<Savepoint> {
        self.share(epoch)?;
        let retired = self.sharing.as_ref().map(|sharing| sharing.savepoint());
        Ok(Savepoint { root: self.root, count: self.count, retired, epoch })
    }

    /// Puts everything back as it was at the savepoint, and frees what was made since.
    pub(super) fn rollback(&mut self, heap: &mut Heap, to: &Savepoint, nested: bool) {
        let depth = directory_depth(self.root);
        let mut at = 0;
        while let Some((span, entry)) = segment_at(heap.memory(), self.root, depth, at) {
            at += span;
            if segment::epoch(heap.memory(), entry.addr()) < to.epoch {
                continue;
            }
            for word in segment::FIRST..segment::end(entry) {
                let slot = segment::slot(heap.memory(), entry.addr(), word);
                // What is not owned was there before.
                if !slot.is_empty() && slot.is_owned() {
                    if nested {
                        map::free_owned(heap, Node::root(heap.memory(), slot.addr()));
                    }
                    heap.free_record(slot.addr());
                }
            }
            segment::free(heap, entry);
        }
        if self.root & DIRECTORY != 0 && segment::epoch(heap.memory(), Addr::of_bits(self.root)) >= to.epoch {
            let size = super::arena::rounded(directory_bytes(depth));
            heap.free(Addr::of_bits(self.root), size, Use::Index);
        }
        self.root = to.root;
        self.count = to.count;
        if let (Some(sharing), Some(retired)) = (&mut self.sharing, to.retired) {
            sharing.rollback(heap, retired);
        }
    }

    // Sharing.

    /// A snapshot or scan of `epoch`, the newest there is, needs the group from now on.
    pub(super) fn share(&mut self, epoch: u64) -> Result<()> {
        self.sharing.get_or_insert_default().begin(epoch)?;
        self.newest = epoch;
        Ok(())
    }

    /// The snapshot or scan of `epoch` needs the group no longer. Whether there is something to free now.
    pub(super) fn unshare(&mut self, heap: &Heap, epoch: u64) -> bool {
        let Some(sharing) = &mut self.sharing else { return false };
        sharing.end(epoch);
        self.newest = sharing.newest();
        sharing.can_free(heap)
    }

    /// Frees up to `most` retired blocks; whether there are more to free.
    pub(super) fn free_retired(&mut self, heap: &mut Heap, most: usize) -> bool {
        self.sharing.as_mut().is_some_and(|sharing| sharing.free(heap, most))
    }
}

fn directory_depth(root: u64) -> u32 {
    if root & DIRECTORY == 0 { 0 } else { (root >> DEPTH_SHIFT) as u32 & 0x3f }
}

/// The segment at a place of the directory, and how many places it takes.
fn segment_at(memory: &Memory, root: u64, depth: u32, at: usize) -> Option<(usize, Entry)> {
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

/// The slots in use of a segment.
fn records(memory: &Memory, entry: Entry) -> impl Iterator<Item = Slot> + '_ {
    segment::slots(memory, entry).iter().map(|word| Slot(*word)).filter(|slot| !slot.is_empty())
}

fn directory_bytes(depth: u32) -> usize {
    (HEADER + (1usize << depth)) * 8
}

#[cfg(test)]
impl Group {
    /// Bytes of the lists of retired blocks themselves.
    pub(super) fn retired_list_bytes(&self, heap: &Heap) -> u64 {
        self.sharing.as_ref().map_or(0, |sharing| sharing.check(heap))
    }

    /// Whether directory and epochs are as they must be; adds the directory's bytes.
    pub(super) fn check(&self, heap: &Heap, bytes: &mut u64) {
        let memory = heap.memory();
        *bytes += self.retired_list_bytes(heap);
        assert_eq!(self.newest, self.sharing.as_ref().map_or(0, |sharing| sharing.newest()));
        if self.root & DIRECTORY != 0 {
            let depth = self.depth();
            *bytes += super::arena::rounded(directory_bytes(depth)) as u64;
            let deepest = segments(memory, self.root).filter(|(_, entry)| entry.depth() == depth).count();
            assert_eq!(segment::used(memory, Addr::of_bits(self.root)), deepest);
        }
    }
}

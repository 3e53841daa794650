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

mod directory;
mod moments;
mod resize;

use self::directory::locate;
pub(in crate::table) use self::directory::{SegmentWalk, segments};
pub(in crate::table) use self::moments::Savepoint;
use crate::error::Result;
use crate::table::arena::{Addr, Memory, out_of_memory};
use crate::table::heap::{Heap, Use};
use crate::table::retired::Retired;
use crate::table::segment::{self, Entry};
use crate::table::sharing::Sharing;
use crate::table::slot::{Slot, tag_of};

/// Lines of a map's record behind the first that are fetched with it: the root of a map of some ten entries.
const ROOT_LINES: usize = 2;

/// A key group of a state.
#[derive(Debug, Default)]
pub(in crate::table) struct Group {
    root: u64,
    newest: u64,
    /// Number of entries.
    pub(super) count: u64,
    /// Kept only by groups that have been shared.
    sharing: Option<Box<Sharing>>,
}

/// A record that was found, and where.
#[derive(Debug, Clone, Copy)]
pub(in crate::table) struct Place {
    entry: Entry,
    /// The slot's place in the segment.
    word: usize,
    slot: Slot,
}

/// Where a record belongs that is not there yet.
#[derive(Debug, Clone, Copy)]
pub(in crate::table) struct Gap {
    entry: Entry,
    word: usize,
}

impl Place {
    pub(in crate::table) fn record(&self) -> Addr {
        self.slot.addr()
    }
}

/// The records of all keys below a root, in no order.
pub(in crate::table) fn records_below(memory: &Memory, root: u64) -> impl Iterator<Item = Addr> + '_ {
    segments(memory, root).flat_map(|(_, entry)| records(memory, entry)).map(Slot::addr)
}

/// The record of a key below a root.
#[inline(always)]
pub(in crate::table) fn find(memory: &Memory, root: u64, hash: u64, key: &[u8]) -> Option<Addr> {
    find_in(memory, locate(memory, root, hash)?, hash, key)
}

/// The same of a key that has a map, whose root will be read.
#[inline(always)]
pub(in crate::table) fn find_map(memory: &Memory, root: u64, hash: u64, key: &[u8]) -> Option<Addr> {
    let entry = locate(memory, root, hash)?;
    segment::find_key::<ROOT_LINES>(memory, entry, tag_of(hash), key).map(|(_, slot)| slot.addr())
}

/// The same in the segment that the hash leads to.
#[inline(always)]
pub(in crate::table) fn find_in(memory: &Memory, entry: Entry, hash: u64, key: &[u8]) -> Option<Addr> {
    segment::find_key::<0>(memory, entry, tag_of(hash), key).map(|(_, slot)| slot.addr())
}

/// A record that nearly always has the key of this hash, if any has.
#[inline(always)]
pub(in crate::table) fn candidate(memory: &Memory, entry: Entry, hash: u64) -> Option<Addr> {
    segment::find_tag(memory, entry, tag_of(hash)).map(Slot::addr)
}

/// The same, from the root.
#[inline(always)]
pub(in crate::table) fn probable(memory: &Memory, root: u64, hash: u64) -> Option<Addr> {
    candidate(memory, locate(memory, root, hash)?, hash)
}

/// The segment that a hash leads to; tells the processor which of its slots will be read.
#[inline(always)]
pub(in crate::table) fn prefetch(memory: &Memory, root: u64, hash: u64) -> Option<Entry> {
    let entry = locate(memory, root, hash)?;
    segment::prefetch(memory, entry, tag_of(hash));
    Some(entry)
}

impl Group {
    /// What a snapshot keeps.
    pub(in crate::table) fn root(&self) -> u64 {
        self.root
    }

    /// Whether any snapshot or scan needs the group.
    #[inline(always)]
    pub(in crate::table) fn is_shared(&self) -> bool {
        self.newest != 0
    }

    // Reading.

    /// The record of a key, and where it is.
    #[inline(always)]
    pub(in crate::table) fn place(&self, memory: &Memory, hash: u64, key: &[u8]) -> Option<Place> {
        let entry = locate(memory, self.root, hash)?;
        let (word, slot) = segment::find_key::<0>(memory, entry, tag_of(hash), key)?;
        Some(Place { entry, word, slot })
    }

    /// Whether the record there may be changed in place.
    #[inline(always)]
    pub(in crate::table) fn is_exclusive(&self, memory: &Memory, place: &Place) -> bool {
        self.newest == 0 || (place.slot.is_owned() && !self.is_frozen(memory, place.entry.addr()))
    }

    /// Whether a snapshot shares a segment or directory.
    pub(super) fn is_frozen(&self, memory: &Memory, block: Addr) -> bool {
        segment::epoch(memory, block) < self.newest
    }

    // Writing.

    /// Adds a record with a key that is not there yet.
    pub(in crate::table) fn insert(&mut self, heap: &mut Heap, hash: u64, record: Addr) -> Result<()> {
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

    /// Where a key that is surely not there belongs, in a group that nothing shares. `None`: it may be there, or the place is
    /// not plain to see.
    #[inline(always)]
    pub(in crate::table) fn gap(&self, memory: &Memory, hash: u64) -> Option<Gap> {
        let entry = locate(memory, self.root, hash)?;
        Some(Gap { entry, word: segment::find_gap(memory, entry, tag_of(hash))? })
    }

    /// Puts a record there.
    #[inline(always)]
    pub(in crate::table) fn fill_gap(
        &mut self,
        heap: &mut Heap,
        hash: u64,
        gap: Gap,
        record: Addr,
    ) -> Result<()> {
        if segment::insert(heap, gap.entry, gap.word, Slot::owned(tag_of(hash), record)) {
            return Ok(());
        }
        self.insert(heap, hash, record)
    }

    /// Puts another record where one was found; the old one is freed or retired by the caller's [`discard_record`].
    ///
    /// [`discard_record`]: Self::discard_record
    #[inline(always)]
    pub(in crate::table) fn replace(
        &mut self,
        heap: &mut Heap,
        hash: u64,
        place: &Place,
        record: Addr,
    ) -> Result<()> {
        let entry = self.writable(heap, hash, place.entry)?;
        segment::set_slot(heap, entry.addr(), place.word, Slot::owned(place.slot.tag(), record));
        Ok(())
    }

    /// Takes a record out. The record is left to the caller, and so is [`tidy`](Self::tidy): before it, what was reserved for
    /// discarding records is still there.
    pub(in crate::table) fn remove(&mut self, heap: &mut Heap, hash: u64, place: &Place) -> Result<()> {
        let entry = self.writable(heap, hash, place.entry)?;
        segment::remove(heap, entry, place.word);
        Ok(())
    }

    /// Shrinks the table where a record was removed, if it has become sparse there. A favour: without memory for it the
    /// segment stays as it is.
    pub(in crate::table) fn tidy(&mut self, heap: &mut Heap, hash: u64) {
        let Some(entry) = locate(heap.memory(), self.root, hash) else { return };
        if segment::is_sparse(heap.memory(), entry) || segment::used(heap.memory(), entry.addr()) == 0 {
            let _ = self.shrink(heap, hash, entry);
        }
    }

    /// Frees a record that the group no longer has, or keeps it for the snapshots that share it.
    pub(in crate::table) fn discard_record(
        &mut self,
        heap: &mut Heap,
        record: Addr,
        exclusive: bool,
    ) -> Result<()> {
        let size = crate::table::record::Header::read(heap.memory(), record).block_bytes();
        self.discard(heap, record, size, Use::Record, exclusive)
    }

    /// Frees a block, or retires it. Room for it was made by [`reserve_retired`](Self::reserve_retired), or is made now.
    #[inline(always)]
    pub(in crate::table) fn discard(
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
    pub(super) fn discard_born(
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
    pub(in crate::table) fn reserve_retired(&mut self, heap: &mut Heap, count: usize) -> Result<()> {
        if self.newest == 0 {
            return Ok(());
        }
        self.sharing.get_or_insert_default().reserve(heap, count)
    }

    /// The segment itself if it may be written to, or a copy in its place.
    #[inline(always)]
    pub(super) fn writable(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<Entry> {
        if self.newest == 0 || !self.is_frozen(heap.memory(), entry.addr()) {
            return Ok(entry);
        }
        self.thaw(heap, hash, entry)
    }

    #[cold]
    pub(super) fn thaw(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<Entry> {
        self.reserve_retired(heap, 2)?;
        self.thaw_directory(heap)?;
        let copy = segment::copy(heap, entry)?;
        self.set_entry(heap, hash, copy);
        self.discard_segment(heap, entry, false)?;
        Ok(copy)
    }

    pub(super) fn discard_segment(&mut self, heap: &mut Heap, entry: Entry, exclusive: bool) -> Result<()> {
        let born = segment::epoch(heap.memory(), entry.addr());
        self.discard_born(heap, (entry.addr(), segment::size(entry), Use::Index), exclusive, born)
    }
}

/// The slots in use of a segment.
pub(super) fn records(memory: &Memory, entry: Entry) -> impl Iterator<Item = Slot> + '_ {
    segment::slots(memory, entry).iter().map(|word| Slot(*word)).filter(|slot| !slot.is_empty())
}

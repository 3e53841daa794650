//! Segments: slots in the order of their tags, with gaps.
//!
//! ```text
//!  block   word 0   epoch in which the segment was made
//!               1   u32 slots in use | u32 slots there are (n)
//!               2   slot 0 | slot 1 | ... | slot n-1, which is always empty
//! ```
//!
//! Linear probing, but in order. The bits of a tag behind those that chose the segment give its slot a *home*, which
//! grows with the tag; a slot stands at its home or behind it, never before, with no empty slot in between, and tags
//! never fall from left to right. So a search stops at the first tag above the one it looks for, a removal closes the
//! gap and leaves no tombstone, and a segment is copied to another size, split or merged in one pass from left to right.
//! There is no wrapping around: the last slots are nobody's home.
//!
//! An [`Entry`] of the directory names a segment:
//!
//! ```text
//!  61   56  55                36  35                0
//!  | depth | homes (20 bits)    | address (36 bits)  |        0 = no segment
//! ```
//!
//! Everything in a segment that a snapshot has frozen stays as it is; see `group`.

use super::arena::{ADDR_BITS, Addr, Memory};
use super::heap::{Heap, Use};
use super::probe::{WINDOW, probe};
use super::slot::{Slot, TAG_BITS};
use crate::error::{Error, ErrorKind, Result};

/// Words before the slots.
const HEADER: usize = 2;
/// Sizes of segments in bytes. They grow by these steps; from the last one they split.
const SIZES: [usize; 15] =
    [64, 128, 256, 512, 1024, 2048, 4096, 6144, 8192, 12_288, 16_384, 20_480, 24_576, 28_672, LARGEST_BYTES];
const LARGEST_BYTES: usize = 32_768;
/// The deepest a segment may lie: below, tags have too few bits left to spread slots.
pub(super) const MAX_DEPTH: u32 = 15;
const HOMES_BITS: u32 = 20;
/// The most slots of a segment that cannot be split any more.
const MAX_SLOTS: usize = 1 << HOMES_BITS;

/// A segment, as the directory names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u64);

impl Entry {
    fn new(addr: Addr, slots: usize, depth: u32) -> Entry {
        Entry(u64::from(depth) << (ADDR_BITS + HOMES_BITS) | (homes(slots) as u64) << ADDR_BITS | addr.bits())
    }

    #[inline(always)]
    pub(super) fn addr(self) -> Addr {
        Addr::of_bits(self.0)
    }

    /// How many bits of the hash chose it.
    #[inline(always)]
    pub(super) fn depth(self) -> u32 {
        (self.0 >> (ADDR_BITS + HOMES_BITS)) as u32 & 0x3f
    }

    #[inline(always)]
    fn homes(self) -> u64 {
        (self.0 >> ADDR_BITS) & ((1 << HOMES_BITS) - 1)
    }

    /// Where a tag is at home.
    #[inline(always)]
    pub(super) fn home(self, tag: u32) -> usize {
        let homes = self.homes();
        let rest = (tag << (32 - TAG_BITS)) << self.depth();
        ((u64::from(rest) * homes) >> 32) as usize
    }
}

/// Slots that may be somebody's home. Behind the last home a window of a probe fits, but for the smallest segments.
fn homes(slots: usize) -> usize {
    let behind = ((slots >> 4) + 2).min(64);
    slots - if slots < SMALL { behind } else { behind.max(WINDOW) }
}

/// Segments of fewer slots are searched slot by slot.
const SMALL: usize = 30;
const SMALL_HOMES: u64 = 16;

/// More slots in use than this, and the segment grows or splits.
fn most_used(slots: usize) -> usize {
    slots * 13 / 16
}

fn block_bytes(slots: usize) -> usize {
    (slots + HEADER) * 8
}

/// Slots of a new segment with `used` slots in use: at least `least`, and at most 11 in 16 in use. Above the largest size
/// there are steps of a quarter.
fn slots_for(used: usize, least: usize) -> usize {
    let least = least.max((used * 16).div_ceil(11));
    let fitting = SIZES.iter().map(|bytes| bytes / 8 - HEADER).find(|slots| *slots >= least);
    fitting.unwrap_or(least * 5 / 4)
}

#[inline(always)]
pub(super) fn slot(memory: &Memory, segment: Addr, index: usize) -> Slot {
    Slot(memory.word(segment, HEADER + index))
}

#[inline(always)]
pub(super) fn set_slot(heap: &mut Heap, segment: Addr, index: usize, slot: Slot) {
    heap.arena.set_word(segment, HEADER + index, slot.0);
}

/// The epoch it was made in.
#[inline(always)]
pub(super) fn epoch(memory: &Memory, segment: Addr) -> u64 {
    memory.word(segment, 0)
}

/// Slots in use, and slots there are.
#[inline(always)]
pub(super) fn counts(memory: &Memory, segment: Addr) -> (usize, usize) {
    let word = memory.word(segment, 1);
    (word as u32 as usize, (word >> 32) as usize)
}

fn set_counts(heap: &mut Heap, segment: Addr, used: usize, slots: usize) {
    heap.arena.set_word(segment, 1, used as u64 | (slots as u64) << 32);
}

/// Size of its block.
pub(super) fn size(memory: &Memory, segment: Addr) -> usize {
    super::arena::rounded(block_bytes(counts(memory, segment).1))
}

/// All slots, empty ones too.
pub(super) fn slots(memory: &Memory, segment: Addr) -> &[u64] {
    memory.words(segment, HEADER, counts(memory, segment).1)
}

/// Tells the processor which slots a lookup will read.
#[inline(always)]
pub(super) fn prefetch(memory: &Memory, entry: Entry, tag: u32) {
    let home = HEADER + entry.home(tag);
    memory.prefetch(entry.addr(), home * 8);
    memory.prefetch(entry.addr(), (home + WINDOW - 1) * 8);
}

/// The slot with this tag for which `is_it` says yes.
#[inline(always)]
pub(super) fn search(
    memory: &Memory,
    entry: Entry,
    tag: u32,
    mut is_it: impl FnMut(Slot) -> bool,
) -> Option<(usize, Slot)> {
    if entry.homes() >= SMALL_HOMES {
        let home = entry.home(tag);
        if let Some(window) = memory.words(entry.addr(), HEADER + home, WINDOW).first_chunk::<WINDOW>() {
            let probe = probe(window, tag);
            if probe.equal != 0 {
                let index = home + probe.equal.trailing_zeros() as usize;
                let found = slot(memory, entry.addr(), index);
                if is_it(found) {
                    return Some((index, found));
                }
            } else if probe.beyond != 0 {
                return None;
            }
        }
    }
    let (index, found) = find(memory, entry, tag, is_it);
    found.map(|found| (index, found))
}

/// Where a tag stands or would stand: behind all slots with a lower tag, and behind those of the same tag for which
/// `is_it` says no. The slot there, if it is the one.
#[inline]
pub(super) fn find(
    memory: &Memory,
    entry: Entry,
    tag: u32,
    mut is_it: impl FnMut(Slot) -> bool,
) -> (usize, Option<Slot>) {
    let segment = entry.addr();
    let mut index = entry.home(tag);
    // Ends at the last slot at the latest, which is empty.
    loop {
        let found = slot(memory, segment, index);
        let rank = found.rank();
        if rank > tag {
            return (index, None);
        }
        if rank == tag && is_it(found) {
            return (index, Some(found));
        }
        index += 1;
    }
}

/// A new segment without slots in use.
pub(super) fn create(heap: &mut Heap, used: usize, depth: u32) -> Result<Entry> {
    create_sized(heap, slots_for(used, 0), depth)
}

fn create_sized(heap: &mut Heap, slots: usize, depth: u32) -> Result<Entry> {
    let (addr, size) = heap.alloc_index(block_bytes(slots))?;
    // A run of pages may be larger than asked for.
    let slots = (size / 8 - HEADER).min(slots);
    let epoch = heap.epoch;
    heap.arena.set_word(addr, 0, epoch);
    set_counts(heap, addr, 0, slots);
    heap.arena.words_mut(addr, HEADER, slots).fill(0);
    Ok(Entry::new(addr, slots, depth))
}

/// Frees a segment's block; its records stay.
pub(super) fn free(heap: &mut Heap, segment: Addr) {
    let size = size(heap.memory(), segment);
    heap.free(segment, size, Use::Index);
}

/// Puts a slot where [`find`] said it belongs. False when there is no room: then the segment must grow first.
#[inline]
pub(super) fn insert(heap: &mut Heap, segment: Addr, index: usize, new: Slot) -> bool {
    let (used, slots) = counts(heap.memory(), segment);
    if used >= most_used(slots) {
        return false;
    }
    let mut end = index;
    while !slot(heap.memory(), segment, end).is_empty() {
        end += 1;
    }
    if end + 1 >= slots {
        return false;
    }
    if end > index {
        heap.arena.words_mut(segment, HEADER + index, end - index + 1).copy_within(..end - index, 1);
    }
    set_slot(heap, segment, index, new);
    set_counts(heap, segment, used + 1, slots);
    true
}

/// Takes the slot at `index` out and closes the gap. Returns slots in use, and slots there are.
#[inline]
pub(super) fn remove(heap: &mut Heap, entry: Entry, index: usize) -> (usize, usize) {
    let segment = entry.addr();
    let (used, slots) = counts(heap.memory(), segment);
    let mut end = index + 1;
    loop {
        let next = slot(heap.memory(), segment, end);
        if next.is_empty() || entry.home(next.tag()) >= end {
            break;
        }
        end += 1;
    }
    heap.arena.words_mut(segment, HEADER + index, end - index).copy_within(1.., 0);
    set_slot(heap, segment, end - 1, Slot(0));
    set_counts(heap, segment, used - 1, slots);
    (used - 1, slots)
}

/// Whether a segment is so empty that it should shrink or merge.
pub(super) fn is_sparse(used: usize, slots: usize) -> bool {
    used * 4 < slots && (slots + HEADER) * 8 > 64
}

/// A copy of a segment of the same size, for the current epoch. With `share`, its records are shared with a snapshot
/// from now on.
pub(super) fn copy(heap: &mut Heap, entry: Entry, share: bool) -> Result<Entry> {
    let (used, slots) = counts(heap.memory(), entry.addr());
    let (addr, _) = heap.alloc_index(block_bytes(slots))?;
    let epoch = heap.epoch;
    heap.arena.set_word(addr, 0, epoch);
    set_counts(heap, addr, used, slots);
    let (from, to) = heap.arena.words_and_mut((entry.addr(), HEADER, slots), (addr, HEADER, slots));
    if share {
        for (from, to) in from.iter().zip(to) {
            *to = Slot(*from).shared().0;
        }
    } else {
        to.copy_from_slice(from);
    }
    Ok(Entry::new(addr, slots, entry.depth()))
}

/// Part of a segment's slots, to be put into a new one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub(super) segment: Addr,
    from: usize,
    to: usize,
    used: usize,
    /// Whether a snapshot shares its records.
    pub(super) share: bool,
}

impl Part {
    /// All slots of a segment.
    pub(super) fn all(memory: &Memory, segment: Addr, share: bool) -> Part {
        let (used, slots) = counts(memory, segment);
        Part { segment, from: 0, to: slots, used, share }
    }

    /// The slots on either side of the bit that tells the segments below `depth` apart.
    pub(super) fn halves(memory: &Memory, entry: Entry, share: bool) -> [Part; 2] {
        let bit = 1 << (TAG_BITS - 1 - entry.depth());
        let all = Part::all(memory, entry.addr(), share);
        let (mut used, mut middle) = (0, 0);
        for (i, word) in slots(memory, entry.addr()).iter().enumerate() {
            if *word != 0 {
                if Slot(*word).tag() & bit != 0 {
                    break;
                }
                used += 1;
                middle = i + 1;
            }
        }
        [Part { to: middle, used, ..all }, Part { from: middle, used: all.used - used, ..all }]
    }

    pub(super) fn used(self) -> usize {
        self.used
    }
}

/// A new segment of at least `least` slots with those of `parts`, which follow each other, and room for one more.
pub(super) fn gather(heap: &mut Heap, parts: &[Part], depth: u32, least: usize) -> Result<Entry> {
    let used: usize = parts.iter().map(|part| part.used).sum();
    let mut slots = slots_for(used + 1, least);
    loop {
        let entry = create_sized(heap, slots, depth)?;
        if fill(heap, entry, parts, slots) {
            set_counts(heap, entry.addr(), used, slots);
            return Ok(entry);
        }
        // Too many tags are at home at the end.
        free(heap, entry.addr());
        slots = slots_for(used + 1, slots + 1);
        if slots > MAX_SLOTS {
            return Err(too_many_collisions());
        }
    }
}

fn fill(heap: &mut Heap, entry: Entry, parts: &[Part], slots: usize) -> bool {
    let mut at = 0;
    for part in parts {
        let (from, to) = heap.arena.words_and_mut(
            (part.segment, HEADER + part.from, part.to - part.from),
            (entry.addr(), HEADER, slots),
        );
        for word in from.iter().filter(|word| **word != 0) {
            let slot = Slot(*word);
            let place = at.max(entry.home(slot.tag()));
            match to.get_mut(place) {
                Some(target) if place + 1 < slots => {
                    *target = if part.share { slot.shared().0 } else { slot.0 }
                }
                _ => return false,
            }
            at = place + 1;
        }
    }
    at <= slots && parts.iter().map(|part| part.used).sum::<usize>() < most_used(slots).max(3)
}

#[cold]
fn too_many_collisions() -> Error {
    Error::new(
        ErrorKind::MemoryBudget,
        "a million keys of one key group have the same hash; nothing was changed",
    )
}

/// Whether the largest size is reached, so that a full segment splits.
pub(super) fn is_largest(memory: &Memory, segment: Addr) -> bool {
    block_bytes(counts(memory, segment).1) >= LARGEST_BYTES
}

/// Whether two segments' slots fit one that will not soon have to split again.
pub(super) fn can_merge(used: usize) -> bool {
    used * 2 < LARGEST_BYTES / 8
}

/// Whether order, homes and counts are as they must be.
#[cfg(test)]
pub(super) fn check(memory: &Memory, entry: Entry, prefix: u32) {
    let (used, n) = counts(memory, entry.addr());
    let slots = slots(memory, entry.addr());
    assert_eq!(slots.iter().filter(|word| **word != 0).count(), used);
    assert_eq!(slots[n - 1], 0, "the last slot is empty");
    assert!(used <= most_used(n));
    let (mut last, mut run_start) = (0, 0);
    for (i, word) in slots.iter().enumerate() {
        let slot = Slot(*word);
        if slot.is_empty() {
            run_start = i + 1;
            continue;
        }
        assert!(slot.tag() >= last, "tags never fall");
        last = slot.tag();
        let home = entry.home(slot.tag());
        assert!(home <= i && home >= run_start, "no gap between a slot and its home: {home} {i} {run_start}");
        if entry.depth() > 0 {
            assert_eq!(slot.tag() >> (TAG_BITS - entry.depth()), prefix, "a slot lies in its segment");
        }
    }
}

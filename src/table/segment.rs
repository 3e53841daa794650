//! Segments: slots in the order of their tags, with gaps.
//!
//! ```text
//!  line 0   word 0   low 36 bits of the epoch in which the segment was made, marked
//!                1   high 16 bits of the epoch | slots in use (20 bits), marked
//!                2   slot | slot | slot | slot | slot | slot
//!  line 1   word 8   slot | slot | ...                              a line is a cache line: eight words
//!  ...                                                              the last slot is always empty
//! ```
//!
//! Linear probing, but in order. The bits of a tag behind those that chose the segment give its slot a *home*: a line,
//! which grows with the tag. A slot stands in its home line or behind it, never before, with no empty slot between the
//! start of that line and it, and tags never fall from left to right. So a search stops at the first tag above the one it
//! looks for, a removal closes the gap and leaves no tombstone, and a segment is copied to another size, split or merged
//! in one pass from left to right. There is no wrapping around: the last lines of a large segment are nobody's home.
//!
//! Nineteen of twenty slots stand in their home line, so a lookup reads one cache line here, and compares it as a whole (see
//! `probe`). The first two words are *marked* with a bit that makes them look like a slot in use with tag 0, which no key
//! has: they are neither found nor do they end a search.
//!
//! An [`Entry`] of the directory names a segment:
//!
//! ```text
//!  61   56  55                36  35                0
//!  | depth | home lines         | address (36 bits)  |        0 = no segment
//! ```
//!
//! Everything in a segment that a snapshot has frozen stays as it is; see `group`.

use super::arena::{ADDR_BITS, Addr, Memory};
use super::heap::{Heap, Use};
use super::probe::{WINDOW, probe};
use super::record;
use super::slot::{Slot, TAG_BITS};
use crate::error::{Error, ErrorKind, Result};

/// The first word that is a slot.
pub(super) const FIRST: usize = 2;
/// Words of a cache line.
pub(super) const LINE: usize = WINDOW;
/// Sizes of segments in lines. They grow by these steps; from the last one they split. Larger segments would make the
/// directory smaller, but the first write to one after a snapshot copies it, and 8 KiB is what that may take.
const SIZES: [usize; 10] = [1, 2, 4, 8, 16, 32, 64, 80, 96, LARGEST];
const LARGEST: usize = 128;
/// What marks the words before the slots: an upper half that is not 0, with tag 0.
const MARK: u64 = 1 << 36;
const NUMBER: u64 = MARK - 1;
const USED_BITS: u32 = 20;
/// The deepest a segment may lie: below, tags have too few bits left to spread slots.
pub(super) const MAX_DEPTH: u32 = 18;
const HOMES_BITS: u32 = 20;
/// The most lines of a segment that cannot be split any more; then its slots in use fit their bits.
const MOST_LINES: usize = 1 << 17;

/// A segment, as the directory names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(pub(super) u64);

impl Entry {
    fn new(addr: Addr, lines: usize, depth: u32) -> Entry {
        Entry(
            u64::from(depth) << (ADDR_BITS + HOMES_BITS)
                | (home_lines(lines) as u64) << ADDR_BITS
                | addr.bits(),
        )
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
    fn home_lines(self) -> usize {
        (self.0 >> ADDR_BITS) as usize & ((1 << HOMES_BITS) - 1)
    }

    /// Lines of the segment.
    pub(super) fn lines(self) -> usize {
        match self.home_lines() {
            homes @ 0..7 => homes,
            homes @ 7..60 => homes + 1,
            homes => homes + 4,
        }
    }

    /// The line where a tag is at home.
    #[inline(always)]
    fn line(self, tag: u32) -> usize {
        let lines = self.home_lines() as u64;
        let rest = (tag << (32 - TAG_BITS)) << self.depth();
        ((u64::from(rest) * lines) >> 32) as usize
    }

    /// The first word where a tag may stand.
    #[inline(always)]
    fn home(self, tag: u32) -> usize {
        (self.line(tag) * LINE).max(FIRST)
    }
}

/// Lines that may be somebody's home. [`Entry::lines`] is the inverse for all sizes there are.
fn home_lines(lines: usize) -> usize {
    match lines {
        0..8 => lines,
        8..64 => lines - 1,
        _ => lines - 4,
    }
}

/// More slots in use than this, and the segment grows or splits.
fn most_used(lines: usize) -> usize {
    lines * LINE * 13 / 16 - FIRST
}

/// Lines of a new segment with `used` slots in use: at least `least`, and at most 11 in 16 of its words in use. Above the
/// largest size there are steps of a quarter.
fn lines_for(used: usize, least: usize) -> usize {
    let least = least.max(((used + FIRST) * 16).div_ceil(11 * LINE));
    SIZES.iter().copied().find(|lines| *lines >= least).unwrap_or(least * 5 / 4)
}

#[inline(always)]
pub(super) fn slot(memory: &Memory, segment: Addr, word: usize) -> Slot {
    Slot(memory.word(segment, word))
}

#[inline(always)]
pub(super) fn set_slot(heap: &mut Heap, segment: Addr, word: usize, slot: Slot) {
    heap.arena.set_word(segment, word, slot.0);
}

/// The epoch in which a segment, or a directory, was made.
#[inline(always)]
pub(super) fn epoch(memory: &Memory, block: Addr) -> u64 {
    let high = (memory.word(block, 1) & NUMBER) >> USED_BITS;
    high << 36 | memory.word(block, 0) & NUMBER
}

/// Starts a new segment or directory: the current epoch, and a number of things in use.
pub(super) fn begin(heap: &mut Heap, block: Addr, used: usize) {
    let epoch = heap.epoch;
    heap.arena.set_word(block, 0, MARK | epoch & NUMBER);
    heap.arena.set_word(block, 1, MARK | (epoch >> 36 << USED_BITS) & NUMBER | used as u64);
}

/// Slots in use; of a directory, segments as deep as it is.
#[inline(always)]
pub(super) fn used(memory: &Memory, block: Addr) -> usize {
    memory.word(block, 1) as usize & ((1 << USED_BITS) - 1)
}

#[inline(always)]
pub(super) fn set_used(heap: &mut Heap, block: Addr, used: usize) {
    let rest = heap.memory().word(block, 1) >> USED_BITS << USED_BITS;
    heap.arena.set_word(block, 1, rest | used as u64);
}

/// The words that are slots: from [`FIRST`] up to this one.
pub(super) fn end(entry: Entry) -> usize {
    entry.lines() * LINE
}

/// Size of its block.
pub(super) fn size(entry: Entry) -> usize {
    super::arena::rounded(end(entry) * 8)
}

/// All slots, empty ones too.
pub(super) fn slots(memory: &Memory, entry: Entry) -> &[u64] {
    memory.words(entry.addr(), FIRST, end(entry) - FIRST)
}

/// The slots from a word on.
pub(super) fn slots_from(memory: &Memory, entry: Entry, word: usize) -> &[u64] {
    slots(memory, entry).get(word.saturating_sub(FIRST)..).unwrap_or_default()
}

/// Tells the processor which slots a lookup will read.
#[inline(always)]
pub(super) fn prefetch(memory: &Memory, entry: Entry, tag: u32) {
    memory.prefetch(entry.addr(), entry.line(tag) * LINE * 8);
}

/// The slot whose record has this key, and where it stands. Of the record, the processor is told that so many lines behind the
/// first will be read.
#[inline(always)]
pub(super) fn find_key<const MORE_LINES: usize>(
    memory: &Memory,
    entry: Entry,
    tag: u32,
    key: &[u8],
) -> Option<(usize, Slot)> {
    let first = entry.line(tag) * LINE;
    let probe = probe(memory.line(entry.addr(), first), tag);
    if probe.equal != 0 {
        let word = first + probe.equal.trailing_zeros() as usize;
        let found = slot(memory, entry.addr(), word);
        (1..=MORE_LINES).for_each(|line| memory.prefetch(found.addr(), line * 64));
        if record::has_key(memory, found.addr(), key) {
            return Some((word, found));
        }
    } else if probe.beyond != 0 {
        return None;
    }
    find_key_slowly(memory, entry, tag, key)
}

/// The same, slot by slot: two keys share a tag, or the home line is full.
#[cold]
#[inline(never)]
fn find_key_slowly(memory: &Memory, entry: Entry, tag: u32, key: &[u8]) -> Option<(usize, Slot)> {
    let (word, found) = find(memory, entry, tag, |slot| record::has_key(memory, slot.addr(), key));
    found.map(|found| (word, found))
}

/// The first slot with this tag: nearly always the one that has the key, if there is one.
#[inline(always)]
pub(super) fn find_tag(memory: &Memory, entry: Entry, tag: u32) -> Option<Slot> {
    let first = entry.line(tag) * LINE;
    let probe = probe(memory.line(entry.addr(), first), tag);
    if probe.equal != 0 {
        return Some(slot(memory, entry.addr(), first + probe.equal.trailing_zeros() as usize));
    }
    if probe.beyond != 0 { None } else { find(memory, entry, tag, |_| true).1 }
}

/// Where a tag that no slot has would stand, if its home line shows both.
#[inline(always)]
pub(super) fn find_gap(memory: &Memory, entry: Entry, tag: u32) -> Option<usize> {
    let first = entry.line(tag) * LINE;
    let probe = probe(memory.line(entry.addr(), first), tag);
    if probe.equal == 0 && probe.beyond != 0 {
        return Some(first + probe.beyond.trailing_zeros() as usize);
    }
    None
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
    let mut word = entry.home(tag);
    // Ends at the last slot at the latest, which is empty.
    loop {
        let found = slot(memory, segment, word);
        let rank = found.rank();
        if rank > tag {
            return (word, None);
        }
        if rank == tag && is_it(found) {
            return (word, Some(found));
        }
        word += 1;
    }
}

/// A new segment without slots in use.
pub(super) fn create(heap: &mut Heap, used: usize, depth: u32) -> Result<Entry> {
    create_sized(heap, lines_for(used, 0), depth)
}

fn create_sized(heap: &mut Heap, lines: usize, depth: u32) -> Result<Entry> {
    let (addr, _) = heap.alloc_index(lines * LINE * 8)?;
    begin(heap, addr, 0);
    heap.arena.words_mut(addr, FIRST, lines * LINE - FIRST).fill(0);
    Ok(Entry::new(addr, lines, depth))
}

/// Frees a segment's block; its records stay.
pub(super) fn free(heap: &mut Heap, entry: Entry) {
    heap.free(entry.addr(), size(entry), Use::Index);
}

/// Puts a slot where [`find`] said it belongs. False when there is no room: then the segment must grow first.
#[inline]
pub(super) fn insert(heap: &mut Heap, entry: Entry, word: usize, new: Slot) -> bool {
    let segment = entry.addr();
    let used = used(heap.memory(), segment);
    if used >= most_used(entry.lines()) {
        return false;
    }
    let mut gap = word;
    while !slot(heap.memory(), segment, gap).is_empty() {
        gap += 1;
    }
    if gap + 1 >= end(entry) {
        return false;
    }
    if gap > word {
        heap.arena.words_mut(segment, word, gap - word + 1).copy_within(..gap - word, 1);
    }
    set_slot(heap, segment, word, new);
    set_used(heap, segment, used + 1);
    true
}

/// Takes the slot at a word out and closes the gap.
#[inline]
pub(super) fn remove(heap: &mut Heap, entry: Entry, word: usize) {
    let segment = entry.addr();
    let used = used(heap.memory(), segment);
    let mut end = word + 1;
    loop {
        let next = slot(heap.memory(), segment, end);
        if next.is_empty() || entry.home(next.tag()) >= end {
            break;
        }
        end += 1;
    }
    heap.arena.words_mut(segment, word, end - word).copy_within(1.., 0);
    set_slot(heap, segment, end - 1, Slot(0));
    set_used(heap, segment, used - 1);
}

/// Whether a segment is so empty that it should shrink or merge.
pub(super) fn is_sparse(memory: &Memory, entry: Entry) -> bool {
    used(memory, entry.addr()) * 4 < end(entry) && entry.lines() > 1
}

/// A copy of a segment of the same size, for the current epoch, whose records are shared with a snapshot from now on.
pub(super) fn copy(heap: &mut Heap, entry: Entry) -> Result<Entry> {
    let (addr, _) = heap.alloc_index(end(entry) * 8)?;
    let used = used(heap.memory(), entry.addr());
    begin(heap, addr, used);
    let slots = end(entry) - FIRST;
    let (from, to) = heap.arena.words_and_mut((entry.addr(), FIRST, slots), (addr, FIRST, slots));
    for (from, to) in from.iter().zip(to) {
        *to = Slot(*from).shared().0;
    }
    Ok(Entry::new(addr, entry.lines(), entry.depth()))
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
    pub(super) fn all(memory: &Memory, entry: Entry, share: bool) -> Part {
        let used = used(memory, entry.addr());
        Part { segment: entry.addr(), from: FIRST, to: end(entry), used, share }
    }

    /// The slots on either side of the bit that tells the segments below `depth` apart.
    pub(super) fn halves(memory: &Memory, entry: Entry, share: bool) -> [Part; 2] {
        let bit = 1 << (TAG_BITS - 1 - entry.depth());
        let all = Part::all(memory, entry, share);
        let (mut used, mut middle) = (0, FIRST);
        for (i, word) in slots(memory, entry).iter().enumerate() {
            if *word != 0 {
                if Slot(*word).tag() & bit != 0 {
                    break;
                }
                used += 1;
                middle = FIRST + i + 1;
            }
        }
        [Part { to: middle, used, ..all }, Part { from: middle, used: all.used - used, ..all }]
    }

    pub(super) fn used(self) -> usize {
        self.used
    }
}

/// A new segment of at least `least` lines with the slots of `parts`, which follow each other, and room for one more.
pub(super) fn gather(heap: &mut Heap, parts: &[Part], depth: u32, least: usize) -> Result<Entry> {
    let used: usize = parts.iter().map(|part| part.used).sum();
    let mut lines = lines_for(used + 1, least);
    loop {
        if lines > MOST_LINES {
            return Err(too_many_collisions());
        }
        let entry = create_sized(heap, lines, depth)?;
        if used < most_used(lines) && fill(heap, entry, parts, lines) {
            set_used(heap, entry.addr(), used);
            return Ok(entry);
        }
        // Too many tags are at home at the end.
        free(heap, entry);
        lines = lines_for(used + 1, lines + 1);
    }
}

fn fill(heap: &mut Heap, entry: Entry, parts: &[Part], lines: usize) -> bool {
    let mut at = FIRST;
    for part in parts {
        let (from, to) = heap
            .arena
            .words_and_mut((part.segment, part.from, part.to - part.from), (entry.addr(), 0, lines * LINE));
        for word in from.iter().filter(|word| **word != 0) {
            let slot = Slot(*word);
            let place = at.max(entry.home(slot.tag()));
            match to.get_mut(place) {
                Some(target) if place + 1 < lines * LINE => {
                    *target = if part.share { slot.shared().0 } else { slot.0 };
                }
                _ => return false,
            }
            at = place + 1;
        }
    }
    true
}

#[cold]
fn too_many_collisions() -> Error {
    Error::new(
        ErrorKind::MemoryBudget,
        "a million keys of one key group have the same hash; nothing was changed",
    )
}

/// Whether the largest size is reached, so that a full segment splits.
pub(super) fn is_largest(entry: Entry) -> bool {
    entry.lines() >= LARGEST
}

/// Whether so many slots fit a segment that will not soon have to split again.
pub(super) fn can_merge(used: usize) -> bool {
    used * 2 < LARGEST * LINE
}

/// Whether order, homes and counts are as they must be.
#[cfg(test)]
pub(super) fn check(memory: &Memory, entry: Entry, prefix: u32) {
    let used = used(memory, entry.addr());
    let end = end(entry);
    assert_eq!(slots(memory, entry).iter().filter(|word| **word != 0).count(), used);
    assert!(slot(memory, entry.addr(), end - 1).is_empty(), "the last slot is empty");
    assert!(used <= most_used(entry.lines()));
    let (mut last, mut run_start) = (0, FIRST);
    for i in FIRST..end {
        let slot = slot(memory, entry.addr(), i);
        if slot.is_empty() {
            run_start = i + 1;
            continue;
        }
        assert!(slot.tag() > 0 && slot.tag() >= last, "tags never fall");
        last = slot.tag();
        let home = entry.home(slot.tag());
        assert!(home <= i && home >= run_start, "no gap between a home and its slot: {home} {i} {run_start}");
        if entry.depth() > 0 {
            assert_eq!(slot.tag() >> (TAG_BITS - entry.depth()), prefix, "a slot lies in its segment");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_the_lines_of_every_size() {
        let block = Addr::of_bits(8);
        for lines in SIZES.into_iter().chain(LARGEST..5000) {
            let entry = Entry::new(block, lines, 3);
            assert_eq!((entry.lines(), entry.depth(), entry.addr()), (lines, 3, block));
        }
    }
}

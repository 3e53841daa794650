//! The records below a root, fetched ahead.
//!
//! ```text
//!  slots of the segments ─▶ next batch of addresses     fetched one by one while
//!                           this batch                  is taken one by one: its records are in the cache
//! ```
//!
//! A record lies anywhere in memory, so reading one after the other would wait for each. Batches run across segments: there
//! is no start-up at each of them.

use crate::table::arena::{Addr, Memory};
use crate::table::group::SegmentWalk;
use crate::table::map::Node;
use crate::table::segment::{Entry, FIRST, LINE};
use crate::table::slot::Slot;

/// Records of a batch, or a few more: lines of slots are looked through as a whole.
const BATCH: usize = 64;
/// So many lines of slots before its turn a line of slots is fetched.
const LINES_AHEAD: usize = 8;
/// So many maps ahead their first entries are fetched.
const MAPS_AHEAD: usize = 6;
const MOST_ENTRIES: usize = 12;

/// Slots in use.
#[derive(Debug, Clone, Copy)]
struct Batch {
    words: [u64; BATCH + LINE],
    len: usize,
}

impl Batch {
    const EMPTY: Batch = Batch { words: [0; BATCH + LINE], len: 0 };

    /// Adds the slots of a line that are in use, without a branch: whether a slot is empty cannot be foreseen.
    #[inline(always)]
    fn add(&mut self, slots: &[u64]) {
        for word in slots {
            if let Some(place) = self.words.get_mut(self.len) {
                *place = *word;
            }
            self.len += usize::from(*word != 0);
        }
    }

    #[inline(always)]
    fn get(&self, index: usize) -> Addr {
        Slot(self.words.get(index).copied().unwrap_or(0)).addr()
    }
}

/// The records of a flat state's entries, or of a nested state's maps, in the order of their slots.
#[derive(Debug)]
pub(in crate::table) struct Records {
    this: Batch,
    next: Batch,
    /// Taken of this batch.
    taken: usize,
    /// Bytes that are fetched of a record: as long as the last one was.
    bytes: usize,
    walk: SegmentWalk,
    /// The segment whose slots are looked through, and the next line of it.
    segment: Option<(Entry, usize)>,
}

impl Records {
    pub(in crate::table) fn new() -> Records {
        Records {
            this: Batch::EMPTY,
            next: Batch::EMPTY,
            taken: 0,
            bytes: 1,
            walk: SegmentWalk::default(),
            segment: None,
        }
    }

    /// (Re)starts.
    pub(in crate::table) fn start(&mut self, root: u64) {
        self.this.len = 0;
        self.next.len = 0;
        self.taken = 0;
        self.walk = SegmentWalk::of(root);
        self.segment = None;
    }

    /// The record in turn.
    #[inline(always)]
    pub(in crate::table) fn current(&mut self, memory: &Memory) -> Option<Addr> {
        if self.taken >= self.this.len && !self.turn(memory) {
            return None;
        }
        Some(self.this.get(self.taken))
    }

    /// The next one's turn; the last one had so many bytes.
    #[inline(always)]
    pub(in crate::table) fn advance(&mut self, memory: &Memory, bytes: usize) {
        self.bytes = bytes;
        self.fetch(memory, self.next.get(self.taken));
        self.taken += 1;
    }

    /// The records of this batch that are left, for a look at each without its turn coming. With each a record of the next
    /// batch is fetched.
    #[inline(always)]
    pub(in crate::table) fn rest<'a>(&'a self, memory: &'a Memory) -> impl Iterator<Item = Addr> + 'a {
        let this = self.this.words.get(self.taken..self.this.len).unwrap_or_default();
        let next = self.next.words.get(self.taken..).unwrap_or_default();
        this.iter().zip(next).map(|(word, next)| {
            self.fetch(memory, Slot(*next).addr());
            Slot(*word).addr()
        })
    }

    /// So many have had their turn; the last one had so many bytes.
    #[inline]
    pub(in crate::table) fn take(&mut self, count: usize, bytes: usize) {
        self.taken += count;
        self.bytes = bytes;
    }

    /// Fetches the first entries, of so many bytes, of a map whose turn comes soon.
    #[inline]
    pub(in crate::table) fn prefetch_map(&self, memory: &Memory, entry_bytes: usize) {
        let ahead = self.taken + MAPS_AHEAD;
        if ahead < self.this.len {
            let root = Node::root(memory, self.this.get(ahead));
            (0..MOST_ENTRIES.min(root.count(memory))).for_each(|i| root.prefetch(memory, i, entry_bytes));
        }
    }

    /// Fetches a record.
    #[inline(always)]
    fn fetch(&self, memory: &Memory, record: Addr) {
        memory.prefetch_all(record, self.bytes);
    }

    /// The next batch becomes this one; false when it is empty.
    #[inline(never)]
    fn turn(&mut self, memory: &Memory) -> bool {
        if self.next.len == 0 {
            // The first of all.
            self.collect(memory);
        }
        (self.taken..self.next.len).for_each(|index| self.fetch(memory, self.next.get(index)));
        std::mem::swap(&mut self.this, &mut self.next);
        self.taken = 0;
        self.collect(memory);
        self.this.len > 0
    }

    /// Looks for the next batch.
    fn collect(&mut self, memory: &Memory) {
        self.next.len = 0;
        while self.next.len < BATCH {
            let Some((entry, line)) = self.segment else {
                match self.walk.next(memory) {
                    Some((_, entry)) => self.enter(memory, entry),
                    None => return,
                }
                continue;
            };
            memory.prefetch(entry.addr(), (line + LINES_AHEAD) * LINE * 8);
            let slots = memory.line(entry.addr(), line * LINE);
            // The first words of a segment are no slots.
            self.next.add(if line == 0 { slots.get(FIRST..).unwrap_or_default() } else { slots });
            self.segment = if line + 1 < entry.lines() { Some((entry, line + 1)) } else { None };
        }
    }

    fn enter(&mut self, memory: &Memory, entry: Entry) {
        self.segment = Some((entry, 0));
        if let Some(following) = self.walk.peek(memory) {
            (0..LINES_AHEAD).for_each(|line| memory.prefetch(following.addr(), line * LINE * 8));
        }
    }
}

//! The records below a root, fetched ahead.
//!
//! ```text
//!  slots of the segments ─▶ ring of addresses │ found ... near ... taken
//!                                              │   │        └ the record in turn: its lines are in the cache
//!                                              │   └ its first line has come and says how long it is: fetch the others
//!                                              └ fetch its first line
//! ```
//!
//! A record lies anywhere in memory, so reading one after the other would wait for each. The ring runs across segments:
//! there is no start-up at each of them.

use crate::table::arena::{Addr, Memory};
use crate::table::group::SegmentWalk;
use crate::table::map::Node;
use crate::table::record::Header;
use crate::table::segment::{Entry, FIRST, LINE};
use crate::table::slot::Slot;

const RING: usize = 64;
/// So many records before its turn a record's first line is fetched, and the others.
const FAR: usize = 40;
const NEAR: usize = 16;
/// So many lines of slots before its turn a line of slots is fetched.
const LINES_AHEAD: usize = 8;
/// The most lines of a record, and the most entries of a map, that are fetched in advance.
const MOST_LINES: usize = 8;
const MOST_ENTRIES: usize = 4;

/// The records of a flat state's entries, or of a nested state's maps, in the order of their slots.
///
/// Invariant: `taken <= near <= found`, and `found - taken <= RING`.
#[derive(Debug)]
pub(in crate::table) struct Records {
    ring: [u64; RING],
    found: usize,
    near: usize,
    taken: usize,
    walk: SegmentWalk,
    /// The segment whose slots are looked through, and the next line of it.
    segment: Option<(Entry, usize)>,
    nested: bool,
}

impl Records {
    pub(in crate::table) fn new() -> Records {
        Records {
            ring: [0; RING],
            found: 0,
            near: 0,
            taken: 0,
            walk: SegmentWalk::default(),
            segment: None,
            nested: false,
        }
    }

    /// (Re)starts.
    pub(in crate::table) fn start(&mut self, root: u64, nested: bool) {
        *self = Records { walk: SegmentWalk::of(root), nested, ..Records::new() };
    }

    /// The record in turn.
    #[inline(always)]
    pub(in crate::table) fn current(&mut self, memory: &Memory) -> Option<Addr> {
        while self.found - self.taken < FAR && self.find(memory) {}
        while self.near < self.found && self.near - self.taken < NEAR {
            let record = self.at(self.near);
            self.fetch_rest(memory, record);
            self.near += 1;
        }
        if self.taken == self.found { None } else { Some(self.at(self.taken)) }
    }

    /// The next one's turn.
    #[inline(always)]
    pub(in crate::table) fn advance(&mut self) {
        self.taken += 1;
    }

    #[inline(always)]
    fn at(&self, place: usize) -> Addr {
        Slot(self.ring.get(place % RING).copied().unwrap_or(0)).addr()
    }

    /// Looks through a line of slots; false when there is none left.
    #[inline]
    fn find(&mut self, memory: &Memory) -> bool {
        let Some((entry, line)) = self.segment else { return self.next_segment(memory) };
        let next = line + 1;
        self.segment = if next < entry.lines() { Some((entry, next)) } else { None };
        memory.prefetch(entry.addr(), (line + LINES_AHEAD) * LINE * 8);
        // The first words of a segment are no slots.
        let skip = if line == 0 { FIRST } else { 0 };
        for word in memory.line(entry.addr(), line * LINE).iter().skip(skip) {
            // Without a branch: whether a slot is empty cannot be foreseen.
            if let Some(place) = self.ring.get_mut(self.found % RING) {
                *place = *word;
            }
            self.found += usize::from(*word != 0);
            memory.prefetch(Slot(*word).addr(), 0);
        }
        true
    }

    fn next_segment(&mut self, memory: &Memory) -> bool {
        let Some((_, entry)) = self.walk.next(memory) else { return false };
        self.segment = Some((entry, 0));
        if let Some(following) = self.walk.peek(memory) {
            (0..LINES_AHEAD).for_each(|line| memory.prefetch(following.addr(), line * LINE * 8));
        }
        true
    }

    /// Fetches what a record has behind its first line, and the first entries of a map.
    #[inline(always)]
    fn fetch_rest(&self, memory: &Memory, record: Addr) {
        let header = Header::read(memory, record);
        let len = header.value_at() + header.value_len;
        let mut at = 64 - record.line_offset();
        for _ in 1..MOST_LINES {
            if at >= len {
                break;
            }
            memory.prefetch(record, at);
            at += 64;
        }
        if self.nested {
            let root = Node::root(memory, record);
            (0..MOST_ENTRIES.min(root.count(memory))).for_each(|i| root.prefetch(memory, i));
        }
    }
}

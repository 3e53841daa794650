//! Records that differ, with their keys.

use super::slots::{Slots, empty, run, same};
use crate::error::Result;
use crate::table::arena::{Addr, Memory, out_of_memory};
use crate::table::record;
use crate::table::slot::Slot;

/// Pairs that are found, and fetched, at a time; a few more where tags collide.
const BATCH: usize = 128;

/// Records of one key: in the earlier snapshot, and in the later one.
pub(super) type Pair = (Option<Addr>, Option<Addr>);

/// The keys of a key group whose records are not the same in two snapshots.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    old: Slots,
    new: Slots,
    found: Vec<Pair>,
    /// So many of them have been looked at, all or none.
    ready: usize,
    taken: usize,
}

impl Pairs {
    /// (Re)starts with two roots.
    pub(super) fn start(&mut self, old: u64, new: u64) {
        // One root leads to the same entries.
        let (old, new) = if old == new { (0, 0) } else { (old, new) };
        self.old = Slots::of(old);
        self.new = Slots::of(new);
        self.clear();
    }

    fn clear(&mut self) {
        self.found.clear();
        self.ready = 0;
        self.taken = 0;
    }

    /// The pair in turn. Of a flat state's entry that has another value there is only the new record; of one that has the
    /// same, neither.
    ///
    /// After an error it can be called again.
    pub(super) fn current(&mut self, memory: &Memory, nested: bool) -> Result<Option<Pair>> {
        if self.taken >= self.ready {
            if self.ready > 0 {
                self.clear();
            }
            while self.found.len() < BATCH && self.step(memory)? {}
            self.look(memory, nested)?;
            self.ready = self.found.len();
        }
        Ok(self.found.get(self.taken).copied())
    }

    pub(super) fn advance(&mut self) {
        self.taken += 1;
    }

    fn add(&mut self, old: Option<Addr>, new: Option<Addr>) -> Result<()> {
        self.found.try_reserve(1).map_err(out_of_memory)?;
        self.found.push((old, new));
        Ok(())
    }

    /// Goes on by some slots, or to the next segments; false at the end. On an error it has not gone past what it failed at.
    fn step(&mut self, memory: &Memory) -> Result<bool> {
        match (self.old.rest(memory), self.new.rest(memory)) {
            (Some(old), Some(new)) => self.compare(memory, old, new)?,
            (Some(old), None) => self.one_side(old, true, self.new.next_tag(memory), memory)?,
            (None, Some(new)) => self.one_side(new, false, self.old.next_tag(memory), memory)?,
            (None, None) => return Ok(self.enter(memory)),
        }
        Ok(true)
    }

    /// Both are before a segment: goes past equal ones, or enters what comes first.
    fn enter(&mut self, memory: &Memory) -> bool {
        match (self.old.next_segment(memory), self.new.next_segment(memory)) {
            (None, None) => return false,
            // At the same address, for the same hashes.
            (old, new) if old == new => {
                self.old.pass(memory);
                self.new.pass(memory);
            }
            _ => {
                let (old, new) = (self.old.next_tag(memory), self.new.next_tag(memory));
                if old <= new {
                    self.old.enter(memory);
                }
                if new <= old {
                    self.new.enter(memory);
                }
            }
        }
        true
    }

    /// One side is in a segment, the other before one whose tags begin at `until`.
    fn one_side(&mut self, slots: &[u64], is_old: bool, until: u32, memory: &Memory) -> Result<()> {
        let empty = empty(slots);
        let slot = slots.get(empty).map(|word| Slot(*word));
        let (this, other) =
            if is_old { (&mut self.old, &mut self.new) } else { (&mut self.new, &mut self.old) };
        let Some(slot) = slot else {
            this.leave();
            return Ok(());
        };
        this.skip(empty);
        if slot.tag() >= until {
            other.enter(memory);
            return Ok(());
        }
        let record = Some(slot.addr());
        if is_old {
            self.add(record, None)?;
            self.old.skip(1);
        } else {
            self.add(None, record)?;
            self.new.skip(1);
        }
        Ok(())
    }

    /// Both are in a segment.
    fn compare(&mut self, memory: &Memory, old: &[u64], new: &[u64]) -> Result<()> {
        let equal = same(old, new);
        self.old.skip(equal);
        self.new.skip(equal);
        let (old, new) = (old.get(equal..).unwrap_or_default(), new.get(equal..).unwrap_or_default());
        let (Some(x), Some(y)) = (old.first(), new.first()) else {
            if old.is_empty() {
                self.old.leave();
            }
            if new.is_empty() {
                self.new.leave();
            }
            return Ok(());
        };
        let (x, y) = (Slot(*x), Slot(*y));
        if x.is_empty() || y.is_empty() {
            self.old.skip(empty(old));
            self.new.skip(empty(new));
        } else if x.tag() < y.tag() {
            self.add(Some(x.addr()), None)?;
            self.old.skip(1);
        } else if x.tag() > y.tag() {
            self.add(None, Some(y.addr()))?;
            self.new.skip(1);
        } else {
            self.compare_runs(memory, run(old, x.tag()), run(new, y.tag()))?;
        }
        Ok(())
    }

    /// Slots of the same tag.
    fn compare_runs(&mut self, memory: &Memory, old: &[u64], new: &[u64]) -> Result<()> {
        if let ([x], [y]) = (old, new) {
            // Nearly always of one key; `look` sees to it.
            self.add(Some(Slot(*x).addr()), Some(Slot(*y).addr()))?;
        } else {
            self.found.try_reserve(old.len() + new.len()).map_err(out_of_memory)?;
            let key = |word: &u64| record::key(memory, Slot(*word).addr());
            let is_one = |x: &u64, y: &u64| Slot(*x).addr() == Slot(*y).addr() || key(x) == key(y);
            for x in old {
                let (x_addr, y) = (Slot(*x).addr(), new.iter().find(|y| is_one(x, y)));
                let y = y.map(|y| Slot(*y).addr());
                if y != Some(x_addr) {
                    self.add(Some(x_addr), y)?;
                }
            }
            for y in new.iter().filter(|y| !old.iter().any(|x| is_one(x, y))) {
                self.add(None, Some(Slot(*y).addr()))?;
            }
        }
        self.old.skip(old.len());
        self.new.skip(new.len());
        Ok(())
    }

    /// Looks at the records that were found: takes pairs apart that only share a tag, and those of a flat state that are
    /// the same after all.
    fn look(&mut self, memory: &Memory, nested: bool) -> Result<()> {
        self.found.try_reserve(self.found.len()).map_err(out_of_memory)?;
        for record in self.found.iter().flat_map(|(old, new)| [old, new]).flatten() {
            memory.prefetch(*record, 0);
        }
        for index in 0..self.found.len() {
            let Some(pair) = self.found.get_mut(index) else { break };
            let (Some(old), Some(new)) = *pair else { continue };
            if !record::has_key(memory, old, record::key(memory, new)) {
                pair.0 = None;
                self.found.push((Some(old), None));
            } else if !nested {
                let same = record::value(memory, old) == record::value(memory, new);
                *pair = (None, (!same).then_some(new));
            }
        }
        Ok(())
    }
}

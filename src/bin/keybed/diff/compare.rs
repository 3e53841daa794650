//! Comparing entries.

use std::collections::HashMap;

use keybed::error::{Error, ErrorKind, Result};
use keybed::key::{CompositeKey, KeyGroupRange};
use keybed::snapshot::Change;
use keybed::store::{DiskEntries, DiskView, DiskWalk, StateInfo};

use super::Pair;
use super::examples::{Example, First};
use crate::progress::Progress;

/// How a state differs.
pub(crate) struct StateDiff {
    pub(crate) name: String,
    /// It is in A, in B.
    pub(crate) there: [bool; 2],
    /// Its kind or its namespaces are others: no entry of the one is one of the other.
    pub(crate) redefined: bool,
    pub(crate) removed: u64,
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) same: u64,
}

impl StateDiff {
    fn of(pair: &Pair) -> StateDiff {
        let shape = |state: &StateInfo| (state.kind, state.namespace);
        let redefined = match (&pair.before, &pair.after) {
            (Some(a), Some(b)) => shape(a) != shape(b),
            _ => false,
        };
        let there = [pair.before.is_some(), pair.after.is_some()];
        StateDiff { name: pair.name.clone(), there, redefined, removed: 0, added: 0, changed: 0, same: 0 }
    }

    pub(crate) fn is_same(&self) -> bool {
        self.there == [true, true] && !self.redefined && (self.removed, self.added, self.changed) == (0, 0, 0)
    }
}

/// Goes through both.
pub(crate) struct Compare {
    sides: [DiskEntries; 2],
    groups: KeyGroupRange,
    /// Examples that may still be added, and those there are.
    room: usize,
    examples: Vec<Example>,
    work: Work,
}

impl Compare {
    pub(crate) fn new(a: &DiskView, b: &DiskView, groups: KeyGroupRange, limit: usize) -> Result<Compare> {
        let sides = [a.entries()?, b.entries()?];
        let mut total = 0;
        for (view, entries) in [a, b].into_iter().zip(&sides) {
            for state in view.states() {
                total += entries.size(&state.info.name)?.entries;
            }
        }
        let work = Work { progress: Progress::new("Comparing".to_string(), false), done: 0, total };
        Ok(Compare { sides, groups, room: limit, examples: Vec::new(), work })
    }

    /// The first differences, in the order of states and keys.
    pub(crate) fn finish(self) -> Vec<Example> {
        self.examples
    }

    /// Compares a state.
    pub(crate) fn state(&mut self, pair: Pair) -> Result<StateDiff> {
        let mut diff = StateDiff::of(&pair);
        if diff.redefined {
            self.pass(&Pair { name: pair.name.clone(), before: pair.before, after: None }, &mut diff)?;
            self.pass(&Pair { name: pair.name, before: None, after: pair.after }, &mut diff)?;
        } else {
            self.pass(&pair, &mut diff)?;
        }
        Ok(diff)
    }

    fn pass(&mut self, pair: &Pair, diff: &mut StateDiff) -> Result<()> {
        let Some(state) = pair.before.as_ref().or(pair.after.as_ref()) else { return Ok(()) };
        let [a, b] = &self.sides;
        let mut before = Side::of(a, &pair.name, pair.before.is_some(), self.groups)?;
        let mut after = Side::of(b, &pair.name, pair.after.is_some(), self.groups)?;
        for group in self.groups.iter() {
            let mut first = First::new(self.room);
            let mut held: HashMap<Vec<u8>, (usize, Vec<u8>)> = HashMap::new();
            before.group(group, &mut |key, value| {
                self.work.step();
                held.insert(key.bytes.to_vec(), (key.split, value.to_vec()));
            })?;
            after.group(group, &mut |key, value| {
                self.work.step();
                match held.remove(key.bytes) {
                    Some((_, before)) if before == value => diff.same += 1,
                    Some((split, before)) => {
                        diff.changed += 1;
                        first.add(CompositeKey { split, ..key }, Some(&before), Some(value));
                    }
                    None => {
                        diff.added += 1;
                        first.add(key, None, Some(value));
                    }
                }
            })?;
            diff.removed += held.len() as u64;
            for (bytes, (split, value)) in &held {
                first.add(CompositeKey { bytes, split: *split }, Some(value), None);
            }
            self.room -= first.len();
            self.examples.extend(first.examples(state));
        }
        Ok(())
    }
}

/// How far it is.
struct Work {
    progress: Progress,
    done: u64,
    total: u64,
}

impl Work {
    fn step(&mut self) {
        self.done += 1;
        if self.done.is_multiple_of(1 << 14) {
            self.progress.set(self.done, self.total);
        }
    }
}

/// A state of one of the two; nothing where it has not the state, or none of the key groups.
struct Side<'a>(Option<(DiskWalk<'a>, KeyGroupRange)>);

impl<'a> Side<'a> {
    fn of(entries: &'a DiskEntries, state: &str, there: bool, groups: KeyGroupRange) -> Result<Side<'a>> {
        // Of each only its own key groups can be asked for.
        let own = groups.intersection(&entries.groups()).filter(|_| there);
        own.map(|own| Ok((entries.walk(state, own)?, own))).transpose().map(Side)
    }

    fn group(&mut self, group: u32, f: &mut dyn FnMut(CompositeKey<'_>, &[u8])) -> Result<()> {
        match &mut self.0 {
            Some((walk, own)) if own.contains(group) => walk.group(group, &mut |Change { key, value }| {
                let value =
                    value.ok_or_else(|| Error::new(ErrorKind::Corruption, "an entry has no value"))?;
                f(key, value);
                Ok(())
            }),
            _ => Ok(()),
        }
    }
}

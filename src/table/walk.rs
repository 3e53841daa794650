//! Walks over a state in bounded steps, with writes between them.
//!
//! A walk goes through the key groups, and in each through the tags, in their order. A key has the tag that its hash gives it for
//! as long as the store is open, and slots stand in the order of their tags, however often segments are grown, split, merged
//! or copied: so a place is a key group and a tag, nothing of it needs to be kept in the table, and an entry that is there
//! from the start to the end of a walk is seen exactly once. The few keys that share a tag are taken in the order of their
//! bytes, and so are the entries of a map.
//!
//! Nothing is pinned and nothing is held between two steps.

use std::sync::Arc;

use super::arena::{Addr, Memory, out_of_memory};
use super::engine::Shared;
use super::group::SegmentWalk;
use super::map::MapCursor;
use super::record;
use super::segment;
use super::slot::{Slot, TAG_BITS};
use super::state::State;
use crate::block::BlockWriter;
use crate::error::Result;
use crate::store::EngineWalk;

/// After so many slots and key groups a step ends, whatever it has found: with the segment it is in, so a few
/// microseconds.
const MOST_SLOTS: usize = 4096;

/// A walk over one state.
pub(super) struct TableWalk {
    shared: Arc<Shared>,
    state: u32,
    place: Place,
    cursor: MapCursor,
    /// Records with the tag in turn.
    run: Vec<Addr>,
    /// An entry's key put together.
    entry_key: Vec<u8>,
}

/// Where a walk goes on.
#[derive(Debug, Default)]
struct Place {
    group: u32,
    tag: u32,
    /// Of the keys with that tag, this one and those below it are done.
    key: Option<Vec<u8>>,
    /// Of the map of that key, though, only the entries up to this one are.
    rest: Option<Vec<u8>>,
}

/// How far a step may go.
struct Limit {
    entries: usize,
    slots: usize,
}

impl TableWalk {
    pub(super) fn new(shared: Arc<Shared>, state: u32) -> TableWalk {
        TableWalk {
            shared,
            state,
            place: Place::default(),
            cursor: MapCursor::default(),
            run: Vec::new(),
            entry_key: Vec::new(),
        }
    }

    /// Whether the state has been walked to its end.
    fn walk(
        &mut self,
        memory: &Memory,
        state: &State,
        block: &mut BlockWriter<'_>,
        limit: &mut Limit,
    ) -> Result<bool> {
        let key_groups = state.groups.len() as u32;
        while self.place.group < key_groups {
            let root = state.groups.get(self.place.group as usize).map_or(0, |group| group.root());
            if root != 0 && !self.walk_group(memory, root, state.nested, block, limit)? {
                return Ok(false);
            }
            self.place = Place { group: self.place.group + 1, ..Place::default() };
            if limit.take_slots(1) {
                return Ok(self.place.group >= key_groups);
            }
        }
        Ok(true)
    }

    /// Whether the key group has been walked to its end.
    fn walk_group(
        &mut self,
        memory: &Memory,
        root: u64,
        nested: bool,
        block: &mut BlockWriter<'_>,
        limit: &mut Limit,
    ) -> Result<bool> {
        let mut segments = SegmentWalk::from(memory, root, self.place.tag);
        while let Some((_, entry)) = segments.next(memory) {
            let next_tag = segments.next_tag(memory);
            // The first slot that is not below the place.
            let (first, _) = segment::find(memory, entry, self.place.tag, |_| true);
            let mut slots = segment::slots_from(memory, entry, first);
            while let Some(at) = slots.iter().position(|word| *word != 0) {
                slots = slots.get(at..).unwrap_or_default();
                let tag = slots.first().map_or(0, |word| Slot(*word).tag());
                let len = slots.iter().take_while(|word| Slot(**word).tag() == tag).count();
                let (run, behind) = slots.split_at_checked(len).unwrap_or((slots, &[]));
                if tag > self.place.tag {
                    self.place = Place { group: self.place.group, tag, ..Place::default() };
                }
                if !self.walk_run(memory, run, nested, block, limit)? {
                    return Ok(false);
                }
                self.place = Place { group: self.place.group, tag: tag + 1, ..Place::default() };
                slots = behind;
                if limit.take_slots(at + len) || limit.entries == 0 {
                    return Ok(false);
                }
            }
            self.place = Place { group: self.place.group, tag: next_tag, ..Place::default() };
            if limit.take_slots(slots.len()) {
                return Ok(next_tag >= 1 << TAG_BITS);
            }
        }
        Ok(true)
    }

    /// Whether the records of a tag have been walked to the last. They are usually one.
    fn walk_run(
        &mut self,
        memory: &Memory,
        run: &[u64],
        nested: bool,
        block: &mut BlockWriter<'_>,
        limit: &mut Limit,
    ) -> Result<bool> {
        self.run.clear();
        self.run.try_reserve(run.len()).map_err(out_of_memory)?;
        self.run.extend(run.iter().map(|word| Slot(*word).addr()));
        if let [_, _, ..] = self.run[..] {
            self.run.sort_unstable_by(|a, b| record::key(memory, *a).cmp(record::key(memory, *b)));
        }
        for i in 0..self.run.len() {
            let Some(record) = self.run.get(i).copied() else { break };
            if self.is_done(record::key(memory, record)) {
                continue;
            }
            let all = if nested {
                self.walk_map(memory, record, block, limit)?
            } else {
                let (key, value) = record::parts(memory, record);
                push(
                    &mut self.entry_key,
                    self.shared.group_bytes,
                    self.place.group,
                    [key, &[]],
                    value,
                    block,
                )? && limit.take_entry()
            };
            if !all {
                return Ok(false);
            }
            if self.run.len() > 1 {
                // A map may have ended the step at its last entry.
                self.place.key = Some(copy(record::key(memory, record))?);
                self.place.rest = None;
            }
            if limit.entries == 0 && i + 1 < self.run.len() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_done(&self, key: &[u8]) -> bool {
        match (&self.place.key, &self.place.rest) {
            (None, _) => false,
            (Some(done), None) => key <= &done[..],
            (Some(inside), Some(_)) => key < &inside[..],
        }
    }

    /// Whether the map has been walked to its end.
    fn walk_map(
        &mut self,
        memory: &Memory,
        map: Addr,
        block: &mut BlockWriter<'_>,
        limit: &mut Limit,
    ) -> Result<bool> {
        let key = record::key(memory, map);
        let from = match (&self.place.key, &self.place.rest) {
            (Some(inside), Some(rest)) if inside == key => Some(rest),
            _ => None,
        };
        self.cursor.seek(memory, map, from.map_or(&[], |rest| &rest[..]))?;
        if let (Some(entry), Some(from)) = (self.cursor.entry(memory), from)
            && record::key(memory, entry) == &from[..]
        {
            self.cursor.advance();
        }
        let mut last: Option<Addr> = None;
        while let Some(entry) = self.cursor.entry(memory) {
            let (rest, value) = record::parts(memory, entry);
            if limit.entries == 0
                || !push(
                    &mut self.entry_key,
                    self.shared.group_bytes,
                    self.place.group,
                    [key, rest],
                    value,
                    block,
                )?
            {
                if let Some(last) = last {
                    self.place.key = Some(copy(key)?);
                    self.place.rest = Some(copy(record::key(memory, last))?);
                }
                return Ok(false);
            }
            limit.take_entry();
            last = Some(entry);
            self.cursor.advance();
        }
        Ok(true)
    }
}

impl Limit {
    /// Counts slots; whether there have been enough.
    fn take_slots(&mut self, count: usize) -> bool {
        self.slots = self.slots.saturating_sub(count);
        self.slots == 0
    }

    /// Counts an entry; always true.
    fn take_entry(&mut self) -> bool {
        self.entries = self.entries.saturating_sub(1);
        true
    }
}

/// Adds an entry with its composite key; false when it does not fit.
fn push(
    entry_key: &mut Vec<u8>,
    group_bytes: usize,
    group: u32,
    parts: [&[u8]; 2],
    value: &[u8],
    block: &mut BlockWriter<'_>,
) -> Result<bool> {
    let group = group.to_be_bytes();
    let group = group.get(group.len() - group_bytes..).unwrap_or_default();
    entry_key.clear();
    for part in [group].iter().chain(&parts) {
        entry_key.try_reserve(part.len()).map_err(out_of_memory)?;
        entry_key.extend_from_slice(part);
    }
    Ok(block.push(entry_key, value))
}

fn copy(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len()).map_err(out_of_memory)?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

impl EngineWalk for TableWalk {
    fn step(&mut self, most: usize, block: &mut BlockWriter<'_>) -> Result<bool> {
        let shared = Arc::clone(&self.shared);
        shared.core.with(|core| {
            let mut limit = Limit { entries: most.max(1), slots: MOST_SLOTS };
            let at_end = self.walk(core.memory(), core.state(self.state)?, block, &mut limit)?;
            if at_end {
                self.place = Place::default();
            }
            Ok(!at_end)
        })
    }
}

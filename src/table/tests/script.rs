//! Operations that can be repeated: on a table, and on the `BTreeMap` that says what the table must hold.

use std::collections::BTreeMap;

use super::Random;
use crate::error::Result;
use crate::memory::Budget;
use crate::table::check::Entry;
use crate::table::core::Core;
use crate::table::snapshot::{self, GroupPin, TableSnapshot};
use crate::table::state::Key;

/// Flat, nested, flat with lists, nested with keys that share their first bytes.
pub(super) const NESTED: [bool; 4] = [false, true, false, true];
pub(super) const GROUPS: u32 = 2;

/// Where an entry is: group, key, rest.
pub(super) type At = (u32, Vec<u8>, Vec<u8>);
/// Entries of all states.
pub(super) type Model = [BTreeMap<At, Vec<u8>>; 4];

#[derive(Debug, Clone)]
pub(super) enum Op {
    Put(usize, At, Vec<u8>),
    Append(usize, At, Vec<u8>),
    /// Adds one to every byte of the value, at first of three zeros.
    Update(usize, At),
    Delete(usize, At),
    /// The rest is the prefix.
    DeletePrefix(usize, At),
    ClearGroup(usize, u32),
    /// Any of the above, all or none.
    Transaction(Vec<Op>),
}

const DEFAULT: &[u8] = &[0; 3];

fn add_one(value: &mut [u8]) {
    value.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
}

fn key((group, key, rest): &At) -> Key<'_> {
    Key { group: *group, key, rest }
}

impl Op {
    /// Does it.
    pub(super) fn run(&self, core: &mut Core) -> Result<()> {
        match self {
            Op::Put(id, at, value) => core.write(*id as u32, |s, heap| s.put(heap, key(at), value)),
            Op::Append(id, at, more) => core.write(*id as u32, |s, heap| s.append(heap, key(at), more)),
            Op::Update(id, at) => core.write(*id as u32, |s, heap| s.update(heap, key(at), DEFAULT, add_one)),
            Op::Delete(id, at) => core.write(*id as u32, |s, heap| s.delete(heap, key(at)).map(drop)),
            Op::DeletePrefix(id, (group, key, prefix)) => core.delete_prefix(*id as u32, *group, key, prefix),
            Op::ClearGroup(id, group) => core.write(*id as u32, |s, heap| s.clear_group(heap, *group)),
            Op::Transaction(ops) => {
                let mut groups: Vec<_> = ops.iter().map(Op::place).collect();
                groups.sort_unstable();
                groups.dedup();
                core.transaction(&groups, |core| ops.iter().try_for_each(|op| op.run_inside(core)))
            }
        }
    }

    /// Does it as part of a transaction.
    pub(super) fn run_inside(&self, core: &mut Core) -> Result<()> {
        let id = self.place().0;
        core.write_in_transaction(id, |s, heap| match self {
            Op::Put(_, at, value) => s.put(heap, key(at), value),
            Op::Append(_, at, more) => s.append(heap, key(at), more),
            Op::Update(_, at) => s.update(heap, key(at), DEFAULT, add_one),
            Op::Delete(_, at) => s.delete(heap, key(at)).map(drop),
            Op::DeletePrefix(_, (group, key, _)) => s.clear_map(heap, *group, key),
            Op::ClearGroup(_, group) => s.clear_group(heap, *group),
            Op::Transaction(_) => panic!("transactions do not nest"),
        })
    }

    /// State and key group.
    pub(super) fn place(&self) -> (u32, u32) {
        match self {
            Op::Put(id, at, _) | Op::Append(id, at, _) => (*id as u32, at.0),
            Op::Update(id, at) | Op::Delete(id, at) | Op::DeletePrefix(id, at) => (*id as u32, at.0),
            Op::ClearGroup(id, group) => (*id as u32, *group),
            Op::Transaction(ops) => ops[0].place(),
        }
    }

    /// What it means.
    pub(super) fn model(&self, model: &mut Model) {
        self.model_part(model, false);
    }

    fn model_part(&self, model: &mut Model, inside: bool) {
        match self {
            Op::Put(id, at, value) => drop(model[*id].insert(at.clone(), value.clone())),
            Op::Append(id, at, more) => match model[*id].get_mut(at) {
                Some(value) => {
                    value.push(b',');
                    value.extend_from_slice(more);
                }
                None => drop(model[*id].insert(at.clone(), more.clone())),
            },
            Op::Update(id, at) => add_one(model[*id].entry(at.clone()).or_insert(DEFAULT.to_vec())),
            Op::Delete(id, at) => drop(model[*id].remove(at)),
            // In a transaction it stands for the whole map.
            Op::DeletePrefix(id, (group, key, prefix)) => model[*id]
                .retain(|at, _| at.0 != *group || at.1 != *key || !(inside || at.2.starts_with(prefix))),
            Op::ClearGroup(id, group) => model[*id].retain(|at, _| at.0 != *group),
            Op::Transaction(ops) => ops.iter().for_each(|op| op.model_part(model, true)),
        }
    }
}

/// Random operations on `width` keys a state.
pub(super) struct Script {
    pub(super) random: Random,
    pub(super) width: u64,
}

impl Script {
    pub(super) fn at(&mut self, id: usize) -> At {
        let r = &mut self.random;
        let group = r.below(u64::from(GROUPS)) as u32;
        if !NESTED[id] {
            let n = r.below(if id == 2 { 8 } else { self.width });
            let mut key = n.to_be_bytes()[6..].to_vec();
            if n.is_multiple_of(50) {
                key.resize(300, 1);
            }
            return (group, key, Vec::new());
        }
        // One large map among small ones.
        let key = if r.below(4) > 0 { 0 } else { 1 + r.below(6) };
        let n = if key == 0 { r.below(self.width) } else { r.below(3) };
        let (group, _, rest) = self.map_entry(id, group, n);
        (group, vec![key as u8], rest)
    }

    /// An entry of the large map of a nested state.
    pub(super) fn map_entry(&self, id: usize, group: u32, n: u64) -> At {
        let mut rest = if id == 3 { b"the same beginning".to_vec() } else { Vec::new() };
        rest.extend_from_slice(&n.to_be_bytes()[6..]);
        (group, vec![0], rest)
    }

    pub(super) fn value(&mut self) -> Vec<u8> {
        let r = &mut self.random;
        let len = match r.below(100) {
            0 => 70_000,
            1 => 300_000,
            2..=9 => r.below(3000),
            10..=40 => r.below(100),
            _ => 8,
        };
        vec![r.next() as u8; len as usize]
    }

    /// One that is not a transaction.
    pub(super) fn simple(&mut self) -> Op {
        let id = self.random.below(4) as usize;
        let at = self.at(id);
        match self.random.below(1000) {
            0..=399 => Op::Put(id, at, self.value()),
            400..=549 => Op::Append(id, at, vec![7; self.random.below(40) as usize]),
            550..=649 => Op::Update(id, at),
            650..=979 => Op::Delete(id, at),
            980..=997 if NESTED[id] => {
                // Mostly a few entries of a map, at times all.
                let cut = at.2.len().saturating_sub(self.random.below(3) as usize);
                Op::DeletePrefix(id, (at.0, at.1, at.2[..cut].to_vec()))
            }
            998..=999 => Op::ClearGroup(id, at.0),
            _ => Op::Delete(id, at),
        }
    }

    pub(super) fn op(&mut self) -> Op {
        if self.random.below(20) == 0 { self.transaction() } else { self.simple() }
    }

    pub(super) fn transaction(&mut self) -> Op {
        let len = 1 + self.random.below(12);
        Op::Transaction((0..len).map(|_| self.simple()).collect())
    }
}

/// A table of the four states.
pub(super) fn table() -> Core {
    let mut core = Core::new(&Budget::unlimited()).unwrap();
    for (id, nested) in NESTED.into_iter().enumerate() {
        core.add_state(id as u32, GROUPS, nested).unwrap();
    }
    core
}

/// The table is in order and holds what the model says.
pub(super) fn assert_is(core: &Core, model: &Model) {
    core.check();
    for (id, model) in model.iter().enumerate() {
        let expected = model.iter().map(|((g, k, r), v)| (*g, &k[..], &r[..], &v[..]));
        let found = core.entries(id as u32);
        assert!(
            found.iter().map(|(g, k, r, v)| (*g, &k[..], &r[..], &v[..])).eq(expected),
            "state {id} holds other entries than it should"
        );
    }
}

/// Entries as they come from a walk are those of a group of a model.
fn assert_same(mut seen: Vec<Entry>, model: &BTreeMap<At, Vec<u8>>, group: u32) {
    seen.sort();
    let expected = model.iter().filter(|(at, _)| at.0 == group);
    let expected = expected.map(|((g, k, r), v)| (*g, &k[..], &r[..], &v[..]));
    assert!(
        seen.iter().map(|(g, k, r, v)| (*g, &k[..], &r[..], &v[..])).eq(expected),
        "a snapshot or scan shows the moment it was opened"
    );
}

/// A scan's view of a key group, and what it must show.
pub(super) struct Scanned {
    pin: GroupPin,
    id: usize,
    group: u32,
    model: BTreeMap<At, Vec<u8>>,
}

impl Scanned {
    pub(super) fn open(core: &mut Core, model: &Model, id: usize, group: u32) -> Scanned {
        Scanned { pin: core.pin(id as u32, group).unwrap(), id, group, model: model[id].clone() }
    }

    pub(super) fn assert_shown(&self) {
        let mut seen: Vec<Entry> = Vec::new();
        snapshot::walk(&self.pin.memory, self.pin.root, NESTED[self.id], &mut |key, rest, value| {
            seen.push((self.group, key.to_vec(), rest.to_vec(), value.to_vec()));
            Ok(())
        })
        .unwrap();
        assert_same(seen, &self.model, self.group);
    }
}

/// A snapshot of all states, and what it must show.
pub(super) struct Moment {
    pub(super) snapshot: TableSnapshot,
    pub(super) model: Model,
}

impl Moment {
    pub(super) fn open(core: &mut Core, model: &Model) -> Moment {
        Moment { snapshot: core.snapshot(&[0, 1, 2, 3]).unwrap(), model: model.clone() }
    }

    pub(super) fn assert_shown(&self) {
        for id in 0..4 {
            (0..GROUPS).for_each(|group| self.assert_group(id, group));
        }
    }

    pub(super) fn assert_group(&self, id: u32, group: u32) {
        self.assert_group_unless_released(id, group).unwrap();
    }

    /// Fails when the group has been released.
    pub(super) fn assert_group_unless_released(&self, id: u32, group: u32) -> Result<()> {
        let mut seen: Vec<Entry> = Vec::new();
        self.snapshot.for_each(id, group, |key, rest, value| {
            seen.push((group, key.to_vec(), rest.to_vec(), value.to_vec()));
            Ok(())
        })?;
        // Another thread may have released the group in between.
        if let Ok(count) = self.snapshot.count(id, group) {
            assert_eq!(seen.len() as u64, count);
        }
        assert_same(seen, &self.model[id as usize], group);
        Ok(())
    }
}

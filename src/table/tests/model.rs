//! Random operations on several states and key groups against `BTreeMap`, with snapshots opened, read in part, read whole
//! and dropped at random moments. `KEYBED_SEED=n` runs one again, `KEYBED_OPERATIONS=n` makes it longer.

use std::collections::BTreeMap;

use super::Random;
use crate::memory::Budget;
use crate::table::check::Entry;
use crate::table::core::Core;
use crate::table::record;
use crate::table::snapshot::TableSnapshot;
use crate::table::state::Key;

const GROUPS: u32 = 3;
/// Flat, nested, nested with keys that share their beginnings, and flat with growing lists.
const NESTED: [bool; 4] = [false, true, true, false];

type Model = BTreeMap<(u32, Vec<u8>, Vec<u8>), Vec<u8>>;

/// A snapshot, what it must show, and the groups (of which state) that it has not released.
struct Opened {
    snapshot: TableSnapshot,
    models: [Model; 4],
    left: Vec<(u32, u32)>,
}

struct World {
    random: Random,
    core: Core,
    models: [Model; 4],
    snapshots: Vec<Opened>,
    /// How many keys there are: the table grows and shrinks with it.
    width: u64,
}

impl World {
    fn new(random: Random) -> World {
        let mut core = Core::new(&Budget::unlimited()).unwrap();
        for (id, nested) in NESTED.into_iter().enumerate() {
            core.add_state(id as u32, GROUPS, nested).unwrap();
        }
        World { random, core, models: Default::default(), snapshots: Vec::new(), width: 20_000 }
    }

    fn key(&mut self, id: usize) -> (u32, Vec<u8>, Vec<u8>) {
        let r = &mut self.random;
        let group = r.below(u64::from(GROUPS)) as u32;
        if !NESTED[id] {
            let n = r.below(if id == 3 { 50 } else { self.width });
            let mut key = n.to_be_bytes()[5..].to_vec();
            // Some keys are long, and one in a thousand is empty.
            match n % 1000 {
                0..=3 => key.resize(300, 7),
                4 => key.clear(),
                _ => {}
            }
            return (group, key, Vec::new());
        }
        // One large map, and many small ones.
        let key = if r.below(2) == 0 { 0 } else { 1 + r.below(200) };
        let rest = if key == 0 { r.below(self.width / 4) } else { r.below(12) };
        let mut rest_bytes = if id == 2 { b"the same beginning ".to_vec() } else { Vec::new() };
        rest_bytes.extend_from_slice(&rest.to_be_bytes()[8 - 1 - r.below(8) as usize..]);
        (group, (key as u16).to_be_bytes().to_vec(), rest_bytes)
    }

    fn value(&mut self) -> Vec<u8> {
        let r = &mut self.random;
        let len = match r.below(1000) {
            0 => 70_000,
            1..=30 => r.below(5000),
            31..=200 => r.below(200),
            _ => 8,
        };
        let byte = r.next() as u8;
        (0..len).map(|i| byte.wrapping_add(i as u8)).collect()
    }

    fn step(&mut self) {
        let id = self.random.below(4) as usize;
        let (group, key, rest) = self.key(id);
        let at = Key { group, key: &key, rest: &rest };
        let state = id as u32;
        match self.random.below(100) {
            0..=39 => {
                let value = self.value();
                self.core.put(state, at, &value).unwrap();
                self.models[id].insert((group, key, rest), value);
            }
            40..=59 => {
                let deleted = self.core.write(state, |s, heap| s.delete(heap, at)).unwrap();
                assert_eq!(deleted, self.models[id].remove(&(group, key, rest)).is_some());
            }
            60..=69 => {
                let element = vec![self.random.next() as u8; self.random.below(30) as usize];
                self.core.write(state, |s, heap| s.append(heap, at, &element)).unwrap();
                match self.models[id].entry((group, key, rest)) {
                    std::collections::btree_map::Entry::Occupied(mut e) => {
                        e.get_mut().push(b',');
                        e.get_mut().extend_from_slice(&element);
                    }
                    std::collections::btree_map::Entry::Vacant(e) => {
                        e.insert(element);
                    }
                }
            }
            70..=74 => {
                let add = |bytes: &mut [u8]| bytes.iter_mut().for_each(|b| *b = b.wrapping_add(3));
                self.core.update(state, at, b"default", add).unwrap();
                let value = self.models[id].entry((group, key, rest)).or_insert_with(|| b"default".to_vec());
                add(value);
            }
            75 if NESTED[id] && self.random.below(4) == 0 => {
                let cut = self.random.below(rest.len() as u64 + 1) as usize;
                self.core.delete_prefix(state, group, &key, &rest[..cut]).unwrap();
                self.models[id].retain(|k, _| !(k.0 == group && k.1 == key && k.2.starts_with(&rest[..cut])));
            }
            76 if self.random.below(2000) == 0 => {
                self.core.write(state, |s, heap| s.clear_group(heap, group)).unwrap();
                self.models[id].retain(|k, _| k.0 != group);
            }
            77 if self.random.below(40) == 0 => self.open_snapshot(),
            78 if self.random.below(10) == 0 => self.use_snapshot(),
            79 if self.random.below(3000) == 0 => {
                self.width = [100, 2000, 20_000][self.random.below(3) as usize]
            }
            _ => {
                let found = self.core.get(state, at);
                let found = found.map(|record| record::value(self.core.memory(), record));
                assert_eq!(found, self.models[id].get(&(group, key, rest)).map(|v| &v[..]));
            }
        }
    }

    fn open_snapshot(&mut self) {
        if self.snapshots.len() < 4 {
            let snapshot = self.core.snapshot(&[0, 1, 2, 3]).unwrap();
            let left = (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))).collect();
            self.snapshots.push(Opened { snapshot, models: self.models.clone(), left });
        }
    }

    /// Drops one, or compares one of its groups and perhaps releases it.
    fn use_snapshot(&mut self) {
        if self.snapshots.is_empty() {
            return;
        }
        let which = self.random.below(self.snapshots.len() as u64) as usize;
        if self.random.below(8) == 0 {
            self.snapshots.swap_remove(which);
            return;
        }
        let Opened { snapshot, models, left } = &mut self.snapshots[which];
        let (id, group) = left[self.random.below(left.len() as u64) as usize];
        assert_same(snapshot, &models[id as usize], id, group);
        if self.random.below(2) == 0 {
            snapshot.release(id, group);
            left.retain(|other| *other != (id, group));
            if left.is_empty() {
                self.snapshots.swap_remove(which);
            }
        }
    }

    fn check(&mut self) {
        self.core.check();
        for (id, model) in self.models.iter().enumerate() {
            assert_eq!(self.core.entries(id as u32), entries(model));
        }
    }
}

fn entries(model: &Model) -> Vec<Entry> {
    model.iter().map(|((g, k, r), v)| (*g, k.clone(), r.clone(), v.clone())).collect()
}

fn assert_same(snapshot: &TableSnapshot, model: &Model, id: u32, group: u32) {
    let mut seen = Vec::new();
    snapshot
        .for_each(id, group, |key, rest, value| {
            seen.push((group, key.to_vec(), rest.to_vec(), value.to_vec()));
            Ok(())
        })
        .unwrap();
    assert_eq!(seen.len() as u64, snapshot.count(id, group).unwrap());
    seen.sort();
    let expected: Vec<Entry> = entries(model).into_iter().filter(|entry| entry.0 == group).collect();
    assert!(seen == expected, "a snapshot shows exactly the moment it was opened");
}

fn operations() -> u64 {
    std::env::var("KEYBED_OPERATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

fn run(random: Random, operations: u64) {
    let mut world = World::new(random);
    for n in 0..operations {
        world.step();
        if n % (operations / 20).max(1) == 0 {
            world.check();
        }
    }
    world.check();
    // Nothing is kept once the last snapshot has gone, and an empty table gives everything back.
    world.snapshots.clear();
    let usage = world.core.usage();
    assert_eq!((usage.retired, usage.retired_blocks), (0, 0));
    world.check();
    for id in 0..4 {
        for group in 0..GROUPS {
            world.core.write(id, |s, heap| s.clear_group(heap, group)).unwrap();
        }
    }
    let usage = world.core.usage();
    assert_eq!((usage.records, usage.index), (0, 0));
}

#[test]
fn a_table_is_a_map_and_its_snapshots_are_what_it_was() {
    run(Random::seeded(), operations());
}

/// Seeds that once failed.
#[test]
fn seeds_that_found_a_bug_stay_good() {
    for seed in [] {
        run(Random(seed), 200_000);
    }
}

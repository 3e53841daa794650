//! What a snapshot's blocks hold, loaded into another table, is what the first table held.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Random;
use super::blocks::drain;
use crate::block::{BlockKind, BlockReader, BlockWriter};
use crate::error::{ErrorKind, Result};
use crate::key::{CompositeKey, KeyBuilder, KeyEncoding, KeyGroupRange, KeySpec, PartSize};
use crate::memory::Budget;
use crate::options::StoreOptions;
use crate::snapshot::{Entries, EntryForm, OP_DELETE, OP_PUT};
use crate::store::{Engine, EngineSnapshot, StateInfo, StateKind};
use crate::table::core::Core;
use crate::table::engine::TableEngine;
use crate::table::loader::TableLoader;

type Contents = BTreeMap<(u32, Vec<u8>), Vec<u8>>;

fn states() -> Vec<StateInfo> {
    [
        (StateKind::Value, PartSize::NONE),
        (StateKind::List, PartSize::Variable),
        (StateKind::Map, PartSize::Variable),
        (StateKind::Map, PartSize::NONE),
    ]
    .into_iter()
    .enumerate()
    .map(|(id, (kind, namespace))| StateInfo { id: id as u32, name: format!("state {id}"), kind, namespace })
    .collect()
}

fn specs() -> Vec<KeySpec> {
    let of = |encoding, max_parallelism, key_size| KeySpec { encoding, max_parallelism, key_size };
    vec![
        of(KeyEncoding::Ordered, 5, PartSize::Variable),
        of(KeyEncoding::Flink, 300, PartSize::Variable),
        of(KeyEncoding::Flink, 5, PartSize::Fixed(4)),
    ]
}

struct World {
    engine: Box<TableEngine>,
    keys: KeySpec,
    _dir: tempfile::TempDir,
}

impl World {
    fn new(keys: KeySpec) -> World {
        let dir = tempfile::tempdir().unwrap();
        let options = StoreOptions { keys, table_flush_on_close: false, ..StoreOptions::default() };
        let engine = Box::new(TableEngine::open(dir.path(), &options, &[]).unwrap());
        states().iter().for_each(|state| engine.create_state(state).unwrap());
        World { engine, keys, _dir: dir }
    }

    fn form(&self) -> EntryForm {
        EntryForm { keys: self.keys, split: !self.keys.knows_split() }
    }

    fn groups(&self) -> KeyGroupRange {
        // Of many only a few have entries.
        KeyGroupRange::all(self.keys.max_parallelism)
    }

    fn prefix(&self, group: u32) -> Vec<u8> {
        group.to_be_bytes()[4 - self.keys.group_bytes()..].to_vec()
    }

    /// A random composite key of a state, and its split.
    fn key(&self, random: &mut Random, id: u32) -> (Vec<u8>, usize) {
        let states = states();
        let mut builder = KeyBuilder::new(self.keys, vec![0; 1000]);
        let n = random.below(if id < 2 { 300 } else { 12 }) as u32;
        let key = match self.keys.key_size {
            PartSize::Fixed(_) => n.to_be_bytes().to_vec(),
            // Keys with zeros in them, and keys that begin as others do.
            PartSize::Variable | PartSize::Delimited => vec![n as u8 % 3; 1 + n as usize / 3],
        };
        builder.set_key((n * 7) % self.keys.max_parallelism.min(5), &key).unwrap();
        let state = &states[id as usize];
        let namespace = vec![0; if state.namespace == PartSize::NONE { 0 } else { random.below(3) as usize }];
        let map_key = random.below(40).to_be_bytes();
        let map_key = &map_key[8 - random.below(4) as usize..];
        let map_key = if state.kind == StateKind::Map { map_key } else { &[] };
        let key = builder.compose(state.namespace, &namespace, map_key).unwrap();
        (key.bytes.to_vec(), key.split)
    }

    fn run(&self, random: &mut Random, operations: usize) {
        let mut session = self.engine.session().unwrap();
        states().iter().for_each(|state| session.open_state(state).unwrap());
        for _ in 0..operations {
            let id = random.below(4) as u32;
            let (bytes, split) = self.key(random, id);
            let key = CompositeKey { bytes: &bytes, split };
            let most = if random.below(50) == 0 { 9000 } else { 30 };
            let value = vec![random.next() as u8; random.below(most) as usize];
            match random.below(10) {
                0..=5 => session.put(id, key, &value).unwrap(),
                6 => session.append(id, key, b"more").unwrap(),
                _ => session.delete(id, key).unwrap(),
            }
        }
    }

    fn snapshot(&self) -> Box<dyn EngineSnapshot> {
        self.engine.snapshot(&states()).unwrap()
    }

    fn contents(&self) -> Contents {
        let (snapshot, mut all) = (self.snapshot(), Contents::new());
        for (id, group) in (0..4).flat_map(|id| self.groups().iter().map(move |group| (id, group))) {
            let mut each = |key: &[u8], value: &[u8]| {
                assert!(all.insert((id, key.to_vec()), value.to_vec()).is_none());
                Ok(())
            };
            snapshot.for_each(id, &self.prefix(group), &mut each).unwrap();
        }
        all
    }

    /// Blocks of a state, of all groups.
    fn blocks(&self, id: u32, size: &mut dyn FnMut() -> usize) -> Vec<Vec<u8>> {
        let mut cursor = self.snapshot().cursor().unwrap();
        let mut all = Vec::new();
        for group in self.groups().iter() {
            cursor.start(id, &self.prefix(group), &self.form()).unwrap();
            all.extend(drain(&mut *cursor, BlockKind::Snapshot, &mut *size).unwrap());
        }
        all
    }

    fn load(&self, id: u32, blocks: &[Vec<u8>], wanted: KeyGroupRange) -> Result<()> {
        let mut loader = self.engine.loader(false)?;
        for block in blocks {
            let block = BlockReader::new(block)?;
            loader.load(id, Entries::new(block, self.form(), self.groups(), wanted))?;
        }
        loader.finish()
    }
}

#[test]
fn what_is_loaded_from_blocks_is_what_was_there() {
    let mut random = Random::seeded();
    for keys in specs() {
        let from = World::new(keys);
        for _ in 0..4 {
            from.run(&mut random, 3000);
            let contents = from.contents();
            for wanted in [from.groups(), range(1, 2), range(4, 4)] {
                let to = World::new(keys);
                for id in 0..4 {
                    let blocks = from.blocks(id, &mut || 24 + random.below(4000) as usize);
                    to.load(id, &blocks, wanted).unwrap();
                }
                let mut expected = contents.clone();
                expected.retain(|(_, key), _| wanted.contains(keys.group_of(key).unwrap()));
                assert!(to.contents() == expected);
                to.engine.check();
                // A table that was loaded is as good as another.
                to.run(&mut random, 200);
                to.engine.check();
            }
        }
    }
}

/// Into a table that has entries, beside a snapshot of it: put over them, as a chain of changes is.
#[test]
fn what_is_loaded_later_replaces_what_was_there() {
    let mut random = Random::seeded();
    for keys in specs() {
        let (from, to) = (World::new(keys), World::new(keys));
        from.run(&mut random, 2000);
        to.run(&mut random, 2000);
        let (mut expected, snapshot) = (to.contents(), to.snapshot());
        expected.extend(from.contents());
        for id in 0..4 {
            to.load(id, &from.blocks(id, &mut || 1000), to.groups()).unwrap();
        }
        assert!(to.contents() == expected);
        drop(snapshot);
        to.engine.check();
    }
}

#[test]
fn changes_that_are_loaded_put_and_delete() {
    let mut random = Random::seeded();
    for keys in specs() {
        let world = World::new(keys);
        world.run(&mut random, 2000);
        let mut expected = world.contents();
        for id in 0..4 {
            let mut buffer = vec![0; 100_000];
            let mut block = BlockWriter::new(&mut buffer, BlockKind::Changes).unwrap();
            for n in 0..200u8 {
                let (key, split) = world.key(&mut random, id);
                let deleted = random.below(2) == 0;
                let mut stored = vec![if deleted { OP_DELETE } else { OP_PUT }];
                if world.form().split {
                    stored.extend_from_slice(&(split as u32).to_le_bytes());
                }
                stored.extend_from_slice(&key);
                let value: &[u8] = if deleted { &[] } else { &[n, n] };
                assert!(block.push(&stored, value));
                if deleted {
                    expected.remove(&(id, key));
                } else {
                    expected.insert((id, key), value.to_vec());
                }
            }
            block.finish(false).unwrap();
            world.load(id, &[buffer], world.groups()).unwrap();
        }
        assert!(world.contents() == expected);
        world.engine.check();
    }
}

#[test]
fn an_entry_of_a_group_that_the_block_does_not_have_is_an_error_and_those_before_it_are_there() {
    let world = World::new(specs()[2]);
    let mut buffer = vec![0; 1000];
    let mut block = BlockWriter::new(&mut buffer, BlockKind::Snapshot).unwrap();
    for group in [0, 1, 2, 5, 3] {
        assert!(block.push(&[group, 0, 0, 0, group], b"value"));
    }
    block.finish(false).unwrap();
    let error = world.load(0, &[buffer], world.groups()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption);
    world.engine.check();
}

#[test]
fn a_state_that_is_not_there_is_an_error() {
    let world = World::new(specs()[0]);
    let blocks = world.blocks(0, &mut || 1000);
    assert_eq!(world.load(7, &blocks, world.groups()).unwrap_err().kind(), ErrorKind::StateNotFound);
}

/// Every allocation fails once; loading again what was not loaded gives the whole.
#[test]
fn a_block_that_met_the_limit_can_be_loaded_again() {
    let mut random = Random(81);
    let keys = specs()[0];
    let from = World::new(keys);
    from.run(&mut random, 3000);
    let to = World::new(keys);
    let mut failures = 0;
    for id in 0..4 {
        for block in from.blocks(id, &mut || 3000) {
            let mut allocations = 0;
            loop {
                to.engine.fail_after(Some(allocations));
                let done = to.load(id, std::slice::from_ref(&block), to.groups());
                to.engine.fail_after(None);
                to.engine.check();
                match done {
                    Ok(()) => break,
                    Err(e) => assert_eq!(e.kind(), ErrorKind::MemoryBudget),
                }
                failures += 1;
                // What was loaded before the failure is there now, and takes less.
                allocations += 1 + random.below(3);
            }
        }
    }
    println!("{failures} allocations failed");
    assert!(failures > 200, "{failures}");
    assert!(to.contents() == from.contents());
}

fn range(first: u32, last: u32) -> KeyGroupRange {
    KeyGroupRange { first, last }
}

/// As for a store that is opened: a little above the limit, not far above, and strict again afterwards.
#[test]
fn a_loader_may_take_a_little_more_than_the_limit() {
    let limit = 16 << 20;
    let budget = Budget::new(limit);
    let mut core = Core::new(&budget).unwrap();
    core.add_state(0, 1, false).unwrap();
    let shared =
        Arc::new(crate::table::engine::Shared::new(core, KeySpec { max_parallelism: 1, ..specs()[2] }));
    let form = EntryForm { keys: specs()[2], split: false };
    let load = |n: u32| {
        let mut buffer = vec![0; 2000];
        let mut block = BlockWriter::new(&mut buffer, BlockKind::Snapshot).unwrap();
        assert!(block.push(&[&[0][..], &n.to_be_bytes()].concat(), &[7; 1000]));
        block.finish(false).unwrap();
        let mut loader = Box::new(TableLoader::new(Arc::clone(&shared)).unwrap());
        crate::store::EngineLoader::load(
            &mut *loader,
            0,
            Entries::new(BlockReader::new(&buffer).unwrap(), form, range(0, 0), range(0, 0)),
        )
    };
    let mut n = 0;
    let error = loop {
        match load(n) {
            Ok(()) => n += 1,
            Err(e) => break e,
        }
    };
    assert_eq!(error.kind(), ErrorKind::MemoryBudget);
    assert!(budget.used() > limit && budget.used() <= limit + limit / 4 + (1 << 20));
    let put = shared.core.with(|core| {
        let key = crate::table::state::Key { group: 0, key: b"another", rest: &[] };
        core.put(0, key, &vec![1; 1 << 20])
    });
    assert_eq!(put.unwrap_err().kind(), ErrorKind::MemoryBudget);
}

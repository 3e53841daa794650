//! memory.limit-bytes: what would pass it is refused, and nothing of it happens.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::engines::{open_on, rounds};
use common::random::Random;
use keybed::error::{Error, ErrorKind};
use keybed::key::{PartSize, Scope};
use keybed::store::{Session, Snapshot, StateId, StateKind, Store, WriteBatch};

const LIMIT: u64 = 3 << 20;
/// Of what is not left once the memory is filled.
const BIG: usize = 200_000;
const NAMES: [&str; 3] = ["v", "l", "m"];

/// All entries by the number of their state and their composite key.
type Content = BTreeMap<(usize, Vec<u8>), Vec<u8>>;

struct World {
    store: Store,
    session: Session,
    value: StateId,
    list: StateId,
    map: StateId,
}

impl World {
    fn open(dir: &Path, limit: u64, slot: &str) -> Result<World, Error> {
        let limit = limit.to_string();
        let store = open_on("table", dir, &[("memory.limit-bytes", &limit), ("memory.slot", slot)])?;
        let mut session = store.session()?;
        let value = session.open_state("v", StateKind::Value, PartSize::NONE)?;
        let list = session.open_state("l", StateKind::List, PartSize::NONE)?;
        let map = session.open_state("m", StateKind::Map, PartSize::Variable)?;
        session.set_key(0, b"key")?;
        Ok(World { store, session, value, list, map })
    }

    fn content(&self) -> Content {
        content(&self.store.snapshot().unwrap())
    }

    /// Fills the memory until hardly a block of any size is left; returns how many values were tried, the first of them
    /// with success.
    fn fill(&mut self) -> u32 {
        let (mut n, mut len) = (0u32, BIG);
        while len > 0 {
            self.session.set_key(n % 4, &n.to_be_bytes()).unwrap();
            n += 1;
            if let Err(e) = self.session.put(self.value, b"", b"", &vec![1; len]) {
                assert_eq!(e.kind(), ErrorKind::MemoryBudget);
                assert!(!self.session.contains(self.value, b"", b"").unwrap());
                // Blocks come in eighths of a doubling, small ones in steps of 8 bytes.
                len = if len > 128 { len - len / 16 } else { len.saturating_sub(8) };
            }
        }
        n
    }

    fn committed(&self) -> u64 {
        let all = self.store.statistics().unwrap();
        all.iter().find(|(name, _)| name == "memory.committed-bytes").unwrap().1.parse().unwrap()
    }
}

fn content(snapshot: &Snapshot) -> Content {
    let mut found = Content::new();
    for (i, name) in NAMES.iter().enumerate() {
        for group in 0..snapshot.groups() {
            let each = |key: &[u8], value: &[u8]| {
                assert!(found.insert((i, key.to_vec()), value.to_vec()).is_none(), "an entry comes twice");
                Ok(())
            };
            snapshot.for_each(name, group, each).unwrap();
        }
    }
    found
}

#[track_caller]
fn refused(result: Result<(), Error>) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryBudget, "{error}");
    assert!(error.message().contains("memory.limit-bytes"), "{error}");
}

#[test]
fn writes_past_the_limit_are_refused_and_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), LIMIT, "").unwrap();
    world.session.append(world.list, b"", &[3; 100]).unwrap();
    world.fill();
    let before = world.content();
    let World { session, value, list, map, .. } = &mut world;
    let (value, list, map) = (*value, *list, *map);
    session.set_key(0, b"key").unwrap();
    refused(session.put(value, b"", b"", &[7; BIG]));
    refused(session.put(map, b"ns", b"mk", &[7; BIG]));
    refused(session.append(list, b"", &[7; BIG]));
    refused(session.update(value, b"", b"", &[7; BIG], |_| ()));
    let mut batch = WriteBatch::new();
    session.batch_append(&mut batch, list, b"", b"before it").unwrap();
    session.batch_put(&mut batch, map, b"", b"a", &[7; BIG]).unwrap();
    session.batch_delete(&mut batch, list, b"", b"").unwrap();
    refused(session.commit(&mut batch).map(drop));
    assert_eq!(batch.len(), 3, "the batch stays as it is");
    assert_eq!(world.content(), before);
    assert!(world.committed() <= LIMIT);
    // It is a limit of what is in memory: the store works on, flushes, and is opened again.
    let World { store, session, .. } = world;
    drop(session);
    store.close().unwrap();
    let world = World::open(dir.path(), LIMIT * 2, "").unwrap();
    assert_eq!(world.content(), before);
}

#[test]
fn what_a_snapshot_shares_is_not_changed_by_what_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), LIMIT, "").unwrap();
    world.session.append(world.list, b"", &[3; BIG]).unwrap();
    for i in 0..4000u16 {
        world.session.put(world.map, &[i as u8 % 2], &i.to_be_bytes(), b"entry").unwrap();
    }
    world.fill();
    world.session.set_key(0, b"\0\0\0\0").unwrap();
    world.session.put(world.value, b"", b"", &[8; BIG]).unwrap();
    let before = world.content();
    let snapshot = world.store.snapshot().unwrap();
    let World { session, value, list, map, .. } = &mut world;
    let (value, list, map) = (*value, *list, *map);
    // What was done in place without a snapshot needs a copy with one.
    refused(session.put(value, b"", b"", &[9; BIG]));
    refused(session.update(value, b"", b"", b"", |bytes| bytes.fill(9)));
    session.set_key(0, b"key").unwrap();
    refused(session.append(list, b"", b"x"));
    let mut batch = WriteBatch::new();
    session.batch_delete(&mut batch, map, &[0], &0u16.to_be_bytes()).unwrap();
    session.batch_append(&mut batch, list, b"", b"x").unwrap();
    refused(session.commit(&mut batch).map(drop));
    assert_eq!(world.content(), before);
    // A clear needs little: as much as happens to be left, or not. It is whole either way.
    let cleared = world.session.clear(map, Scope::Namespace(&[1]));
    let left = if cleared.is_ok() { 2000 } else { 4000 };
    let after = world.content();
    assert_eq!(after.keys().filter(|(state, _)| *state == 2).count(), left);
    assert_eq!(after.len(), before.len() - 4000 + left);
    if cleared.is_err() {
        refused(cleared);
    }
    assert_eq!(content(&snapshot), before);
    // Without the snapshot there is nothing to copy.
    drop(snapshot);
    world.session.clear(world.map, Scope::Key).unwrap();
    world.session.set_key(0, b"\0\0\0\0").unwrap();
    world.session.update(world.value, b"", b"", b"", |bytes| bytes.fill(9)).unwrap();
    let after = world.content();
    assert_eq!(after.len(), before.len() - 4000);
    assert_eq!(after.values().filter(|value| **value == [9; BIG]).count(), 1);
}

#[test]
fn snapshots_that_are_gone_refuse_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), LIMIT, "").unwrap();
    world.fill();
    world.session.set_key(0, b"\0\0\0\0").unwrap();
    // More than a write notices by the way.
    let snapshots: Vec<_> = (0..100).map(|_| world.store.snapshot().unwrap()).collect();
    refused(world.session.put(world.value, b"", b"", &[9; BIG]));
    drop(snapshots);
    world.session.put(world.value, b"", b"", &[9; BIG]).unwrap();
}

#[test]
fn a_batch_finds_the_memory_that_a_snapshot_kept_until_just_now() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), 4 << 20, "").unwrap();
    let mut write = |value: u8| {
        for i in 0..150u8 {
            world.session.set_key(0, &[i]).unwrap();
            world.session.put(world.list, b"", b"", &[value; 10_000]).unwrap();
        }
    };
    write(1);
    let snapshot = world.store.snapshot().unwrap();
    write(2);
    world.fill();
    let mut batch = WriteBatch::new();
    world.session.batch_put(&mut batch, world.map, b"", b"", &[3; BIG]).unwrap();
    refused(world.session.commit(&mut batch).map(drop));
    drop(snapshot);
    world.session.commit(&mut batch).unwrap();
}

#[test]
fn deletes_make_room_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), LIMIT, "").unwrap();
    let counts = [0; 3].map(|_| {
        let n = world.fill();
        for i in 0..n {
            world.session.set_key(i % 4, &i.to_be_bytes()).unwrap();
            world.session.delete(world.value, b"", b"").unwrap();
        }
        assert!(world.content().is_empty());
        n
    });
    assert!(counts[2] >= counts[0] * 9 / 10, "as much as the first time fits again: {counts:?}");
    world.fill();
    for group in 0..4 {
        world.session.clear(world.value, Scope::Group(group)).unwrap();
    }
    assert!(world.content().is_empty());
    assert!(world.fill() >= counts[0] * 9 / 10);
}

/// Batches of random size near the limit, snapshots open now and then: each happens as a whole or not at all.
fn batches_near(limit: u64, value_bytes: u64, batches: u64) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), limit, "").unwrap();
    let mut random = Random::seeded();
    let mut model = Content::new();
    let mut snapshots: Vec<(Snapshot, Content)> = Vec::new();
    let (mut done, mut failed) = (0, 0);
    for _ in 0..batches {
        let mut batch = WriteBatch::new();
        let mut next = model.clone();
        for _ in 0..1 + random.below(20) {
            let session = &mut world.session;
            session.set_key(random.below(3) as u32, &[1 + random.below(20) as u8]).unwrap();
            let value = vec![random.next() as u8; random.below(value_bytes) as usize];
            match random.below(8) {
                0..=2 => {
                    session.batch_put(&mut batch, world.value, b"", b"", &value).unwrap();
                    next.insert((0, session.composite_key(world.value, b"", b"").unwrap().to_vec()), value);
                }
                3 => {
                    let map_key = [random.below(3) as u8];
                    session.batch_put(&mut batch, world.map, b"n", &map_key, &value).unwrap();
                    let key = session.composite_key(world.map, b"n", &map_key).unwrap().to_vec();
                    next.insert((2, key), value);
                }
                4 => {
                    let element = &value[..value.len() / 4];
                    session.batch_append(&mut batch, world.list, b"", element).unwrap();
                    let key = (1, session.composite_key(world.list, b"", b"").unwrap().to_vec());
                    match next.get_mut(&key) {
                        Some(list) => list.extend([b","[..].as_ref(), element].concat()),
                        None => drop(next.insert(key, element.to_vec())),
                    }
                }
                n => {
                    let (i, state) = [(0, world.value), (1, world.list), (0, world.value)][n as usize - 5];
                    session.batch_delete(&mut batch, state, b"", b"").unwrap();
                    next.remove(&(i, session.composite_key(state, b"", b"").unwrap().to_vec()));
                }
            }
        }
        match world.session.commit(&mut batch) {
            Ok(_) => {
                done += 1;
                model = next;
            }
            Err(e) => {
                failed += 1;
                refused(Err(e));
            }
        }
        assert!(world.content() == model, "a batch is there in part");
        match random.below(6) {
            0 => snapshots.push((world.store.snapshot().unwrap(), model.clone())),
            1..=2 if !snapshots.is_empty() => {
                let (snapshot, of) = snapshots.swap_remove(random.below(snapshots.len() as u64) as usize);
                assert!(content(&snapshot) == of);
            }
            _ => {}
        }
        // Room again, so that not everything is refused.
        if failed > done {
            snapshots.clear();
            for state in [world.value, world.map] {
                world.session.clear(state, Scope::Group(0)).unwrap();
            }
            model.retain(|(state, key), _| *state == 1 || key[0] != 0);
        }
    }
    assert!(done > batches / 10 && failed > batches / 50, "{done} done, {failed} refused of {batches}");
}

#[test]
fn a_batch_that_meets_the_limit_leaves_nothing_of_itself() {
    batches_near(3 << 20, 4_000, rounds(2000));
}

#[test]
fn a_batch_that_meets_a_wider_limit_leaves_nothing_of_itself() {
    // Wide enough for what a batch needs to be set aside before it begins, as long as not much is in use.
    batches_near(24 << 20, 500_000, rounds(800));
}

#[test]
fn a_batch_that_puts_and_appends_more_than_was_set_aside_leaves_nothing_of_itself() {
    let dir = tempfile::tempdir().unwrap();
    // A value, and the same with room for more elements than the appended one, are in memory for a moment.
    let mut world = World::open(dir.path(), 88 << 20, "").unwrap();
    let mut batch = WriteBatch::new();
    world.session.batch_put(&mut batch, world.value, b"", b"", b"with it").unwrap();
    world.session.batch_put(&mut batch, world.list, b"", b"", &vec![1; 40 << 20]).unwrap();
    world.session.batch_append(&mut batch, world.list, b"", &[2; 100_000]).unwrap();
    refused(world.session.commit(&mut batch).map(drop));
    assert!(world.content().is_empty());
    world.session.put(world.value, b"", b"", b"works on").unwrap();
}

#[test]
fn stores_of_a_slot_share_its_limit() {
    let dirs = [0; 3].map(|_| tempfile::tempdir().unwrap());
    let slot = "the slot of a test";
    // Far above what a table keeps for itself of what it no longer uses.
    let limit = 32 << 20;
    let mut first = World::open(dirs[0].path(), limit, slot).unwrap();
    let mut second = World::open(dirs[1].path(), limit, slot).unwrap();
    first.fill();
    assert!(first.committed() + second.committed() <= limit);
    refused(second.session.put(second.value, b"", b"", &[1; 100_000]));
    assert!(second.content().is_empty());
    let error = World::open(dirs[2].path(), limit + 1, slot).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert_eq!(std::fs::read_dir(dirs[2].path()).unwrap().count(), 0, "nothing was made");
    // What the first gives back, by deletes or by closing, is the second's.
    for group in 0..4 {
        first.session.clear(first.value, Scope::Group(group)).unwrap();
    }
    second.session.put(second.value, b"", b"", &vec![1; 20 << 20]).unwrap();
    second.session.delete(second.value, b"", b"").unwrap();
    first.fill();
    refused(second.session.put(second.value, b"", b"", &vec![1; 20 << 20]));
    drop(first);
    second.session.put(second.value, b"", b"", &vec![1; 20 << 20]).unwrap();
}

#[test]
fn a_full_store_opens_again_under_its_limit() {
    for limit in [LIMIT, 2 * LIMIT, 24 << 20] {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::open(dir.path(), limit, "").unwrap();
        world.fill();
        let before = world.content();
        let World { store, session, .. } = world;
        drop(session);
        store.close().unwrap();
        let world = World::open(dir.path(), limit, "").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(world.content(), before);
    }
}

#[test]
fn a_namespace_is_cleared_however_little_memory_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(dir.path(), LIMIT, "").unwrap();
    for i in 0..2000u16 {
        world.session.set_key(u32::from(i) % 4, b"key").unwrap();
        world.session.put(world.map, b"window", &i.to_be_bytes(), &[1; 100]).unwrap();
    }
    world.fill();
    for group in 0..4 {
        world.session.set_key(group, b"key").unwrap();
        world.session.clear(world.map, Scope::Namespace(b"window")).unwrap();
    }
    // And there is room again.
    for i in 0..100u16 {
        world.session.put(world.map, b"window", &i.to_be_bytes(), &[2; 300]).unwrap();
    }
}

#[test]
fn a_slot_is_free_as_soon_as_its_last_store_is_gone() {
    let open = |dir: &Path, limit: &str| {
        let slot = ("memory.slot", "a slot that is given up");
        open_on("table", dir, &[slot, ("memory.limit-bytes", limit), ("table.flush-on-close", "false")])
    };
    for round in 0..60u32 {
        let dirs = [0; 2].map(|_| tempfile::tempdir().unwrap());
        let store = open(dirs[0].path(), "200000000").unwrap();
        let mut session = store.session().unwrap();
        let state = session.open_state("state", StateKind::Value, PartSize::NONE).unwrap();
        // Grows until the moment it is dropped, so that memory is being prepared for it.
        for n in 0..2000 + 10 * round {
            session.set_key(0, &n.to_be_bytes()).unwrap();
            session.put(state, b"", b"", &[1; 30_000]).unwrap();
        }
        drop((session, store));
        let next = open(dirs[1].path(), "100000000");
        assert!(next.is_ok(), "round {round}: {}", next.err().unwrap());
    }
}

#[test]
fn stores_without_a_slot_share_nothing() {
    let dirs = [0; 2].map(|_| tempfile::tempdir().unwrap());
    let [mut first, mut second] = dirs.each_ref().map(|dir| World::open(dir.path(), LIMIT, "").unwrap());
    first.fill();
    second.session.put(second.value, b"", b"", &vec![1; 2 << 20]).unwrap();
}

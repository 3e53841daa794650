//! What was written is there when the store is opened again, whatever its size.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::Path;

use common::engines::{on_each_engine, open_on};
use keybed::key::PartSize;
use keybed::store::{Session, StateId, StateKind, Store};

/// Around the sizes at which headers, blocks and frames change.
const SIZES: [usize; 16] = [
    0, 1, 7, 255, 256, 4_095, 65_535, 65_536, 131_072, 262_000, 262_144, 262_145, 300_000, 524_288,
    2_097_153, 5_000_000,
];
const GROUPS: [u32; 5] = [0, 255, 256, 4_711, 32_767];

struct World {
    store: Store,
    session: Session,
    states: [StateId; 3],
}

impl World {
    fn open(engine: &str, dir: &Path) -> World {
        let store = open_on(engine, dir, &[("max-parallelism", "32768")]).unwrap();
        let mut session = store.session().unwrap();
        let states = [
            session.open_state("v", StateKind::Value, PartSize::NONE).unwrap(),
            session.open_state("l", StateKind::List, PartSize::Fixed(2)).unwrap(),
            session.open_state("m", StateKind::Map, PartSize::Variable).unwrap(),
        ];
        World { store, session, states }
    }

    /// The parts of entry `i`: key group, key, namespaces of the list and the map, map key.
    fn parts(i: usize) -> (u32, Vec<u8>, [u8; 2], Vec<u8>, Vec<u8>) {
        let long = |n: usize| vec![i as u8; [1, 3, 200, 255, 256, 5_000][n % 6]];
        (GROUPS[i % 5], [&[1 + i as u8][..], &long(i)].concat(), [i as u8, 0], long(i + 1), long(i + 2))
    }

    fn value(i: usize) -> Vec<u8> {
        (0..SIZES[i]).map(|at| (at * 7 + i) as u8).collect()
    }

    fn write(&mut self) {
        let (session, [v, l, m]) = (&mut self.session, self.states);
        for i in 0..SIZES.len() {
            let (group, key, of_list, of_map, map_key) = Self::parts(i);
            let value = Self::value(i);
            session.set_key(group, &key).unwrap();
            session.put(v, b"", b"", &value).unwrap();
            session.append(l, &of_list, &value).unwrap();
            session.append(l, &of_list, b"another").unwrap();
            session.put(m, &of_map, &map_key, &value).unwrap();
        }
    }

    fn check(&mut self) {
        let mut out = vec![0; 6_000_000];
        let (session, [v, l, m]) = (&mut self.session, self.states);
        for i in 0..SIZES.len() {
            let (group, key, of_list, of_map, map_key) = Self::parts(i);
            let value = Self::value(i);
            session.set_key(group, &key).unwrap();
            let len = session.get(v, b"", b"", &mut out).unwrap().unwrap();
            assert!(out[..len] == value, "{} bytes", value.len());
            let len = session.get(m, &of_map, &map_key, &mut out).unwrap().unwrap();
            assert!(out[..len] == value, "{} bytes", value.len());
            let len = session.get(l, &of_list, b"", &mut out).unwrap().unwrap();
            assert!(out[..len] == [&value[..], b",another"].concat(), "{} bytes", value.len());
        }
    }

    fn close(self) {
        drop(self.session);
        self.store.close().unwrap();
    }
}

fn entries_of_any_size_are_there_after_the_store_was_closed(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    world.write();
    world.check();
    world.close();
    // Twice: what was read is written again.
    for _ in 0..2 {
        let mut world = World::open(engine, dir.path());
        world.check();
        let state = world.states[0];
        world.session.set_key(1, b"a change").unwrap();
        world.session.add_i64(state, b"", b"", 1).unwrap();
        world.close();
    }
}

fn a_store_that_is_dropped_is_closed(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    world.write();
    drop(world);
    World::open(engine, dir.path()).check();
}

on_each_engine!(entries_of_any_size_are_there_after_the_store_was_closed, a_store_that_is_dropped_is_closed,);

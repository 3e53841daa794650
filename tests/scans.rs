//! Scans: byte order, one moment, any number at a time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::engines::{on_each_engine, open_on, rounds};
use common::model::drain;
use common::random::Random;
use keybed::block::BlockReader;
use keybed::key::{PartSize, Scope};
use keybed::store::{Scan, Session, StateId, StateKind, Store};

const GROUP: u32 = 6;
const KEY: &[u8] = b"the key";
const NAMESPACE: &[u8] = b"the namespace";
const SCOPES: [Scope<'_>; 3] = [Scope::Group(GROUP), Scope::Key, Scope::Namespace(NAMESPACE)];

/// A map state with many entries: composite keys and values.
struct World {
    store: Store,
    session: Session,
    map: StateId,
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    random: Random,
}

impl World {
    fn open(engine: &str, dir: &Path) -> World {
        let store = open_on(engine, dir, &[]).unwrap();
        let mut session = store.session().unwrap();
        let map = session.open_state("m", StateKind::Map, PartSize::Variable).unwrap();
        let mut world = World { store, session, map, entries: BTreeMap::new(), random: Random::seeded() };
        for _ in 0..rounds(4_000) {
            world.put();
        }
        // Neighbours on both sides, which no scan may show.
        for group in [GROUP - 1, GROUP + 1] {
            world.session.set_key(group, KEY).unwrap();
            world.session.put(map, NAMESPACE, b"stranger", b"stranger").unwrap();
        }
        world
    }

    /// Chooses an entry: often of the key, often of its namespace; the map key ends in `tail`.
    fn choose(&mut self, tail: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let r = &mut self.random;
        let key_len = 1 + r.below(12);
        let key = if r.below(2) == 0 { KEY.to_vec() } else { r.bytes(key_len) };
        let namespace_len = r.below(3);
        let namespace = if r.below(2) == 0 { NAMESPACE.to_vec() } else { r.bytes(namespace_len) };
        let map_key_len = r.below(20);
        let map_key = [&r.bytes(map_key_len), tail].concat();
        self.session.set_key(GROUP, &key).unwrap();
        (namespace, map_key)
    }

    fn put(&mut self) {
        let (namespace, map_key) = self.choose(b"");
        let len = self.random.below(60);
        let value = self.random.bytes(len);
        self.session.put(self.map, &namespace, &map_key, &value).unwrap();
        let key = self.session.composite_key(self.map, &namespace, &map_key).unwrap().to_vec();
        self.entries.insert(key, value);
    }

    /// What a scan of the scope must show now.
    fn shown(&mut self, scope: Scope<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.session.set_key(GROUP, KEY).unwrap();
        let key = self.session.composite_key(self.map, NAMESPACE, b"").unwrap();
        // group | key | 00 00 | namespace | 00 00: neither has a zero to be escaped.
        let prefix = match scope {
            Scope::Group(_) => 1,
            Scope::Key => 1 + KEY.len() + 2,
            Scope::Namespace(_) => 1 + KEY.len() + 2 + NAMESPACE.len() + 2,
        };
        let prefix = key[..prefix].to_vec();
        let entries = self.entries.iter();
        entries.filter_map(|(k, v)| Some((k.strip_prefix(&prefix[..])?.to_vec(), v.clone()))).collect()
    }

    fn start(&mut self, scope: Scope<'_>) -> Scan {
        let mut scan = self.session.new_scan(self.map).unwrap();
        self.session.set_key(GROUP, KEY).unwrap();
        self.session.start_scan(&mut scan, self.map, scope).unwrap();
        scan
    }

    /// Overwrites everything, adds as much again, then clears more and more.
    fn write_over(&mut self) {
        for i in 0..rounds(4_000) {
            let (namespace, map_key) = self.choose(if i % 2 == 0 { b"" } else { b" new" });
            match i % 5 {
                0 => self.session.delete(self.map, &namespace, &map_key).unwrap(),
                _ => self.session.put(self.map, &namespace, &map_key, b"unseen").unwrap(),
            }
        }
        self.session.set_key(GROUP, KEY).unwrap();
        for scope in [Scope::Namespace(NAMESPACE), Scope::Key, Scope::Group(GROUP)] {
            self.session.clear(self.map, scope).unwrap();
            self.session.put(self.map, NAMESPACE, b"a new one", b"unseen").unwrap();
        }
    }
}

fn scans_of_all_scopes_are_in_byte_order(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    for scope in SCOPES {
        let expected = world.shown(scope);
        assert!(expected.len() as u64 > rounds(4_000) / 10);
        for block in [100, 1000, 1 << 20] {
            let got = drain(&mut world.start(scope), block);
            assert!(got.is_sorted(), "{scope:?}");
            assert_eq!(got, expected, "{scope:?}");
        }
    }
}

fn a_scan_does_not_see_what_is_written_after_its_start(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    // Two of each scope: one not yet read from, one in the middle.
    let mut scans = Vec::new();
    for scope in SCOPES {
        let expected = world.shown(scope);
        scans.push((world.start(scope), expected.clone()));
        let mut begun = world.start(scope);
        let mut block = [0; 500];
        let len = begun.fill(&mut block).unwrap();
        let seen = BlockReader::new(&block[..len]).unwrap().len();
        assert!(seen > 0 && seen < expected.len());
        scans.push((begun, expected[seen..].to_vec()));
    }
    world.write_over();
    for (scan, expected) in &mut scans {
        assert_eq!(&drain(scan, 700), expected);
    }
    for scope in SCOPES {
        let now = drain(&mut world.start(scope), 700);
        assert_eq!(now.len(), 1, "a new scan sees it");
        assert_eq!(now[0].1, b"unseen");
    }
}

fn a_scan_does_not_see_what_another_session_writes(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    let mut scans: Vec<_> = SCOPES.map(|scope| (world.shown(scope), world.start(scope))).into();
    let mut other = world.store.session().unwrap();
    let map = other.open_state("m", StateKind::Map, PartSize::Variable).unwrap();
    std::thread::spawn(move || {
        other.set_key(GROUP, KEY).unwrap();
        other.put(map, NAMESPACE, b"\x00", b"unseen").unwrap();
        other.clear(map, Scope::Group(GROUP)).unwrap();
    })
    .join()
    .unwrap();
    for (expected, scan) in &mut scans {
        assert_eq!(&drain(scan, 4096), expected);
    }
}

fn a_scan_goes_on_when_its_session_is_gone(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    let expected = world.shown(Scope::Group(GROUP));
    let mut scan = world.start(Scope::Group(GROUP));
    drop(world.session);
    assert_eq!(drain(&mut scan, 4096), expected);
}

fn flat_states_are_scanned_in_byte_order_too(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let value = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let mut random = Random::seeded();
    let mut expected = BTreeMap::new();
    for i in 0..rounds(4_000) {
        let len = 1 + random.below(20);
        let key = random.bytes(len);
        session.set_key(GROUP, &key).unwrap();
        session.put(value, b"", b"", &i.to_le_bytes()).unwrap();
        let shown = session.composite_key(value, b"", b"").unwrap()[1..].to_vec();
        expected.insert(shown, i.to_le_bytes().to_vec());
    }
    let mut scan = session.new_scan(value).unwrap();
    session.start_scan(&mut scan, value, Scope::Group(GROUP)).unwrap();
    let mut of_key = session.new_scan(value).unwrap();
    session.start_scan(&mut of_key, value, Scope::Key).unwrap();
    session.clear(value, Scope::Group(GROUP)).unwrap();
    assert_eq!(drain(&mut scan, 300), Vec::from_iter(expected));
    let one = drain(&mut of_key, 300);
    assert_eq!(
        one,
        [(vec![], (rounds(4_000) - 1).to_le_bytes().to_vec())],
        "the entry of a key, without its key"
    );
}

on_each_engine!(
    scans_of_all_scopes_are_in_byte_order,
    a_scan_does_not_see_what_is_written_after_its_start,
    a_scan_does_not_see_what_another_session_writes,
    a_scan_goes_on_when_its_session_is_gone,
    flat_states_are_scanned_in_byte_order_too,
);

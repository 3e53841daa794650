//! Entries of a map in order, from a map key on.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::BTreeMap;

use common::engines::{on_each_engine, open_on, rounds};
use common::random::Random;
use keybed::block::BlockReader;
use keybed::error::ErrorKind;
use keybed::key::PartSize;
use keybed::store::StateKind;

on_each_engine!(what_is_read_is_what_the_map_has_from_a_key_on, other_states_have_no_order_to_read,);

fn what_is_read_is_what_the_map_has_from_a_key_on(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let mut random = Random::seeded();
    for (name, namespace_size, namespaces) in [
        ("plain", PartSize::NONE, vec![&b""[..]]),
        ("named", PartSize::Variable, vec![&b""[..], b"a", b"a\0", b"\xff"]),
    ] {
        let map = session.open_state(name, StateKind::Map, namespace_size).unwrap();
        let mut model: BTreeMap<(u8, usize, Vec<u8>), Vec<u8>> = BTreeMap::new();
        for _ in 0..rounds(4_000) {
            let (key, n) = (random.below(3) as u8, random.below(namespaces.len() as u64) as usize);
            let len = random.below(5);
            let map_key = random.bytes(len);
            session.set_key(9, &[b'k', key]).unwrap();
            if random.below(4) == 0 {
                session.delete(map, namespaces[n], &map_key).unwrap();
                model.remove(&(key, n, map_key));
            } else {
                let len = random.below(30);
                let value = random.bytes(len);
                session.put(map, namespaces[n], &map_key, &value).unwrap();
                model.insert((key, n, map_key), value);
            }
            if random.below(4) > 0 {
                continue;
            }
            let len = random.below(4);
            let (from, most) = (random.bytes(len), 1 + random.below(8) as usize);
            let mut buffer = vec![0; 4096];
            let len = session.read_map(map, namespaces[n], &from, most, &mut buffer).unwrap();
            let block = BlockReader::new(&buffer[..len]).unwrap();
            let found: Vec<_> = block.iter().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
            let all = model.iter().filter(|(at, _)| (at.0, at.1) == (key, n) && at.2 >= from);
            let all: Vec<_> = all.map(|(at, value)| (at.2.clone(), value.clone())).collect();
            assert_eq!(found, all[..most.min(all.len())]);
            assert_eq!(block.more(), all.len() > most);
        }
        // One that does not fit says what it needs.
        session.set_key(9, b"large").unwrap();
        session.put(map, namespaces[0], b"m", &[7; 500]).unwrap();
        let mut small = vec![0; 100];
        let len = session.read_map(map, namespaces[0], b"", 1, &mut small).unwrap();
        let needed = BlockReader::new(&small[..len]).unwrap().needed().unwrap();
        let mut buffer = vec![0; needed];
        let len = session.read_map(map, namespaces[0], b"", 1, &mut buffer).unwrap();
        assert_eq!(BlockReader::new(&buffer[..len]).unwrap().iter().count(), 1);
    }
}

fn other_states_have_no_order_to_read(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    assert_eq!(
        session.read_map(state, b"", b"", 1, &mut [0; 100]).unwrap_err().kind(),
        ErrorKind::WrongStateKind
    );
    let map = session.open_state("m", StateKind::Map, PartSize::NONE).unwrap();
    assert_eq!(session.read_map(map, b"", b"", 1, &mut [0; 100]).unwrap_err().kind(), ErrorKind::NoKey);
}

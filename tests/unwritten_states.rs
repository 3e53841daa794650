//! A state that could not be written down does not exist.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::engines::{on_each_engine, open_on};
use common::model::drain;
use keybed::key::{PartSize, Scope};
use keybed::store::StateKind;

fn a_state_that_could_not_be_written_down_leaves_nothing_of_its_kind(engine: &str) {
    for (lost, made) in [(StateKind::Value, StateKind::Map), (StateKind::Map, StateKind::Value)] {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(engine, dir.path(), &[]).unwrap();
        let mut session = store.session().unwrap();
        // The next manifest cannot be written, as on a full disk.
        let in_its_place = dir.path().join("KEYBED.new");
        std::fs::create_dir(&in_its_place).unwrap();
        session.open_state("lost", lost, PartSize::NONE).unwrap_err();
        std::fs::remove_dir(&in_its_place).unwrap();
        let state = session.open_state("made", made, PartSize::NONE).unwrap();
        session.set_key(0, b"key").unwrap();
        let map_keys: &[&[u8]] = if made == StateKind::Map { &[b"one", b"two"] } else { &[b""] };
        let entry = |key: &&[u8]| (key.to_vec(), [b"value of ", *key].concat());
        let entries: Vec<_> = map_keys.iter().map(entry).collect();
        for (key, value) in &entries {
            session.put(state, b"", key, value).unwrap();
        }
        for (key, value) in &entries {
            let mut out = [0; 20];
            let len = session.get(state, b"", key, &mut out).unwrap().unwrap();
            assert_eq!(&out[..len], value);
        }
        let mut scan = session.new_scan(state).unwrap();
        session.start_scan(&mut scan, state, Scope::Key).unwrap();
        assert_eq!(drain(&mut scan, 1000), entries);
    }
}

on_each_engine!(a_state_that_could_not_be_written_down_leaves_nothing_of_its_kind);

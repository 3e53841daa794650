//! Read-modify-write in one call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::Path;

use common::engines::{on_each_engine, open_on};
use keybed::error::ErrorKind;
use keybed::key::PartSize;
use keybed::store::{Session, StateId, StateKind, Store};

struct World {
    store: Store,
    session: Session,
    value: StateId,
    list: StateId,
    map: StateId,
}

impl World {
    fn open(engine: &str, dir: &Path) -> World {
        let store = open_on(engine, dir, &[("max-value-bytes", "100000")]).unwrap();
        let mut session = store.session().unwrap();
        let value = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
        let list = session.open_state("l", StateKind::List, PartSize::NONE).unwrap();
        let map = session.open_state("m", StateKind::Map, PartSize::Variable).unwrap();
        session.set_key(5, b"key").unwrap();
        World { store, session, value, list, map }
    }

    fn get(&mut self, state: StateId, namespace: &[u8], map_key: &[u8]) -> Option<Vec<u8>> {
        let mut out = vec![0; 100_000];
        let len = self.session.get(state, namespace, map_key, &mut out).unwrap()?;
        out.truncate(len);
        Some(out)
    }
}

fn reversed(bytes: &mut [u8]) {
    bytes.reverse();
}

fn an_absent_value_is_the_default_and_then_changed(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    for (state, namespace, map_key) in
        [(world.value, &b""[..], &b""[..]), (world.list, b"", b""), (world.map, b"ns", b"mk")]
    {
        world.session.update(state, namespace, map_key, b"default", reversed).unwrap();
        assert_eq!(world.get(state, namespace, map_key).unwrap(), b"tluafed");
        world.session.update(state, namespace, map_key, b"not used", reversed).unwrap();
        assert_eq!(world.get(state, namespace, map_key).unwrap(), b"default");
        world.session.delete(state, namespace, map_key).unwrap();
        world.session.update(state, namespace, map_key, b"", reversed).unwrap();
        assert_eq!(world.get(state, namespace, map_key).unwrap(), b"");
    }
}

fn values_of_any_length_are_changed_whole(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    for len in [0, 1, 8, 63, 64, 65, 300, 4096, 70_000, 100_000, 3] {
        let value: Vec<u8> = (0..len).map(|i| i as u8).collect();
        world.session.put(world.map, b"", b"", &value).unwrap();
        world.session.update(world.map, b"", b"", b"default", reversed).unwrap();
        let expected: Vec<u8> = value.into_iter().rev().collect();
        assert_eq!(world.get(world.map, b"", b"").unwrap(), expected);
    }
}

fn an_update_sees_what_a_list_was_appended(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    world.session.append(world.list, b"", b"ab").unwrap();
    world.session.append(world.list, b"", b"cd").unwrap();
    world.session.update(world.list, b"", b"", b"", reversed).unwrap();
    world.session.append(world.list, b"", b"e").unwrap();
    assert_eq!(world.get(world.list, b"", b"").unwrap(), b"dc,ba,e");
}

fn a_default_that_is_too_large_changes_nothing(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    let error = world.session.update(world.value, b"", b"", &[0; 100_001], reversed).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ValueTooLarge);
    assert_eq!(world.get(world.value, b"", b""), None);
}

fn sums_start_at_zero_and_wrap(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    for (state, namespace, map_key) in [(world.value, &b""[..], &b""[..]), (world.map, b"ns", b"mk")] {
        let mut add = |delta| world.session.add_i64(state, namespace, map_key, delta).unwrap();
        assert_eq!(add(5), 5);
        assert_eq!(add(-7), -2);
        assert_eq!(add(0), -2);
        assert_eq!(add(i64::MIN), i64::MAX - 1);
        assert_eq!(add(2), i64::MIN);
        assert_eq!(add(-1), i64::MAX);
        assert_eq!(world.get(state, namespace, map_key).unwrap(), i64::MAX.to_be_bytes());
    }
}

fn a_sum_is_there_after_the_store_was_closed(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    for n in 1..=3 {
        let mut world = World::open(engine, dir.path());
        assert_eq!(world.session.add_i64(world.value, b"", b"", 10).unwrap(), 10 * n);
        drop(world.session);
        world.store.close().unwrap();
    }
}

fn a_value_of_another_length_is_refused_and_stays(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    for len in [0, 1, 7, 9, 300] {
        let value = vec![1; len];
        world.session.put(world.value, b"", b"", &value).unwrap();
        let snapshot = (len == 9).then(|| world.store.snapshot().unwrap());
        let error = world.session.add_i64(world.value, b"", b"", 1).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains(&format!("{len} bytes")), "{error}");
        assert_eq!(world.get(world.value, b"", b"").unwrap(), value);
        drop(snapshot);
    }
}

fn adding_to_a_list_or_without_a_key_is_refused(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    world.session.append(world.list, b"", &[0; 8]).unwrap();
    let error = world.session.add_i64(world.list, b"", b"", 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongStateKind);
    assert_eq!(world.get(world.list, b"", b"").unwrap(), [0; 8]);
    let mut other = world.store.session().unwrap();
    let value = other.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    assert_eq!(other.add_i64(value, b"", b"", 1).unwrap_err().kind(), ErrorKind::NoKey);
    assert_eq!(other.update(value, b"", b"", b"", reversed).unwrap_err().kind(), ErrorKind::NoKey);
    assert_eq!(other.add_i64(world.value, b"", b"", 1).unwrap_err().kind(), ErrorKind::ForeignHandle);
}

fn open_snapshots_are_not_changed(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut world = World::open(engine, dir.path());
    let snapshots: Vec<_> = (0..5)
        .map(|i| {
            let snapshot = world.store.snapshot().unwrap();
            assert_eq!(world.session.add_i64(world.value, b"", b"", 1).unwrap(), i + 1);
            world.session.update(world.map, b"n", b"m", b"\x00", |bytes| bytes[0] += 1).unwrap();
            // In place, where nothing shares it any more.
            assert_eq!(world.session.add_i64(world.value, b"", b"", 0).unwrap(), i + 1);
            snapshot
        })
        .collect();
    for (i, snapshot) in snapshots.iter().enumerate() {
        let mut found = Vec::new();
        for state in ["v", "m"] {
            snapshot
                .for_each(state, 5, |_, value| {
                    found.push(value.to_vec());
                    Ok(())
                })
                .unwrap();
        }
        let expected = if i == 0 { vec![] } else { vec![(i as i64).to_be_bytes().to_vec(), vec![i as u8]] };
        assert_eq!(found, expected);
    }
}

on_each_engine!(
    an_absent_value_is_the_default_and_then_changed,
    values_of_any_length_are_changed_whole,
    an_update_sees_what_a_list_was_appended,
    a_default_that_is_too_large_changes_nothing,
    sums_start_at_zero_and_wrap,
    a_sum_is_there_after_the_store_was_closed,
    a_value_of_another_length_is_refused_and_stays,
    adding_to_a_list_or_without_a_key_is_refused,
    open_snapshots_are_not_changed,
);

//! Walks: every entry that stays is seen once, whatever is written between two steps.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::engines::{on_each_engine, open_on, rounds};
use common::random::Random;
use keybed::block::BlockReader;
use keybed::error::ErrorKind;
use keybed::key::PartSize;
use keybed::store::{Session, StateId, StateKind, Walk};

on_each_engine!(
    an_entry_that_stays_is_seen_once_whatever_is_written_between_two_steps,
    a_walk_over_many_keys_of_one_group_sees_each_once_by_single_entries,
    a_large_map_is_walked_in_small_steps,
    a_walk_shows_what_an_entry_is_when_it_comes_by,
    an_entry_that_does_not_fit_says_what_it_needs_and_is_not_lost,
    an_empty_state_ends_at_once_or_soon,
    a_walk_of_a_closed_store_is_refused,
);

type Key = (u32, Vec<u8>, Vec<u8>);
type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// A step's entries, and whether the walk goes on.
fn step(walk: &mut Walk, most: usize, buffer: &mut [u8]) -> (Entries, bool) {
    let len = walk.step(most, buffer).unwrap();
    let block = BlockReader::new(&buffer[..len]).unwrap();
    assert!(block.needed().unwrap_or(0) == 0, "the buffer is large enough");
    let entries: Vec<_> = block.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    assert!(entries.len() <= most);
    (entries, block.more())
}

fn composite(session: &mut Session, state: StateId, key: &Key) -> Vec<u8> {
    session.set_key(key.0, &key.1).unwrap();
    session.composite_key(state, b"", &key.2).unwrap().to_vec()
}

fn an_entry_that_stays_is_seen_once_whatever_is_written_between_two_steps(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let mut random = Random::seeded();
    for kind in [StateKind::Value, StateKind::Map] {
        let state = session.open_state(&format!("{kind}"), kind, PartSize::NONE).unwrap();
        let map = kind == StateKind::Map;
        let mut held: BTreeMap<Key, Vec<u8>> = BTreeMap::new();
        let any_key = |random: &mut Random, width: u64| -> Key {
            let n = random.below(width);
            let key = if map { n / 100 } else { n };
            (
                random.below(5) as u32 * 20,
                key.to_be_bytes().to_vec(),
                if map { n.to_string().into_bytes() } else { vec![] },
            )
        };
        let mut walk = session.new_walk(state).unwrap();
        let mut buffer = vec![0; 1 << 16];
        for round in 0..rounds(60) {
            // Grows from few entries to many and back.
            let width = [20, 2_000, 40_000, 300][round as usize % 4];
            let mut untouched: BTreeMap<Vec<u8>, Vec<u8>> = held
                .iter()
                .map(|(key, value)| (composite(&mut session, state, key), value.clone()))
                .collect();
            let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
            let (mut more, mut steps) = (true, 0u64);
            while more {
                let most = 1 + random.below(40) as usize;
                let (entries, goes_on) = step(&mut walk, most, &mut buffer);
                more = goes_on;
                for (key, value) in entries {
                    if let Some(expected) = untouched.get(&key) {
                        assert_eq!(&value, expected);
                        assert!(seen.insert(key), "an entry that stays comes once");
                    }
                }
                steps += 1;
                assert!(steps < 1_000_000, "a walk comes to its end");
                for _ in 0..if steps < 400 { random.below(30) } else { 0 } {
                    let key = any_key(&mut random, width);
                    untouched.remove(&composite(&mut session, state, &key));
                    session.set_key(key.0, &key.1).unwrap();
                    if random.below(3) == 0 {
                        session.delete(state, b"", &key.2).unwrap();
                        held.remove(&key);
                    } else {
                        let len = random.below(50);
                        let value = random.bytes(len);
                        session.put(state, b"", &key.2, &value).unwrap();
                        held.insert(key, value);
                    }
                }
                if random.below(200) == 0 {
                    // Segments are copied, and so are the nodes of maps.
                    drop(store.snapshot().unwrap());
                }
            }
            assert!(
                untouched.keys().all(|key| seen.contains(key)),
                "round {round}: all that stayed was seen"
            );
            if round % 4 == 3 {
                let kept: Vec<Key> = held.keys().cloned().collect();
                for key in kept.into_iter().filter(|key| key.1.last() != Some(&1)) {
                    session.set_key(key.0, &key.1).unwrap();
                    session.delete(state, b"", &key.2).unwrap();
                    held.remove(&key);
                }
            }
        }
    }
}

/// So many that some keys share their tag: 27 bits of the hash.
fn a_walk_over_many_keys_of_one_group_sees_each_once_by_single_entries(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let keys = if engine == "table" { rounds(100_000) } else { rounds(10_000) };
    for kind in [StateKind::Value, StateKind::Map] {
        let state = session.open_state(&format!("{kind}"), kind, PartSize::NONE).unwrap();
        let rests: &[&[u8]] = if kind == StateKind::Map { &[b"", b"a", b"b"] } else { &[b""] };
        for n in 0..keys {
            session.set_key(3, &n.to_be_bytes()).unwrap();
            for rest in rests {
                session.put(state, b"", rest, &n.to_le_bytes()).unwrap();
            }
        }
        for most in [1, 2, 1000] {
            let mut walk = session.new_walk(state).unwrap();
            let mut buffer = vec![0; 1 << 16];
            let mut seen = BTreeSet::new();
            loop {
                let (entries, more) = step(&mut walk, most, &mut buffer);
                for (key, _) in entries {
                    assert!(seen.insert(key), "each comes once");
                }
                if !more {
                    break;
                }
            }
            assert_eq!(seen.len() as u64, keys * rests.len() as u64);
        }
    }
}

fn a_large_map_is_walked_in_small_steps(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("m", StateKind::Map, PartSize::NONE).unwrap();
    session.set_key(1, b"key").unwrap();
    for n in 0..5000u32 {
        session.put(state, b"", &n.to_be_bytes(), b"v").unwrap();
    }
    let mut walk = session.new_walk(state).unwrap();
    let mut buffer = vec![0; 4096];
    let (mut count, mut steps) = (0, 0);
    loop {
        let (entries, more) = step(&mut walk, 7, &mut buffer);
        count += entries.len();
        steps += 1;
        if !more {
            break;
        }
        // What has been seen goes; the place stays.
        for (key, _) in entries {
            session.delete(state, b"", &key[key.len() - 4..]).unwrap();
        }
    }
    assert_eq!(count, 5000);
    assert!(steps > 700);
}

fn a_walk_shows_what_an_entry_is_when_it_comes_by(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    for n in 0..100u8 {
        session.set_key(u32::from(n), &[n]).unwrap();
        session.put(state, b"", b"", b"old").unwrap();
    }
    let mut walk = session.new_walk(state).unwrap();
    let mut buffer = vec![0; 4096];
    let (first, _) = step(&mut walk, 1, &mut buffer);
    for n in 0..100u8 {
        session.set_key(u32::from(n), &[n]).unwrap();
        session.put(state, b"", b"", b"newer").unwrap();
    }
    let mut all = first;
    loop {
        let (entries, more) = step(&mut walk, 10, &mut buffer);
        all.extend(entries);
        if !more {
            break;
        }
    }
    assert_eq!(all.len(), 100);
    assert_eq!(all.iter().filter(|(_, value)| value == b"old").count(), 1);
    // After its end it starts anew.
    assert_eq!(step(&mut walk, 1, &mut buffer).0, [(all[0].0.clone(), b"newer".to_vec())]);
}

fn an_entry_that_does_not_fit_says_what_it_needs_and_is_not_lost(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    for kind in [StateKind::Value, StateKind::Map] {
        let state = session.open_state(&format!("{kind}"), kind, PartSize::NONE).unwrap();
        for n in 0..20u8 {
            session.set_key(5, &[1 + n / 4]).unwrap();
            let rest: &[u8] = if kind == StateKind::Map { &[n] } else { &[] };
            session.put(state, b"", rest, &vec![n; usize::from(n) * 40]).unwrap();
        }
        let mut walk = session.new_walk(state).unwrap();
        let (mut size, mut values) = (64, BTreeSet::new());
        loop {
            let mut buffer = vec![0; size];
            let len = walk.step(3, &mut buffer).unwrap();
            let block = BlockReader::new(&buffer[..len]).unwrap();
            for (_, value) in block.iter() {
                assert!(values.insert(value.to_vec()));
            }
            size = block.needed().unwrap_or(64).max(64);
            if !block.more() {
                break;
            }
        }
        assert_eq!(values.len(), if kind == StateKind::Map { 20 } else { 5 });
    }
}

fn an_empty_state_ends_at_once_or_soon(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[("max-parallelism", "32768")]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let mut walk = session.new_walk(state).unwrap();
    let mut buffer = vec![0; 4096];
    let steps = (1..).find(|_| !step(&mut walk, 5, &mut buffer).1).unwrap();
    assert!(steps <= 9, "{steps}");
}

fn a_walk_of_a_closed_store_is_refused(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let mut walk = session.new_walk(state).unwrap();
    store.close().unwrap();
    assert_eq!(walk.step(5, &mut [0; 4096]).unwrap_err().kind(), ErrorKind::Closed);
}

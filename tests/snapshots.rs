//! Snapshots show exactly their moment, whatever is written meanwhile, on any thread.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::Path;
use std::sync::mpsc;
use std::thread;

use common::engines::{on_each_engine, open_on, rounds};
use common::model::{MAX_PARALLELISM, Model, States, Subject};
use common::random::Random;
use keybed::error::{Error, ErrorKind};
use keybed::key::{PartSize, Scope};
use keybed::options::StoreOptions;
use keybed::store::{Session, Snapshot, StateId, StateKind, Store};

/// Opens snapshots amid random operations, keeps several, reads them here and on another thread, drops them in any
/// order, and reads the last ones when session and store are gone.
fn moments(engine: &str, namespace: PartSize) {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::from_pairs([("engine", engine)]).unwrap();
    options.keys.max_parallelism = MAX_PARALLELISM;
    let keys = options.keys;
    let mut model = Model::new(Random::seeded(), keys, namespace);
    let mut subject = Subject::open(dir.path(), &options, namespace);
    let (to_reader, from_main) = mpsc::channel::<(Snapshot, States)>();
    let reader = thread::spawn(move || {
        from_main
            .iter()
            .map(|(snapshot, states)| Model::check_snapshot(&snapshot, &states, keys, namespace))
            .count()
    });
    let mut kept: Vec<(Snapshot, States)> = Vec::new();
    for _ in 0..rounds(100) {
        for _ in 0..model.random.below(300) {
            model.step(&mut subject);
        }
        let moment = (subject.store.snapshot().unwrap(), model.states.clone());
        match model.random.below(3) {
            0 => to_reader.send(moment).unwrap(),
            _ => kept.push(moment),
        }
        if kept.len() > 4 {
            let (snapshot, states) = kept.swap_remove(model.random.below(5) as usize);
            Model::check_snapshot(&snapshot, &states, keys, namespace);
        }
    }
    subject.close();
    assert!(!kept.is_empty());
    for (snapshot, states) in kept {
        Model::check_snapshot(&snapshot, &states, keys, namespace);
    }
    drop(to_reader);
    assert!(reader.join().unwrap() > 0);
    Subject::open(dir.path(), &options, namespace).close();
}

fn snapshots_show_their_moments_with_namespaces(engine: &str) {
    moments(engine, PartSize::Variable);
}

fn snapshots_show_their_moments_without_namespaces(engine: &str) {
    moments(engine, PartSize::NONE);
}

/// A store with ten keys in each of the first four groups, in a value and a map state.
fn filled(engine: &str, dir: &Path) -> (Store, Session, [StateId; 2]) {
    let store = open_on(engine, dir, &[]).unwrap();
    let mut session = store.session().unwrap();
    let value = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let map = session.open_state("m", StateKind::Map, PartSize::NONE).unwrap();
    for i in 0..40u8 {
        session.set_key(u32::from(i % 4), &[i]).unwrap();
        session.put(value, b"", b"", b"first").unwrap();
        session.put(map, b"", &[i], b"first").unwrap();
    }
    (store, session, [value, map])
}

/// Overwrites, deletes and clears what is there, and adds.
fn write_over(session: &mut Session, [value, map]: [StateId; 2]) {
    for i in 0..80u8 {
        session.set_key(u32::from(i % 4), &[i]).unwrap();
        match i % 3 {
            0 => session.delete(value, b"", b"").unwrap(),
            _ => session.put(value, b"", b"", b"later and longer").unwrap(),
        }
        session.clear(map, Scope::Key).unwrap();
        session.put(map, b"", b"another", b"later").unwrap();
    }
    session.clear(value, Scope::Group(3)).unwrap();
}

/// Number of entries of a group, all of which must be of the first moment.
fn first(snapshot: &Snapshot, state: &str, group: u32) -> Result<usize, Error> {
    let mut n = 0;
    snapshot.for_each(state, group, |_, value| {
        assert_eq!(value, b"first");
        n += 1;
        Ok(())
    })?;
    Ok(n)
}

fn a_released_group_is_closed_and_no_other_is(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, states) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    let other = store.snapshot().unwrap();
    write_over(&mut session, states);
    snapshot.release("v", 1).unwrap();
    snapshot.release("v", 1).unwrap();
    write_over(&mut session, states);
    assert_eq!(first(&snapshot, "v", 1).unwrap_err().kind(), ErrorKind::Closed);
    for (state, group) in [("v", 0), ("v", 2), ("v", 3), ("m", 0), ("m", 1)] {
        assert_eq!(first(&snapshot, state, group).unwrap(), 10);
    }
    assert_eq!(first(&other, "v", 1).unwrap(), 10, "other snapshots have it");
}

fn a_released_group_without_entries_is_closed_too(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, _session, _) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    assert_eq!(first(&snapshot, "v", 9).unwrap(), 0);
    snapshot.release("v", 9).unwrap();
    assert_eq!(first(&snapshot, "v", 9).unwrap_err().kind(), ErrorKind::Closed);
}

fn a_group_released_while_it_is_read_is_read_to_its_end(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, states) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    let mut n = 0;
    snapshot
        .for_each("m", 2, |_, value| {
            snapshot.release("m", 2).unwrap();
            write_over(&mut session, states);
            assert_eq!(value, b"first");
            n += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(n, 10);
    assert_eq!(first(&snapshot, "m", 2).unwrap_err().kind(), ErrorKind::Closed);
}

fn one_snapshot_is_read_by_several_threads_at_once(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, states) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..rounds(200) {
                        for (state, group) in [("v", 0), ("m", 1), ("v", 2), ("m", 3)] {
                            assert_eq!(first(&snapshot, state, group).unwrap(), 10);
                        }
                    }
                })
            })
            .collect();
        while readers.iter().any(|reader| !reader.is_finished()) {
            write_over(&mut session, states);
        }
    });
}

fn the_readers_error_ends_the_walk_and_comes_back(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, _session, _) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    let mut n = 0;
    let error = snapshot
        .for_each("v", 0, |_, _| {
            n += 1;
            if n == 3 { Err(Error::new(ErrorKind::Io, "the reader's own")) } else { Ok(()) }
        })
        .unwrap_err();
    assert_eq!((n, error.kind(), error.message()), (3, ErrorKind::Io, "the reader's own"));
    assert_eq!(first(&snapshot, "v", 0).unwrap(), 10, "and it can be read again");
}

fn states_and_groups_that_a_snapshot_has_not_are_named(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, _) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    session.open_state("later", StateKind::Value, PartSize::NONE).unwrap();
    let names: Vec<_> = snapshot.states().iter().map(|state| &state.name[..]).collect();
    assert_eq!((names, snapshot.groups()), (vec!["v", "m"], 128));
    for error in [first(&snapshot, "later", 0).unwrap_err(), snapshot.release("later", 0).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::StateNotFound);
        assert!(error.message().contains("later"), "{error}");
    }
    for error in [first(&snapshot, "v", 128).unwrap_err(), snapshot.release("v", 128).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::KeyGroupOutOfRange);
    }
}

fn a_snapshot_outlives_session_and_store_and_holds_the_directory(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, states) = filled(engine, dir.path());
    let snapshot = store.snapshot().unwrap();
    write_over(&mut session, states);
    drop(session);
    store.close().unwrap();
    assert_eq!(open_on(engine, dir.path(), &[]).unwrap_err().kind(), ErrorKind::Locked);
    thread::spawn(move || assert_eq!(first(&snapshot, "v", 3).unwrap(), 10)).join().unwrap();
    open_on(engine, dir.path(), &[]).unwrap();
}

/// One namespace of a state can be picked out, and entries are counted, whatever else is in the group.
fn entries_of_a_namespace_are_picked_out_and_counted(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    for (name, kind) in [("v", StateKind::Value), ("m", StateKind::Map)] {
        let state = session.open_state(name, kind, PartSize::Variable).unwrap();
        let map_key: &[u8] = if kind == StateKind::Map { b"k" } else { b"" };
        for i in 0..30u8 {
            session.set_key(2, &[0, i]).unwrap();
            session.put(state, &[i % 3, 0], map_key, &[i]).unwrap();
            session.put(state, b"elsewhere", map_key, &[i]).unwrap();
        }
        let snapshot = store.snapshot().unwrap();
        let mut seen = Vec::new();
        let mut note = |key: &[u8], found: &[u8], value: &[u8]| {
            assert_eq!((found, key), (map_key, &[0, value[0]][..]));
            seen.push(value[0]);
            Ok(())
        };
        snapshot.for_each_in_namespace(name, 2, &[1, 0], &mut note).unwrap();
        snapshot.for_each_in_namespace(name, 3, &[1, 0], &mut note).unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..30).filter(|i| i % 3 == 1).collect::<Vec<u8>>());
        assert_eq!((snapshot.count(name, 2).unwrap(), snapshot.count(name, 3).unwrap()), (60, 0));
        snapshot.release(name, 2).unwrap();
        assert_eq!(snapshot.count(name, 2).unwrap_err().kind(), ErrorKind::Closed);
    }
    let flink = tempfile::tempdir().unwrap();
    let store = open_on(engine, flink.path(), &[("key-encoding", "flink")]).unwrap();
    store.session().unwrap().open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let refused = store.snapshot().unwrap().for_each_in_namespace("v", 0, b"", |_, _, _| Ok(()));
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
}

on_each_engine!(
    entries_of_a_namespace_are_picked_out_and_counted,
    snapshots_show_their_moments_with_namespaces,
    snapshots_show_their_moments_without_namespaces,
    a_released_group_is_closed_and_no_other_is,
    a_released_group_without_entries_is_closed_too,
    a_group_released_while_it_is_read_is_read_to_its_end,
    one_snapshot_is_read_by_several_threads_at_once,
    the_readers_error_ends_the_walk_and_comes_back,
    states_and_groups_that_a_snapshot_has_not_are_named,
    a_snapshot_outlives_session_and_store_and_holds_the_directory,
);

fn statistic(store: &Store, name: &str) -> u64 {
    let all = store.statistics().unwrap();
    all.iter().find(|(known, _)| known == name).unwrap().1.parse().unwrap()
}

#[test]
fn a_table_gives_back_what_a_snapshot_kept_group_by_group() {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, states) = filled("table", dir.path());
    let retired = || statistic(&store, "memory.retired-bytes");
    let snapshot = store.snapshot().unwrap();
    assert_eq!(retired(), 0, "opening one costs nothing");
    write_over(&mut session, states);
    let mut before = retired();
    assert!(before > 0);
    for (state, group) in [("v", 0), ("v", 1), ("m", 0), ("m", 1), ("m", 2)] {
        snapshot.release(state, group).unwrap();
        assert!(retired() < before);
        before = retired();
    }
    drop(snapshot);
    assert_eq!(retired(), 0);
}

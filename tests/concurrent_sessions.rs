//! Several sessions of one store, each on a thread of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::engines::{on_each_engine, open_on, rounds};
use common::model::drain;
use keybed::key::{PartSize, Scope};
use keybed::store::{Session, Snapshot, StateId, StateKind, Store, WriteBatch};

const GROUPS: u32 = 3;

fn open(store: &Store) -> (Session, [StateId; 2]) {
    let mut session = store.session().unwrap();
    let a = session.open_state("a", StateKind::Value, PartSize::NONE).unwrap();
    let b = session.open_state("b", StateKind::Map, PartSize::NONE).unwrap();
    (session, [a, b])
}

/// Entries of a state in a snapshot, without their key groups.
fn entries(snapshot: &Snapshot, state: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut all = BTreeMap::new();
    for group in 0..GROUPS {
        let each = |key: &[u8], value: &[u8]| {
            all.insert(key[1..].to_vec(), value.to_vec());
            Ok(())
        };
        snapshot.for_each(state, group, each).unwrap();
    }
    all
}

/// Batches of two threads, to the same states and key groups; a third opens snapshots. Each shows of each thread a number
/// of whole batches, none missing before another.
fn batches_of_two_sessions_are_whole_and_in_order_in_every_snapshot(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let count = rounds(5_000) as u32;
    drop(open(&store));
    let write = |me: u8| {
        let (mut session, [a, b]) = open(&store);
        let mut batch = WriteBatch::new();
        for i in 0..count {
            let name = [&[me][..], &i.to_be_bytes()].concat();
            session.set_key(i % GROUPS, &name).unwrap();
            session.batch_put(&mut batch, a, b"", b"", &name).unwrap();
            // One map for all batches of a group, of both threads.
            session.set_key(i % GROUPS, b"shared").unwrap();
            session.batch_put(&mut batch, b, b"", &name, &name).unwrap();
            session.commit(&mut batch).unwrap();
        }
    };
    let check = |snapshot: &Snapshot| {
        let of = |state: &str| -> BTreeSet<(u8, u32)> {
            let name = |name: Vec<u8>| (name[0], u32::from_be_bytes(name[1..].try_into().unwrap()));
            entries(snapshot, state).into_values().map(name).collect()
        };
        let (a, b) = (of("a"), of("b"));
        assert_eq!(a, b, "batches are whole");
        for me in [1, 2] {
            let numbers = a.iter().filter(|(who, _)| *who == me).map(|(_, i)| *i);
            assert!(numbers.eq(0..a.iter().filter(|(who, _)| *who == me).count() as u32), "and in order");
        }
        a.len()
    };
    thread::scope(|scope| {
        let writers: Vec<_> = [1, 2].map(|me| scope.spawn(move || write(me))).into();
        while writers.iter().any(|writer| !writer.is_finished()) {
            check(&store.snapshot().unwrap());
        }
    });
    assert_eq!(check(&store.snapshot().unwrap()), 2 * count as usize);
}

/// What each thread wrote last is what it reads, whatever the other does to keys beside its own.
fn a_session_reads_its_own_writes_beside_another(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let work = |me: u8| {
        let (mut session, [a, b]) = open(&store);
        let mut scan = session.new_scan(b).unwrap();
        let mut model = BTreeMap::new();
        for i in 0..rounds(10_000) {
            let name = [me, (i * 7 % 50) as u8 + 1];
            session.set_key(name[1] as u32 % GROUPS, &name).unwrap();
            let value = vec![me; (i % 90) as usize];
            match i % 4 {
                0 => {
                    session.delete(a, b"", b"").unwrap();
                    model.remove(&name);
                }
                _ => {
                    session.put(a, b"", b"", &value).unwrap();
                    model.insert(name, value);
                }
            }
            session.put(b, b"", &[i as u8], &[me]).unwrap();
            let mut out = [0; 100];
            let found = session.get(a, b"", b"", &mut out).unwrap();
            assert_eq!(found.map(|len| &out[..len]), model.get(&name).map(Vec::as_slice));
            if i % 64 == 0 {
                session.start_scan(&mut scan, b, Scope::Namespace(b"")).unwrap();
                assert!(drain(&mut scan, 300).iter().all(|(_, value)| value == &[me]));
                session.clear(b, Scope::Key).unwrap();
            }
        }
        model
    };
    let mut expected = BTreeMap::new();
    thread::scope(|scope| {
        for worker in [1, 2].map(|me| scope.spawn(move || work(me))) {
            expected.extend(worker.join().unwrap());
        }
    });
    let (mut session, [a, _]) = open(&store);
    for (name, value) in expected {
        session.set_key(name[1] as u32 % GROUPS, &name).unwrap();
        let mut out = [0; 100];
        let len = session.get(a, b"", b"", &mut out).unwrap().unwrap();
        assert_eq!(out[..len], value);
    }
}

fn sums_of_two_sessions_lose_nothing(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    let count = rounds(20_000) as i64;
    let both_ready = AtomicUsize::new(0);
    let add = || {
        let (mut session, [a, b]) = open(&store);
        session.set_key(1, b"shared").unwrap();
        both_ready.fetch_add(1, Ordering::SeqCst);
        while both_ready.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        for i in 0..count {
            session.add_i64(a, b"", b"", 1).unwrap();
            session
                .update(b, b"", &[i as u8 % 3], &[0; 4], |bytes| {
                    let n = u32::from_le_bytes(bytes.try_into().unwrap());
                    bytes.copy_from_slice(&(n + 1).to_le_bytes());
                })
                .unwrap();
        }
    };
    thread::scope(|scope| {
        scope.spawn(add);
        scope.spawn(add);
    });
    let (mut session, [a, b]) = open(&store);
    session.set_key(1, b"shared").unwrap();
    assert_eq!(session.add_i64(a, b"", b"", 0).unwrap(), 2 * count);
    let sum: u32 = (0..3)
        .map(|i| {
            let mut out = [0; 4];
            session.get(b, b"", &[i], &mut out).unwrap();
            u32::from_le_bytes(out)
        })
        .sum();
    assert_eq!(i64::from(sum), 2 * count);
}

fn flushes_beside_writers_lose_nothing(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let write = |store: &Store, me: u8| {
        let (mut session, [a, _]) = open(store);
        for i in 0..rounds(10_000) as u32 {
            session.set_key(i % GROUPS, &[&[me][..], &i.to_be_bytes()].concat()).unwrap();
            session.put(a, b"", b"", &[me]).unwrap();
        }
    };
    let store = open_on(engine, dir.path(), &[]).unwrap();
    thread::scope(|scope| {
        let writers = [1, 2].map(|me| {
            scope.spawn({
                let store = &store;
                move || write(store, me)
            })
        });
        while writers.iter().any(|writer| !writer.is_finished()) {
            store.flush().unwrap();
        }
    });
    store.close().unwrap();
    assert_eq!(count_of(engine, dir.path()), 2 * rounds(10_000) as usize);
}

fn count_of(engine: &str, dir: &Path) -> usize {
    let store = open_on(engine, dir, &[]).unwrap();
    let snapshot = store.snapshot().unwrap();
    entries(&snapshot, "a").len()
}

on_each_engine!(
    batches_of_two_sessions_are_whole_and_in_order_in_every_snapshot,
    a_session_reads_its_own_writes_beside_another,
    sums_of_two_sessions_lose_nothing,
    flushes_beside_writers_lose_nothing,
);

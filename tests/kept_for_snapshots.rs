//! A snapshot keeps what was overwritten since, once, however it is overwritten.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::engines::open_on;
use keybed::key::{PartSize, Scope};
use keybed::store::{Session, StateId, StateKind, Store, WriteBatch};

const KEYS: u32 = 20_000;
/// What is kept by no means: five times every block there is.
const TOO_MUCH: u64 = 5 * 3 * (1 << 20);

fn filled(limit: &str, kind: StateKind) -> (tempfile::TempDir, Store, Session, StateId) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on("table", dir.path(), &[("memory.limit-bytes", limit)]).unwrap();
    let mut session = store.session().unwrap();
    let namespace = if kind == StateKind::Map { PartSize::Fixed(1) } else { PartSize::NONE };
    let state = session.open_state("state", kind, namespace).unwrap();
    for n in 0..KEYS {
        key(&mut session, n);
        match kind {
            StateKind::Map => session.put(state, b"n", b"map key", b"a value").unwrap(),
            _ => session.put(state, b"", b"", b"a value").unwrap(),
        }
    }
    (dir, store, session, state)
}

fn key(session: &mut Session, n: u32) {
    session.set_key(n % 4, &n.to_be_bytes()).unwrap();
}

#[track_caller]
fn assert_little_is_kept(store: &Store) {
    let all = store.statistics().unwrap();
    let kept: u64 = all.iter().find(|(name, _)| name == "memory.retired-bytes").unwrap().1.parse().unwrap();
    assert!(kept < TOO_MUCH, "{kept} bytes are kept");
}

#[test]
fn single_puts_keep_what_they_overwrite_once() {
    let (_dir, store, mut session, state) = filled("0", StateKind::Value);
    let _snapshot = store.snapshot().unwrap();
    for n in 0..50 * KEYS {
        key(&mut session, n % KEYS);
        session.put(state, b"", b"", b"another").unwrap();
    }
    assert_little_is_kept(&store);
}

#[test]
fn batches_near_the_limit_keep_what_they_overwrite_once() {
    let (_dir, store, mut session, state) = filled("100000000", StateKind::Value);
    let _snapshot = store.snapshot().unwrap();
    for _ in 0..200 {
        let mut batch = WriteBatch::new();
        for n in 0..KEYS / 10 {
            key(&mut session, n * 10);
            session.batch_put(&mut batch, state, b"", b"", b"another").unwrap();
        }
        session.commit(&mut batch).unwrap();
    }
    assert_little_is_kept(&store);
}

#[test]
fn clears_of_namespaces_keep_what_they_remove_once() {
    let (_dir, store, mut session, state) = filled("0", StateKind::Map);
    let _snapshot = store.snapshot().unwrap();
    for n in 0..KEYS / 2 {
        key(&mut session, n);
        session.clear(state, Scope::Namespace(b"n")).unwrap();
    }
    assert_little_is_kept(&store);
}

#[test]
fn short_snapshots_beside_a_long_one_keep_nothing_when_they_are_gone() {
    let (_dir, store, mut session, state) = filled("0", StateKind::Value);
    let _snapshot = store.snapshot().unwrap();
    for _ in 0..KEYS / 2 {
        let short = store.snapshot().unwrap();
        key(&mut session, 1);
        session.put(state, b"", b"", b"another").unwrap();
        drop(short);
    }
    assert_little_is_kept(&store);
}

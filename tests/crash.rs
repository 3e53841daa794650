//! A killed process leaves a store that opens, with every batch whole or not there at all.
#![cfg(feature = "rocks")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keybed::key::PartSize;
use keybed::options::StoreOptions;
use keybed::store::{Session, StateId, StateKind, Store, WriteBatch};

const CHILD: &str = "KEYBED_CRASH_CHILD";
const KILLS: u32 = 12;

fn open(dir: &Path, wal: bool) -> (Store, Session, [StateId; 2]) {
    let pairs = [("rocks.write-buffer-bytes", "65536"), ("rocks.wal", if wal { "true" } else { "false" })];
    let store = Store::open(dir, &StoreOptions::from_pairs(pairs).unwrap()).unwrap();
    let mut session = store.session().unwrap();
    let states = ["a", "b"].map(|name| session.open_state(name, StateKind::Value, PartSize::NONE).unwrap());
    (store, session, states)
}

fn has(session: &mut Session, state: StateId, i: u64) -> bool {
    session.set_key((i % 128) as u32, &i.to_be_bytes()).unwrap();
    session.contains(state, b"", b"").unwrap()
}

/// Number of batches there, after checking that each is whole and that none is missing before another.
fn check(session: &mut Session, states: [StateId; 2], upto: u64) -> u64 {
    let mut n = 0;
    while has(session, states[0], n) {
        assert!(has(session, states[1], n), "batch {n} is half there");
        n += 1;
    }
    for i in n..upto {
        assert!(!has(session, states[0], i) && !has(session, states[1], i), "batch {i} is there, {n} is not");
    }
    n
}

/// Writes batches over two states, of different sizes so that their memtables fill at different times, until killed.
fn write_until_killed(dir: &Path, wal: bool) {
    let (_store, mut session, states) = open(dir, wal);
    let mut next = check(&mut session, states, 0);
    let mut batch = WriteBatch::new();
    loop {
        session.set_key((next % 128) as u32, &next.to_be_bytes()).unwrap();
        session.batch_put(&mut batch, states[0], b"", b"", &[1; 10]).unwrap();
        session.batch_put(&mut batch, states[1], b"", b"", &[2; 100]).unwrap();
        session.commit(&mut batch).unwrap();
        next += 1;
    }
}

fn kill_again_and_again(test: &str, wal: bool) {
    if let Some(dir) = std::env::var_os(CHILD) {
        return write_until_killed(Path::new(&dir), wal);
    }
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    let mut random = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 | 1;
    let mut found = 0;
    for kill in 0..KILLS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(CHILD, &store)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // The first few hit the making of the store, the others its writing.
        std::thread::sleep(Duration::from_millis(if kill < 4 { random % 40 } else { 50 + random % 250 }));
        assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        let (opened, mut session, states) = open(&store, wal);
        let now = check(&mut session, states, found + 200_000);
        assert!(now >= found, "{found} batches were there before, {now} are there now");
        found = now;
        drop(session);
        opened.close().unwrap();
    }
    assert!(found > 0, "something was written");
    println!("{KILLS} kills, {found} batches");
}

#[test]
fn batches_over_states_are_whole_after_kills_without_a_log() {
    kill_again_and_again("batches_over_states_are_whole_after_kills_without_a_log", false);
}

#[test]
fn batches_over_states_are_whole_after_kills_with_a_log() {
    kill_again_and_again("batches_over_states_are_whole_after_kills_with_a_log", true);
}

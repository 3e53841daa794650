//! A killed process leaves a store that opens, with every batch whole or not there at all. Of a table it holds exactly
//! what the last flush wrote.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use common::child;
use common::engines::open_on;
use common::files::names;
use common::random::Random;
use keybed::key::PartSize;
use keybed::store::{Session, StateId, StateKind, Store, WriteBatch};

const KILLS: u32 = 12;
/// Batches between two flushes of a table. RocksDB flushes by itself.
const FLUSH_EVERY: u64 = 200;

/// What is opened, in this process and in the one that is killed.
struct Writer {
    store: Store,
    session: Session,
    /// An entry a batch in each of the first two; the last has one entry, the number of batches.
    states: [StateId; 3],
}

impl Writer {
    fn open(engine: &str, dir: &Path, wal: &str) -> Writer {
        let pairs = [("rocks.write-buffer-bytes", "65536"), ("rocks.wal", wal)];
        let store = open_on(engine, dir, &pairs).unwrap();
        let mut session = store.session().unwrap();
        let open = |name| session.open_state(name, StateKind::Value, PartSize::NONE).unwrap();
        let states = ["a", "b", "count"].map(open);
        Writer { store, session, states }
    }

    fn has(&mut self, state: usize, i: u64) -> bool {
        self.session.set_key((i % 128) as u32, &i.to_be_bytes()).unwrap();
        self.session.contains(self.states[state], b"", b"").unwrap()
    }

    /// Number of entries of a state.
    fn entries(&self, state: &str) -> u64 {
        let snapshot = self.store.snapshot().unwrap();
        let mut n = 0;
        for group in 0..snapshot.groups() {
            let each = |_: &[u8], _: &[u8]| {
                n += 1;
                Ok(())
            };
            snapshot.for_each(state, group, each).unwrap();
        }
        n
    }

    /// Number of batches there, after checking that each is whole and that none is missing before another.
    fn check(&mut self) -> u64 {
        let n = (0..).find(|i| !self.has(0, *i)).unwrap();
        assert_eq!(self.entries("a"), n, "a batch is there and one before it is not");
        assert_eq!(self.entries("b"), n, "a batch is half there");
        assert!((0..n).all(|i| self.has(1, i)), "a batch is half there");
        self.session.set_key(0, b"n").unwrap();
        let mut count = [0; 8];
        let found = self.session.get(self.states[2], b"", b"", &mut count).unwrap();
        assert_eq!((found, u64::from_be_bytes(count)), (if n == 0 { None } else { Some(8) }, n));
        n
    }

    /// One batch over all states, of different sizes so that their memtables fill at different times.
    fn write(&mut self, batch: &mut WriteBatch, i: u64) {
        let (session, [a, b, count]) = (&mut self.session, self.states);
        session.set_key((i % 128) as u32, &i.to_be_bytes()).unwrap();
        session.batch_put(batch, a, b"", b"", &[1; 10]).unwrap();
        session.batch_put(batch, b, b"", b"", &[2; 100]).unwrap();
        session.set_key(0, b"n").unwrap();
        session.batch_put(batch, count, b"", b"", &(i + 1).to_be_bytes()).unwrap();
        session.commit(batch).unwrap();
    }
}

/// What the writer says of its flushes, in a file of its own beside the store: batches that the last one to begin
/// covers, and the last one to end. A kill takes nothing back that was written to a file.
struct Progress(File);

impl Progress {
    fn of(store: &Path) -> Progress {
        let path = store.with_extension("progress");
        Progress(File::options().create(true).truncate(false).write(true).read(true).open(path).unwrap())
    }

    fn says(&self, at: u64, n: u64) {
        self.0.write_all_at(&n.to_le_bytes(), at).unwrap();
    }

    fn said(&self, at: u64) -> u64 {
        let mut n = [0; 8];
        // Nothing yet is 0.
        let _ = self.0.read_at(&mut n, at).unwrap();
        u64::from_le_bytes(n)
    }
}

const BEGUN: u64 = 0;
const ENDED: u64 = 8;

fn write_until_killed(engine: &str, dir: &Path, wal: &str) {
    let progress = Progress::of(dir);
    let mut writer = Writer::open(engine, dir, wal);
    let mut next = writer.check();
    let mut batch = WriteBatch::new();
    loop {
        writer.write(&mut batch, next);
        next += 1;
        if engine == "table" && next.is_multiple_of(FLUSH_EVERY) {
            progress.says(BEGUN, next);
            writer.store.flush().unwrap();
            progress.says(ENDED, next);
        }
    }
}

/// Runs the writer and kills it, many times; `check` gets what the store holds after each kill, and before.
fn kill_again_and_again(test: &str, engine: &str, wal: &str, check: impl Fn(&Path, u64, u64)) {
    if let Some(dir) = child::in_child() {
        return write_until_killed(engine, &dir, wal);
    }
    let dir = tempfile::tempdir().unwrap();
    let store: PathBuf = dir.path().join("store");
    let mut random = Random::seeded();
    let mut before = 0;
    for kill in 0..KILLS {
        let mut child = child::command(test, &store, "").stdout(Stdio::null()).spawn().unwrap();
        // The first few hit the making of the store, the others its writing.
        let wait = if kill < 4 { random.below(40) } else { 50 + random.below(250) };
        std::thread::sleep(Duration::from_millis(wait));
        assert!(child.try_wait().unwrap().is_none(), "the writer ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        let mut writer = Writer::open(engine, &store, wal);
        let now = writer.check();
        assert!(now >= before, "{before} batches were there before, {now} are there now");
        check(&store, before, now);
        before = now;
        let Writer { store, session, .. } = writer;
        drop(session);
        store.close().unwrap();
    }
    assert!(before > 0, "something was written");
    println!("{KILLS} kills, {before} batches");
}

#[test]
fn a_killed_table_holds_exactly_what_its_last_flush_wrote() {
    let check = |store: &Path, before: u64, now: u64| {
        let progress = Progress::of(store);
        let (ended, begun) = (progress.said(ENDED), progress.said(BEGUN));
        // One that had begun may have ended without being able to say so.
        let may_be = [before.max(ended), begun];
        assert!(may_be.contains(&now), "{now} batches are there, not one of {may_be:?}");
        assert_eq!(names(store), ["KEYBED", "LOCK", "table/ENTRIES"], "and no stray file");
    };
    kill_again_and_again("a_killed_table_holds_exactly_what_its_last_flush_wrote", "table", "false", check);
}

#[cfg(feature = "rocks")]
#[test]
fn batches_over_states_are_whole_after_kills_without_a_log() {
    let test = "batches_over_states_are_whole_after_kills_without_a_log";
    kill_again_and_again(test, "rocks", "false", |_, _, _| {});
}

#[cfg(feature = "rocks")]
#[test]
fn batches_over_states_are_whole_after_kills_with_a_log() {
    let test = "batches_over_states_are_whole_after_kills_with_a_log";
    kill_again_and_again(test, "rocks", "true", |_, _, _| {});
}

//! The n-th file operation fails, for every n, while a snapshot is written, a table flushed, a store restored: always a typed
//! error that names a path, nothing of the snapshot or of the restored store is left, the store goes on, and the same
//! succeeds when it is done again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::child;
use common::counts::say;
use common::engines::on_each_engine;
use common::files::names;
use common::stored::{Content, content, fast_dir, fill, small};
use keybed::error::{Error, ErrorKind};
use keybed::key::PartSize;
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{SnapshotDirectory, SnapshotOptions, verify};
use keybed::store::{StateKind, Store};

/// Calls that change something, and calls that read or open.
const CHANGES: u32 = 1;
const READS: u32 = 2;
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// How calls fail.
#[derive(Debug, Clone, Copy)]
struct How {
    classes: u32,
    errno: i32,
    /// All later ones fail too.
    again: bool,
}

impl How {
    fn kind(self) -> ErrorKind {
        if self.errno == EIO { ErrorKind::Io } else { ErrorKind::StorageFull }
    }
}

const WRITING: [How; 3] = [
    How { classes: CHANGES, errno: EIO, again: false },
    How { classes: CHANGES, errno: ENOSPC, again: false },
    How { classes: CHANGES, errno: ENOSPC, again: true },
];
const READING: [How; 2] =
    [How { classes: READS, errno: EIO, again: false }, How { classes: READS, errno: EIO, again: true }];

/// From now on the `n`th call fails (tests/c/failing_calls.c).
fn arm(how: How, n: u64) {
    let How { classes, errno, again } = how;
    fs::rename(format!("/keybed-fail/{classes}/{n}/{errno}/{}", u8::from(again)), "/").unwrap();
}

/// No call fails any more. The name of the one that failed, if one has.
fn disarm() -> Option<String> {
    let text = fs::read_link("/keybed-fail").unwrap().to_str().unwrap().to_string();
    let words: Vec<&str> = text.split(' ').collect();
    (words[1] != "0").then(|| words[2].to_string())
}

/// Runs `operation` with the first call failing, then the second, and so on until none does. `check` gets what came of it.
/// Returns how many calls of each name failed.
fn every_call<T>(
    how: How,
    mut operation: impl FnMut(u64) -> Result<T, Error>,
    mut check: impl FnMut(u64, Result<T, Error>),
) -> BTreeMap<String, u64> {
    let mut failed = BTreeMap::new();
    for n in 1.. {
        arm(how, n);
        let result = operation(n);
        let Some(name) = disarm() else {
            assert!(result.is_ok(), "{how:?}: no call failed");
            check(n, result);
            break;
        };
        // Of files that cannot be opened to be read RocksDB says what it likes.
        let said = |e: &Error| {
            how.classes == READS && e.message().contains("RocksDB") && e.kind() != ErrorKind::Panic
        };
        if let Err(e) = &result {
            let kind = if said(e) { e.kind() } else { how.kind() };
            assert_eq!(e.kind(), kind, "{how:?}, call {n}, {name}: {e}");
            assert!(
                e.message().contains(dir().to_str().unwrap()),
                "{how:?}, call {n}, {name}: {e} names no path"
            );
        }
        check(n, result);
        *failed.entry(name).or_default() += 1;
    }
    failed
}

fn dir() -> PathBuf {
    child::in_child().unwrap()
}

/// Runs a test in a child whose calls can be made to fail, in a directory that is made for it.
fn in_child(test: &str, engine: &str, run: impl FnOnce(&Path)) {
    if let Some(dir) = child::in_child() {
        return run(&dir);
    }
    let dir = fast_dir();
    let shim = dir.path().join("failing_calls.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/failing_calls.c");
    let compiled = Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1", "-o"])
        .args([&shim, &source])
        .arg("-ldl")
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let work = dir.path().join("work");
    fs::create_dir(&work).unwrap();
    let mut command = child::command(&format!("{engine}::{test}"), &work, "");
    command.env("LD_PRELOAD", &shim).env("KEYBED_FAIL_UNDER", &work);
    let output = command.output().unwrap();
    child::passed(&output);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| line.contains("failed:")).for_each(say);
}

fn report(what: &str, engine: &str, failed: &BTreeMap<String, u64>) {
    let sum: u64 = failed.values().sum();
    println!("{sum} calls failed: {what}, {engine}: {failed:?}");
}

fn add(all: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    more.into_iter().for_each(|(name, n)| *all.entry(name).or_default() += n);
}

fn restore(options: &StoreOptions, from: &Path) -> Content {
    let to = dir().join("checked");
    let restored = content(&Store::restore(&to, options, &[from]).unwrap());
    fs::remove_dir_all(to).unwrap();
    restored
}

fn a_snapshot_file_that_fails_leaves_nothing_and_can_be_written_again(engine: &str) {
    in_child("a_snapshot_file_that_fails_leaves_nothing_and_can_be_written_again", engine, |dir| {
        let options = small(engine, &[]);
        let store = Store::open(dir.join("store"), &options).unwrap();
        fill(&store, PartSize::Variable, 0);
        let expected = content(&store);
        let place = dir.join("snapshots");
        fs::create_dir(&place).unwrap();
        let to = place.join("file.kbs");
        let mut failed = BTreeMap::new();
        for how in WRITING {
            let with = SnapshotOptions {
                block_bytes: 4096,
                compression: if how.again { Compression::Lz4 } else { Compression::None },
                ..Default::default()
            };
            let write = |_| store.snapshot()?.write_file(&to, &with);
            let check = |_, result: Result<_, Error>| {
                if result.is_err() {
                    assert_eq!(names(&place), [""; 0], "{how:?}");
                    assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
                } else {
                    assert_eq!(names(&place), ["file.kbs"]);
                    verify(&to, &mut |_, _| true).unwrap();
                    assert!(restore(&options, &to) == expected);
                    fs::remove_file(&to).unwrap();
                }
                assert!(content(&store) == expected);
            };
            add(&mut failed, every_call(how, write, check));
        }
        for name in ["write", "fsync", "rename", "open64"] {
            assert!(failed.contains_key(name), "no {name} failed: {failed:?}");
        }
        report("snapshot files", engine, &failed);
    });
}

/// After an error RocksDB takes seconds to be opened again.
fn hows(engine: &str) -> &'static [How] {
    if engine == "rocks" { &WRITING[..1] } else { &WRITING }
}

/// Once a flush has failed RocksDB takes nothing any more, until it is opened again; its errors say so.
fn opened_again(store: Store, dir: &Path, options: &StoreOptions) -> Store {
    drop(store.close());
    Store::open(dir, options).unwrap()
}

fn put(store: &Store, n: u64) {
    let mut session = store.session().unwrap();
    let value = session.open_state("value", StateKind::Value, PartSize::Variable).unwrap();
    session.set_key((n % 4) as u32, &n.to_le_bytes()).unwrap();
    session.put(value, b"", b"", b"put").unwrap();
}

fn a_series_that_fails_leaves_nothing_and_goes_on(engine: &str) {
    in_child("a_series_that_fails_leaves_nothing_and_goes_on", engine, |dir| {
        let options = small(engine, &[]);
        let place = dir.join("snapshots");
        fs::create_dir(&place).unwrap();
        let mut failed = BTreeMap::new();
        let mut reopened = 0;
        for (i, how) in hows(engine).iter().copied().enumerate() {
            let at = dir.join(format!("store {i}"));
            let kept = at.join("SERIES");
            let begin = |store: Store| {
                let series =
                    store.snapshot_series(&SnapshotOptions { max_chain: 64, ..Default::default() }).unwrap();
                series.write(place.join("base")).unwrap();
                fs::remove_dir_all(place.join("base")).unwrap();
                Some((store, series))
            };
            let store = Store::open(&at, &options).unwrap();
            fill(&store, PartSize::Variable, 0);
            let expected = content(&store);
            let writer = RefCell::new(begin(store));
            let mut kept_files = names_if(&kept);
            let write = |n| {
                let writer = writer.borrow();
                let (store, series) = writer.as_ref().unwrap();
                put(store, n);
                series.write(place.join("next"))
            };
            let check = |_, result: Result<SnapshotDirectory, Error>| {
                let (mut store, series) = writer.take().unwrap();
                if let Err(e) = result {
                    assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "{how:?}: {e}");
                    assert_eq!(names_if(&kept), kept_files, "{how:?}: {e}");
                    if engine == "rocks" {
                        drop(series);
                        store = opened_again(store, &at, &options);
                        reopened += 1;
                        *writer.borrow_mut() = begin(store);
                        return;
                    }
                    series.write(place.join("next")).unwrap();
                }
                // Done again, or done although a call failed.
                assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
                assert!(restore(&options, &place.join("next")) == content(&store), "{how:?}");
                fs::remove_dir_all(place.join("next")).unwrap();
                drop(series);
                if engine == "rocks" {
                    // What failed may have been its own affair.
                    store = opened_again(store, &at, &options);
                }
                // A new chain, so that every time the same calls are made.
                *writer.borrow_mut() = begin(store);
                kept_files = names_if(&kept);
            };
            add(&mut failed, every_call(how, write, check));
            let (store, series) = writer.take().unwrap();
            let now = content(&store);
            assert!(expected.iter().all(|(key, value)| now.get(key) == Some(value)));
            drop(series);
            assert!(!kept.exists());
        }
        assert!(failed.contains_key("mkdir") && failed.contains_key("rename"), "{failed:?}");
        report("series", engine, &failed);
        println!("failed: {reopened} times the store had to be opened again, {engine}");
    });
}

fn names_if(dir: &Path) -> Vec<String> {
    if dir.exists() { names(dir) } else { Vec::new() }
}

fn a_flush_that_fails_loses_nothing_that_was_flushed(engine: &str) {
    in_child("a_flush_that_fails_loses_nothing_that_was_flushed", engine, |dir| {
        let options = small(engine, &[]);
        let at = dir.join("store");
        let mut store = Some(Store::open(&at, &options).unwrap());
        fill(store.as_ref().unwrap(), PartSize::Variable, 0);
        store.as_ref().unwrap().flush().unwrap();
        let (mut failed, mut reopened) = (BTreeMap::new(), 0);
        let expected = content(store.as_ref().unwrap());
        for how in hows(engine).iter().copied() {
            let store = RefCell::new(&mut store);
            let flush = |n| {
                let store = store.borrow();
                let store = store.as_ref().unwrap();
                put(store, n);
                store.flush()
            };
            let check = |_, result: Result<(), Error>| {
                let mut store = store.borrow_mut();
                if result.is_err() && engine == "table" {
                    assert_eq!(names(&at), ["KEYBED", "LOCK", "table/ENTRIES"]);
                }
                let mut again = store.take().unwrap();
                if result.is_err() && engine == "rocks" {
                    again = opened_again(again, &at, &options);
                    reopened += 1;
                }
                again.flush().unwrap();
                let now = content(&again);
                assert!(expected.iter().all(|(key, value)| now.get(key) == Some(value)));
                **store = Some(again);
            };
            add(&mut failed, every_call(how, flush, check));
        }
        let before = content(store.as_ref().unwrap());
        store.unwrap().close().unwrap();
        assert!(content(&Store::open(&at, &options).unwrap()) == before);
        report("flushes", engine, &failed);
        println!("failed: {reopened} times the store had to be opened again, {engine}");
    });
}

/// A snapshot to restore from, and what it holds.
fn source(engine: &str, series: bool) -> (PathBuf, Content) {
    let store = Store::open(dir().join("source"), &small(engine, &[])).unwrap();
    let to = dir().join("snapshot");
    fill(&store, PartSize::Variable, 0);
    if series {
        let series = store.snapshot_series(&SnapshotOptions::default()).unwrap();
        series.write(dir().join("before")).unwrap();
        fill(&store, PartSize::Variable, 1);
        series.write(&to).unwrap();
    } else {
        store.snapshot().unwrap().write_file(&to, &SnapshotOptions::default()).unwrap();
    }
    let content = content(&store);
    store.close().unwrap();
    (to, content)
}

fn restores(test: &str, engine: &str, series: bool) {
    in_child(test, engine, |dir| {
        let options = small(engine, &[]);
        let (from, expected) = source(engine, series);
        let before = common::files::content(dir);
        let to = dir.join("restored");
        let mut failed = BTreeMap::new();
        for how in WRITING.into_iter().chain(READING) {
            // Into a directory that is there, and one that is not.
            for there in [false, true] {
                if there && how.again {
                    continue;
                }
                let restore = |_| {
                    if there {
                        let _ = fs::create_dir(&to);
                    }
                    Store::restore(&to, &options, &[&from])
                };
                let check = |n, result: Result<Store, Error>| match result {
                    Ok(store) => {
                        assert!(content(&store) == expected, "{how:?}, call {n}");
                        store.close().unwrap();
                        fs::remove_dir_all(&to).unwrap();
                    }
                    Err(e) if there => {
                        assert_eq!(fs::read_dir(&to).unwrap().count(), 0, "{how:?}, call {n}: {e}");
                    }
                    Err(e) => assert!(!to.exists(), "{how:?}, call {n}: {e}"),
                };
                add(&mut failed, every_call(how, restore, check));
            }
        }
        assert!(common::files::content(dir) == before, "the source is as it was");
        report(if series { "restores of directories" } else { "restores of files" }, engine, &failed);
    });
}

fn a_restore_of_a_file_that_fails_leaves_nothing(engine: &str) {
    restores("a_restore_of_a_file_that_fails_leaves_nothing", engine, false);
}

fn a_restore_of_a_directory_that_fails_leaves_nothing(engine: &str) {
    restores("a_restore_of_a_directory_that_fails_leaves_nothing", engine, true);
}

on_each_engine!(
    a_snapshot_file_that_fails_leaves_nothing_and_can_be_written_again,
    a_series_that_fails_leaves_nothing_and_goes_on,
    a_flush_that_fails_loses_nothing_that_was_flushed,
    a_restore_of_a_file_that_fails_leaves_nothing,
    a_restore_of_a_directory_that_fails_leaves_nothing
);

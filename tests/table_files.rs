//! What can be wrong with the table's own file: a typed error that names the file and the place, and nothing changed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::engines::open_on;
use common::files::{content, names};
use keybed::error::{Error, ErrorKind};
use keybed::key::PartSize;
use keybed::store::{Session, StateId, StateKind, Store};

fn open(dir: &Path) -> Result<Store, Error> {
    open_on("table", dir, &[])
}

fn image(dir: &Path) -> PathBuf {
    dir.join("table/ENTRIES")
}

/// A store with a flat and a nested state, closed.
fn filled(dir: &Path) {
    let store = open(dir).unwrap();
    let mut session = store.session().unwrap();
    let value = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let map = session.open_state("m", StateKind::Map, PartSize::Variable).unwrap();
    for i in 0..12u8 {
        session.set_key(u32::from(i % 3), &[i]).unwrap();
        session.put(value, b"", b"", &[i; 5]).unwrap();
        session.put(map, b"ns", &[i], b"entry").unwrap();
    }
    drop(session);
    store.close().unwrap();
}

fn first(store: &Store) -> (Session, StateId) {
    let mut session = store.session().unwrap();
    let value = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, &[0]).unwrap();
    (session, value)
}

/// Opening must say that this file is damaged, and leave everything as it is.
fn refused(dir: &Path, says: &str) {
    let before = content(dir);
    let error = open(dir).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    for word in [image(dir).to_str().unwrap(), "restore from a snapshot", says] {
        assert!(error.message().contains(word), "'{error}' does not say '{word}'");
    }
    assert_eq!(content(dir), before, "nothing changed");
}

#[test]
fn damage_of_any_byte_is_refused_and_its_place_named() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let whole = fs::read(image(dir.path())).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(image(dir.path()), damaged).unwrap();
        refused(dir.path(), ", byte ");
    }
    fs::write(image(dir.path()), whole).unwrap();
    let store = open(dir.path()).unwrap();
    let (mut session, value) = first(&store);
    assert!(session.contains(value, b"", b"").unwrap(), "and it opens again once the file is as it was");
}

#[test]
fn a_file_cut_short_anywhere_or_with_bytes_behind_its_end_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let mut bytes = fs::read(image(dir.path())).unwrap();
    for len in 0..bytes.len() {
        fs::write(image(dir.path()), &bytes[..len]).unwrap();
        refused(dir.path(), ", byte ");
    }
    bytes.push(0);
    fs::write(image(dir.path()), &bytes).unwrap();
    refused(dir.path(), "bytes follow its end");
}

/// Where the frames begin, from the length in each header.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut at = vec![0];
    while let Some(last) = at.last().copied().filter(|last| *last < bytes.len()) {
        let stored = u32::from_le_bytes(bytes[last + 32..last + 36].try_into().unwrap()) as usize;
        at.push(last + (48 + stored).next_multiple_of(512));
    }
    at
}

#[test]
fn frames_in_another_number_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let bytes = fs::read(image(dir.path())).unwrap();
    let at = frames(&bytes);
    let (first, second) = (&bytes[at[1]..at[2]], &bytes[at[2]..at[3]]);
    for other in [second, &[first, first, second].concat(), &[second, first].concat()] {
        fs::write(image(dir.path()), [&bytes[..at[1]], other, &bytes[at[3]..]].concat()).unwrap();
        refused(dir.path(), ", byte ");
    }
}

#[test]
fn the_place_that_is_named_is_that_of_the_damaged_frame() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let mut bytes = fs::read(image(dir.path())).unwrap();
    let second = frames(&bytes)[1];
    bytes[second + 48] ^= 1;
    fs::write(image(dir.path()), bytes).unwrap();
    refused(dir.path(), &format!("byte {second}: the checksum"));
}

#[test]
fn a_file_of_something_else_or_of_another_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let bytes = fs::read(image(dir.path())).unwrap();
    for other in [&b"KEYBED-TABLE 2\n\0"[..], b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", b"a holiday picture"] {
        let file = [other, &bytes[16..]].concat();
        fs::write(image(dir.path()), file).unwrap();
        refused(dir.path(), "not a Keybed snapshot");
    }
}

#[test]
fn a_frame_of_a_state_or_group_that_the_store_has_not_is_refused() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    filled(dirs[0].path());
    // A whole file of another store, whose states are not these.
    let store = open(dirs[1].path()).unwrap();
    let mut session = store.session().unwrap();
    session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    drop(session);
    store.close().unwrap();
    fs::copy(image(dirs[0].path()), image(dirs[1].path())).unwrap();
    refused(dirs[1].path(), "has no state 'm'");
    // One whose key groups are not these.
    let few = tempfile::tempdir().unwrap();
    let options = [("max-parallelism", "2")];
    let store = open_on("table", few.path(), &options).unwrap();
    let mut session = store.session().unwrap();
    session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.open_state("m", StateKind::Map, PartSize::Variable).unwrap();
    drop(session);
    store.close().unwrap();
    fs::copy(image(dirs[0].path()), image(few.path())).unwrap();
    let error = open_on("table", few.path(), &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    assert!(error.message().contains("another store"), "{error}");
}

#[test]
fn a_lost_file_is_refused_and_not_taken_for_an_empty_table() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    fs::remove_file(image(dir.path())).unwrap();
    refused(dir.path(), "missing");
    fs::remove_dir(dir.path().join("table")).unwrap();
    refused(dir.path(), "missing");
    assert_eq!(names(dir.path()), ["KEYBED", "LOCK"], "and none is made");
}

#[test]
fn a_file_left_over_from_a_flush_that_was_cut_off_is_not_read_and_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let left_over = dir.path().join("table/ENTRIES.keybed-partial");
    let whole = fs::read(image(dir.path())).unwrap();
    for content in [&whole[..whole.len() / 2], b"", &[0xff; 100]] {
        fs::write(&left_over, content).unwrap();
        let store = open(dir.path()).unwrap();
        assert!(!left_over.exists());
        let (mut session, value) = first(&store);
        assert!(session.contains(value, b"", b"").unwrap());
        drop(session);
        store.close().unwrap();
        assert_eq!(fs::read(image(dir.path())).unwrap(), whole);
    }
}

#[test]
fn a_table_that_does_not_fit_its_memory_limit_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).unwrap();
    let (mut session, value) = first(&store);
    session.put(value, b"", b"", &vec![7; 4 << 20]).unwrap();
    drop(session);
    store.close().unwrap();
    let before = content(dir.path());
    let small = [("memory.limit-bytes", "2097152")];
    let error = open_on("table", dir.path(), &small).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryBudget, "{error}");
    assert_eq!(content(dir.path()), before);
    let store = open(dir.path()).unwrap();
    let (mut session, value) = first(&store);
    assert_eq!(session.get(value, b"", b"", &mut []).unwrap(), Some(4 << 20));
}

/// Changes an entry and flushes, which must fail; then `repair`s, and finds what was flushed before.
fn flush_fails(break_it: impl Fn(&Path), kind: ErrorKind, repair: impl Fn(&Path)) {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let old = fs::read(image(dir.path())).unwrap();
    let store = open(dir.path()).unwrap();
    let (mut session, value) = first(&store);
    session.put(value, b"", b"", b"later").unwrap();
    break_it(dir.path());
    for _ in 0..2 {
        let error = store.flush().unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(dir.path().join("table").to_str().unwrap()), "{error}");
    }
    let mut out = [0; 5];
    session.get(value, b"", b"", &mut out).unwrap();
    assert_eq!(&out, b"later", "the store works on");
    repair(dir.path());
    assert_eq!(fs::read(image(dir.path())).unwrap(), old, "the old file is as it was");
    assert_eq!(names(dir.path()), ["KEYBED", "LOCK", "table/ENTRIES"]);
    // The failed flush is not taken for done.
    store.flush().unwrap();
    drop(session);
    store.close().unwrap();
    let store = open(dir.path()).unwrap();
    let (mut session, value) = first(&store);
    session.get(value, b"", b"", &mut out).unwrap();
    assert_eq!(&out, b"later");
}

#[test]
fn a_flush_that_cannot_make_its_file_leaves_the_old_one_and_can_be_tried_again() {
    // Not even root can make a file where there is a directory. While it is locked nobody takes it away.
    let in_the_way = |dir: &Path| dir.join("table/ENTRIES.keybed-partial");
    let held = std::cell::RefCell::new(None);
    flush_fails(
        |dir| {
            fs::create_dir(in_the_way(dir)).unwrap();
            let file = fs::File::open(in_the_way(dir)).unwrap();
            file.lock().unwrap();
            held.replace(Some(file));
        },
        ErrorKind::Io,
        |dir| fs::remove_dir(in_the_way(dir)).unwrap(),
    );
}

#[test]
fn a_flush_whose_directory_became_a_file_leaves_the_old_one_and_can_be_tried_again() {
    let aside = |dir: &Path| dir.join("aside");
    flush_fails(
        |dir| {
            fs::rename(dir.join("table"), aside(dir)).unwrap();
            fs::write(dir.join("table"), "in the way").unwrap();
        },
        ErrorKind::Io,
        |dir| {
            fs::remove_file(dir.join("table")).unwrap();
            fs::rename(aside(dir), dir.join("table")).unwrap();
        },
    );
}

#[test]
fn a_flush_without_changes_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    filled(dir.path());
    let store = open(dir.path()).unwrap();
    // A file that is written anew would be whole again.
    fs::write(image(dir.path()), "damaged").unwrap();
    store.flush().unwrap();
    assert_eq!(fs::read(image(dir.path())).unwrap(), b"damaged");
    let (mut session, value) = first(&store);
    session.put(value, b"", b"", b"x").unwrap();
    store.flush().unwrap();
    assert_ne!(fs::read(image(dir.path())).unwrap(), b"damaged");
}

#[test]
fn a_store_that_does_not_flush_on_close_keeps_what_was_flushed() {
    let dir = tempfile::tempdir().unwrap();
    let options = [("table.flush-on-close", "false")];
    let store = open_on("table", dir.path(), &options).unwrap();
    let (mut session, value) = first(&store);
    session.put(value, b"", b"", b"flushed").unwrap();
    store.flush().unwrap();
    session.put(value, b"", b"", b"not").unwrap();
    drop(session);
    store.close().unwrap();
    let store = open_on("table", dir.path(), &options).unwrap();
    let (mut session, value) = first(&store);
    let mut out = [0; 7];
    session.get(value, b"", b"", &mut out).unwrap();
    assert_eq!(&out, b"flushed");
}

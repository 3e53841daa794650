//! Everything that can be wrong with a directory or a call: a typed error that names the thing, and nothing changed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::fs;
use std::path::Path;

use common::child;
use common::engines::{on_each_engine, open_on};
use common::files::content;
use keybed::error::{Error, ErrorKind};
use keybed::key::{PartSize, Scope};
use keybed::store::StateKind;

fn refused(engine: &str, dir: &Path, pairs: &[(&str, &str)], kind: ErrorKind, says: &[&str]) {
    let error = open_on(engine, dir, pairs).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    for word in says.iter().chain([&dir.to_str().unwrap()]) {
        assert!(error.message().contains(word), "'{error}' does not say '{word}'");
    }
}

fn a_path_that_is_a_file_is_refused(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "text").unwrap();
    refused(engine, &file, &[], ErrorKind::NotADirectory, &["file"]);
    refused(engine, &file.join("below"), &[], ErrorKind::NotADirectory, &[]);
    assert_eq!(fs::read(&file).unwrap(), b"text");
}

fn a_directory_of_something_else_is_refused_and_not_touched(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("holiday.jpg"), "picture").unwrap();
    let before = content(dir.path());
    refused(engine, dir.path(), &[], ErrorKind::ForeignFormat, &["holiday.jpg", "choose another directory"]);
    assert_eq!(content(dir.path()), before);
    fs::write(dir.path().join("KEYBED"), "not a manifest\n").unwrap();
    refused(engine, dir.path(), &[], ErrorKind::ForeignFormat, &["KEYBED"]);
}

fn a_newer_store_is_refused_and_not_touched(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    open_on(engine, dir.path(), &[]).unwrap().close().unwrap();
    let manifest = dir.path().join("KEYBED");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("keybed-store 1", "keybed-store 999", 1)).unwrap();
    let before = content(dir.path());
    refused(engine, dir.path(), &[], ErrorKind::NewerFormat, &["999", "newer library"]);
    assert_eq!(content(dir.path()), before);
}

fn a_damaged_manifest_is_refused(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    open_on(engine, dir.path(), &[]).unwrap().close().unwrap();
    let manifest = dir.path().join("KEYBED");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("max-parallelism 128", "max-parallelism 129")).unwrap();
    refused(engine, dir.path(), &[("max-parallelism", "129")], ErrorKind::Corruption, &["checksum"]);
}

fn fixed_options_cannot_change(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    open_on(engine, dir.path(), &[("key-size", "8")]).unwrap().close().unwrap();
    refused(engine, dir.path(), &[], ErrorKind::OptionsMismatch, &["key-size=8"]);
    let other = [("key-size", "8"), ("max-parallelism", "64")];
    refused(engine, dir.path(), &other, ErrorKind::OptionsMismatch, &["max-parallelism=128"]);
    let other = [("key-size", "8"), ("key-encoding", "flink")];
    refused(engine, dir.path(), &other, ErrorKind::OptionsMismatch, &["key-encoding=ordered"]);
    open_on(engine, dir.path(), &[("key-size", "8"), ("max-value-bytes", "10")]).unwrap().close().unwrap();
}

fn existence_options_are_obeyed(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("deep/er");
    refused(
        engine,
        &store,
        &[("create-if-missing", "false")],
        ErrorKind::StoreMissing,
        &["create-if-missing"],
    );
    assert!(!dir.path().join("deep").exists());
    open_on(engine, &store, &[]).unwrap().close().unwrap();
    refused(engine, &store, &[("error-if-exists", "true")], ErrorKind::StoreExists, &["error-if-exists"]);
}

fn an_empty_path_is_refused_and_nothing_is_made(engine: &str) {
    let error = open_on(engine, Path::new(""), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(!Path::new("KEYBED").exists() && !Path::new("LOCK").exists());
}

fn a_store_holds_as_many_states_as_it_says_and_no_more(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = [("rocks.write-buffer-bytes", "65536")];
    let store = open_on(engine, dir.path(), &options).unwrap();
    let mut session = store.session().unwrap();
    for i in 0..keybed::options::MAX_STATES {
        session.open_state(&format!("state {i}"), StateKind::Value, PartSize::NONE).unwrap();
    }
    let one_more = session.open_state("one more", StateKind::Value, PartSize::NONE).unwrap_err();
    assert_eq!(one_more.kind(), ErrorKind::InvalidArgument);
    assert!(one_more.message().contains("at most 256 states"), "{one_more}");
    drop(session);
    store.close().unwrap();
    assert_eq!(open_on(engine, dir.path(), &options).unwrap().states().unwrap().len(), 256);
}

fn a_batch_of_another_store_is_refused_however_many_sessions_there_were(engine: &str) {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let stores =
        [open_on(engine, dirs[0].path(), &[]).unwrap(), open_on(engine, dirs[1].path(), &[]).unwrap()];
    let mut first = stores[0].session().unwrap();
    let state = first.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    first.set_key(0, b"k").unwrap();
    let mut batch = keybed::store::WriteBatch::new();
    first.batch_put(&mut batch, state, b"", b"", b"meant for the first").unwrap();
    // A 16-bit number would have come round.
    let mut last = stores[1].session().unwrap();
    for _ in 0..65_536 {
        last = stores[1].session().unwrap();
    }
    last.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    assert_eq!(last.commit(&mut batch).unwrap_err().kind(), ErrorKind::ForeignHandle);
    last.set_key(0, b"k").unwrap();
    assert_eq!(last.get(state, b"", b"", &mut []).unwrap_err().kind(), ErrorKind::ForeignHandle);
}

fn a_directory_is_open_once_in_a_process(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[]).unwrap();
    refused(engine, dir.path(), &[], ErrorKind::Locked, &["close it first"]);
    let session = store.session().unwrap();
    store.close().unwrap();
    // The session still holds the files.
    refused(engine, dir.path(), &[], ErrorKind::Locked, &[]);
    drop(session);
    open_on(engine, dir.path(), &[]).unwrap();
}

fn a_directory_is_open_in_one_process(engine: &str) {
    if let Some(dir) = child::in_child() {
        refused(engine, &dir, &[], ErrorKind::Locked, &["another store has this directory open"]);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let _store = open_on(engine, dir.path(), &[]).unwrap();
    child::run(&format!("{engine}::a_directory_is_open_in_one_process"), dir.path(), "");
}

fn bad_calls_are_typed_errors_and_change_nothing(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[("max-key-bytes", "64"), ("max-value-bytes", "100")]).unwrap();
    let mut session = store.session().unwrap();
    let value = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    let list = session.open_state("l", StateKind::List, PartSize::NONE).unwrap();
    let map = session.open_state("m", StateKind::Map, PartSize::Variable).unwrap();
    let kind = |r: Result<(), Error>| r.unwrap_err().kind();
    assert_eq!(kind(session.put(value, b"", b"", b"x")), ErrorKind::NoKey);
    assert_eq!(kind(session.set_key(0, b"")), ErrorKind::EmptyKey);
    assert_eq!(kind(session.set_key(0, &[1; 70])), ErrorKind::KeyTooLarge);
    assert_eq!(kind(session.set_key(128, b"k")), ErrorKind::KeyGroupOutOfRange);
    session.set_key(0, b"k").unwrap();
    session.put(value, b"", b"", b"kept").unwrap();
    assert_eq!(kind(session.put(value, b"", b"", &[0; 101])), ErrorKind::ValueTooLarge);
    assert_eq!(kind(session.append(list, b"", &[0; 101])), ErrorKind::ValueTooLarge);
    assert_eq!(kind(session.put(value, b"ns", b"", b"x")), ErrorKind::KeyPartLength);
    assert_eq!(kind(session.put(value, b"", b"mk", b"x")), ErrorKind::WrongStateKind);
    assert_eq!(kind(session.append(value, b"", b"x")), ErrorKind::WrongStateKind);
    assert_eq!(kind(session.put(map, b"", &[7; 70], b"x")), ErrorKind::KeyTooLarge);
    let mut out = [9; 4];
    assert_eq!(session.get(value, b"", b"", &mut out[..3]).unwrap(), Some(4), "the size needed");
    assert_eq!(out, [9; 4], "and nothing copied");
    session.get(value, b"", b"", &mut out).unwrap();
    assert_eq!(&out, b"kept");
    let mut scan = session.new_scan(map).unwrap();
    assert_eq!(scan.fill(&mut [0; 100]).unwrap_err().kind(), ErrorKind::CursorInvalid);
    assert_eq!(kind(session.start_scan(&mut scan, value, Scope::Key)), ErrorKind::CursorInvalid);
    session.start_scan(&mut scan, map, Scope::Key).unwrap();
    assert_eq!(scan.fill(&mut [0; 10]).unwrap_err().kind(), ErrorKind::BufferTooSmall);
    let again = session.open_state("v", StateKind::Value, PartSize::NONE);
    assert_eq!(again.unwrap_err().kind(), ErrorKind::StateAlreadyOpen);
    let mut second = store.session().unwrap();
    let other_kind = second.open_state("v", StateKind::List, PartSize::NONE).unwrap_err();
    assert_eq!(other_kind.kind(), ErrorKind::StateMismatch);
    assert!(
        other_kind
            .message()
            .contains("'v' is a value state without namespaces; it was asked for as a list state"),
        "{other_kind}"
    );
    assert_eq!(kind(second.put(value, b"", b"", b"x")), ErrorKind::ForeignHandle);
    store.close().unwrap();
    assert_eq!(kind(session.put(value, b"", b"", b"x")), ErrorKind::Closed);
    assert_eq!(scan.fill(&mut [0; 100]).unwrap_err().kind(), ErrorKind::Closed);
}

fn a_session_closed_last_lets_go_of_the_directory(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let store = open_on(engine, dir.path(), &[]).unwrap();
        let session = store.session().unwrap();
        store.close().unwrap();
        std::thread::spawn(move || drop(session)).join().unwrap();
    }
}

on_each_engine!(
    a_path_that_is_a_file_is_refused,
    a_directory_of_something_else_is_refused_and_not_touched,
    a_newer_store_is_refused_and_not_touched,
    a_damaged_manifest_is_refused,
    fixed_options_cannot_change,
    existence_options_are_obeyed,
    an_empty_path_is_refused_and_nothing_is_made,
    a_store_holds_as_many_states_as_it_says_and_no_more,
    a_batch_of_another_store_is_refused_however_many_sessions_there_were,
    a_directory_is_open_once_in_a_process,
    a_directory_is_open_in_one_process,
    bad_calls_are_typed_errors_and_change_nothing,
    a_session_closed_last_lets_go_of_the_directory,
);

#[cfg(feature = "rocks")]
#[test]
fn a_store_of_one_engine_is_not_opened_with_the_other() {
    for (engine, other) in [("table", "rocks"), ("rocks", "table")] {
        let dir = tempfile::tempdir().unwrap();
        open_on(engine, dir.path(), &[]).unwrap().close().unwrap();
        let before = content(dir.path());
        refused(other, dir.path(), &[], ErrorKind::OptionsMismatch, &[&format!("engine={engine}")]);
        assert_eq!(content(dir.path()), before);
        open_on(engine, dir.path(), &[]).unwrap();
    }
}

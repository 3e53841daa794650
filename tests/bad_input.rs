//! Everything that can be wrong with a directory or a call: a typed error that names the thing, and nothing changed.
#![cfg(feature = "rocks")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use keybed::error::{Error, ErrorKind};
use keybed::key::{PartSize, Scope};
use keybed::options::StoreOptions;
use keybed::store::{StateKind, Store};

fn open(dir: &Path, pairs: &[(&str, &str)]) -> Result<Store, Error> {
    Store::open(dir, &StoreOptions::from_pairs(pairs.iter().copied())?)
}

fn refused(dir: &Path, pairs: &[(&str, &str)], kind: ErrorKind, says: &[&str]) {
    let error = open(dir, pairs).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    for word in says.iter().chain([&dir.to_str().unwrap()]) {
        assert!(error.message().contains(word), "'{error}' does not say '{word}'");
    }
}

/// Every file below `dir` with its bytes.
fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn a_path_that_is_a_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "text").unwrap();
    refused(&file, &[], ErrorKind::NotADirectory, &["file"]);
    refused(&file.join("below"), &[], ErrorKind::NotADirectory, &[]);
    assert_eq!(fs::read(&file).unwrap(), b"text");
}

#[test]
fn a_directory_of_something_else_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("holiday.jpg"), "picture").unwrap();
    let before = content(dir.path());
    refused(dir.path(), &[], ErrorKind::ForeignFormat, &["holiday.jpg", "choose another directory"]);
    assert_eq!(content(dir.path()), before);
    fs::write(dir.path().join("KEYBED"), "not a manifest\n").unwrap();
    refused(dir.path(), &[], ErrorKind::ForeignFormat, &["KEYBED"]);
}

#[test]
fn a_newer_store_is_refused_and_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path(), &[]).unwrap().close().unwrap();
    let manifest = dir.path().join("KEYBED");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replacen("keybed-store 1", "keybed-store 999", 1)).unwrap();
    let before = content(dir.path());
    refused(dir.path(), &[], ErrorKind::NewerFormat, &["999", "newer library"]);
    assert_eq!(content(dir.path()), before);
}

#[test]
fn a_damaged_manifest_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path(), &[]).unwrap().close().unwrap();
    let manifest = dir.path().join("KEYBED");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("max-parallelism 128", "max-parallelism 129")).unwrap();
    refused(dir.path(), &[("max-parallelism", "129")], ErrorKind::Corruption, &["checksum"]);
}

#[test]
fn a_lost_or_damaged_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &[]).unwrap();
    store.session().unwrap().open_state("lost", StateKind::Value, PartSize::NONE).unwrap();
    store.close().unwrap();
    let current = dir.path().join("rocks/CURRENT");
    let text = fs::read(&current).unwrap();
    fs::write(&current, "MANIFEST-999999\n").unwrap();
    assert!(matches!(open(dir.path(), &[]).unwrap_err().kind(), ErrorKind::Io | ErrorKind::Corruption));
    fs::write(&current, text).unwrap();
    open(dir.path(), &[]).unwrap().close().unwrap();
    fs::remove_dir_all(dir.path().join("rocks")).unwrap();
    refused(dir.path(), &[], ErrorKind::Corruption, &["lost"]);
}

#[test]
fn fixed_options_cannot_change() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path(), &[("key-size", "8")]).unwrap().close().unwrap();
    refused(dir.path(), &[], ErrorKind::OptionsMismatch, &["key-size=8"]);
    let other = [("key-size", "8"), ("max-parallelism", "64")];
    refused(dir.path(), &other, ErrorKind::OptionsMismatch, &["max-parallelism=128"]);
    let other = [("key-size", "8"), ("key-encoding", "flink")];
    refused(dir.path(), &other, ErrorKind::OptionsMismatch, &["key-encoding=ordered"]);
    open(dir.path(), &[("key-size", "8"), ("max-value-bytes", "10")]).unwrap().close().unwrap();
}

#[test]
fn existence_options_are_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("deep/er");
    refused(&store, &[("create-if-missing", "false")], ErrorKind::StoreMissing, &["create-if-missing"]);
    assert!(!dir.path().join("deep").exists());
    open(&store, &[]).unwrap().close().unwrap();
    refused(&store, &[("error-if-exists", "true")], ErrorKind::StoreExists, &["error-if-exists"]);
}

#[test]
fn rocksdb_options_that_rocksdb_refuses_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = open(dir.path(), &[("rocks.options", "no_such_thing=1")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidOption);
    assert!(error.message().contains("no_such_thing"), "{error}");
    assert_eq!(content(dir.path()), BTreeMap::new(), "nothing was made");
    open(dir.path(), &[("rocks.options", "max_subcompactions=2;level0_stop_writes_trigger=40")]).unwrap();
}

#[test]
fn rocksdb_options_that_would_change_answers_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    for raw in [
        "comparator=rocksdb.ReverseBytewiseComparator",
        "max_subcompactions=2; merge_operator = uint64add",
        "default_cf_options={prefix_extractor=fixed:2}",
        "unordered_write=true",
    ] {
        let error = open(dir.path(), &[("rocks.options", raw)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidOption, "{raw}");
        assert!(error.message().contains("is fixed"), "{error}");
    }
    assert_eq!(content(dir.path()), BTreeMap::new());
}

#[test]
fn a_store_whose_engine_fails_at_first_open_is_unmade() {
    let dir = tempfile::tempdir().unwrap();
    // RocksDB takes each of these by itself and refuses the two together, at open.
    let raw = "allow_mmap_reads=true;use_direct_reads=true";
    assert!(open(dir.path(), &[("rocks.options", raw), ("key-size", "8")]).is_err());
    assert_eq!(content(dir.path()), BTreeMap::new());
    open(dir.path(), &[("key-size", "16"), ("error-if-exists", "true")]).unwrap();
}

#[test]
fn an_empty_path_is_refused_and_nothing_is_made() {
    let error = open(Path::new(""), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(!Path::new("KEYBED").exists() && !Path::new("LOCK").exists());
}

#[test]
fn a_store_holds_as_many_states_as_it_says_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let options = [("rocks.write-buffer-bytes", "65536")];
    let store = open(dir.path(), &options).unwrap();
    let mut session = store.session().unwrap();
    for i in 0..keybed::options::MAX_STATES {
        session.open_state(&format!("state {i}"), StateKind::Value, PartSize::NONE).unwrap();
    }
    let one_more = session.open_state("one more", StateKind::Value, PartSize::NONE).unwrap_err();
    assert_eq!(one_more.kind(), ErrorKind::InvalidArgument);
    assert!(one_more.message().contains("at most 256 states"), "{one_more}");
    drop(session);
    store.close().unwrap();
    assert_eq!(open(dir.path(), &options).unwrap().states().unwrap().len(), 256);
}

#[test]
fn a_batch_of_another_store_is_refused_however_many_sessions_there_were() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let stores = [open(dirs[0].path(), &[]).unwrap(), open(dirs[1].path(), &[]).unwrap()];
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

#[test]
fn a_directory_is_open_once_in_a_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &[]).unwrap();
    refused(dir.path(), &[], ErrorKind::Locked, &["close it first"]);
    let session = store.session().unwrap();
    store.close().unwrap();
    // The session still holds the files.
    refused(dir.path(), &[], ErrorKind::Locked, &[]);
    drop(session);
    open(dir.path(), &[]).unwrap();
}

const CHILD: &str = "KEYBED_TEST_CHILD";

/// Runs one test of this file in a child process, which sees `CHILD` set to `value`.
fn in_child(test: &str, value: &Path, shell: &str) {
    let exe = std::env::current_exe().unwrap();
    let script = format!("{shell} exec \"$0\" --exact {test} --nocapture");
    let output = Command::new("sh").args(["-c", &script]).arg(exe).env(CHILD, value).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_directory_is_open_in_one_process() {
    if let Some(dir) = std::env::var_os(CHILD) {
        refused(Path::new(&dir), &[], ErrorKind::Locked, &["another store has this directory open"]);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let _store = open(dir.path(), &[]).unwrap();
    in_child("a_directory_is_open_in_one_process", dir.path(), "");
}

/// Fills a store until the file system refuses; what was flushed before is there when it is opened again.
fn fill_until_refused(dir: &Path) {
    let options = [("rocks.write-buffer-bytes", "65536"), ("rocks.compression", "none")];
    let store = open(dir, &options).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"first").unwrap();
    session.put(state, b"", b"", b"safe").unwrap();
    store.flush().unwrap();
    let mut value = vec![0u8; 4096];
    let refusal = (0..20_000u32).find_map(|i| {
        value[..4].copy_from_slice(&i.to_le_bytes());
        session.set_key(1, &i.to_be_bytes()).unwrap();
        session
            .put(state, b"", b"", &value)
            .err()
            .or_else(|| if i % 16 == 0 { store.flush().err() } else { None })
    });
    let error = refusal.unwrap();
    assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
    assert!(error.message().contains("free some space"), "{error}");
    // Reading goes on, writing is refused.
    session.set_key(0, b"first").unwrap();
    assert!(session.contains(state, b"", b"").unwrap());
    drop(session);
    let _ = store.close();
}

fn reopen_after_refusal(dir: &Path) {
    let store = open(dir, &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"first").unwrap();
    let mut out = [0; 8];
    assert_eq!(session.get(state, b"", b"", &mut out).unwrap(), Some(4));
    assert_eq!(&out[..4], b"safe");
}

#[test]
fn a_file_size_limit_is_storage_full_and_nothing_old_is_lost() {
    if let Some(dir) = std::env::var_os(CHILD) {
        return fill_until_refused(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    // 64 blocks of 512 bytes; the signal is ignored so that writes fail with EFBIG instead.
    in_child(
        "a_file_size_limit_is_storage_full_and_nothing_old_is_lost",
        &store,
        "trap '' XFSZ; ulimit -f 64;",
    );
    reopen_after_refusal(&store);
}

#[test]
fn a_full_disk_is_storage_full_and_nothing_old_is_lost() {
    if let Some(dir) = std::env::var_os(CHILD) {
        let store = Path::new(&dir).join("store");
        fill_until_refused(&store);
        fs::remove_file(Path::new(&dir).join("ballast")).unwrap();
        return reopen_after_refusal(&store);
    }
    let dir = tempfile::tempdir().unwrap();
    // A file system of its own in a mount namespace of its own; it needs root or user namespaces.
    let mount = "mount -t tmpfs -o size=12m none \"$KEYBED_TEST_CHILD\"";
    let may = Command::new("unshare")
        .args(["-rm", "sh", "-c", mount])
        .env(CHILD, dir.path())
        .status()
        .is_ok_and(|s| s.success());
    if !may {
        println!("not run: this user may not mount a file system; the file size test covers the same path");
        return;
    }
    let exe = std::env::current_exe().unwrap();
    let script = format!(
        "{mount} && head -c 4m /dev/zero > \"$KEYBED_TEST_CHILD/ballast\" && \
         exec \"$0\" --exact a_full_disk_is_storage_full_and_nothing_old_is_lost --nocapture"
    );
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", &script])
        .arg(exe)
        .env(CHILD, dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn bad_calls_are_typed_errors_and_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &[("max-key-bytes", "64"), ("max-value-bytes", "100")]).unwrap();
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

#[test]
fn a_session_closed_last_lets_go_of_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let store = open(dir.path(), &[]).unwrap();
        let session = store.session().unwrap();
        store.close().unwrap();
        std::thread::spawn(move || drop(session)).join().unwrap();
    }
}

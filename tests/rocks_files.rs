//! What can be wrong with RocksDB's own files and options: a typed error that names the thing, and nothing changed.
#![cfg(feature = "rocks")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::engines::open_on;
use common::files::content;
use keybed::error::{Error, ErrorKind};
use keybed::key::PartSize;
use keybed::store::{StateKind, Store};

fn open(dir: &Path, pairs: &[(&str, &str)]) -> Result<Store, Error> {
    open_on("rocks", dir, pairs)
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
    let error = open(dir.path(), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption);
    assert!(
        error.message().contains("lost") && error.message().contains(dir.path().to_str().unwrap()),
        "{error}"
    );
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

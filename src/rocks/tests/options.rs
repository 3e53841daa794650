//! Every option does something: RocksDB's own file of what is in force says so, or the database does.

use std::fs;
use std::path::Path;

use crate::error::ErrorKind;
use crate::options::{EngineKind, StoreOptions};
use crate::store::{StateKind, Store};

/// A store with one state, and what RocksDB says is in force.
fn open(dir: &Path, pairs: &[(&str, &str)]) -> (Store, Vec<String>) {
    let mut options =
        StoreOptions { engine: EngineKind::Rocks, max_value_bytes: 1 << 20, ..StoreOptions::default() };
    for (name, value) in pairs {
        options.set(name, value).unwrap();
    }
    let store = Store::open(dir, &options).unwrap();
    store.session().unwrap().open_state("state", StateKind::Value, crate::key::PartSize::NONE).unwrap();
    let in_force = lines(&dir.join("rocks"));
    (store, in_force)
}

/// The newest file of options, each in the section of the state, or of the database.
pub(super) fn lines(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let newest = files.filter(|path| path.display().to_string().contains("OPTIONS-")).max().unwrap();
    let text = fs::read_to_string(newest).unwrap();
    let mut lines = Vec::new();
    let mut counts = true;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            counts = !line.contains("\"default\"");
        } else if counts {
            lines.push(line.to_string());
        }
    }
    lines
}

#[test]
fn every_option_is_in_force_in_the_database() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("rocks.block-cache-bytes", "0", &["no_block_cache=true"]),
        ("rocks.block-bytes", "2048", &["block_size=2048"]),
        ("rocks.metadata-block-bytes", "9000", &["metadata_block_size=9000"]),
        (
            "rocks.partitioned-index-filters",
            "true",
            &["index_type=kTwoLevelIndexSearch", "partition_filters=true"],
        ),
        ("rocks.write-buffer-bytes", "131072", &["write_buffer_size=131072"]),
        ("rocks.max-write-buffers", "5", &["max_write_buffer_number=5"]),
        ("rocks.wal", "true", &["atomic_flush=false"]),
        ("rocks.bloom-bits-per-key", "0", &["filter_policy=nullptr"]),
        (
            "rocks.memtable-bloom-ratio",
            "0",
            &["memtable_prefix_bloom_size_ratio=0.000000", "memtable_whole_key_filtering=false"],
        ),
        ("rocks.compression", "zstd", &["compression=kZSTD"]),
        ("rocks.compaction-style", "universal", &["compaction_style=kCompactionStyleUniversal"]),
        ("rocks.level-base-bytes", "1000000", &["max_bytes_for_level_base=1000000"]),
        ("rocks.target-file-bytes", "100000", &["target_file_size_base=100000"]),
        ("rocks.dynamic-level-bytes", "false", &["level_compaction_dynamic_level_bytes=false"]),
        ("rocks.max-open-files", "100", &["max_open_files=100"]),
        ("rocks.max-background-jobs", "7", &["max_background_jobs=7"]),
        ("rocks.log-level", "warn", &["info_log_level=WARN_LEVEL"]),
        ("rocks.log-file-bytes", "54321", &["max_log_file_size=54321"]),
        ("rocks.log-files", "9", &["keep_log_file_num=9"]),
        ("rocks.options", "max_subcompactions=3", &["max_subcompactions=3"]),
    ];
    let dir = tempfile::tempdir().unwrap();
    let (_store, defaults) = open(&dir.path().join("defaults"), &[]);
    for (name, value, expected) in cases {
        let (_store, lines) = open(&dir.path().join(name), &[(name, value)]);
        for line in *expected {
            assert!(lines.iter().any(|found| found == line), "{name}={value}: no {line}");
            assert!(!defaults.iter().any(|found| found == line), "{line} without {name}");
        }
    }
}

#[test]
fn the_log_is_where_it_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("logs");
    let (store, _) = open(&dir.path().join("store"), &[("rocks.log-dir", logs.to_str().unwrap())]);
    assert!(fs::read_dir(&logs).unwrap().count() > 0);
    assert!(!dir.path().join("store/rocks/LOG").exists());
    drop(store);
}

#[test]
fn a_store_without_a_budget_has_the_block_cache_it_was_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), &[("rocks.block-cache-bytes", "3000000")]);
    let capacity = ("rocksdb.block-cache-capacity".to_string(), "3000000".to_string());
    assert!(store.statistics().unwrap().contains(&capacity));
}

#[test]
fn what_rocksdb_does_is_counted_only_if_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    for asked in [false, true] {
        let (store, _) =
            open(&dir.path().join(asked.to_string()), &[("rocks.statistics", &asked.to_string())]);
        let mut session = store.session().unwrap();
        let state = session.open_state("state", StateKind::Value, crate::key::PartSize::NONE).unwrap();
        session.set_key(1, b"key").unwrap();
        session.put(state, b"", b"", b"value").unwrap();
        store.flush().unwrap();
        let mut out = [0; 100];
        for _ in 0..10 {
            assert_eq!(session.get(state, b"", b"", &mut out).unwrap(), Some(5));
        }
        let statistics = store.statistics().unwrap();
        let hits = statistics.iter().find(|(name, _)| name == "rocksdb.block.cache.hit");
        let hits = hits.map(|(_, value)| value.parse::<u64>().unwrap());
        assert_eq!(hits.is_some(), asked);
        assert!(hits.is_none_or(|hits| hits >= 9), "{hits:?}");
    }
}

#[test]
fn an_option_that_states_depend_on_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions { engine: EngineKind::Rocks, ..StoreOptions::default() };
    options.set("rocks.options", "atomic_flush=false").unwrap();
    assert_eq!(Store::open(dir.path(), &options).unwrap_err().kind(), ErrorKind::InvalidOption);
}

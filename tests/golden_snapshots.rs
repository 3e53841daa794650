//! Snapshots that were written once, by version 1 of the format, are read for ever: `tests/golden/snapshots`, each beside a
//! list of what it holds. And what is written today is still version 1: a decoder made from docs/snapshots.md reads it.
//!
//! `KEYBED_BLESS=1` writes golden snapshots that are not there yet. It never writes to one that is: a format that changes
//! gets a new version, and new files beside the old ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::format::{Decoded, decode};
use common::stored::{Content, content, fast_dir, fill, restored, small};
use keybed::error::ErrorKind;
use keybed::key::{KeyGroupRange, PartSize};
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{SnapshotDirectory, SnapshotFile, SnapshotOptions, verify};
use keybed::store::{StateKind, Store};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/snapshots")
}

/// A golden snapshot: how its store is made, and how it is written.
struct Golden {
    name: &'static str,
    engine: &'static str,
    pairs: &'static [(&'static str, &'static str)],
    compression: Compression,
    groups: Option<KeyGroupRange>,
    /// A directory of a series, the third of it.
    series: bool,
}

impl Golden {
    fn all() -> Vec<Golden> {
        let file = |name, engine, pairs, compression| Golden {
            name,
            engine,
            pairs,
            compression,
            groups: None,
            series: false,
        };
        let two_bytes: &[(&str, &str)] = &[("max-parallelism", "300")];
        let flink: &[(&str, &str)] = &[("key-encoding", "flink")];
        let flink_of_four: &[(&str, &str)] = &[("key-encoding", "flink"), ("key-size", "4")];
        let series = |name, engine| Golden { series: true, ..file(name, engine, &[], Compression::None) };
        vec![
            file("v1-table-none.kbs", "table", &[], Compression::None),
            file("v1-table-lz4.kbs", "table", two_bytes, Compression::Lz4),
            file("v1-table-zstd.kbs", "table", &[], Compression::Zstd),
            file("v1-table-split.kbs", "table", flink, Compression::None),
            file("v1-table-flink.kbs", "table", flink_of_four, Compression::Lz4),
            Golden {
                groups: KeyGroupRange::new(1, 2),
                ..file("v1-table-some-key-groups.kbs", "table", &[], Compression::None)
            },
            file("v1-rocks-none.kbs", "rocks", &[], Compression::None),
            file("v1-rocks-zstd.kbs", "rocks", two_bytes, Compression::Zstd),
            file("v1-rocks-flink.kbs", "rocks", flink_of_four, Compression::None),
            series("v1-table-series", "table"),
            series("v1-rocks-series", "rocks"),
        ]
    }

    fn here(&self) -> PathBuf {
        golden().join(self.name)
    }

    fn list(&self) -> PathBuf {
        golden().join(format!("{}.txt", self.name))
    }

    fn options(&self, engine: &str) -> StoreOptions {
        let mut options = small(engine, self.pairs);
        options.key_groups = self.groups;
        options
    }

    /// Makes the store and writes the snapshot; what it holds.
    fn write(&self, to: &Path) -> Content {
        let dir = fast_dir();
        let mut options = StoreOptions { key_groups: None, ..self.options(self.engine) };
        if self.engine == "rocks" {
            // Otherwise its files name the machine.
            options.set("rocks.options", "db_host_id=golden").unwrap();
        }
        let store = Store::open(dir.path().join("store"), &options).unwrap();
        let how = SnapshotOptions {
            compression: self.compression,
            block_bytes: 4096,
            key_groups: self.groups,
            ..SnapshotOptions::default()
        };
        if self.series {
            let series = store.snapshot_series(&how).unwrap();
            for round in 0..2 {
                fill(&store, PartSize::Fixed(2), round);
                series.write(dir.path().join(round.to_string())).unwrap();
            }
            fill(&store, PartSize::Fixed(2), 2);
            series.write(to).unwrap();
        } else {
            fill(&store, PartSize::Fixed(2), 0);
            fill(&store, PartSize::Fixed(2), 1);
            store.snapshot().unwrap().write_file(to, &how).unwrap();
        }
        let mut content = content(&store);
        let keys = options.keys;
        content.retain(|(_, key), _| self.groups.is_none_or(|has| has.contains(keys.group_of(key).unwrap())));
        content
    }

    fn bless(&self) {
        if self.here().exists() || (cfg!(not(feature = "rocks")) && self.engine == "rocks") {
            return;
        }
        fs::create_dir_all(golden()).unwrap();
        let content = self.write(&self.here());
        assert!(!self.list().exists(), "{}: the list of a snapshot that is gone", self.name);
        fs::write(self.list(), text(&content)).unwrap();
    }
}

/// A line an entry: the state, the composite key, the value.
fn text(content: &Content) -> String {
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let mut text = String::new();
    for ((state, key), value) in content {
        writeln!(text, "{}\t{}\t{}", state, hex(key), hex(value)).unwrap();
    }
    text
}

/// What the files of a snapshot hold, by the decoder of the description: one full, then changes.
fn decoded(files: &[Vec<u8>]) -> Content {
    let mut content = BTreeMap::new();
    for (n, file) in files.iter().enumerate() {
        let Decoded { states, entries, .. } = decode(file);
        for entry in entries {
            let state = states[entry.state].name.clone();
            let key = (state, entry.key);
            match entry.op {
                None if n == 0 => assert!(content.insert(key, entry.value).is_none(), "a key twice"),
                Some(1) if n > 0 => drop(content.insert(key, entry.value)),
                Some(0) if n > 0 => {
                    assert_eq!(entry.value, b"");
                    content.remove(&key);
                }
                other => panic!("op {other:?} in file {n}"),
            }
        }
    }
    content
}

fn files(at: &Path) -> Vec<Vec<u8>> {
    if at.is_file() {
        return vec![fs::read(at).unwrap()];
    }
    SnapshotDirectory::open(at).unwrap().paths(at).map(|path| fs::read(path).unwrap()).collect()
}

fn engines() -> &'static [&'static str] {
    if cfg!(feature = "rocks") { &["table", "rocks"] } else { &["table"] }
}

#[test]
fn golden_snapshots_are_read_for_ever() {
    let dir = fast_dir();
    for golden in Golden::all() {
        if std::env::var_os("KEYBED_BLESS").is_some() {
            golden.bless();
        }
        let name = golden.name;
        let at = golden.here();
        let expected = fs::read_to_string(golden.list()).expect(name);
        let rocks_files = golden.series && golden.engine == "rocks";
        for engine in engines() {
            let found = restored(dir.path(), &golden.options(engine), std::slice::from_ref(&at));
            if rocks_files && *engine == "table" {
                assert_eq!(found.unwrap_err().kind(), ErrorKind::SnapshotMismatch, "{name}");
                continue;
            }
            assert!(text(&found.expect(name)) == expected, "{name}: other entries on {engine}");
        }
        if golden.series {
            let snapshot = SnapshotDirectory::open(&at).unwrap();
            assert_eq!((snapshot.id.to_string().len(), snapshot.engine.name()), (32, golden.engine));
            snapshot.check_files(&at, snapshot.groups, &mut |_, _| true).unwrap();
        } else {
            let verified = verify(&at, &mut |_, _| true).unwrap();
            assert_eq!(verified.entries, expected.lines().count() as u64);
            let head = SnapshotFile::open(&at).unwrap().head().clone();
            assert_eq!((head.engine.name(), head.ordered), (golden.engine, golden.engine == "rocks"));
            assert_eq!(head.states.iter().map(|state| state.info.kind).collect::<Vec<_>>(), KINDS);
            assert_eq!(head.states[2].split, name.contains("split"));
        }
        if !rocks_files {
            assert!(text(&decoded(&files(&at))) == expected, "{name}: the description says something else");
        }
    }
}

const KINDS: [StateKind; 3] = [StateKind::Value, StateKind::List, StateKind::Map];

#[test]
fn what_is_written_today_is_version_1() {
    let dir = fast_dir();
    for golden in Golden::all() {
        if !engines().contains(&golden.engine) {
            continue;
        }
        let to = dir.path().join(golden.name);
        let expected = golden.write(&to);
        if !(golden.series && golden.engine == "rocks") {
            assert!(decoded(&files(&to)) == expected, "{}", golden.name);
        }
        // The same store, whatever has changed since: the lists are of version 1.
        let list = fs::read_to_string(golden.list()).unwrap();
        assert!(text(&expected) == list, "{}: what the test writes is not what it wrote", golden.name);
    }
}

#[test]
fn every_golden_snapshot_has_a_list_and_every_list_a_snapshot() {
    let mut expected: Vec<String> = Vec::new();
    for golden in Golden::all() {
        expected.extend([golden.name.to_string(), format!("{}.txt", golden.name)]);
    }
    let mut found: Vec<String> = fs::read_dir(golden())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".gitattributes")
        .collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

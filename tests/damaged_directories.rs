//! Snapshots that are directories, damaged: a restore fails with the file, and leaves nothing; the source and the store
//! that wrote it are as they were.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use common::counts::say;
use common::engines::{on_each_engine, rounds};
use common::files::{self, names};
use common::format::{self, frames};
use common::random::Random;
use common::stored::{Content, content, fast_dir, fill, restored, small};
use keybed::error::{Error, ErrorKind};
use keybed::key::{KeyGroupRange, PartSize};
use keybed::options::StoreOptions;
use keybed::snapshot::{SnapshotDirectory, SnapshotOptions};
use keybed::store::{DiskView, Store};

struct Sample {
    dir: tempfile::TempDir,
    store: Store,
    /// The snapshot; whole between two tests.
    at: PathBuf,
    content: Content,
    options: StoreOptions,
}

impl Sample {
    /// The third of a series: of a table a full file and two of changes.
    fn new(engine: &str) -> Sample {
        let dir = fast_dir();
        let options = small(engine, &[]);
        let store = Store::open(dir.path().join("store"), &options).unwrap();
        let series = store.snapshot_series(&SnapshotOptions::default()).unwrap();
        for round in 0..3 {
            fill(&store, PartSize::Variable, round);
            series.write(dir.path().join(round.to_string())).unwrap();
        }
        let content = content(&store);
        let at = dir.path().join("snapshot");
        // Files of its own: the test writes to them.
        fs::create_dir(&at).unwrap();
        for file in fs::read_dir(dir.path().join("2")).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), at.join(file.file_name())).unwrap();
        }
        let sample = Sample { dir, store, at, content, options };
        assert_eq!(sample.restore().unwrap(), sample.content);
        if engine == "table" {
            assert_eq!(names(&sample.at).len(), 4, "a full file, two of changes, and the list");
        }
        sample
    }

    fn restore(&self) -> Result<Content, Error> {
        restored(self.dir.path(), &self.options, std::slice::from_ref(&self.at))
    }

    fn manifest(&self) -> PathBuf {
        self.at.join("SNAPSHOT")
    }

    /// Restoring fails and names what is in the directory.
    fn refused(&self, what: &str, kinds: &[ErrorKind]) -> Error {
        let before = files::content(&self.at);
        let error = self.restore().expect_err(what);
        assert!(kinds.contains(&error.kind()), "{what}: {error}");
        assert!(error.message().contains(self.at.to_str().unwrap()), "{what}: {error}");
        assert!(files::content(&self.at) == before, "{what}: the snapshot was changed");
        error
    }

    /// Checking alone finds it, too.
    fn found(&self, what: &str, kinds: &[ErrorKind]) {
        self.refused(what, kinds);
        let all = KeyGroupRange::all(4);
        let checked = SnapshotDirectory::open(&self.at)
            .and_then(|snapshot| snapshot.check_files(&self.at, all, &mut |_, _| true));
        let error = checked.expect_err(what);
        assert!(kinds.contains(&error.kind()), "{what}: {error}");
    }

    /// Replaces a file for a moment.
    fn with(&self, name: &str, bytes: &[u8], test: impl FnOnce()) {
        let path = self.at.join(name);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        test();
        fs::write(&path, whole).unwrap();
    }

    /// The list of files changed, its checksum made good.
    fn with_list(&self, change: impl FnOnce(String) -> String, test: impl FnOnce()) {
        let text = fs::read_to_string(self.manifest()).unwrap();
        let body = text[..text.rfind("crc32c ").unwrap()].to_string();
        let changed = change(body.clone());
        assert_ne!(changed, body);
        let sealed = format!("{changed}crc32c {:08x}\n", crc32c::crc32c(changed.as_bytes()));
        self.with("SNAPSHOT", sealed.as_bytes(), test);
    }

    /// Nothing of the damage stays, and the store that wrote the snapshot goes on.
    fn done(&self) {
        assert_eq!(self.restore().unwrap(), self.content);
        assert_eq!(content(&self.store), self.content);
    }

    /// Names of the snapshot's files.
    fn files(&self) -> Vec<String> {
        names(&self.at).into_iter().filter(|name| name != "SNAPSHOT").collect()
    }
}

const DAMAGE: &[ErrorKind] = &[ErrorKind::Corruption];
/// Of the list's first line.
const LIST: &[ErrorKind] = &[ErrorKind::Corruption, ErrorKind::ForeignFormat, ErrorKind::NewerFormat];

fn damage_of_any_byte_of_the_list_is_found(engine: &str) {
    let sample = Sample::new(engine);
    let text = fs::read(sample.manifest()).unwrap();
    let mut restores = 0;
    let step = if cfg!(debug_assertions) { 7 } else { 1 };
    for at in (0..text.len()).step_by(step) {
        for flip in [1, 0x20, 0x80] {
            let mut bad = text.clone();
            bad[at] ^= flip;
            sample.with("SNAPSHOT", &bad, || sample.found("a byte", LIST));
        }
        sample.with("SNAPSHOT", &text[..at], || sample.found("cut short", LIST));
        restores += 4;
    }
    sample.with("SNAPSHOT", &[&text[..], b"\n"].concat(), || sample.found("longer", LIST));
    sample.done();
    say(&format!("{restores} damaged snapshots restored: lists of directories, {engine}"));
}

fn damage_of_the_files_is_found(engine: &str) {
    let sample = Sample::new(engine);
    let mut random = Random::seeded();
    let mut restores = 0;
    for name in sample.files() {
        let whole = fs::read(sample.at.join(&name)).unwrap();
        if whole.is_empty() {
            continue;
        }
        // A file that the list names and that does not begin like one is damaged, and not somebody else's.
        for at in 0..whole.len().min(4) {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            sample.with(&name, &bad, || {
                sample.found(&name, DAMAGE);
                let seen = DiskView::open(&sample.at).unwrap().verify(&mut |_, _| true).unwrap_err();
                assert_eq!(seen.kind(), ErrorKind::Corruption, "{seen}");
            });
        }
        for n in 0..rounds(150) {
            let mut bad = whole.clone();
            let at = random.below(whole.len() as u64) as usize;
            match n % 4 {
                0 => bad.truncate(at),
                1 => bad.push(0),
                _ => bad[at] ^= 1 << random.below(8),
            }
            sample.with(&name, &bad, || sample.found(&name, DAMAGE));
            restores += 1;
        }
    }
    sample.done();
    say(&format!("{restores} damaged snapshots restored: files of directories, {engine}"));
}

fn files_that_are_missing_renamed_or_something_else_are_found(engine: &str) {
    let sample = Sample::new(engine);
    let aside = sample.dir.path().join("aside");
    let all = sample.files();
    for name in &all {
        let path = sample.at.join(name);
        fs::rename(&path, &aside).unwrap();
        sample.found("missing", DAMAGE);
        fs::create_dir(&path).unwrap();
        sample.found("a directory", DAMAGE);
        fs::remove_dir(&path).unwrap();
        // The directory's content cannot be compared here: reading it fails, or would wait.
        for what in ["a link to nothing", "a pipe"] {
            if what == "a pipe" {
                assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
            } else {
                symlink("nowhere", &path).unwrap();
            }
            let error = sample.restore().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corruption, "{what}: {error}");
            fs::remove_file(&path).unwrap();
        }
        fs::rename(&aside, sample.at.join("renamed")).unwrap();
        sample.found("renamed", DAMAGE);
        fs::rename(sample.at.join("renamed"), &path).unwrap();
    }
    for pair in all.windows(2) {
        let read = |name: &str| fs::read(sample.at.join(name)).unwrap();
        let (a, b) = (read(&pair[0]), read(&pair[1]));
        sample.with(&pair[0], &b, || sample.with(&pair[1], &a, || sample.found("exchanged", DAMAGE)));
    }
    let list = sample.manifest();
    fs::rename(&list, &aside).unwrap();
    sample.found("no list", &[ErrorKind::ForeignFormat]);
    fs::create_dir(&list).unwrap();
    sample.found("a directory as list", &[ErrorKind::ForeignFormat]);
    fs::remove_dir(&list).unwrap();
    fs::rename(&aside, &list).unwrap();
    sample.done();
}

fn files_that_do_not_belong_to_the_snapshot_are_not_taken(engine: &str) {
    let sample = Sample::new(engine);
    for name in ["holiday.jpg", ".hidden", "full-000.kbs.keybed-partial", "SNAPSHOT.orig"] {
        fs::write(sample.at.join(name), "something").unwrap();
        assert_eq!(sample.restore().unwrap(), sample.content, "{name}");
        fs::remove_file(sample.at.join(name)).unwrap();
    }
    // What RocksDB would read if it were there.
    for name in ["000999.log", "000999.sst", "MANIFEST-999999", "000999.blob"] {
        fs::write(sample.at.join(name), "something").unwrap();
        if engine == "rocks" {
            let error = sample.refused(name, DAMAGE);
            assert!(error.message().contains(name), "{error}");
        } else {
            assert_eq!(sample.restore().unwrap(), sample.content, "{name}");
        }
        fs::remove_file(sample.at.join(name)).unwrap();
    }
    sample.done();
}

/// A list changed, from the list and the line of its first file.
type Lie = fn(&str, &str) -> String;

fn lists_that_lie_are_found(engine: &str) {
    let sample = Sample::new(engine);
    let first_file = |text: &str| {
        let line = text.lines().find(|line| line.starts_with("file ") && line.contains("shared")).unwrap();
        format!("{line}\n")
    };
    let lies: [(&str, Lie); 9] = [
        ("a file twice", |text, line| format!("{text}{line}")),
        ("a name of no file", |text, line| {
            let name = line.trim().rsplit(' ').next().unwrap();
            text.replace(line, &line.replace(name, ".."))
        }),
        ("a path", |text, line| {
            let name = line.trim().rsplit(' ').next().unwrap();
            text.replace(line, &line.replace(name, &format!("../2/{name}")))
        }),
        ("a name with a zero", |text, line| text.replace(line, &line.replace(".", "%00."))),
        ("a length", |text, line| {
            let bytes = line.split(' ').nth(2).unwrap();
            text.replace(line, &line.replace(&format!(" {bytes} "), " 18446744073709551615 "))
        }),
        ("no state", |text, _| text.replace("state value", "state nothing")),
        ("another key group", |text, _| text.replace("key-groups 0-3", "key-groups 0-9")),
        ("a line more", |text, _| format!("{text}more\n")),
        ("no files", |text, _| {
            text.lines().filter(|line| !line.starts_with("file ")).map(|l| format!("{l}\n")).collect()
        }),
    ];
    for (what, lie) in lies {
        sample.with_list(
            |text| lie(&text, &first_file(&text)),
            || {
                // A name with a zero is none that the system takes.
                sample.refused(what, &[ErrorKind::Corruption, ErrorKind::Io]);
            },
        );
    }
    let newer = |from: &'static str, to: &'static str| {
        sample.with_list(move |text| text.replace(from, to), || sample.found(to, &[ErrorKind::NewerFormat]));
    };
    newer("keybed-snapshot-files 1", "keybed-snapshot-files 2");
    newer("\nincompatible-features 0", "\nincompatible-features 1");
    sample.with_list(
        |text| text.replace("\ncompatible-features 0", "\ncompatible-features 1"),
        || assert_eq!(sample.restore().unwrap(), sample.content),
    );
    sample.with_list(
        |text| text.replace("max-parallelism 4", "max-parallelism 5"),
        || drop(sample.refused("max-parallelism", &[ErrorKind::SnapshotMismatch])),
    );
    sample.done();
}

#[test]
fn files_of_a_table_in_another_order_or_without_one_between_are_refused() {
    let sample = Sample::new("table");
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("file ")).map(|line| format!("{line}\n")).collect()
    };
    let with = |pick: &dyn Fn(&[String]) -> String, what: &str| {
        sample.with_list(
            |text| {
                let lines = lines(&text);
                let (before, _) = text.split_once(&lines[0]).unwrap();
                format!("{before}{}", pick(&lines))
            },
            || {
                let error = sample.refused(what, DAMAGE);
                assert!(error.message().contains("follow"), "{error}");
            },
        );
    };
    with(&|lines| format!("{}{}", lines[1], lines[0]), "changes first");
    with(&|lines| format!("{}{}{}", lines[0], lines[2], lines[1]), "exchanged");
    with(&|lines| format!("{}{}", lines[0], lines[2]), "one left out");
    with(&|lines| lines[2].clone(), "changes alone");
    // Another identity than that of the file.
    with(
        &|lines| {
            let id = lines[0].split(' ').nth(1).unwrap();
            lines[0].replacen(id, &"1".repeat(32), 1)
        },
        "another identity",
    );
    // The files before the last are a snapshot of their own: the one before.
    sample.with_list(
        |text| text.replace(&lines(&text)[2], ""),
        || assert_ne!(sample.restore().unwrap(), sample.content),
    );
    sample.done();
}

#[test]
fn blocks_of_a_chain_that_were_exchanged_between_its_files_are_refused() {
    let sample = Sample::new("table");
    let all: Vec<String> = sample.files();
    let read = |name: &str| fs::read(sample.at.join(name)).unwrap();
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        let (into, other) = (read(&all[a]), frames(&read(&all[b])));
        for from in other.iter().filter(|frame| frame.kind == format::ENTRIES) {
            // Put in the place of the first block of entries, with the identity and the place made good.
            let mut mixed = frames(&into);
            let at = mixed.iter().position(|frame| frame.kind == format::ENTRIES).unwrap();
            let mut entries: Vec<_> =
                mixed.iter().filter(|frame| frame.kind == format::ENTRIES).cloned().collect();
            let (snapshot, state) = (mixed[at].snapshot, mixed[at].state);
            entries[0] = format::Frame { snapshot, state, ..from.clone() };
            let bytes = format::file(&mixed.remove(0), &entries);
            let (name, len) = (&all[a], into.len());
            let was = format!(" {len} {:08x} ", crc32c::crc32c(&into));
            let is = format!(" {} {:08x} ", bytes.len(), crc32c::crc32c(&bytes));
            sample.with(name, &bytes, || {
                sample.with_list(
                    |text| text.replace(&was, &is),
                    || {
                        // Blocks of changes are told from blocks of a full file; others of the same kind are what was written.
                        let full = |name: &str| name.starts_with("full");
                        if full(&all[a]) != full(&all[b]) {
                            sample.refused("exchanged", DAMAGE);
                        } else if let Err(e) = sample.restore() {
                            assert_eq!(e.kind(), ErrorKind::Corruption);
                        }
                    },
                );
            });
        }
    }
    sample.done();
}

#[cfg(feature = "rocks")]
#[test]
fn a_file_that_the_task_does_not_need_is_not_read_and_one_that_it_needs_is() {
    let sample = Sample::new("rocks");
    let part = StoreOptions { key_groups: KeyGroupRange::new(0, 1), ..sample.options.clone() };
    let snapshot = SnapshotDirectory::open(&sample.at).unwrap();
    let mut refused = 0;
    for file in &snapshot.files {
        let mut bytes = fs::read(sample.at.join(&file.name)).unwrap();
        if let Some(middle) = bytes.len().checked_div(2).filter(|_| !bytes.is_empty()) {
            bytes[middle] ^= 1;
            sample.with(&file.name, &bytes, || {
                let from = std::slice::from_ref(&sample.at);
                let needed = file.groups.is_none_or(|groups| groups.first <= 1);
                match restored(sample.dir.path(), &part, from) {
                    Err(e) if needed => {
                        assert_eq!(e.kind(), ErrorKind::Corruption, "{e}");
                        refused += 1;
                    }
                    result => assert!(!needed && result.is_ok(), "{}", file.name),
                }
            });
        }
    }
    assert!(refused > 0);
    sample.done();
}

/// One of two sources is damaged: nothing comes of the other either.
fn a_restore_from_two_snapshots_fails_with_either(engine: &str) {
    let sample = Sample::new(engine);
    let halves: Vec<PathBuf> = [(0, 1), (2, 3)]
        .map(|(first, last)| {
            let options =
                StoreOptions { key_groups: KeyGroupRange::new(first, last), ..sample.options.clone() };
            let place = |what: &str| sample.dir.path().join(format!("{what} {first}"));
            let store = Store::restore(place("half"), &options, &[&sample.at]).unwrap();
            let at = place("half snapshot");
            store.snapshot_series(&SnapshotOptions::default()).unwrap().write(&at).unwrap();
            at
        })
        .to_vec();
    let whole = |from: &[PathBuf]| restored(sample.dir.path(), &sample.options, from);
    assert_eq!(whole(&halves).unwrap(), sample.content);
    let error = whole(&[halves[0].clone(), sample.at.clone()]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SnapshotMismatch, "{error}");
    let error = whole(&halves[1..]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SnapshotMismatch, "{error}");
    for half in &halves {
        damage_largest(half, || {
            let error = whole(&halves).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
            assert!(error.message().contains(half.to_str().unwrap()), "{error}");
        });
    }
    assert_eq!(whole(&halves).unwrap(), sample.content);
    sample.done();
}

fn damage_largest(dir: &Path, test: impl FnOnce()) {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let largest = files.max_by_key(|entry| entry.metadata().unwrap().len()).unwrap().path();
    let whole = fs::read(&largest).unwrap();
    let mut bad = whole.clone();
    bad[whole.len() / 2] ^= 4;
    // A file of its own: the old one may have other names.
    fs::remove_file(&largest).unwrap();
    fs::write(&largest, bad).unwrap();
    test();
    fs::write(&largest, whole).unwrap();
}

fn a_series_keeps_nothing_of_snapshots_that_nothing_follows(engine: &str) {
    let dir = fast_dir();
    let store = Store::open(dir.path().join("store"), &small(engine, &[])).unwrap();
    fill(&store, PartSize::Variable, 0);
    let series = store.snapshot_series(&SnapshotOptions::default()).unwrap();
    let first = series.prepare(dir.path().join("a")).unwrap();
    let second = series.prepare(dir.path().join("b")).unwrap();
    drop(series.prepare(dir.path().join("c")).unwrap());
    second.finish().unwrap();
    // Late: the next follows the second.
    first.finish().unwrap();
    let kept = dir.path().join("store/SERIES");
    assert_eq!(if kept.exists() { names(&kept).len() } else { 0 }, usize::from(engine == "table"));
    fill(&store, PartSize::Variable, 1);
    let third = series.write(dir.path().join("d")).unwrap();
    assert_eq!(names(&dir.path().join("d")).len(), third.files.len() + 1, "and the list");
    drop(series);
    assert!(!kept.exists());
    for name in ["a", "b", "d"] {
        restored(dir.path(), &small(engine, &[]), &[dir.path().join(name)]).unwrap();
    }
}

on_each_engine!(
    damage_of_any_byte_of_the_list_is_found,
    damage_of_the_files_is_found,
    files_that_are_missing_renamed_or_something_else_are_found,
    files_that_do_not_belong_to_the_snapshot_are_not_taken,
    lists_that_lie_are_found,
    a_restore_from_two_snapshots_fails_with_either,
    a_series_keeps_nothing_of_snapshots_that_nothing_follows,
);

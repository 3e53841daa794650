//! Processes that are killed while they write, flush, take snapshots and restore, again and again: the last completed
//! snapshot is there and holds exactly the state of its moment, nothing that was not completed has a name, and nothing is
//! left over.
//!
//! `KEYBED_ROUNDS` says how often (25; `make crash` 200).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use common::child;
use common::counts::say;
use common::engines::on_each_engine;
use common::files::names;
use common::random::Random;
use common::stored::{Content, content, small};
use keybed::error::ErrorKind;
use keybed::key::{KeyGroupRange, PartSize};
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{self, SnapshotDirectory, SnapshotOptions, verify};
use keybed::store::{Session, SnapshotSeries, StateId, StateKind, Store, WriteBatch};

fn options(engine: &str) -> StoreOptions {
    let mut options = small(engine, &[("key-size", "4")]);
    options.rocks.write_buffer_bytes = 65536;
    options
}

/// Whether of the map, key, map key, and the value that is put.
type Operation = (bool, [u8; 4], u8, Option<Vec<u8>>);

/// What batch `i` does: entries of two states, put (with a value) or deleted.
fn batch(i: u64) -> Vec<Operation> {
    let mut random = Random((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    (0..3)
        .map(|_| {
            let key = (random.below(150) as u32).to_be_bytes();
            let len = 1 + random.below(60) as usize;
            let value = (random.below(5) > 0).then(|| vec![random.next() as u8; len]);
            (random.below(2) == 0, key, random.below(4) as u8, value)
        })
        .collect()
}

const NAMES: [&str; 3] = ["value", "map", "count"];

fn group(key: [u8; 4]) -> u32 {
    u32::from(key[3] % 4)
}

/// What a store holds after so many batches. Worked out from the last one that was kept: every 500th is.
fn after(batches: u64) -> Content {
    static KEPT: Mutex<BTreeMap<u64, Content>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().unwrap();
    let last = kept.range(..=batches).next_back();
    let (from, mut content) = last.map_or((0, Content::new()), |(n, content)| (*n, content.clone()));
    for i in from..batches {
        apply(&mut content, i);
        if (i + 1) % 500 == 0 {
            kept.insert(i + 1, content.clone());
        }
    }
    content
}

/// What batch `i` makes of it.
fn apply(content: &mut Content, i: u64) {
    for (map, key, map_key, value) in batch(i) {
        let mut composite = vec![group(key) as u8];
        composite.extend(key);
        if map {
            composite.push(map_key);
        }
        let key = (NAMES[usize::from(map)].to_string(), composite);
        match value {
            Some(value) => drop(content.insert(key, value)),
            None => drop(content.remove(&key)),
        }
    }
    content.insert(("count".to_string(), vec![0; 5]), (i + 1).to_be_bytes().to_vec());
}

/// A checksum of each key group.
fn digest(content: &Content) -> String {
    let mut sums = [0u32; 4];
    for ((state, key), value) in content {
        let sum = &mut sums[usize::from(key[0])];
        for part in [state.as_bytes(), &(key.len() as u32).to_le_bytes(), key, value] {
            *sum = crc32c::crc32c_append(*sum, part);
        }
    }
    sums.iter().fold(String::new(), |mut text, sum| {
        write!(text, "{sum:08x}").unwrap();
        text
    })
}

/// What the child says, a line each. A kill takes nothing back that was written to a file.
struct Record(File);

impl Record {
    fn says(&mut self, line: &str) {
        self.0.write_all(format!("{line}\n").as_bytes()).unwrap();
    }
}

struct Writer {
    engine: String,
    base: PathBuf,
    record: Record,
    store: Store,
    session: Session,
    states: [StateId; 3],
    series: SnapshotSeries,
    random: Random,
    batches: u64,
    /// What it should hold.
    model: Content,
    number: u64,
    last: Option<(String, u64)>,
}

impl Writer {
    fn open(engine: &str, base: &Path) -> Writer {
        let record = File::options().create(true).append(true).open(base.join("record")).unwrap();
        let mut record = Record(record);
        record.says("phase open");
        let store = Store::open(base.join("store"), &options(engine)).unwrap();
        let mut session = store.session().unwrap();
        let kinds = [StateKind::Value, StateKind::Map, StateKind::Value];
        let mut states = Vec::new();
        for (name, kind) in NAMES.iter().zip(kinds) {
            states.push(session.open_state(name, kind, PartSize::NONE).unwrap());
        }
        session.set_key(0, &[0; 4]).unwrap();
        let mut count = [0; 8];
        session.get(states[2], b"", b"", &mut count).unwrap();
        let series = store.snapshot_series(&SnapshotOptions { max_chain: 4, ..Default::default() }).unwrap();
        let random = Random::seeded();
        let (engine, base) = (engine.to_string(), base.to_path_buf());
        let batches = u64::from_be_bytes(count);
        let number = u64::from(std::process::id()) << 32;
        let states = [states[0], states[1], states[2]];
        let model = after(batches);
        Writer {
            engine,
            base,
            record,
            store,
            session,
            states,
            series,
            random,
            batches,
            model,
            number,
            last: None,
        }
    }

    fn write(&mut self, batches: u64) {
        self.record.says("phase write");
        let session = &mut self.session;
        let mut write = WriteBatch::new();
        for i in self.batches..self.batches + batches {
            for (map, key, map_key, value) in batch(i) {
                session.set_key(group(key), &key).unwrap();
                let state = self.states[usize::from(map)];
                let map_key: &[u8] = if map { &[map_key] } else { b"" };
                match value {
                    Some(value) => session.batch_put(&mut write, state, b"", map_key, &value).unwrap(),
                    None => session.batch_delete(&mut write, state, b"", map_key).unwrap(),
                }
            }
            session.set_key(0, &[0; 4]).unwrap();
            session.batch_put(&mut write, self.states[2], b"", b"", &(i + 1).to_be_bytes()).unwrap();
            session.commit(&mut write).unwrap();
            apply(&mut self.model, i);
        }
        self.batches += batches;
    }

    /// The line that says what the state is now.
    fn moment(&mut self, what: &str) {
        let line = format!("begun {what} {} {}", self.batches, digest(&self.model));
        self.record.says(&line);
    }

    fn name(&mut self, what: &str) -> String {
        self.number += 1;
        format!("{what}-{}", self.number)
    }

    fn flush(&mut self) {
        self.moment("flush");
        self.record.says("phase flush");
        self.store.flush().unwrap();
        self.record.says("done flush");
    }

    fn file(&mut self) {
        let name = self.name("file");
        self.moment(&name);
        let compression =
            [Compression::None, Compression::Lz4, Compression::Zstd][self.random.below(3) as usize];
        let how = SnapshotOptions { compression, block_bytes: 4096, ..Default::default() };
        let snapshot = self.store.snapshot().unwrap();
        self.write(5);
        self.record.says("phase file");
        snapshot.write_file(self.base.join("snapshots").join(&name), &how).unwrap();
        self.completed(name);
    }

    fn series(&mut self) {
        let name = self.name("series");
        self.moment(&name);
        let before = self.batches;
        self.record.says("phase series");
        let prepared = self.series.prepare(self.base.join("snapshots").join(&name)).unwrap();
        self.write(5);
        self.record.says("phase series");
        prepared.finish().unwrap();
        assert_eq!(before + 5, self.batches);
        self.completed(name);
    }

    fn completed(&mut self, name: String) {
        self.record.says(&format!("done {name}"));
        self.last = Some((name, self.batches - 5));
    }

    fn restore(&mut self) {
        let Some((from, batches)) = self.last.clone() else { return };
        let name = self.name("restored");
        self.record.says(&format!("begun {name} {batches} {from}"));
        self.record.says("phase restore");
        let from = self.base.join("snapshots").join(from);
        let store = Store::restore(self.base.join(&name), &options(&self.engine), &[from]).unwrap();
        store.close().unwrap();
        self.record.says(&format!("done {name}"));
    }

    fn run(mut self) {
        loop {
            let most = if self.random.below(3) == 0 { 800 } else { 40 };
            let batches = 1 + self.random.below(most);
            self.write(batches);
            match self.random.below(4) {
                0 => self.flush(),
                1 => self.file(),
                2 => self.series(),
                _ => self.restore(),
            }
        }
    }
}

/// What was said of something: after how many batches, and whether it was completed.
#[derive(Debug, Clone)]
struct Said {
    batches: u64,
    done: bool,
}

#[derive(Default)]
struct Heard {
    /// Snapshots and restores, by name, in the order of the names' first mention.
    order: Vec<String>,
    things: BTreeMap<String, Said>,
    /// Batches that a flush covers which was completed, and which was begun after that.
    flushed: u64,
    flushing: Option<u64>,
    phase: String,
}

impl Heard {
    /// `summed`: those whose checksums have been compared already.
    fn read(base: &Path, summed: &mut BTreeMap<u64, String>) -> Heard {
        let mut same = |batches: u64, sums: &str| {
            let expected = summed.entry(batches).or_insert_with(|| digest(&after(batches)));
            assert_eq!(sums, expected, "the state after {batches} batches");
        };
        let text = fs::read_to_string(base.join("record")).unwrap_or_default();
        let mut heard = Heard { phase: "start".to_string(), ..Heard::default() };
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["phase", phase] => heard.phase = phase.to_string(),
                ["begun", "flush", batches, sums] => {
                    let batches = batches.parse().unwrap();
                    same(batches, sums);
                    heard.flushing = Some(batches);
                }
                ["done", "flush"] => heard.flushed = heard.flushing.take().unwrap(),
                ["begun", name, batches, sums] => {
                    let batches = batches.parse().unwrap();
                    if !name.starts_with("restored") {
                        same(batches, sums);
                    }
                    heard.order.push(name.to_string());
                    heard.things.insert(name.to_string(), Said { batches, done: false });
                }
                ["done", name] => heard.things.get_mut(name).unwrap().done = true,
                _ => panic!("{line}"),
            }
        }
        heard
    }
}

#[derive(Default)]
struct Counts {
    kills: BTreeMap<String, u64>,
    snapshots: u64,
    verified: u64,
    restored: u64,
    /// Snapshots that were whole although nobody could say so any more.
    unsaid: u64,
    partial: u64,
    cut_off: u64,
}

struct Check<'a> {
    engine: &'a str,
    base: &'a Path,
    counts: Counts,
    /// Snapshots that have been checked before, and are still there.
    known: BTreeSet<String>,
}

impl Check<'_> {
    fn place(&self, name: &str) -> PathBuf {
        self.base.join("snapshots").join(name)
    }

    /// The store: a table has its last flush, RocksDB whole batches and not less than that.
    fn store(&mut self, heard: &Heard) {
        let at = self.base.join("store");
        if heard.phase == "start" {
            return;
        }
        let store = Store::open(&at, &options(self.engine)).unwrap();
        let found = content(&store);
        let key = ("count".to_string(), vec![0; 5]);
        let batches = found.get(&key).map_or(0, |count| u64::from_be_bytes(count[..].try_into().unwrap()));
        assert!(found == after(batches), "a batch is half there, or another is missing");
        if self.engine == "table" {
            let may_be = [Some(heard.flushed), heard.flushing];
            assert!(may_be.contains(&Some(batches)), "{batches} batches, not {may_be:?}");
            assert_eq!(names(&at), ["KEYBED", "LOCK", "table/ENTRIES"], "and no stray file");
        } else {
            assert!(batches >= heard.flushed, "{batches} batches, {} were flushed", heard.flushed);
            for name in names(&at) {
                let known = name == "KEYBED" || name == "LOCK" || name.starts_with("rocks/");
                assert!(known && !name.contains("loading"), "a stray file {name}");
            }
        }
        store.close().unwrap();
        // What the store has is what was flushed: closing has written it.
        let mut record = Record(File::options().append(true).open(self.base.join("record")).unwrap());
        record.says(&format!("begun flush {batches} {}", digest(&found)));
        record.says("done flush");
    }

    /// Every completed snapshot is there and whole, and no other has a name.
    fn snapshots(&mut self, heard: &Heard, random: &mut Random) {
        let dir = self.base.join("snapshots");
        let partial = || {
            let names =
                fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
            names.filter(|name| name.ends_with(".keybed-partial")).count() as u64
        };
        self.counts.partial += partial();
        snapshot::clean(&dir).unwrap();
        assert_eq!(partial(), 0);
        let mut there: BTreeSet<String> = BTreeSet::new();
        for entry in fs::read_dir(&dir).unwrap() {
            there.insert(entry.unwrap().file_name().into_string().unwrap());
        }
        let mut last = None;
        for name in heard.order.iter().filter(|name| !name.starts_with("restored")) {
            let said = &heard.things[name];
            let is_there = there.remove(name);
            let was_there = self.known.contains(name);
            assert!(is_there || !was_there, "{name} is gone");
            if !is_there {
                // Taken away by an earlier round, or never completed.
                assert!(!said.done || self.is_old(heard, name), "{name} was completed and is not there");
                continue;
            }
            if !was_there {
                self.known.insert(name.clone());
                self.counts.snapshots += 1;
                self.counts.unsaid += u64::from(!said.done);
                self.verify(name);
                self.counts.verified += 1;
                if !said.done || random.below(8) == 0 {
                    self.restore(name, said.batches, self.engine);
                }
            }
            if said.done {
                last = Some((name.clone(), said.batches));
            }
        }
        assert!(there.is_empty(), "these have names, and nobody began them: {there:?}");
        if let Some((name, batches)) = last {
            self.verify(&name);
            self.restore(&name, batches, self.engine);
            if cfg!(feature = "rocks") && (name.starts_with("file") || self.engine == "table") {
                let other = if self.engine == "table" { "rocks" } else { "table" };
                self.restore(&name, batches, other);
            }
        }
        // The last few stay.
        while self.known.len() > 6 {
            let oldest = heard.order.iter().find(|name| self.known.contains(*name)).unwrap().clone();
            self.known.remove(&oldest);
            let path = self.place(&oldest);
            if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
    }

    /// Whether something that was completed later has been checked already: then this has been, too.
    fn is_old(&self, heard: &Heard, name: &str) -> bool {
        let begun = heard.order.iter().position(|known| known == name).unwrap();
        heard.order[begun..].iter().any(|later| self.known.contains(later))
    }

    fn verify(&self, name: &str) {
        let path = self.place(name);
        if path.is_file() {
            verify(&path, &mut |_, _| true).unwrap();
            return;
        }
        let snapshot = SnapshotDirectory::open(&path).unwrap();
        snapshot.check_files(&path, KeyGroupRange::all(4), &mut |_, _| true).unwrap();
        if self.engine == "table" {
            snapshot.paths(&path).for_each(|file| drop(verify(file, &mut |_, _| true).unwrap()));
        }
        assert_eq!(names(&path).len(), snapshot.files.len() + 1, "and no stray file");
    }

    fn restore(&mut self, name: &str, batches: u64, engine: &str) {
        let to = self.base.join("checked");
        let store = Store::restore(&to, &options(engine), &[self.place(name)]).unwrap();
        assert!(content(&store) == after(batches), "{name} on {engine}: another state than after {batches}");
        drop(store);
        fs::remove_dir_all(to).unwrap();
        self.counts.restored += 1;
    }

    /// Stores that were restored: whole when it was said, and otherwise none, and the next restore there succeeds.
    fn restored(&mut self, heard: &Heard) {
        let mut restored: Vec<&String> =
            heard.order.iter().filter(|name| name.starts_with("restored")).collect();
        restored.retain(|name| self.base.join(name).exists());
        for name in restored {
            let (said, at) = (&heard.things[name], self.base.join(name));
            let mut existing = options(self.engine);
            existing.create_if_missing = false;
            match Store::open(&at, &existing) {
                Ok(store) => {
                    assert!(content(&store) == after(said.batches), "{name}");
                    store.close().unwrap();
                }
                Err(e) => {
                    assert!(!said.done, "{name}: {e}");
                    assert!(
                        matches!(e.kind(), ErrorKind::Corruption | ErrorKind::StoreMissing),
                        "{name}: {e}"
                    );
                    self.counts.cut_off += 1;
                    // A table that was complete, and not on disk yet, is a store that says so; it is taken away by hand.
                    if at.join("KEYBED").exists() {
                        assert!(self.engine == "table" && e.message().contains("missing"), "{e}");
                        fs::remove_dir_all(&at).unwrap();
                    }
                    let last = heard.order.iter().rev().find(|name| self.known.contains(*name)).unwrap();
                    let from = self.place(last);
                    let store = Store::restore(&at, &options(self.engine), &[from]).unwrap();
                    assert!(content(&store) == after(heard.things[last].batches), "{name} again");
                    store.close().unwrap();
                }
            }
            for file in names(&at) {
                let stray = ["RESTORING", "KEYBED.new", "loading", "keybed-partial", "SERIES", "source"];
                assert!(!stray.iter().any(|stray| file.contains(stray)), "a stray file {file} in {name}");
            }
            fs::remove_dir_all(at).unwrap();
        }
    }
}

fn snapshots_outlast_killed_processes(engine: &str) {
    if let Some(base) = child::in_child() {
        return Writer::open(engine, &base).run();
    }
    let rounds: u64 = std::env::var("KEYBED_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("snapshots")).unwrap();
    let mut random = Random::seeded();
    let mut check = Check { engine, base: dir.path(), counts: Counts::default(), known: BTreeSet::new() };
    let mut summed = BTreeMap::new();
    for round in 0..rounds {
        let test = format!("{engine}::snapshots_outlast_killed_processes");
        let mut command = child::command(&test, dir.path(), "");
        let seed = random.next() | 1;
        command.env("KEYBED_SEED", seed.to_string());
        let log = File::create(dir.path().join("log")).unwrap();
        let mut child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        // The first few hit the making of the store; the others wait until it is open.
        if round >= 3 {
            let before = fs::metadata(dir.path().join("record")).map_or(0, |meta| meta.len());
            let began = Instant::now();
            let opened =
                || fs::metadata(dir.path().join("record")).is_ok_and(|meta| meta.len() > before + 12);
            while !opened() && began.elapsed() < Duration::from_secs(20) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        std::thread::sleep(Duration::from_micros(random.below(if round < 3 { 30_000 } else { 150_000 })));
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let log = || fs::read_to_string(dir.path().join("log")).unwrap();
        assert!(ended.is_none(), "round {round}: the writer ended by itself: {}", log());
        let heard = Heard::read(dir.path(), &mut summed);
        *check.counts.kills.entry(heard.phase.clone()).or_default() += 1;
        check.snapshots(&heard, &mut random);
        check.restored(&heard);
        check.store(&heard);
    }
    let Counts { kills, snapshots, verified, restored, unsaid, partial, cut_off } = check.counts;
    say(&format!(
        "{engine}: {rounds} kills {kills:?}; {snapshots} snapshots, {unsaid} of them not reported any more, {verified} verified, \
         {restored} restored exactly; {partial} partial ones taken away; {cut_off} restores cut off and done again"
    ));
    assert!(verified > 0 && restored > 0);
}

on_each_engine!(snapshots_outlast_killed_processes);

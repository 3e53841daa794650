//! RocksDB state divided anew among tasks: from its files, and by inserting its entries again, in one run.
//!
//! `cargo bench --bench rescale`; `KEYBED_ENTRIES` sets the number of entries (default 2 million, of 100 bytes), and
//! `KEYBED_COMPACTED=1` compacts the sources, which else are as writing left them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keybed::block::{BlockKind, BlockReader, BlockWriter};
use keybed::key::{CompositeKey, KeyEncoding, KeyGroupRange, KeySpec, PartSize};
use keybed::options::RocksOptions;
use keybed::rocks::{FileSource, RocksEngine};
use keybed::snapshot::{Entries, EntryForm};
use keybed::store::{Engine, StateInfo, StateKind};

const GROUPS: u32 = 128;
const KEYS: KeySpec =
    KeySpec { encoding: KeyEncoding::Ordered, max_parallelism: GROUPS, key_size: PartSize::Fixed(8) };
const VALUE_BYTES: usize = 91;
const RUNS: usize = 3;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn state() -> StateInfo {
    StateInfo { id: 0, name: "state".to_string(), kind: StateKind::Value, namespace: PartSize::NONE }
}

/// Entry `i`: its group is a hash of it.
fn key(i: u64) -> [u8; 9] {
    let mut key = [0; 9];
    key[0] = (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as u8;
    key[1..].copy_from_slice(&i.to_be_bytes());
    key
}

fn composite(key: &[u8]) -> CompositeKey<'_> {
    CompositeKey { bytes: key, split: key.len() }
}

fn open(dir: &Path) -> RocksEngine {
    let engine = RocksEngine::open(dir, &RocksOptions::default(), &[]).unwrap();
    engine.create_state(&state()).unwrap();
    engine
}

/// The linked files of entries in these groups, put in random order.
fn source(dir: &Path, entries: u64, has: Range<u32>) -> FileSource {
    let db = dir.join(format!("db {has:?}"));
    let engine = open(&db);
    let mut session = engine.session().unwrap();
    session.open_state(&state()).unwrap();
    let mut random = Random(88_172_645_463_325_252);
    let mut value = [0; VALUE_BYTES];
    // A permutation of the numbers below, as an odd factor is one modulo a power of two.
    let modulus = entries.next_power_of_two();
    for n in 0..modulus {
        let i = n.wrapping_mul(0x9e37_79b1) & (modulus - 1);
        let key = key(i);
        if i < entries && has.contains(&u32::from(key[0])) {
            // A third of it random.
            for part in value.chunks_mut(24) {
                part[..8].copy_from_slice(&random.next().to_be_bytes());
            }
            session.put(0, composite(&key), &value).unwrap();
        }
    }
    let linked = dir.join(format!("linked {has:?}"));
    if std::env::var_os("KEYBED_COMPACTED").is_some() {
        drop((session, engine));
        compact(&db);
        open(&db).link_files(&linked).unwrap();
        std::fs::remove_dir_all(&db).unwrap();
        return FileSource { dir: linked, has: has.clone(), wanted: has };
    }
    engine.link_files(&linked).unwrap();
    drop((session, engine));
    std::fs::remove_dir_all(&db).unwrap();
    FileSource { dir: linked, has: has.clone(), wanted: has }
}

fn compact(db: &Path) {
    let names = ["default", "s/state"];
    let db = rocksdb::DB::open_cf(&rocksdb::Options::default(), db, names).unwrap();
    db.compact_range_cf(&db.cf_handle("s/state").unwrap(), None::<&[u8]>, None::<&[u8]>);
}

/// The sources' wanted parts of some groups.
fn wanted(sources: &[FileSource], groups: &Range<u32>) -> Vec<FileSource> {
    let part = |source: &FileSource| FileSource {
        wanted: source.has.start.max(groups.start)..source.has.end.min(groups.end),
        ..source.clone()
    };
    sources.iter().map(part).filter(|source| !source.wanted.is_empty()).collect()
}

fn from_files(target: &Path, sources: &[FileSource]) {
    RocksEngine::restore(target, &RocksOptions::default(), &KEYS, &[state()], sources).unwrap();
}

/// Reads the wanted entries of each source and loads them: ordered into SST files, or in batches.
fn by_entries(target: &Path, sources: &[FileSource], ordered: bool) {
    let engine = open(target);
    let mut loader = engine.loader(ordered).unwrap();
    for (i, source) in sources.iter().enumerate() {
        // Its files, opened elsewhere: a source is not to be written to.
        let opened = target.with_extension(format!("source {i}"));
        RocksEngine::restore(
            &opened,
            &RocksOptions::default(),
            &KEYS,
            &[state()],
            &wanted(std::slice::from_ref(source), &(0..GROUPS)),
        )
        .unwrap();
        let from = RocksEngine::open(&opened, &RocksOptions::default(), &[state()]).unwrap();
        let mut cursor = from.snapshot(&[state()]).unwrap().cursor().unwrap();
        let form = EntryForm { keys: KEYS, split: false };
        let mut buf = vec![0; 1 << 20];
        for group in source.wanted.clone() {
            cursor.start(0, &[group as u8], &form).unwrap();
            loop {
                let mut block = BlockWriter::new(&mut buf, BlockKind::Snapshot).unwrap();
                let more = cursor.fill(&mut block).unwrap();
                let len = block.finish(more).unwrap();
                let block = BlockReader::new(&buf[..len]).unwrap();
                loader
                    .load(
                        0,
                        Entries::new(block, form, KeyGroupRange::all(GROUPS), KeyGroupRange::all(GROUPS)),
                    )
                    .unwrap();
                if !more {
                    break;
                }
            }
        }
        drop((cursor, from));
        std::fs::remove_dir_all(&opened).unwrap();
    }
    loader.finish().unwrap();
}

/// Time that this thread has run, in nanoseconds: on a shared machine the figure that means something.
fn running() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// Mean time of a get of a random entry, and of scanning everything, before anything has been compacted.
fn reads(dir: &Path, entries: u64, groups: &Range<u32>) -> (f64, f64) {
    let options =
        RocksOptions { options: "disable_auto_compactions=true".to_string(), ..RocksOptions::default() };
    let engine = RocksEngine::open(dir, &options, &[state()]).unwrap();
    let mut session = engine.session().unwrap();
    session.open_state(&state()).unwrap();
    let mut random = Random(1);
    let mut out = [0; 100];
    let mut gets = |count: u32| {
        let start = running();
        for _ in 0..count {
            let key = loop {
                let key = key(random.next() % entries);
                if groups.contains(&u32::from(key[0])) {
                    break key;
                }
            };
            assert_eq!(session.get(0, composite(&key), &mut out).unwrap(), Some(VALUE_BYTES));
        }
        (running() - start) / f64::from(count)
    };
    // The block cache fills first.
    gets(300_000);
    let get = gets(300_000);
    let start = running();
    let mut count = 0u64;
    let snapshot = engine.snapshot(&[state()]).unwrap();
    for group in groups.clone() {
        snapshot
            .for_each(0, &[group as u8], &mut |key, value| {
                black_box((key, value));
                count += 1;
                Ok(())
            })
            .unwrap();
    }
    (get, (running() - start) / count as f64)
}

fn size(dir: &Path) -> u64 {
    std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e3
}

/// Makes a store's database of sources.
type Way = fn(&Path, &[FileSource]);

fn measure(dir: &Path, entries: u64, name: &str, sources: &[FileSource], targets: &[Range<u32>]) {
    let ways: [(&str, Way); 3] = [
        ("from files", from_files),
        ("written to SST files", |to, sources| by_entries(to, sources, true)),
        ("inserted in batches", |to, sources| by_entries(to, sources, false)),
    ];
    let target: PathBuf = dir.join("target");
    let mut times = BTreeMap::new();
    for run in 0..RUNS {
        for (way, make) in &ways {
            let mut total = Duration::ZERO;
            for groups in targets {
                let sources = wanted(sources, groups);
                let start = Instant::now();
                make(&target, &sources);
                total += start.elapsed();
                if run == 0 {
                    let (get, scan) = reads(&target, entries, groups);
                    let megabytes = size(&target) as f64 / 1e6;
                    println!(
                        "  {name} {groups:?} {way}: get {get:.0} ns, scan {scan:.0} ns an entry, {megabytes:.0} MB"
                    );
                }
                std::fs::remove_dir_all(&target).unwrap();
            }
            times.entry(*way).or_insert_with(Vec::new).push(total);
        }
    }
    let inserted = median(times["inserted in batches"].clone());
    for (way, _) in ways {
        let time = median(times[way].clone());
        println!("{name}, all targets, {way}: {time:.0} ms, {:.1}x", inserted / time);
    }
}

/// Reads of the sources' files as they are.
fn measure_sources(dir: &Path, entries: u64, sources: &[FileSource]) {
    for source in sources {
        let target = dir.join("target");
        from_files(&target, std::slice::from_ref(source));
        let (get, scan) = reads(&target, entries, &source.has);
        println!("  source {:?}: get {get:.0} ns, scan {scan:.0} ns an entry", source.has);
        std::fs::remove_dir_all(&target).unwrap();
    }
}

fn main() {
    let entries = std::env::var("KEYBED_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000_000);
    let dir = std::env::var_os("KEYBED_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(dir).unwrap();
    let one = [source(dir.path(), entries, 0..128)];
    println!("{entries} entries of 100 bytes, {:.0} MB in files", size(&one[0].dir) as f64 / 1e6);
    measure_sources(dir.path(), entries, &one);
    measure(dir.path(), entries, "1 -> 2", &one, &[0..64, 64..128]);
    std::fs::remove_dir_all(&one[0].dir).unwrap();
    let two = [0..64, 64..128].map(|has| source(dir.path(), entries, has));
    measure_sources(dir.path(), entries, &two);
    measure(dir.path(), entries, "2 -> 1", &two, std::slice::from_ref(&(0..128)));
    measure(dir.path(), entries, "2 -> 3", &two, &[0..43, 43..86, 86..128]);
}

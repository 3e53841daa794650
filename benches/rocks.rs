//! What does the store add to RocksDB? Each operation through a session beside the same calls straight on the `rocksdb`
//! crate, in one run, with the same options and keys: 11-byte composite keys, 100,000 of them, in memory.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a bench")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use keybed::block::BlockReader;
use keybed::key::{KeyEncoding, PartSize, Scope};
use keybed::options::StoreOptions;
use keybed::store::{KeyRequest, Session, StateId, StateKind, Store};
use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType, Options, ReadOptions,
    WriteBatch, WriteOptions,
};
use tempfile::TempDir;

const KEYS: u64 = 100_000;
const NAMESPACE: PartSize = PartSize::Fixed(1);
const NS: &[u8] = &[0];
const GROUP: u32 = 29;
/// Large enough that everything stays in the memtable.
const WRITE_BUFFER: &str = "536870912";

struct Random(u64);

impl Random {
    fn key(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % KEYS
    }
}

struct Ours {
    session: Session,
    state: StateId,
    store: Store,
    _dir: TempDir,
}

fn ours(kind: StateKind) -> Ours {
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::from_pairs([
        ("rocks.write-buffer-bytes", WRITE_BUFFER),
        ("rocks.compression", "none"),
        ("rocks.memtable-bloom-ratio", "0"),
    ])
    .unwrap();
    options.keys.encoding = KeyEncoding::Flink;
    options.keys.max_parallelism = 32_768;
    options.keys.key_size = PartSize::Fixed(8);
    let store = Store::open(dir.path(), &options).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("state", kind, NAMESPACE).unwrap();
    Ours { session, state, store, _dir: dir }
}

struct Peer {
    db: DB,
    write: WriteOptions,
    _dir: TempDir,
}

/// The same options through the crate.
fn peer() -> Peer {
    let dir = tempfile::tempdir().unwrap();
    let mut options = Options::default().get_options_from_string("merge_operator=stringappendtest").unwrap();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_max_open_files(-1);
    options.set_max_background_jobs(2);
    options.set_atomic_flush(true);
    options.set_write_buffer_size(WRITE_BUFFER.parse().unwrap());
    options.set_compression_type(DBCompressionType::None);
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(&Cache::new_lru_cache(64 << 20));
    table.set_bloom_filter(10.0, false);
    options.set_block_based_table_factory(&table);
    let families = [ColumnFamilyDescriptor::new("state", options.clone())];
    let db = DB::open_cf_descriptors(&options, dir.path(), families).unwrap();
    let mut write = WriteOptions::default();
    write.disable_wal(true);
    Peer { db, write, _dir: dir }
}

fn composite(key: u64) -> [u8; 11] {
    let mut out = [0; 11];
    out[..2].copy_from_slice(&(GROUP as u16).to_be_bytes());
    out[2..10].copy_from_slice(&key.to_be_bytes());
    out
}

fn point(c: &mut Criterion) {
    for size in [8usize, 100, 1000] {
        let value = vec![7u8; size];
        let mut out = vec![0u8; 2048];
        let mut us = ours(StateKind::Value);
        let them = peer();
        let family = them.db.cf_handle("state").unwrap();
        for key in 0..KEYS {
            us.session.set_key(GROUP, &key.to_be_bytes()).unwrap();
            us.session.put(us.state, NS, &[], &value).unwrap();
            them.db.put_cf_opt(&family, composite(key), &value, &them.write).unwrap();
        }
        let mut r = Random(88_172_645_463_325_252);
        let mut group = c.benchmark_group("get");
        group.bench_function(BenchmarkId::new("keybed", size), |b| {
            b.iter(|| {
                us.session.set_key(GROUP, &r.key().to_be_bytes()).unwrap();
                black_box(us.session.get(us.state, NS, &[], &mut out).unwrap());
            });
        });
        group.bench_function(BenchmarkId::new("crate get_pinned_cf", size), |b| {
            b.iter(|| {
                let found = them.db.get_pinned_cf(&family, composite(r.key())).unwrap().unwrap();
                out[..found.len()].copy_from_slice(&found);
                black_box(found.len());
            });
        });
        group.bench_function(BenchmarkId::new("crate get_cf", size), |b| {
            b.iter(|| black_box(them.db.get_cf(&family, composite(r.key())).unwrap().unwrap()));
        });
        group.bench_function(BenchmarkId::new("keybed, absent", size), |b| {
            b.iter(|| {
                us.session.set_key(GROUP, &(r.key() | 1 << 40).to_be_bytes()).unwrap();
                black_box(us.session.get(us.state, NS, &[], &mut out).unwrap());
            });
        });
        group.bench_function(BenchmarkId::new("crate get_pinned_cf, absent", size), |b| {
            b.iter(|| {
                black_box(them.db.get_pinned_cf(&family, composite(r.key() | 1 << 40)).unwrap().is_none())
            });
        });
        group.finish();

        let mut group = c.benchmark_group("multi-get of 64");
        let mut block = vec![0; 128 << 10];
        group.bench_function(BenchmarkId::new("keybed", size), |b| {
            b.iter(|| {
                let keys: [[u8; 8]; 64] = std::array::from_fn(|_| r.key().to_be_bytes());
                let requests =
                    keys.iter().map(|k| Ok(KeyRequest { group: GROUP, key: k, namespace: NS, map_key: &[] }));
                let len = us.session.multi_get(us.state, requests, 0, &mut block).unwrap();
                assert_eq!(BlockReader::new(&block[..len]).unwrap().len(), 64);
            });
        });
        group.bench_function(BenchmarkId::new("crate batched_multi_get_cf", size), |b| {
            b.iter(|| {
                let keys: [[u8; 11]; 64] = std::array::from_fn(|_| composite(r.key()));
                let found = them.db.batched_multi_get_cf(&family, keys.iter(), false);
                let total: usize = found.iter().map(|v| v.as_ref().unwrap().as_ref().unwrap().len()).sum();
                black_box(total);
            });
        });
        group.finish();

        let mut group = c.benchmark_group("put");
        group.bench_function(BenchmarkId::new("keybed", size), |b| {
            b.iter(|| {
                us.session.set_key(GROUP, &r.key().to_be_bytes()).unwrap();
                us.session.put(us.state, NS, &[], &value).unwrap();
            });
        });
        group.bench_function(BenchmarkId::new("crate put_cf", size), |b| {
            b.iter(|| them.db.put_cf_opt(&family, composite(r.key()), &value, &them.write).unwrap());
        });
        group.finish();
        us.store.flush().unwrap();
    }
}

/// The least that RocksDB ever does, for the cost of the way there: a get from an empty state, and a put into a batch that
/// is thrown away. `DoorBenchmark` in `java/bench` does the same through Java.
fn door(c: &mut Criterion) {
    let mut us = ours(StateKind::Value);
    let them = peer();
    let family = them.db.cf_handle("state").unwrap();
    let mut r = Random(88_172_645_463_325_252);
    let mut out = [0; 128];
    let value = [7u8; 100];
    let mut group = c.benchmark_group("door");
    group.bench_function("keybed get, empty state", |b| {
        b.iter(|| {
            us.session.set_key(GROUP, &r.key().to_be_bytes()).unwrap();
            black_box(us.session.get(us.state, NS, &[], &mut out).unwrap());
        });
    });
    group.bench_function("crate get_pinned_cf, empty column family", |b| {
        b.iter(|| black_box(them.db.get_pinned_cf(&family, composite(r.key())).unwrap().is_none()));
    });
    let mut batch = keybed::store::WriteBatch::new();
    group.bench_function("keybed batch put", |b| {
        b.iter(|| {
            us.session.set_key(GROUP, &r.key().to_be_bytes()).unwrap();
            us.session.batch_put(&mut batch, us.state, NS, &[], &value).unwrap();
            if batch.len() == 100 {
                batch.clear();
            }
        });
    });
    group.finish();
}

fn append(c: &mut Criterion) {
    let mut us = ours(StateKind::List);
    let them = peer();
    let family = them.db.cf_handle("state").unwrap();
    let mut group = c.benchmark_group("append");
    // Lists grow to 100 elements and start again.
    let mut n = 0u64;
    group.bench_function("keybed", |b| {
        b.iter(|| {
            n += 1;
            us.session.set_key(GROUP, &(n / 100 % 1000).to_be_bytes()).unwrap();
            if n.is_multiple_of(100) {
                us.session.put(us.state, NS, &[], &n.to_be_bytes()).unwrap();
            } else {
                us.session.append(us.state, NS, &n.to_be_bytes()).unwrap();
            }
        });
    });
    group.bench_function("crate merge_cf", |b| {
        b.iter(|| {
            n += 1;
            let key = composite(n / 100 % 1000);
            if n.is_multiple_of(100) {
                them.db.put_cf_opt(&family, key, n.to_be_bytes(), &them.write).unwrap();
            } else {
                them.db.merge_cf_opt(&family, key, n.to_be_bytes(), &them.write).unwrap();
            }
        });
    });
    group.finish();
}

fn scan(c: &mut Criterion) {
    const MAPS: u64 = 1000;
    const ENTRIES: u64 = 100;
    for size in [8usize, 100, 1000] {
        let value = vec![7u8; size];
        let mut us = ours(StateKind::Map);
        let them = peer();
        let family = them.db.cf_handle("state").unwrap();
        let mut batch = WriteBatch::default();
        for map in 0..MAPS {
            us.session.set_key(GROUP, &map.to_be_bytes()).unwrap();
            for entry in 0..ENTRIES {
                us.session.put(us.state, NS, &entry.to_be_bytes(), &value).unwrap();
                let key = [&composite(map)[..], &entry.to_be_bytes()].concat();
                batch.put_cf(&family, key, &value);
            }
            them.db.write_opt(std::mem::take(&mut batch), &them.write).unwrap();
        }
        let mut r = Random(88_172_645_463_325_252);
        let mut group = c.benchmark_group("scan of 100");
        let mut scan = us.session.new_scan(us.state).unwrap();
        let mut block = vec![0; 256 << 10];
        group.bench_function(BenchmarkId::new("keybed", size), |b| {
            b.iter(|| {
                us.session.set_key(GROUP, &(r.key() % MAPS).to_be_bytes()).unwrap();
                us.session.start_scan(&mut scan, us.state, Scope::Namespace(NS)).unwrap();
                let len = scan.fill(&mut block).unwrap();
                let sum: usize =
                    BlockReader::new(&block[..len]).unwrap().iter().map(|(k, v)| k.len() + v.len()).sum();
                assert_eq!(sum, 100 * (8 + size));
            });
        });
        group.bench_function(BenchmarkId::new("crate raw_iterator_cf", size), |b| {
            b.iter(|| {
                let map = r.key() % MAPS;
                let mut read = ReadOptions::default();
                read.set_iterate_upper_bound(composite(map + 1));
                let mut iter = them.db.raw_iterator_cf_opt(&family, read);
                iter.seek(composite(map));
                let mut sum = 0;
                while let Some((k, v)) = iter.item() {
                    sum += k.len() - 11 + v.len();
                    iter.next();
                }
                assert_eq!(sum, 100 * (8 + size));
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    targets = door, point, append, scan
}
criterion_main!(benches);

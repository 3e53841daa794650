//! What does it cost to take entries out of a block? Ten of a hundred entries, as a slice and by decoding and encoding them
//! again, in one run; and write batches, which are blocks, on the engine `table`.
//!
//! Both sides end with the same bytes in the same reused buffer, but for the two whose name says that a vectored write is
//! to follow: those end with what such a write needs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "a bench")]

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use keybed::block::{BlockKind, BlockReader, BlockWriter};
use keybed::key::PartSize;
use keybed::options::StoreOptions;
use keybed::store::{Session, StateId, StateKind, Store, WriteBatch};

const ENTRIES: usize = 100;
const TAKEN: usize = 10;
/// Starts of the ranges that are taken, one after the other, so that no branch is learnt by heart.
const STARTS: [usize; 8] = [45, 3, 77, 0, 90, 31, 62, 18];

/// A block of a hundred entries: keys of 16 bytes, values of about 100, all of one size or not.
fn block(same: bool) -> Vec<u8> {
    let mut buf = vec![0; 64 << 10];
    let mut writer = BlockWriter::new(&mut buf, BlockKind::Scan).unwrap();
    for i in 0..ENTRIES {
        let value = if same { 100 } else { 80 + i * 7 % 41 };
        assert!(writer.push(&(i as u128).to_be_bytes(), &vec![i as u8; value]));
    }
    let len = writer.finish(false).unwrap();
    buf.truncate(len);
    buf
}

/// Decoding and encoding: the entries as views, written to a new block.
fn encode_views(bytes: &[u8], from: usize, out: &mut [u8]) -> usize {
    let reader = BlockReader::new(bytes).unwrap();
    let mut writer = BlockWriter::new(out, BlockKind::Scan).unwrap();
    for i in from..from + TAKEN {
        let (key, value) = reader.get(i).unwrap();
        assert!(writer.push(key, value));
    }
    writer.finish(true).unwrap()
}

/// Decoding and encoding: the entries as pairs of their own, written to a new block.
fn encode_pairs(bytes: &[u8], from: usize, out: &mut [u8]) -> usize {
    let reader = BlockReader::new(bytes).unwrap();
    let entries = (from..from + TAKEN).map(|i| reader.get(i).unwrap());
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = entries.map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    let mut writer = BlockWriter::new(out, BlockKind::Scan).unwrap();
    for (key, value) in black_box(&pairs) {
        assert!(writer.push(key, value));
    }
    writer.finish(true).unwrap()
}

/// As [`encode_pairs`], of a whole block: what a reader has to do that cannot take a part of one.
fn encode_pairs_of_all(bytes: &[u8], from: usize, out: &mut [u8]) -> usize {
    let reader = BlockReader::new(bytes).unwrap();
    let pairs: Vec<(Vec<u8>, Vec<u8>)> =
        reader.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
    let mut writer = BlockWriter::new(out, BlockKind::Scan).unwrap();
    for (key, value) in &black_box(&pairs)[from..from + TAKEN] {
        assert!(writer.push(key, value));
    }
    writer.finish(true).unwrap()
}

fn slice(c: &mut Criterion) {
    for (shape, same) in [("sizes differ", false), ("one size", true)] {
        let bytes = block(same);
        let mut out = Vec::with_capacity(64 << 10);
        let mut buf = vec![0; 64 << 10];
        let mut starts = STARTS.iter().cycle().copied();
        let mut next = || starts.next().unwrap();
        for from in STARTS {
            out.clear();
            BlockReader::new(&bytes).unwrap().slice(from..from + TAKEN).unwrap().append_to(&mut out);
            let read = BlockReader::new(&out).unwrap();
            for encode in [encode_views, encode_pairs, encode_pairs_of_all] {
                let len = encode(&bytes, from, &mut buf);
                assert!(read.iter().eq(BlockReader::new(&buf[..len]).unwrap().iter()));
            }
        }

        let mut group = c.benchmark_group("10 of 100 entries");
        let reader = BlockReader::new(&bytes).unwrap();
        group.bench_function(BenchmarkId::new("slice of an open block, for a vectored write", shape), |b| {
            b.iter(|| {
                let from = next();
                let slice = black_box(&reader).slice(from..from + TAKEN).unwrap();
                black_box(slice.io_slices());
            });
        });
        group.bench_function(BenchmarkId::new("slice, for a vectored write", shape), |b| {
            b.iter(|| {
                let from = next();
                let slice = BlockReader::new(black_box(&bytes)).unwrap().slice(from..from + TAKEN).unwrap();
                black_box(slice.io_slices());
            });
        });
        group.bench_function(BenchmarkId::new("slice, copied", shape), |b| {
            b.iter(|| {
                let from = next();
                out.clear();
                let slice = BlockReader::new(black_box(&bytes)).unwrap().slice(from..from + TAKEN).unwrap();
                slice.append_to(black_box(&mut out));
            });
        });
        // Nothing can be less: the bytes that the slice ends with, in one piece.
        let written = out.clone();
        group.bench_function(BenchmarkId::new("one copy of as many bytes", shape), |b| {
            b.iter(|| {
                out.clear();
                black_box(&mut out).extend_from_slice(black_box(&written));
            });
        });
        group.bench_function(BenchmarkId::new("views, encoded again", shape), |b| {
            b.iter(|| black_box(encode_views(black_box(&bytes), next(), &mut buf)));
        });
        group.bench_function(BenchmarkId::new("pairs of vectors, encoded again", shape), |b| {
            b.iter(|| black_box(encode_pairs(black_box(&bytes), next(), &mut buf)));
        });
        group.bench_function(BenchmarkId::new("pairs of vectors of all 100, encoded again", shape), |b| {
            b.iter(|| black_box(encode_pairs_of_all(black_box(&bytes), next(), &mut buf)));
        });
        group.finish();
    }
}

/// With the system call: to a file without a file system's work.
fn write(c: &mut Criterion) {
    let bytes = block(false);
    let mut buf = vec![0; 64 << 10];
    let mut null = File::options().write(true).open("/dev/null").unwrap();
    let mut starts = STARTS.iter().cycle().copied();
    let mut next = || starts.next().unwrap();
    let mut group = c.benchmark_group("10 of 100 entries, written to /dev/null");
    group.bench_function("slice", |b| {
        b.iter(|| {
            let from = next();
            let slice = BlockReader::new(black_box(&bytes)).unwrap().slice(from..from + TAKEN).unwrap();
            slice.write_to(&mut null).unwrap();
        });
    });
    group.bench_function("pairs of vectors, encoded again", |b| {
        b.iter(|| {
            let len = encode_pairs(black_box(&bytes), next(), &mut buf);
            null.write_all_at(&buf[..len], 0).unwrap();
        });
    });
    group.finish();
}

/// Walking all entries.
fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("100 entries");
    group.throughput(Throughput::Elements(ENTRIES as u64));
    for (shape, same) in [("sizes differ", false), ("one size", true)] {
        let bytes = block(same);
        group.bench_function(BenchmarkId::new("read in order", shape), |b| {
            b.iter(|| {
                let entries = BlockReader::new(black_box(&bytes)).unwrap().iter();
                black_box(entries.fold(0, |sum, (key, value)| sum + key.len() + usize::from(value[0])));
            });
        });
        group.bench_function(BenchmarkId::new("read by number", shape), |b| {
            b.iter(|| {
                let reader = BlockReader::new(black_box(&bytes)).unwrap();
                let entries = (0..reader.len()).map(|i| reader.get(i).unwrap());
                black_box(entries.fold(0, |sum, (key, value)| sum + key.len() + usize::from(value[0])));
            });
        });
    }
    group.finish();
}

const KEYS: u64 = 10_000;
const OPERATIONS: u64 = 100;

/// Adds a put of each key, from number `n` on.
fn add(session: &mut Session, batch: &mut WriteBatch, state: StateId, n: &mut u64, value: &[u8]) {
    for _ in 0..OPERATIONS {
        *n += 1;
        session.set_key(29, &(*n * 7919 % KEYS).to_be_bytes()).unwrap();
        session.batch_put(batch, state, &[], &[], value).unwrap();
    }
}

fn batches(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions::from_pairs([("engine", "table"), ("table.flush-on-close", "false")]).unwrap();
    let store = Store::open(dir.path(), &options).unwrap();
    let mut session = store.session().unwrap();
    let mut group = c.benchmark_group("write batch of 100");
    group.throughput(Throughput::Elements(OPERATIONS));
    for size in [8usize, 100, 1000] {
        let value = vec![7; size];
        let state = session.open_state(&format!("of {size}"), StateKind::Value, PartSize::NONE).unwrap();
        let mut batch = WriteBatch::new();
        let mut n = 0;
        for _ in 0..KEYS / OPERATIONS {
            add(&mut session, &mut batch, state, &mut n, &value);
            session.commit(&mut batch).unwrap();
        }
        // Always the same key, so that the batch's part of it can be seen.
        group.bench_function(BenchmarkId::new("add", size), |b| {
            b.iter(|| {
                for _ in 0..OPERATIONS {
                    session.batch_put(&mut batch, state, &[], &[], black_box(&value)).unwrap();
                }
                batch.clear();
            });
        });
        group.bench_function(BenchmarkId::new("add and commit", size), |b| {
            b.iter(|| {
                add(&mut session, &mut batch, state, &mut n, black_box(&value));
                session.commit(&mut batch).unwrap();
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(1));
    targets = slice, write, read, batches
}
criterion_main!(benches);

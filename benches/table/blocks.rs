//! What do snapshots in blocks cost: read into blocks, written to a file, loaded again?
//!
//! Everything is divided by the number of entries. The floor of a written snapshot is a plain sequential write of the same
//! bytes with the same checksum.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::Duration;

use keybed::block::{BlockKind, BlockReader, BlockWriter};
use keybed::key::{CompositeKey, KeyEncoding, KeyGroupRange, KeySpec, PartSize};
use keybed::options::StoreOptions;
use keybed::snapshot::{Entries, EntryForm};
use keybed::store::{Engine, EngineSnapshot, StateInfo, StateKind};
use keybed::table::TableEngine;

use crate::arguments::Arguments;
use crate::clock::timed;
use crate::keys::{GROUPS, Key};

pub(crate) const BLOCK_BYTES: usize = 256 << 10;

fn keys() -> KeySpec {
    KeySpec { encoding: KeyEncoding::Flink, max_parallelism: GROUPS, key_size: PartSize::Fixed(8) }
}

pub(crate) fn state(kind: StateKind) -> StateInfo {
    let namespace = if kind == StateKind::Map { PartSize::NONE } else { PartSize::Fixed(2) };
    StateInfo { id: 0, name: "state".to_string(), kind, namespace }
}

pub(crate) fn engine(kind: StateKind) -> (TableEngine, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { keys: keys(), memory_limit_bytes: 16 << 30, ..StoreOptions::default() };
    let engine = TableEngine::open(dir.path(), &options, &[]).unwrap();
    engine.create_state(&state(kind)).unwrap();
    (engine, dir)
}

pub(crate) fn form() -> EntryForm {
    EntryForm { keys: keys(), split: false }
}

/// Ten entries a map.
const MAP: u64 = 10;

/// Eleven bytes: group, number, and two of a namespace or map key.
pub(crate) fn key(kind: StateKind, number: u64) -> [u8; 11] {
    let (number, last) = if kind == StateKind::Map { (number / MAP, number % MAP) } else { (number, 0) };
    let mut bytes = [0; 11];
    bytes[0] = Key::of(number).group as u8;
    bytes[1..9].copy_from_slice(&number.to_be_bytes());
    bytes[10] = last as u8;
    bytes
}

pub(crate) fn fill(engine: &TableEngine, kind: StateKind, entries: u64, value_bytes: usize) {
    let mut session = engine.session().unwrap();
    session.open_state(&state(kind)).unwrap();
    let mut value = vec![7; value_bytes];
    for number in 0..entries {
        value[..8].copy_from_slice(&number.to_le_bytes());
        let bytes = key(kind, number);
        session.put(0, CompositeKey { bytes: &bytes, split: 9 }, &value).unwrap();
    }
}

/// Reads a snapshot, block by block.
fn read(snapshot: &dyn EngineSnapshot, buffer: &mut [u8], mut block: impl FnMut(&[u8])) -> u64 {
    let mut cursor = snapshot.cursor().unwrap();
    let mut entries = 0;
    for group in 0..GROUPS as u8 {
        cursor.start(0, &[group], &form()).unwrap();
        loop {
            let mut writer = BlockWriter::new(buffer, BlockKind::Snapshot).unwrap();
            let more = cursor.fill(&mut writer).unwrap();
            entries += u64::from(writer.count());
            let len = writer.finish(more).unwrap();
            block(&buffer[..len]);
            if !more {
                break;
            }
        }
    }
    entries
}

struct Row {
    name: &'static str,
    rounds: Vec<Duration>,
}

pub(crate) fn run(arguments: &Arguments) {
    for entries in arguments.entries(&[10_000_000]) {
        for value_bytes in arguments.values(&[8, 100]) {
            for kind in [StateKind::Value, StateKind::Map] {
                if arguments.plays(kind.name()) {
                    measure(arguments, kind, entries, value_bytes);
                }
            }
        }
    }
}

fn measure(arguments: &Arguments, kind: StateKind, entries: u64, value_bytes: usize) {
    println!("\n## Blocks: {entries} entries of a {kind} state, 11-byte keys, {value_bytes}-byte values\n");
    let (engine, dir) = engine(kind);
    fill(&engine, kind, entries, value_bytes);
    let path = dir.path().join("file");
    let mut buffer = vec![0; BLOCK_BYTES];
    let mut rows =
        ["for each", "blocks", "blocks, crc", "blocks, crc, file", "plain, crc", "plain, crc, file", "load"]
            .map(|name| Row { name, rounds: Vec::new() });
    let snapshot = engine.snapshot(&[state(kind)]).unwrap();
    let mut blocks = Vec::new();
    read(&*snapshot, &mut buffer, |block| blocks.push(block.to_vec()));
    for round in 0..arguments.rounds {
        let mut take = |row: usize, work: &mut dyn FnMut()| {
            let (span, ()) = timed(work);
            rows[row].rounds.push(span.cpu);
        };
        take(0, &mut || {
            let mut sum = 0;
            for group in 0..GROUPS as u8 {
                snapshot
                    .for_each(0, &[group], &mut |key, value| {
                        sum += key.len() + value.len();
                        Ok(())
                    })
                    .unwrap();
            }
            black_box(sum);
        });
        take(1, &mut || {
            assert_eq!(
                read(&*snapshot, &mut buffer, |block| {
                    black_box(block);
                }),
                entries
            );
        });
        take(2, &mut || {
            read(&*snapshot, &mut buffer, |block| {
                black_box(crc32c::crc32c(block));
            });
        });
        take(3, &mut || {
            let mut file = File::create(&path).unwrap();
            read(&*snapshot, &mut buffer, |block| {
                black_box(crc32c::crc32c(block));
                file.write_all(block).unwrap();
            });
        });
        take(4, &mut || {
            for block in &blocks {
                black_box(crc32c::crc32c(block));
            }
        });
        take(5, &mut || {
            let mut file = File::create(&path).unwrap();
            for block in &blocks {
                black_box(crc32c::crc32c(block));
                file.write_all(block).unwrap();
            }
        });
        if round < 3 {
            let (engine, _dir) = self::engine(kind);
            take(6, &mut || {
                let mut loader = engine.loader(false).unwrap();
                for block in &blocks {
                    let block = BlockReader::new(block).unwrap();
                    loader
                        .load(
                            0,
                            Entries::new(
                                block,
                                form(),
                                KeyGroupRange::all(GROUPS),
                                KeyGroupRange::all(GROUPS),
                            ),
                        )
                        .unwrap();
                }
                loader.finish().unwrap();
            });
        }
    }
    println!("| | ns an entry, best | median |\n|---|--:|--:|");
    for row in &mut rows {
        row.rounds.sort_unstable();
        let nanos = |time: Duration| time.as_nanos() as f64 / entries as f64;
        println!(
            "| {} | {:.1} | {:.1} |",
            row.name,
            nanos(row.rounds[0]),
            nanos(row.rounds[row.rounds.len() / 2])
        );
    }
}

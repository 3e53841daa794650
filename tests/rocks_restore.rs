//! What a file system that takes no more does to loading and restoring RocksDB state: a typed error, and nothing left.
#![cfg(feature = "rocks")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::Path;

use common::{child, files};
use keybed::block::{BlockKind, BlockReader, BlockWriter};
use keybed::error::ErrorKind;
use keybed::key::{CompositeKey, KeyEncoding, KeyGroupRange, KeySpec, PartSize};
use keybed::options::{Compression, RocksOptions};
use keybed::rocks::{FileSource, RocksEngine};
use keybed::snapshot::{Entries, EntryForm};
use keybed::store::{Engine, StateInfo, StateKind};

const KEYS: KeySpec =
    KeySpec { encoding: KeyEncoding::Flink, max_parallelism: 128, key_size: PartSize::Variable };

fn state() -> StateInfo {
    StateInfo { id: 0, name: "v".to_string(), kind: StateKind::Value, namespace: PartSize::NONE }
}

fn options() -> RocksOptions {
    RocksOptions { compression: Compression::None, ..RocksOptions::default() }
}

fn open(dir: &Path) -> RocksEngine {
    let engine = RocksEngine::open(dir, &options(), &[]).unwrap();
    engine.create_state(&state()).unwrap();
    engine
}

/// Makes the linked files of half a megabyte in each of the groups 0 to 3, and of as much in 4 to 7.
fn make_sources(dir: &Path) {
    for first in [0, 4u8] {
        let engine = open(&dir.join(format!("db {first}")));
        let mut session = engine.session().unwrap();
        session.open_state(&state()).unwrap();
        for i in 0..512u32 {
            let key = [&[first + (i % 4) as u8][..], &i.to_be_bytes()].concat();
            session.put(0, CompositeKey { bytes: &key, split: key.len() }, &[7; 1024]).unwrap();
        }
        engine.link_files(&dir.join(format!("linked {first}"))).unwrap();
    }
}

fn sources(dir: &Path) -> [FileSource; 2] {
    // Of the second source a part is wanted, which has to be written.
    [(0..4, 0..4), (4..8, 4..7)].map(|(has, wanted): (std::ops::Range<u32>, _)| FileSource {
        dir: dir.join(format!("linked {}", has.start)),
        has,
        wanted,
    })
}

#[test]
fn a_restore_that_finds_no_room_leaves_nothing() {
    if let Some(dir) = child::in_child() {
        let target = dir.join("target");
        let error = RocksEngine::restore(&target, &options(), &KEYS, &[state()], &sources(&dir)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        assert!(error.message().contains("linked 4"), "{error}");
        assert!(!target.exists());
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    make_sources(dir.path());
    let before = files::content(dir.path());
    // 64 KiB; the signal is ignored so that writes fail with EFBIG instead.
    child::run("a_restore_that_finds_no_room_leaves_nothing", dir.path(), "trap '' XFSZ; ulimit -f 128;");
    assert!(files::content(dir.path()) == before);
    // With room it succeeds.
    let target = dir.path().join("target");
    RocksEngine::restore(&target, &options(), &KEYS, &[state()], &sources(dir.path())).unwrap();
    let mut count = 0;
    let snapshot = open(&target).snapshot(&[state()]).unwrap();
    snapshot
        .for_each(0, &[], &mut |_, _| {
            count += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(count, 512 + 384);
}

#[test]
fn a_loader_that_finds_no_room_leaves_nothing() {
    if let Some(dir) = child::in_child() {
        let engine = open(&dir.join("db"));
        let before = files::names(&dir);
        let mut loader = engine.loader(true).unwrap();
        let mut buf = vec![0; 2 << 20];
        let mut block = BlockWriter::new(&mut buf, BlockKind::Snapshot).unwrap();
        for i in 0..1024u32 {
            assert!(block.push(&[&[1], &i.to_be_bytes()[..]].concat(), &[7; 1024]));
        }
        let len = block.finish(false).unwrap();
        let block = BlockReader::new(&buf[..len]).unwrap();
        let form = EntryForm { keys: KEYS, split: false };
        let loaded = loader
            .load(0, Entries::new(block, form, KeyGroupRange::all(128), KeyGroupRange::all(128)))
            .and_then(|()| loader.finish());
        assert_eq!(loaded.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(files::names(&dir), before);
        let snapshot = engine.snapshot(&[state()]).unwrap();
        assert_eq!(snapshot.count(0, &[]).unwrap(), 0);
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    child::run("a_loader_that_finds_no_room_leaves_nothing", dir.path(), "trap '' XFSZ; ulimit -f 128;");
}

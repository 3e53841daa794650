//! Snapshots that are written out and restored: every entry of their moment, in whatever stores they are restored into.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::path::{Path, PathBuf};

use common::engines::{on_each_engine, rounds};
use common::model::{MAX_PARALLELISM, Model, States, Subject, drain};
use common::random::Random;
use keybed::block::BlockReader;
use keybed::error::ErrorKind;
use keybed::key::{KeyEncoding, KeyGroupRange, PartSize, Scope};
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{NextBlock, SnapshotFile, SnapshotOptions, verify};
use keybed::store::{StateKind, Store};

/// Flink's bytes are exact for parts that are no prefixes of one another.
fn namespace(options: &StoreOptions) -> PartSize {
    if options.keys.encoding == KeyEncoding::Flink { PartSize::Fixed(2) } else { PartSize::Variable }
}

fn options(engine: &str) -> StoreOptions {
    let mut options = StoreOptions::from_pairs([("engine", engine)]).unwrap();
    options.keys.max_parallelism = MAX_PARALLELISM;
    options
}

fn range(first: u32, last: u32) -> KeyGroupRange {
    KeyGroupRange::new(first, last).unwrap()
}

/// A store after random operations, and what it holds.
fn filled(dir: &Path, options: &StoreOptions, operations: u64) -> (Subject, Model) {
    let mut model = Model::new(Random::seeded(), options.keys, namespace(options));
    let mut subject = Subject::open(dir, options, namespace(options));
    (0..operations).for_each(|_| model.step(&mut subject));
    (subject, model)
}

fn clipped(states: &States, groups: KeyGroupRange) -> States {
    states.clone().map(|mut state| {
        state.retain(|key, _| groups.contains(key.0));
        state
    })
}

/// Whether a store holds exactly these states.
fn check(store: &Store, states: &States, options: &StoreOptions) {
    Model::check_snapshot(&store.snapshot().unwrap(), states, options.keys, namespace(options));
}

/// How to write: every combination now and then.
fn any_options(random: &mut Random) -> SnapshotOptions {
    SnapshotOptions {
        compression: [Compression::None, Compression::Lz4, Compression::Zstd][random.below(3) as usize],
        block_bytes: [4 << 10, 20_000, 256 << 10][random.below(3) as usize],
        ..SnapshotOptions::default()
    }
}

fn snapshots_of_random_moments_are_restored_whole(engine: &str) {
    for encoding in [KeyEncoding::Ordered, KeyEncoding::Flink] {
        let dir = tempfile::tempdir().unwrap();
        let mut options = options(engine);
        options.keys.encoding = encoding;
        if encoding == KeyEncoding::Flink {
            options.keys.key_size = PartSize::Fixed(3);
        }
        let (mut subject, mut model) = filled(&dir.path().join("store"), &options, 0);
        for round in 0..rounds(20) {
            for _ in 0..model.random.below(600) {
                model.step(&mut subject);
            }
            let snapshot = subject.store.snapshot().unwrap();
            let moment = model.states.clone();
            for _ in 0..100 {
                model.step(&mut subject);
            }
            let file = dir.path().join(format!("{round}.kbs"));
            let written = snapshot.write_file(&file, &any_options(&mut model.random)).unwrap();
            let verified = verify(&file, &mut |_, _| true).unwrap();
            let entries: usize = moment.iter().map(|state| state.len()).sum();
            assert_eq!(verified.entries, entries as u64);
            assert_eq!((written.entries, written.bytes), (verified.entries, verified.bytes));
            assert_eq!(written.bytes, std::fs::metadata(&file).unwrap().len());
            let restored = dir.path().join(format!("restored {round}"));
            let store = Store::restore(&restored, &options, &[&file]).unwrap();
            check(&store, &moment, &options);
            store.close().unwrap();
            // It outlasts its process, and is a store like any other.
            let mut subject = Subject::open(&restored, &options, namespace(&options));
            check(&subject.store, &moment, &options);
            let mut model = Model::new(Random(model.random.next() | 1), options.keys, namespace(&options));
            model.states = moment;
            (0..100).for_each(|_| model.step(&mut subject));
            check(&subject.store, &model.states, &options);
        }
    }
}

/// Blocks of entries for buffers of the caller's, and single values, without a store.
fn files_are_scanned_and_looked_into(engine: &str) {
    for encoding in [KeyEncoding::Ordered, KeyEncoding::Flink] {
        let dir = tempfile::tempdir().unwrap();
        let mut options = options(engine);
        options.keys.encoding = encoding;
        let store = Store::open(dir.path().join("store"), &options).unwrap();
        let mut session = store.session().unwrap();
        let map = session.open_state("map", StateKind::Map, PartSize::Variable).unwrap();
        for i in 0..300u32 {
            session.set_key(i, b"key").unwrap();
            session.put(map, b"space", &i.to_be_bytes(), &vec![7; 20 * i as usize]).unwrap();
        }
        let path = dir.path().join("file");
        let small = SnapshotOptions { block_bytes: 4 << 10, ..SnapshotOptions::default() };
        store.snapshot().unwrap().write_file(&path, &small).unwrap();
        let file = SnapshotFile::open(&path).unwrap();
        assert_eq!(file.count("map").unwrap(), 300);
        assert_eq!(file.scan("none", range(0, 1)).unwrap_err().kind(), ErrorKind::StateNotFound);
        let mut scan = file.scan("map", range(100, 250)).unwrap();
        let (mut buf, mut seen) = (vec![0; 24], 100);
        loop {
            match scan.next_block(&mut buf).unwrap() {
                NextBlock::Needs(len) => buf = vec![0; len],
                NextBlock::End => break,
                NextBlock::Block(len) => {
                    for (key, value) in BlockReader::new(&buf[..len]).unwrap().iter() {
                        assert_eq!(options.keys.group_of(key), Some(seen));
                        assert_eq!(value, vec![7; 20 * seen as usize]);
                        seen += 1;
                    }
                }
            }
        }
        assert_eq!(seen, 251);
        let get = |group, key: &[u8], map_key: u32| {
            file.get("map", group, key, b"space", &map_key.to_be_bytes()).map(|found| found.map(|v| v.len()))
        };
        assert_eq!(get(250, b"key", 250), Ok(Some(5000)));
        assert_eq!(get(250, b"key", 251), Ok(None));
        assert_eq!(get(249, b"key", 250), Ok(None));
        assert_eq!(get(250, b"", 250).unwrap_err().kind(), ErrorKind::EmptyKey);
        assert_eq!(get(300, b"key", 250).unwrap_err().kind(), ErrorKind::KeyGroupOutOfRange);
    }
}

/// 1 -> 2 -> 3 -> 1, by files and by directories, unevenly.
fn states_are_spread_over_other_numbers_of_tasks(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let all = options(engine);
    let (subject, model) = filled(&dir.path().join("store"), &all, rounds(5000));
    let steps: [&[KeyGroupRange]; 4] = [
        &[range(0, 299)],
        &[range(0, 126), range(127, 299)],
        &[range(0, 0), range(1, 254), range(255, 299)],
        &[range(0, 299)],
    ];
    for directories in [false, true] {
        let mut sources: Vec<PathBuf> = Vec::new();
        for (step, ranges) in steps.iter().enumerate() {
            let mut next = Vec::new();
            for (task, groups) in ranges.iter().enumerate() {
                let name = |what| dir.path().join(format!("{what} {directories} {step} {task}"));
                let options = StoreOptions { key_groups: Some(*groups), ..all.clone() };
                let restored;
                let store = if step == 0 {
                    &subject.store
                } else {
                    restored = Store::restore(name("store"), &options, &sources).unwrap();
                    &restored
                };
                check(store, &clipped(&model.states, *groups), &options);
                let to = name("snapshot");
                if directories {
                    store.snapshot_series(&SnapshotOptions::default()).unwrap().write(&to).unwrap();
                } else {
                    store.snapshot().unwrap().write_file(&to, &SnapshotOptions::default()).unwrap();
                }
                next.push(to);
            }
            sources = next;
        }
    }
}

fn a_store_of_some_key_groups_has_no_others(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions { key_groups: Some(range(10, 20)), ..options(engine) };
    let store = Store::open(dir.path(), &options).unwrap();
    let mut session = store.session().unwrap();
    session.set_key(10, b"k").unwrap();
    session.set_key(20, b"k").unwrap();
    for group in [9, 21, 300] {
        assert_eq!(session.set_key(group, b"k").unwrap_err().kind(), ErrorKind::KeyGroupOutOfRange);
    }
    let asked = SnapshotOptions { key_groups: Some(range(0, 20)), ..SnapshotOptions::default() };
    let error = store.snapshot().unwrap().stream(&asked).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeyGroupOutOfRange);
    drop((session, store));
    let others = StoreOptions { key_groups: Some(range(10, 21)), ..options };
    assert_eq!(Store::open(dir.path(), &others).unwrap_err().kind(), ErrorKind::OptionsMismatch);
}

fn a_stream_is_the_file_whatever_the_buffers(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = options(engine);
    let (mut subject, model) = filled(&dir.path().join("store"), &options, rounds(3000));
    subject.session.set_key(3, b"large").unwrap();
    let large = vec![7; 300_000];
    subject.session.put(subject.states[0], b"", b"", &large).unwrap();
    let snapshot = subject.store.snapshot().unwrap();
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        for buffer in [32 << 10, 100_000, 1 << 20] {
            let how = SnapshotOptions { compression, ..SnapshotOptions::default() };
            let mut stream = snapshot.stream(&how).unwrap();
            let (mut buf, mut bytes, mut grown) = (vec![0xaa; buffer], Vec::new(), 0);
            loop {
                match stream.next_block(&mut buf).unwrap() {
                    NextBlock::Block(len) => bytes.extend_from_slice(&buf[..len]),
                    NextBlock::Needs(len) => {
                        assert!(len > buf.len());
                        buf.resize(len, 0xaa);
                        grown += 1;
                    }
                    NextBlock::End => break,
                }
            }
            assert!(grown < 4);
            assert_eq!(bytes.len() as u64, stream.summary().bytes);
            let file = SnapshotFile::of(Box::new(bytes), "memory").unwrap();
            let entries: usize = model.states.iter().map(|state| state.len()).sum();
            assert_eq!(file.entries(), entries as u64 + 1);
        }
    }
}

fn blocks_behind_an_entry_that_is_longer_than_a_block_are_no_longer_than_others(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().join("store"), &options(engine)).unwrap();
    let mut session = store.session().unwrap();
    let [large, small] =
        ["large", "small"].map(|name| session.open_state(name, StateKind::Value, PartSize::NONE).unwrap());
    let mut random = Random::seeded();
    // Bytes that nothing makes shorter.
    let mut noise = |len| -> Vec<u8> { (0..len).map(|_| random.below(256) as u8).collect() };
    session.set_key(0, b"large").unwrap();
    session.put(large, b"", b"", &noise(3 << 20)).unwrap();
    for i in 0..200u8 {
        session.set_key(1, &[i]).unwrap();
        session.put(small, b"", b"", &noise(1000)).unwrap();
    }
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let how = SnapshotOptions { compression, block_bytes: 16 << 10, ..SnapshotOptions::default() };
        let path = dir.path().join(format!("{compression:?}"));
        store.snapshot().unwrap().write_file(&path, &how).unwrap();
        let file = SnapshotFile::open(&path).unwrap();
        let state = file.head().state("small").unwrap();
        for place in file.blocks_of(state, range(0, 1)) {
            assert!(place.unwrap().length <= (16 << 10) + 512, "{compression:?}");
        }
    }
}

fn series_write_what_changed_and_are_complete_in_every_directory(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = options(engine);
    let (mut subject, mut model) = filled(&dir.path().join("store"), &options, 2000);
    let how = SnapshotOptions { max_chain: 3, ..SnapshotOptions::default() };
    let series = subject.store.snapshot_series(&how).unwrap();
    let mut written: Vec<(PathBuf, States)> = Vec::new();
    let mut known = std::collections::HashSet::new();
    let mut reused = 0;
    for round in 0..10 {
        let to = dir.path().join(format!("snapshot {round}"));
        let prepared = series.prepare(&to).unwrap();
        let moment = model.states.clone();
        (0..30).for_each(|_| model.step(&mut subject));
        assert!(!to.exists());
        let snapshot = prepared.finish().unwrap();
        reused += snapshot.files.iter().filter(|file| known.contains(&file.identity)).count();
        known.extend(snapshot.files.iter().filter(|file| file.shared).map(|file| file.identity));
        snapshot.check_files(&to, range(0, 299), &mut |_, _| true).unwrap();
        written.push((to, moment));
        // Those written before may go.
        if round == 4 {
            std::fs::remove_dir_all(&written.remove(0).0).unwrap();
        }
    }
    assert!(reused > 0, "files are shared");
    for (i, (from, moment)) in written.iter().enumerate() {
        let store = Store::restore(dir.path().join(format!("restored {i}")), &options, &[from]).unwrap();
        check(&store, moment, &options);
    }
}

fn a_series_of_a_restored_store_shares_the_files_that_it_was_made_from(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = options(engine);
    let how = SnapshotOptions { max_chain: 64, ..SnapshotOptions::default() };
    let (mut subject, mut model) = filled(&dir.path().join("store"), &options, 2000);
    let mut series = subject.store.snapshot_series(&how).unwrap();
    for generation in 0..4 {
        let to = dir.path().join(format!("snapshot {generation}"));
        let before = series.write(&to).unwrap();
        let stranger = dir.path().join(format!("stranger {generation}"));
        series.write(&stranger).unwrap();
        drop(series);
        subject.close();
        let store =
            Store::restore(dir.path().join(format!("restored {generation}")), &options, &[&to]).unwrap();
        let refused = store.following_series(&how, &[&stranger]).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidArgument);
        series = store.following_series(&how, &[&to]).unwrap();
        // The series has links of its own.
        std::fs::remove_dir_all(&to).unwrap();
        subject = Subject::of(store, namespace(&options));
        let again = series.write(dir.path().join(format!("again {generation}"))).unwrap();
        for file in before.files.iter().filter(|file| file.shared) {
            assert!(again.files.contains(file), "{file:?} is not shared");
        }
        (0..50).for_each(|_| model.step(&mut subject));
        let next = dir.path().join(format!("next {generation}"));
        series.write(&next).unwrap();
        let store =
            Store::restore(dir.path().join(format!("checked {generation}")), &options, &[&next]).unwrap();
        check(&store, &model.states, &options);
    }
}

/// Of a table nobody knows whether it is still what it was made from. Of others nothing follows.
fn a_series_follows_only_what_it_can(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let options = options(engine);
    let how = SnapshotOptions::default();
    let (subject, model) = filled(&dir.path().join("store"), &options, 2000);
    let from = dir.path().join("snapshot");
    let files = subject.store.snapshot_series(&how).unwrap().write(&from).unwrap().files;
    let half = StoreOptions { key_groups: Some(range(0, 149)), ..options.clone() };
    let store = Store::restore(dir.path().join("half"), &half, &[&from]).unwrap();
    let written = store.following_series(&how, &[&from]).unwrap().write(dir.path().join("of half")).unwrap();
    if engine == "table" {
        assert!(!written.files.iter().any(|file| files.contains(file)));
    }
    let again = Store::restore(dir.path().join("again"), &half, &[dir.path().join("of half")]).unwrap();
    check(&again, &clipped(&model.states, range(0, 149)), &options);

    let store = Store::restore(dir.path().join("written to"), &options, &[&from]).unwrap();
    drop(store.session().unwrap());
    let series = store.following_series(&how, &[&from]);
    assert_eq!(series.is_err(), engine == "table");
}

fn a_snapshot_of_one_engine_is_restored_into_the_other(engine: &str) {
    let other = if engine == "table" { "rocks" } else { "table" };
    if cfg!(not(feature = "rocks")) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let options = options(engine);
    let (subject, model) = filled(&dir.path().join("store"), &options, rounds(3000));
    let file = dir.path().join("snapshot");
    subject.store.snapshot().unwrap().write_file(&file, &SnapshotOptions::default()).unwrap();
    let options = StoreOptions { engine: other.parse().unwrap(), ..options };
    let store = Store::restore(dir.path().join("other"), &options, &[file]).unwrap();
    check(&store, &model.states, &options);
}

fn snapshots_that_do_not_fit_are_refused_and_leave_nothing(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let all = options(engine);
    let (subject, _) = filled(&dir.path().join("store"), &all, 500);
    let snapshot = subject.store.snapshot().unwrap();
    let part = |first, last| {
        let path = dir.path().join(format!("{first}-{last}"));
        let how = SnapshotOptions { key_groups: Some(range(first, last)), ..SnapshotOptions::default() };
        snapshot.write_file(&path, &how).unwrap();
        path
    };
    let (low, high, overlap) = (part(0, 149), part(151, 299), part(149, 299));
    let to = dir.path().join("restored");
    let refused = |options: &StoreOptions, sources: &[&PathBuf], kind, words: &str| {
        let error = Store::restore(&to, options, sources).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(words), "{error}");
        assert!(!to.exists(), "{error}");
    };
    refused(&all, &[&low, &high], ErrorKind::SnapshotMismatch, "key group 150");
    refused(&all, &[&low, &overlap], ErrorKind::SnapshotMismatch, "key groups 149-149");
    refused(&all, &[&low, &low], ErrorKind::SnapshotMismatch, "key groups 0-149");
    refused(&all, &[], ErrorKind::InvalidArgument, "no snapshot");
    let mut other = all.clone();
    other.keys.max_parallelism = 128;
    refused(&other, &[&low], ErrorKind::SnapshotMismatch, "max-parallelism=300, not 128");
    let mut other = all.clone();
    other.keys.encoding = KeyEncoding::Flink;
    refused(&other, &[&low], ErrorKind::SnapshotMismatch, "key-encoding=ordered");
    refused(&all, &[&dir.path().join("nothing")], ErrorKind::Io, "nothing");
    refused(&all, &[&dir.path().join("store")], ErrorKind::ForeignFormat, "SNAPSHOT");
    // What is wanted is there, whatever is missing elsewhere.
    let options = StoreOptions { key_groups: Some(range(151, 299)), ..all };
    let store = Store::restore(&to, &options, &[&low, &high]).unwrap();
    assert_eq!(Store::restore(&to, &options, &[&high]).unwrap_err().kind(), ErrorKind::StoreExists);
    drop(store);
    let error = snapshot.write_file(&low, &SnapshotOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SnapshotExists);
}

fn map_keys_of_any_size_in_flinks_encoding_are_kept_apart(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(engine);
    options.keys.encoding = KeyEncoding::Flink;
    let store = Store::open(dir.path().join("store"), &options).unwrap();
    let mut session = store.session().unwrap();
    let map = session.open_state("map", StateKind::Map, PartSize::Fixed(1)).unwrap();
    // As Flink's serializers write strings: the length first.
    let key = |i: u8| [vec![i % 7 + 2], vec![i; usize::from(i % 7) + 1]].concat();
    for i in 0..60 {
        session.set_key(u32::from(i % 3), &key(i)).unwrap();
        for j in 0..=i {
            session.put(map, &[0], &[j], &[i, j]).unwrap();
        }
    }
    let file = dir.path().join("snapshot");
    store.snapshot().unwrap().write_file(&file, &SnapshotOptions::default()).unwrap();
    assert_eq!(SnapshotFile::open(&file).unwrap().head().states[0].split, engine == "table");
    let other = if engine == "table" { "rocks" } else { "table" };
    for target in [engine, other] {
        let options = StoreOptions { engine: target.parse().unwrap(), ..options.clone() };
        let restored = Store::restore(dir.path().join(target), &options, &[&file]);
        let store = match restored {
            Ok(store) => store,
            // RocksDB does not know where the keys end, and a table must.
            Err(e) if engine == "rocks" && target == "table" => {
                assert_eq!(e.kind(), ErrorKind::SnapshotMismatch);
                continue;
            }
            Err(e) if cfg!(not(feature = "rocks")) && target == "rocks" => {
                assert_eq!(e.kind(), ErrorKind::EngineUnavailable);
                continue;
            }
            Err(e) => panic!("{e}"),
        };
        let mut session = store.session().unwrap();
        let map = session.open_state("map", StateKind::Map, PartSize::Fixed(1)).unwrap();
        let mut scan = session.new_scan(map).unwrap();
        for i in 0..60 {
            session.set_key(u32::from(i % 3), &key(i)).unwrap();
            session.start_scan(&mut scan, map, Scope::Namespace(&[0])).unwrap();
            let entries: Vec<_> = (0..=i).map(|j| (vec![j], vec![i, j])).collect();
            assert_eq!(drain(&mut scan, 1000), entries);
        }
    }
}

on_each_engine!(
    map_keys_of_any_size_in_flinks_encoding_are_kept_apart,
    snapshots_of_random_moments_are_restored_whole,
    files_are_scanned_and_looked_into,
    states_are_spread_over_other_numbers_of_tasks,
    a_store_of_some_key_groups_has_no_others,
    a_stream_is_the_file_whatever_the_buffers,
    blocks_behind_an_entry_that_is_longer_than_a_block_are_no_longer_than_others,
    series_write_what_changed_and_are_complete_in_every_directory,
    a_series_of_a_restored_store_shares_the_files_that_it_was_made_from,
    a_series_follows_only_what_it_can,
    a_snapshot_of_one_engine_is_restored_into_the_other,
    snapshots_that_do_not_fit_are_refused_and_leave_nothing,
);

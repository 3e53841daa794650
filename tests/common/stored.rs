//! Small stores, and what is restored of snapshots.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keybed::error::Error;
use keybed::key::{KeyGroupRange, PartSize};
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{SnapshotFile, SnapshotOptions};
use keybed::store::{StateKind, Store};

/// Everything that a store holds: name of the state and composite key, and the value.
pub type Content = BTreeMap<(String, Vec<u8>), Vec<u8>>;

/// A temporary directory in memory, where there is one.
pub fn fast_dir() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Few key groups: quick to make.
pub fn small(engine: &str, pairs: &[(&str, &str)]) -> StoreOptions {
    let mut all = vec![("engine", engine), ("max-parallelism", "4")];
    if engine == "rocks" {
        all.push(("rocks.write-buffer-bytes", "65536"));
    }
    all.extend(pairs);
    StoreOptions::from_pairs(all).unwrap()
}

pub fn content(store: &Store) -> Content {
    let snapshot = store.snapshot().unwrap();
    let mut content = Content::new();
    for state in snapshot.states() {
        for group in 0..snapshot.groups() {
            let each = |key: &[u8], value: &[u8]| {
                content.insert((state.name.clone(), key.to_vec()), value.to_vec());
                Ok(())
            };
            snapshot.for_each(&state.name, group, each).unwrap();
        }
    }
    content
}

/// Entries of several states and kinds in every key group; `round` changes some and removes others.
pub fn fill(store: &Store, namespace: PartSize, round: u8) {
    let mut session = store.session().unwrap();
    let value = session.open_state("value", StateKind::Value, namespace).unwrap();
    let list = session.open_state("a list", StateKind::List, PartSize::NONE).unwrap();
    let map = session.open_state("m\u{e4}p/1", StateKind::Map, namespace).unwrap();
    let space: &[u8] = if namespace == PartSize::NONE { b"" } else { b"ns" };
    for i in 0..32u8 {
        let key = [i / 4, 0xff, 0, i];
        session.set_key(u32::from(i % 4), &key).unwrap();
        match (round, i % 5) {
            (0, _) => {
                session.put(value, space, b"", &[i; 150]).unwrap();
                session.append(list, b"", &[i; 20]).unwrap();
                session.append(list, b"", b"x").unwrap();
                (0..4).for_each(|j| session.put(map, space, &[j, i], &[j; 30]).unwrap());
            }
            (_, 0) => session.delete(value, space, b"").unwrap(),
            (_, 1) => session.put(value, space, b"", &[round; 30]).unwrap(),
            (_, 2) => session.put(map, space, &[1, i], &[round]).unwrap(),
            (_, 3) => session.delete(map, space, &[2, i]).unwrap(),
            _ => session.append(list, b"", &[round]).unwrap(),
        }
    }
}

pub fn written(store: &Store, to: &Path, compression: Compression, groups: Option<KeyGroupRange>) {
    let how = SnapshotOptions { compression, block_bytes: 4096, key_groups: groups, ..Default::default() };
    store.snapshot().unwrap().write_file(to, &how).unwrap();
}

/// Restores into `dir/restored`, which must be gone after an error, and is removed.
pub fn restored(dir: &Path, options: &StoreOptions, from: &[PathBuf]) -> Result<Content, Error> {
    let target = dir.join("restored");
    let result = Store::restore(&target, options, from).map(|store| content(&store));
    if result.is_err() {
        assert!(!target.exists(), "something is left at {}", target.display());
    } else {
        std::fs::remove_dir_all(&target).unwrap();
    }
    result
}

/// All entries of a file, read through its index.
pub fn read_all(file: &SnapshotFile) -> Result<Content, Error> {
    let head = file.head();
    let mut content = Content::new();
    for state in &head.states {
        file.for_each(state, KeyGroupRange::all(head.keys.max_parallelism), |change| {
            let key = (state.info.name.clone(), change.key.bytes.to_vec());
            content.insert(key, change.value.unwrap_or_default().to_vec());
            Ok(())
        })?;
    }
    file.check_unchanged()?;
    Ok(content)
}

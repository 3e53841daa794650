use std::path::Path;

use crate::error::ErrorKind;
use crate::key::{KeyEncoding, KeyGroupRange, KeySpec, PartSize};
use crate::options::EngineKind;
use crate::snapshot::{FileEntry, SnapshotBase, SnapshotDirectory, SnapshotHead, SnapshotId, StoredState};
use crate::store::{StateInfo, StateKind};

fn keys() -> KeySpec {
    KeySpec { encoding: KeyEncoding::Flink, max_parallelism: 300, key_size: PartSize::Variable }
}

fn states() -> Vec<StoredState> {
    let state = |id, name: &str, kind, split| StoredState {
        info: StateInfo { id, name: name.to_string(), kind, namespace: PartSize::Fixed(1) },
        split,
    };
    vec![state(0, "word counts", StateKind::Value, false), state(1, "ü%20/x", StateKind::Map, true)]
}

#[test]
fn a_head_is_read_as_it_was_written() {
    let mut head = SnapshotHead {
        id: SnapshotId(7),
        base: None,
        engine: EngineKind::Table,
        keys: keys(),
        groups: KeyGroupRange { first: 10, last: 299 },
        ordered: false,
        states: states(),
    };
    for base in [None, Some(SnapshotBase { id: SnapshotId::random(), chain: 3 })] {
        head.base = base;
        head.ordered = base.is_none();
        assert_eq!(SnapshotHead::parse(head.to_text().as_bytes(), Path::new("x")).unwrap(), head);
    }
    let text = head.to_text();
    for (from, to, kind) in [
        ("keybed-snapshot 1", "keybed-snapshot 2", ErrorKind::NewerFormat),
        ("keybed-snapshot 1", "keybed-snapsho 1", ErrorKind::ForeignFormat),
        ("incompatible-features 0", "incompatible-features 1", ErrorKind::NewerFormat),
        ("key-groups 10-299", "key-groups 10-300", ErrorKind::Corruption),
        ("chain 3", "chain 65", ErrorKind::Corruption),
        ("order none", "order some", ErrorKind::Corruption),
        (" split\n", " splat\n", ErrorKind::Corruption),
        ("word%20counts", "%C3%BC%2520/x", ErrorKind::Corruption),
    ] {
        let bad = text.replacen(from, to, 1);
        let error = SnapshotHead::parse(bad.as_bytes(), Path::new("x")).unwrap_err();
        assert_eq!(error.kind(), kind, "{to}: {error}");
    }
}

#[test]
fn a_directory_is_read_as_it_was_written_and_every_damaged_byte_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = |n: u128, name: &str, shared, groups| {
        std::fs::write(dir.path().join(name), name).unwrap();
        FileEntry {
            identity: SnapshotId(n),
            bytes: name.len() as u64,
            crc32c: crc32c::crc32c(name.as_bytes()),
            shared,
            groups,
            name: name.to_string(),
        }
    };
    let snapshot = SnapshotDirectory {
        id: SnapshotId::random(),
        engine: EngineKind::Rocks,
        keys: keys(),
        groups: KeyGroupRange { first: 0, last: 9 },
        states: states(),
        files: vec![
            file(1, "000012.sst", true, KeyGroupRange::new(3, 4)),
            file(2, "MANIFEST-000004", false, None),
        ],
    };
    snapshot.write(dir.path()).unwrap();
    assert_eq!(SnapshotDirectory::open(dir.path()).unwrap(), snapshot);
    let check = |groups| snapshot.check_files(dir.path(), groups, &mut |_, _| true);
    let all = KeyGroupRange { first: 0, last: 9 };
    check(all).unwrap();
    let path = dir.path().join("SNAPSHOT");
    let text = std::fs::read(&path).unwrap();
    for i in 0..text.len() {
        let mut bad = text.clone();
        bad[i] ^= 0x20;
        std::fs::write(&path, &bad).unwrap();
        assert!(SnapshotDirectory::open(dir.path()).is_err(), "byte {i}");
        std::fs::write(&path, &text[..i]).unwrap();
        assert!(SnapshotDirectory::open(dir.path()).is_err(), "cut at {i}");
    }
    std::fs::write(&path, &text).unwrap();
    // Only what is asked for is read.
    std::fs::write(dir.path().join("000012.sst"), "000012.ssT").unwrap();
    check(KeyGroupRange { first: 5, last: 9 }).unwrap();
    assert_eq!(check(all).unwrap_err().kind(), ErrorKind::Corruption);
    std::fs::write(dir.path().join("000012.sst"), "short").unwrap();
    assert_eq!(SnapshotDirectory::open(dir.path()).unwrap_err().kind(), ErrorKind::Corruption);
    std::fs::remove_file(dir.path().join("000012.sst")).unwrap();
    let error = SnapshotDirectory::open(dir.path()).unwrap_err();
    assert!(error.message().contains("000012.sst"), "{error}");
}

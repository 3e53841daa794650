//! A full snapshot and what changed since, read as one.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::block::BlockWriter;
use crate::key::{CompositeKey, KeyEncoding, PartSize};
use crate::options::Compression;
use crate::snapshot::{
    Change, EntryForm, FileEntry, OP_DELETE, OP_PUT, PartialFile, SnapshotBase, SnapshotId, SnapshotOptions,
    SnapshotStream, write_stream,
};
use crate::store::{EngineCursor, StateInfo, StateKind};

const KEYS: KeySpec =
    KeySpec { encoding: KeyEncoding::Ordered, max_parallelism: 8, key_size: PartSize::Fixed(2) };

/// Values by group and key; none: deleted.
type Entries = BTreeMap<(u8, u16), Option<Vec<u8>>>;

/// Reads entries of a map.
struct Given {
    entries: Entries,
    changes: bool,
    group: u8,
    next: u16,
}

impl EngineCursor for Given {
    fn start(&mut self, _state: u32, group: &[u8], _form: &EntryForm) -> Result<()> {
        (self.group, self.next) = (group[0], 0);
        Ok(())
    }

    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        for ((group, key), value) in self.entries.range((self.group, self.next)..(self.group, u16::MAX)) {
            let op = if value.is_some() { OP_PUT } else { OP_DELETE };
            let mut bytes = if self.changes { vec![op] } else { Vec::new() };
            bytes.push(*group);
            bytes.extend_from_slice(&key.to_be_bytes());
            if !block.push(&bytes, value.as_deref().unwrap_or_default()) {
                self.next = *key;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn state() -> StoredState {
    let info = StateInfo { id: 0, name: "s".into(), kind: StateKind::Value, namespace: PartSize::NONE };
    StoredState { info, split: false }
}

fn write(dir: &Path, base: Option<SnapshotBase>, entries: &Entries, compression: Compression) -> FileEntry {
    let head = SnapshotHead {
        id: SnapshotId::random(),
        base,
        engine: EngineKind::Table,
        keys: KEYS,
        groups: KeyGroupRange::all(8),
        ordered: false,
        states: vec![state()],
    };
    let (id, name) = (head.id, format!("{}.kbs", head.id));
    let given = Given { entries: entries.clone(), changes: base.is_some(), group: 0, next: 0 };
    let options = SnapshotOptions { block_bytes: 4096, compression, ..SnapshotOptions::default() };
    let stream = SnapshotStream::new(Box::new(given), None, head, vec![0], &options).unwrap();
    let (summary, crc32c) = write_stream(stream, PartialFile::create(&dir.join(&name)).unwrap()).unwrap();
    FileEntry { identity: id, bytes: summary.bytes, crc32c, shared: true, groups: None, name }
}

/// A directory of a full snapshot and two of changes, and what they hold together.
fn chain(dir: &Path) -> Entries {
    let mut all = Entries::new();
    for group in [0u8, 1, 3, 7] {
        for key in 0..500u16 {
            all.insert((group, key), Some(vec![group; usize::from(key % 40)]));
        }
    }
    let mut files = vec![write(dir, None, &all, Compression::Zstd)];
    for chain in 1..=2u32 {
        let mut changes = Entries::new();
        for group in [1u8, 2, 7] {
            for key in (u16::from(group) * 7..600).step_by(3 + chain as usize) {
                let value = (key % 5 != 0).then(|| vec![chain as u8; 20]);
                changes.insert((group, key), value);
            }
        }
        let base = SnapshotBase { id: files.last().unwrap().identity, chain };
        files.push(write(dir, Some(base), &changes, Compression::None));
        all.extend(changes);
    }
    all.retain(|_, value| value.is_some());
    let snapshot = SnapshotDirectory {
        id: SnapshotId::random(),
        engine: EngineKind::Table,
        keys: KEYS,
        groups: KeyGroupRange::all(8),
        states: vec![state()],
        files,
    };
    snapshot.write(dir).unwrap();
    all
}

fn read(entries: &DiskEntries, groups: KeyGroupRange) -> Entries {
    let mut found = Entries::new();
    let mut last = 0;
    let mut each = |Change { key: CompositeKey { bytes, split }, value }: Change<'_>| {
        assert!(bytes[0] >= last && split == 3, "the groups ascend");
        last = bytes[0];
        let key = (bytes[0], u16::from_be_bytes([bytes[1], bytes[2]]));
        assert_eq!(found.insert(key, value.map(<[u8]>::to_vec)), None, "no entry comes twice");
        Ok(())
    };
    entries.for_each("s", groups, &mut each).unwrap();
    found
}

#[test]
fn changes_are_put_over_what_they_follow() {
    let dir = tempfile::tempdir().unwrap();
    let all = chain(dir.path());
    let view = DiskView::open(dir.path()).unwrap();
    let entries = view.entries().unwrap();
    assert_eq!(read(&entries, KeyGroupRange::all(8)), all);
    for (first, last) in [(0, 0), (2, 2), (1, 3), (4, 6), (3, 7)] {
        let mut expected = all.clone();
        expected.retain(|(group, _), _| (first..=last).contains(&u32::from(*group)));
        assert_eq!(read(&entries, KeyGroupRange::new(first, last).unwrap()), expected, "{first}-{last}");
    }
    let size = entries.size("s").unwrap();
    assert!(!size.exact && size.entries > all.len() as u64 && size.blocks > Some(10));
    let found = view.verify(&mut |done, total| done <= total).unwrap();
    assert_eq!((found.files, found.entries), (3, Some(size.entries)));
}

#[test]
fn keys_are_found_in_the_newest_file_that_knows_them() {
    let dir = tempfile::tempdir().unwrap();
    let all = chain(dir.path());
    let entries = DiskView::open(dir.path()).unwrap().entries().unwrap();
    for key in [0u16, 7, 14, 15, 49, 499, 599, 9000] {
        let found = entries.find("s", KeyGroupRange::all(8), &key.to_be_bytes()).unwrap();
        let expected = all.range((0, 0)..).filter(|((_, k), _)| *k == key);
        let expected = expected.map(|((group, _), value)| (u32::from(*group), value.clone()));
        assert_eq!(found, expected.collect(), "{key}");
    }
    let error = entries.find("nix", KeyGroupRange::all(8), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StateNotFound);
}

#[test]
fn a_file_that_is_not_of_the_chain_is_found_by_verify() {
    let dir = tempfile::tempdir().unwrap();
    chain(dir.path());
    let mut snapshot = DiskView::open(dir.path()).unwrap().directory().unwrap().clone();
    snapshot.files.swap(1, 2);
    std::fs::remove_file(dir.path().join("SNAPSHOT")).unwrap();
    snapshot.write(dir.path()).unwrap();
    let error = DiskView::open(dir.path()).unwrap().verify(&mut |_, _| true).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption, "{error}");
    assert!(error.message().contains("does not follow"), "{error}");
}

#[test]
fn a_check_can_be_given_up() {
    let dir = tempfile::tempdir().unwrap();
    chain(dir.path());
    let view = DiskView::open(dir.path()).unwrap();
    assert_eq!(view.verify(&mut |_, _| false).unwrap_err().kind(), ErrorKind::Closed);
}

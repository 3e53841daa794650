//! The engine by itself, below the store: composite keys in, composite keys out, and a model of what it should hold.

mod checkpoints;
mod cursors;
mod damage;
mod expiring;
mod flushes;
mod loads;
mod memory;
mod options;
mod restores;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use crate::error::Result;
use crate::key::{CompositeKey, KeyEncoding, KeySpec, PartSize};
use crate::options::RocksOptions;
use crate::rocks::RocksEngine;
use crate::store::{Engine, EngineSession, StateInfo, StateKind};

/// State and composite key to value.
pub(super) type Model = BTreeMap<(u32, Vec<u8>), Vec<u8>>;

pub(super) const VALUE: u32 = 0;
pub(super) const LIST: u32 = 1;
pub(super) const MAP: u32 = 2;

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    pub(super) fn bytes(&mut self, len: u64) -> Vec<u8> {
        (0..len).map(|_| [0, 1, 0x7f, 0x80, 0xfe, 0xff][self.below(6) as usize]).collect()
    }
}

/// Both widths of a key group, with the greatest number of groups that each has, and one between.
pub(super) fn specs() -> [KeySpec; 3] {
    [128, 300, 32_768].map(spec)
}

pub(super) fn spec(max_parallelism: u32) -> KeySpec {
    KeySpec { encoding: KeyEncoding::Flink, max_parallelism, key_size: PartSize::Variable }
}

pub(super) fn prefix(spec: KeySpec, group: u32) -> Vec<u8> {
    group.to_be_bytes()[4 - spec.group_bytes()..].to_vec()
}

pub(super) fn states() -> Vec<StateInfo> {
    [StateKind::Value, StateKind::List, StateKind::Map]
        .into_iter()
        .enumerate()
        .map(|(id, kind)| StateInfo {
            id: id as u32,
            name: format!("of {kind}"),
            kind,
            namespace: PartSize::NONE,
        })
        .collect()
}

/// Small memtables and files, so that there are several levels of several files.
pub(super) fn small() -> RocksOptions {
    RocksOptions {
        block_cache_bytes: 1 << 20,
        write_buffer_bytes: 64 << 10,
        options: "target_file_size_base=16384;max_bytes_for_level_base=65536".to_string(),
        ..RocksOptions::default()
    }
}

pub(super) fn open(dir: &Path, options: &RocksOptions) -> RocksEngine {
    let engine = RocksEngine::open(dir, options, &[]).unwrap();
    for state in states() {
        engine.create_state(&state).unwrap();
    }
    engine
}

pub(super) fn session(engine: &RocksEngine) -> Box<dyn EngineSession> {
    let mut session = engine.session().unwrap();
    for state in states() {
        session.open_state(&state).unwrap();
    }
    session
}

fn key(bytes: &[u8]) -> CompositeKey<'_> {
    CompositeKey { bytes, split: bytes.len() }
}

/// Random writes to keys of these groups, on both sides.
pub(super) fn write(
    session: &mut dyn EngineSession,
    model: &mut Model,
    random: &mut Random,
    (spec, groups): (KeySpec, Range<u32>),
    count: usize,
) {
    for _ in 0..count {
        let state = random.below(3) as u32;
        // Half of them at the ends of the range, where it may be cut.
        let (first, last) = (groups.start, groups.end - 1);
        let group = match random.below(4) {
            0 => first,
            1 => last,
            _ => first + random.below(u64::from(groups.end - first)) as u32,
        };
        let mut bytes = prefix(spec, group);
        let len = 1 + random.below(4);
        bytes.extend(random.bytes(len));
        let len = random.below(60);
        let value = random.bytes(len);
        match random.below(10) {
            0 => {
                session.delete(state, key(&bytes)).unwrap();
                model.remove(&(state, bytes));
            }
            1..5 if state == LIST => {
                session.append(state, key(&bytes), &value).unwrap();
                let list = model.entry((state, bytes));
                list.and_modify(|list| list.push(b',')).or_default().extend(value);
            }
            5 if random.below(20) == 0 => {
                session.delete_prefix(state, key(&bytes)).unwrap();
                model.retain(|(s, k), _| *s != state || !k.starts_with(&bytes));
            }
            _ => {
                session.put(state, key(&bytes), &value).unwrap();
                model.insert((state, bytes), value);
            }
        }
    }
}

/// Fills a key and clears it: more entries than are deleted one by one, so that there is a range tombstone.
pub(super) fn clear_much(session: &mut dyn EngineSession, model: &mut Model, group: &[u8]) {
    let prefix = [group, b"much"].concat();
    for i in 0..1500u32 {
        let bytes = [&prefix[..], &i.to_be_bytes()].concat();
        session.put(MAP, key(&bytes), b"gone soon").unwrap();
    }
    session.delete_prefix(MAP, key(&prefix)).unwrap();
    model.retain(|(s, k), _| *s != MAP || !k.starts_with(&prefix));
}

/// Everything the engine holds, whatever key group it is of.
pub(super) fn everything(engine: &RocksEngine) -> Model {
    entries(engine).unwrap()
}

pub(super) fn entries(engine: &RocksEngine) -> Result<Model> {
    let snapshot = engine.snapshot(&states())?;
    let mut all = Model::new();
    for state in states() {
        snapshot.for_each(state.id, &[], &mut |key, value| {
            all.insert((state.id, key.to_vec()), value.to_vec());
            Ok(())
        })?;
    }
    Ok(all)
}

/// Whether the engine holds exactly this; says what differs, not everything.
pub(super) fn check(engine: &RocksEngine, model: &Model) {
    compare(&everything(engine), model);
}

pub(super) fn compare(held: &Model, model: &Model) {
    let missing: Vec<_> = model.iter().filter(|(k, v)| held.get(*k) != Some(v)).take(3).collect();
    let foreign: Vec<_> = held.iter().filter(|(k, v)| model.get(*k) != Some(v)).take(3).collect();
    assert!(
        held == model,
        "{} held, {} expected; missing {missing:x?}, foreign {foreign:x?}",
        held.len(),
        model.len()
    );
}

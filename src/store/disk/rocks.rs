//! RocksDB's files, opened for reading.

use std::collections::BTreeMap;

use super::DiskView;
use super::entries::StateSize;
use super::places::DiskKind;
use super::walk::EachStored;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{CompositeKey, KeyGroupRange, KeySpec};
use crate::options::RocksOptions;
use crate::rocks::RocksEngine;
use crate::snapshot::{Change, StoredState};
use crate::store::engine::{Engine, EngineSnapshot};
use crate::store::lock::DirLock;
use crate::store::state::StateInfo;

/// A database of a store, under its lock, or of a snapshot.
pub(super) struct RocksFiles {
    // Dropped in this order: the lock goes last.
    snapshot: Box<dyn EngineSnapshot>,
    engine: RocksEngine,
    _lock: Option<DirLock>,
}

impl std::fmt::Debug for RocksFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RocksFiles").finish_non_exhaustive()
    }
}

impl RocksFiles {
    pub(super) fn open(view: &DiskView, states: &[StoredState]) -> Result<RocksFiles> {
        let lock = if view.kind() == DiskKind::Store { DirLock::share(view.path())? } else { None };
        let states: Vec<StateInfo> = states.iter().map(|state| state.info.clone()).collect();
        let engine = RocksEngine::open_read_only(&view.engine_dir(), &RocksOptions::default(), &states)?;
        let snapshot = engine.snapshot(&states)?;
        Ok(RocksFiles { snapshot, engine, _lock: lock })
    }

    pub(super) fn size(&self, state: &StoredState) -> Result<StateSize> {
        let (entries, bytes) = self.engine.size(state.info.id)?;
        Ok(StateSize { entries, exact: false, blocks: None, bytes })
    }

    pub(super) fn statistics(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        self.engine.statistics(&mut out);
        out
    }

    pub(super) fn for_each(
        &self,
        state: u32,
        keys: &KeySpec,
        group: u32,
        f: &mut EachStored<'_>,
    ) -> Result<()> {
        let prefix = keys.group_prefix(group);
        let prefix = prefix.get(2 - keys.group_bytes()..).unwrap_or_default();
        self.snapshot.for_each(state, prefix, &mut |bytes, value| {
            let split = keys.split_of(bytes).ok_or_else(|| {
                Error::new(ErrorKind::Corruption, format!("RocksDB: key {bytes:02x?} is no key of the store"))
            })?;
            f(Change { key: CompositeKey { bytes, split }, value: Some(value) })
        })
    }

    pub(super) fn find(
        &self,
        state: &StateInfo,
        keys: &KeySpec,
        groups: KeyGroupRange,
        key: &[u8],
    ) -> Result<BTreeMap<u32, Option<Vec<u8>>>> {
        let mut session = self.engine.session()?;
        session.open_state(state)?;
        let (mut found, mut value) = (BTreeMap::new(), vec![0; 4096]);
        for group in groups.iter() {
            let prefix = keys.group_prefix(group);
            let mut bytes = prefix.get(2 - keys.group_bytes()..).unwrap_or_default().to_vec();
            bytes.extend_from_slice(key);
            let key = CompositeKey { bytes: &bytes, split: bytes.len() };
            while let Some(len) = session.get(state.id, key, &mut value)? {
                if let Some(value) = value.get(..len) {
                    found.insert(group, Some(value.to_vec()));
                    break;
                }
                value.resize(len, 0);
            }
        }
        Ok(found)
    }
}

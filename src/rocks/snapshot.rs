//! Snapshots: RocksDB's own.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::cursor::RocksCursor;
use crate::rocks::engine::column_family;
use crate::rocks::raw::{BoundedIter, Column, Snapshot};
use crate::store::{EachEntry, EngineCursor, EngineSnapshot, StateInfo};

/// A snapshot of a database. RocksDB keeps what it sees as a whole, so releasing a key group only ends its reading.
pub(super) struct RocksSnapshot {
    view: Arc<View>,
}

/// What a snapshot shares with its cursors.
pub(super) struct View {
    snapshot: Arc<Snapshot>,
    /// Column families by the ids of their states.
    families: HashMap<u32, String>,
    released: Mutex<HashSet<(u32, Vec<u8>)>>,
}

impl View {
    /// Fails with `Closed` when the key group has been released.
    pub(super) fn check(&self, state: u32, group: &[u8]) -> Result<()> {
        // The set is changed by single calls, so a panic under the lock leaves it whole.
        let released = self.released.lock().unwrap_or_else(PoisonError::into_inner);
        if released.contains(&(state, group.to_vec())) {
            return Err(Error::new(ErrorKind::Closed, "the key group of the snapshot has been released"));
        }
        Ok(())
    }

    /// An iterator over a state as it was, not yet placed.
    pub(super) fn iter(&self, state: u32) -> Result<BoundedIter> {
        let Some(family) = self.families.get(&state) else {
            return Err(Error::new(ErrorKind::StateNotFound, "the snapshot has no such state"));
        };
        Ok(BoundedIter::over(Column::open(self.snapshot.db(), family)?, &self.snapshot))
    }
}

impl RocksSnapshot {
    pub(super) fn new(snapshot: Snapshot, states: &[StateInfo]) -> RocksSnapshot {
        let families = states.iter().map(|state| (state.id, column_family(&state.name))).collect();
        let view = View { snapshot: Arc::new(snapshot), families, released: Mutex::default() };
        RocksSnapshot { view: Arc::new(view) }
    }
}

impl EngineSnapshot for RocksSnapshot {
    fn for_each(&self, state: u32, group: &[u8], f: &mut EachEntry<'_>) -> Result<()> {
        self.view.check(state, group)?;
        let mut iter = self.view.iter(state)?;
        iter.start(group);
        while let Some((key, value)) = iter.entry() {
            if !key.starts_with(group) {
                break;
            }
            f(key, value)?;
            iter.next();
        }
        iter.check()
    }

    fn release(&self, state: u32, group: &[u8]) {
        let mut released = self.view.released.lock().unwrap_or_else(PoisonError::into_inner);
        released.insert((state, group.to_vec()));
    }

    fn cursor(&self) -> Result<Box<dyn EngineCursor>> {
        Ok(Box::new(RocksCursor::new(Arc::clone(&self.view))))
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn knows_split(&self) -> bool {
        false
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

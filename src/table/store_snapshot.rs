//! A snapshot as the store sees it.

use std::any::Any;
use std::sync::Arc;

use super::changes::TableChanges;
use super::cursor::TableCursor;
use super::engine::group_of;
use super::snapshot::TableSnapshot;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{EachEntry, EngineCursor, EngineSnapshot};

/// A snapshot as a store shows it: with composite keys.
pub(super) struct StoreSnapshot {
    snapshot: Arc<TableSnapshot>,
    group_bytes: usize,
}

impl StoreSnapshot {
    pub(super) fn new(snapshot: TableSnapshot, group_bytes: usize) -> StoreSnapshot {
        StoreSnapshot { snapshot: Arc::new(snapshot), group_bytes }
    }
}

impl EngineSnapshot for StoreSnapshot {
    fn for_each(&self, state: u32, group: &[u8], f: &mut EachEntry<'_>) -> Result<()> {
        let mut composite = group.to_vec();
        self.snapshot.for_each(state, group_of(self.group_bytes, group), |key, rest, value| {
            composite.truncate(group.len());
            composite.extend_from_slice(key);
            composite.extend_from_slice(rest);
            f(&composite, value)
        })
    }

    fn count(&self, state: u32, group: &[u8]) -> Result<u64> {
        self.snapshot.count(state, group_of(self.group_bytes, group))
    }

    fn release(&self, state: u32, group: &[u8]) {
        self.snapshot.release(state, group_of(self.group_bytes, group));
    }

    fn cursor(&self) -> Result<Box<dyn EngineCursor>> {
        Ok(Box::new(TableCursor::new(Arc::clone(&self.snapshot), self.group_bytes)))
    }

    /// Fails with [`ErrorKind::InvalidArgument`] when `base` is not of this table, or was opened later.
    fn changes_since(&self, base: &dyn EngineSnapshot) -> Result<Option<Box<dyn EngineCursor>>> {
        let Some(base) = base.as_any().downcast_ref::<StoreSnapshot>() else {
            return Err(Error::new(ErrorKind::InvalidArgument, "the earlier snapshot is of another engine"));
        };
        let (base, later) = (Arc::clone(&base.snapshot), Arc::clone(&self.snapshot));
        Ok(Some(Box::new(TableChanges::new(base, later, self.group_bytes)?)))
    }

    fn is_ordered(&self) -> bool {
        false
    }

    fn knows_split(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

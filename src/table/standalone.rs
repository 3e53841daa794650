//! A table by itself: one state, without a store around it.

use std::sync::Arc;

use super::arena::Addr;
use super::core::Core;
use super::record;
use super::snapshot::TableSnapshot;
use super::state::{self, Key};
use crate::error::Result;
use crate::memory::{Budget, MemoryUse};

/// One state in memory: bytes to bytes, in key groups. For one thread at a time; its snapshots are for any.
///
/// Keys come without their group, and have less than 16 MiB. Errors of writes are `MemoryBudget`, `OutOfMemory` and
/// `KeyTooLarge`; the entries are then what they were.
pub struct Table {
    core: Core,
}

/// The state's id.
const STATE: u32 = 0;
/// Lookups of a batch that are under way at a time.
const WINDOW: usize = 64;

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("entries", &self.len()).finish_non_exhaustive()
    }
}

impl Table {
    /// An empty table with that many key groups, whose memory is charged to `budget`.
    pub fn new(budget: &Arc<Budget>, groups: u32) -> Result<Table> {
        let mut core = Core::new(budget)?;
        core.add_state(STATE, groups, false)?;
        Ok(Table { core })
    }

    /// Number of entries.
    pub fn len(&self) -> u64 {
        self.core.count()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value, in place.
    #[inline]
    pub fn value(&self, group: u32, key: &[u8]) -> Option<&[u8]> {
        let record = self.core.get(STATE, Key { group, key, rest: &[] })?;
        Some(record::value_behind(self.core.memory(), record, key.len()))
    }

    /// The hash of a key, as this table computes it: for comparisons.
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        self.core.heap.hash(key)
    }

    /// Copies the value into `out` and returns its length, `None` when there is none. A longer value is not copied.
    #[inline]
    pub fn get(&self, group: u32, key: &[u8], out: &mut [u8]) -> Option<usize> {
        let value = self.value(group, key)?;
        if let Some(target) = out.get_mut(..value.len()) {
            crate::key::copy(value, target);
        }
        Some(value.len())
    }

    /// Calls `found` with the number and the value of each key, in order. The lookups' cache misses overlap.
    pub fn get_many(&self, keys: &[(u32, &[u8])], mut found: impl FnMut(usize, Option<&[u8]>)) {
        let Ok(state) = self.core.state(STATE) else { return };
        let mut first = 0;
        for window in keys.chunks(WINDOW) {
            let keys = window.iter().map(|(group, key)| Key { group: *group, key, rest: &[] });
            state::get_many::<WINDOW>(&self.core.heap, state, keys, |i, record: Option<Addr>| {
                found(first + i, record.map(|record| record::value(self.core.memory(), record)));
            });
            first += window.len();
        }
    }

    /// Sets the value.
    #[inline]
    pub fn put(&mut self, group: u32, key: &[u8], value: &[u8]) -> Result<()> {
        self.core.put(STATE, Key { group, key, rest: &[] }, value)
    }

    /// Appends to the value, with a `,` between what was there and `element`.
    #[inline]
    pub fn append(&mut self, group: u32, key: &[u8], element: &[u8]) -> Result<()> {
        self.core.write(STATE, |state, heap| state.append(heap, Key { group, key, rest: &[] }, element))
    }

    /// Read-modify-write: `change` gets the value in place; an absent one is `default` first.
    ///
    /// `change` is called once, or a second time on a fresh copy when memory had to be freed first.
    #[inline]
    pub fn update(
        &mut self,
        group: u32,
        key: &[u8],
        default: &[u8],
        change: impl FnMut(&mut [u8]),
    ) -> Result<()> {
        self.core.update(STATE, Key { group, key, rest: &[] }, default, change)
    }

    /// Removes the entry; whether there was one.
    #[inline]
    pub fn delete(&mut self, group: u32, key: &[u8]) -> Result<bool> {
        self.core.write(STATE, |state, heap| state.delete(heap, Key { group, key, rest: &[] }))
    }

    /// A snapshot: what the table holds now.
    pub fn snapshot(&mut self) -> Result<Snapshot> {
        Ok(Snapshot(self.core.snapshot(&[STATE])?))
    }

    /// Bytes by owner, after everything that snapshots have let go of is freed.
    pub fn memory(&mut self) -> MemoryUse {
        self.core.usage()
    }
}

/// A snapshot of a [`Table`]. May be read, released and dropped on any thread, also after the table is gone.
#[derive(Debug)]
pub struct Snapshot(TableSnapshot);

impl Snapshot {
    /// Calls `f` with key and value of every entry of a key group, in no order.
    ///
    /// Fails with `Closed` when the group has been released.
    pub fn for_each(&self, group: u32, mut f: impl FnMut(&[u8], &[u8])) -> Result<()> {
        self.0.for_each(STATE, group, |key, _, value| {
            f(key, value);
            Ok(())
        })
    }

    /// Number of entries of a key group. Fails with `Closed` when the group has been released.
    pub fn count(&self, group: u32) -> Result<u64> {
        self.0.count(STATE, group)
    }

    /// Lets go of a key group.
    pub fn release(&self, group: u32) {
        self.0.release(STATE, group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_key_that_a_record_cannot_tell_the_length_of_is_refused() {
        let mut table = Table::new(&Budget::unlimited(), 1).unwrap();
        let key = vec![7; 1 << 24];
        assert_eq!(table.put(0, &key, b"value").unwrap_err().kind(), ErrorKind::KeyTooLarge);
        assert!(table.is_empty());
        table.put(0, &key[1..], b"value").unwrap();
        assert_eq!(table.value(0, &key[1..]), Some(&b"value"[..]));
    }
}

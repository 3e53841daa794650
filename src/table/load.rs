//! Putting many entries into a state, as they come from a stored block.

use super::group::{self, Group};
use super::heap::Heap;
use super::record;
use super::state::{Key, State};
use crate::error::Result;

/// An entry to be put, or a key to be deleted.
pub(super) type Loaded<'a> = (Key<'a>, Option<&'a [u8]>);

impl State {
    /// Puts or deletes up to `N` entries in order. After an error those before it are there; doing it again does no harm.
    ///
    /// In three passes, so that the cache misses of all keys overlap: the slots are fetched, then the records of the slots
    /// that look right, then the entries are put.
    pub(super) fn load_many<const N: usize>(
        &mut self,
        heap: &mut Heap,
        entries: &[Loaded<'_>],
    ) -> Result<()> {
        let mut hashes = [0; N];
        let memory = heap.memory();
        for ((key, _), hash) in entries.iter().zip(&mut hashes) {
            *hash = heap.hash(key.key);
            group::prefetch(memory, self.root(key.group), *hash);
        }
        for ((key, _), hash) in entries.iter().zip(&hashes) {
            if let Some(record) = group::probable(memory, self.root(key.group), *hash) {
                memory.prefetch(record, 0);
            }
        }
        for ((key, value), hash) in entries.iter().zip(&hashes) {
            self.load(heap, *hash, *key, *value)?;
        }
        Ok(())
    }

    fn root(&self, group: u32) -> u64 {
        self.groups.get(group as usize).map_or(0, Group::root)
    }

    #[inline]
    fn load(&mut self, heap: &mut Heap, hash: u64, key: Key<'_>, value: Option<&[u8]>) -> Result<()> {
        let Some(value) = value else { return self.delete(heap, key).map(drop) };
        let nested = self.nested;
        let group = self.group_mut(key.group)?;
        if nested || group.is_shared() {
            return self.put(heap, key, value);
        }
        let Some(gap) = group.gap(heap.memory(), hash) else { return self.put(heap, key, value) };
        let record = record::create(heap, key.key, value.len(), value.len())?;
        crate::key::copy(value, record::value_mut(heap, record));
        match group.fill_gap(heap, hash, gap, record) {
            Ok(()) => {
                group.count += 1;
                Ok(())
            }
            Err(e) => {
                heap.free_record(record);
                Err(e)
            }
        }
    }
}

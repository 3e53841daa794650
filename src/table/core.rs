//! All tables of a store, for one thread at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use super::arena::{Addr, Memory, out_of_memory};
use super::group::{Group, Savepoint};
use super::heap::Heap;
use super::record;
use super::snapshot::{GroupPin, TableSnapshot};
use super::state::{Key, Scratch, State};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::{Budget, MemoryUse};

/// Retired blocks that a write frees on its way.
const FREED_A_WRITE: usize = 8;
/// Messages from readers that a write handles on its way.
const RELEASES_A_WRITE: usize = 16;

/// States by their ids, on one heap.
pub(super) struct Core {
    pub(super) heap: Heap,
    /// By id; one without key groups is not there.
    states: Vec<State>,
    /// Groups that have retired blocks to free.
    to_free: VecDeque<(u32, u32)>,
    scratch: Scratch,
}

impl Core {
    pub(super) fn new(budget: &Arc<Budget>) -> Result<Core> {
        Ok(Core {
            heap: Heap::new(budget)?,
            states: Vec::new(),
            to_free: VecDeque::new(),
            scratch: Scratch::default(),
        })
    }

    /// Makes a state. One of that id that the store could not write down is empty, and gives way.
    pub(super) fn add_state(&mut self, id: u32, groups: u32, nested: bool) -> Result<()> {
        let index = id as usize;
        if self.states.len() <= index {
            self.states.try_reserve(index + 1 - self.states.len()).map_err(out_of_memory)?;
            self.states.resize_with(index + 1, State::default);
        }
        match self.states.get_mut(index) {
            Some(place) if !place.exists() => *place = State::new(&mut self.heap, groups, nested)?,
            Some(place) if place.count() == 0 => place.nested = nested,
            _ => {}
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn state(&self, id: u32) -> Result<&State> {
        self.states.get(id as usize).filter(|state| state.exists()).ok_or_else(no_state)
    }

    /// Ids of all states.
    #[cfg(test)]
    pub(super) fn ids(&self) -> impl Iterator<Item = u32> + '_ {
        self.states.iter().enumerate().filter(|(_, state)| state.exists()).map(|(id, _)| id as u32)
    }

    // Reading.

    /// The entry's record.
    #[inline(always)]
    pub(super) fn get(&self, id: u32, key: Key<'_>) -> Option<Addr> {
        self.states.get(id as usize)?.get(&self.heap, key)
    }

    /// Number of entries of all states.
    pub(super) fn count(&self) -> u64 {
        self.states.iter().map(State::count).sum()
    }

    /// Bytes by owner, after as much has been freed as some writes would.
    pub(super) fn usage_now(&mut self) -> MemoryUse {
        self.free_as_after(1000);
        self.heap.usage()
    }

    /// Bytes by owner, after everything that can be freed has been.
    pub(super) fn usage(&mut self) -> MemoryUse {
        self.free_all();
        self.heap.usage()
    }

    // Writing.

    /// Sets the value.
    #[inline(always)]
    pub(super) fn put(&mut self, id: u32, key: Key<'_>, value: &[u8]) -> Result<()> {
        if let Some(record) = self.alone(id, key)
            && record::overwrite(&mut self.heap, record, value)
        {
            return Ok(());
        }
        self.put_anew(id, key, value)
    }

    #[inline(never)]
    fn put_anew(&mut self, id: u32, key: Key<'_>, value: &[u8]) -> Result<()> {
        self.write(id, |state, heap| state.put(heap, key, value))
    }

    /// Changes the value where it is; an absent one is `default` first.
    #[inline(always)]
    pub(super) fn update(
        &mut self,
        id: u32,
        key: Key<'_>,
        default: &[u8],
        mut change: impl FnMut(&mut [u8]),
    ) -> Result<()> {
        if let Some(record) = self.alone(id, key) {
            change(record::value_mut(&mut self.heap, record));
            return Ok(());
        }
        self.update_anew(id, key, default, change)
    }

    #[cold]
    #[inline(never)]
    fn update_anew(
        &mut self,
        id: u32,
        key: Key<'_>,
        default: &[u8],
        mut change: impl FnMut(&mut [u8]),
    ) -> Result<()> {
        self.write(id, |state, heap| state.update(heap, key, default, &mut change))
    }

    /// The record of an entry that may be changed in place, when nothing shares its group and nothing waits to be freed:
    /// the usual case, without detours. `None` says nothing.
    #[inline(always)]
    fn alone(&mut self, id: u32, key: Key<'_>) -> Option<Addr> {
        if self.heap.releases.is_waiting() || !self.to_free.is_empty() {
            return None;
        }
        let record = self.states.get(id as usize)?.alone(&self.heap, key)?;
        self.heap.changes += 1;
        Some(record)
    }

    /// Runs a write on a state. One that meets the budget is tried again once what snapshots have let go of is freed.
    #[inline(always)]
    pub(super) fn write<R>(
        &mut self,
        id: u32,
        mut write: impl FnMut(&mut State, &mut Heap) -> Result<R>,
    ) -> Result<R> {
        if self.heap.releases.is_waiting() || !self.to_free.is_empty() {
            self.free_some();
        }
        self.heap.changes += 1;
        let state = self.states.get_mut(id as usize).ok_or_else(no_state)?;
        match write(state, &mut self.heap) {
            Err(e) if e.kind() == ErrorKind::MemoryBudget => self.write_again(id, e, write),
            done => done,
        }
    }

    #[cold]
    fn write_again<R>(
        &mut self,
        id: u32,
        error: Error,
        mut write: impl FnMut(&mut State, &mut Heap) -> Result<R>,
    ) -> Result<R> {
        if !self.free_all() {
            return Err(error);
        }
        let state = self.states.get_mut(id as usize).ok_or_else(no_state)?;
        write(state, &mut self.heap)
    }

    /// Removes every entry of a nested state's map whose rest begins with `prefix`, all or none.
    pub(super) fn delete_prefix(&mut self, id: u32, group: u32, key: &[u8], prefix: &[u8]) -> Result<()> {
        if prefix.is_empty() {
            return self.write(id, |state, heap| state.clear_map(heap, group, key));
        }
        if !self.is_shared(id, group) {
            return self.delete_prefix_in_place(id, group, key, prefix);
        }
        let mut removed = 0;
        self.transaction(&[(id, group)], |core| {
            core.delete_all_with(id, group, key, prefix).map(|count| removed = count)
        })?;
        self.free_as_after(removed);
        Ok(())
    }

    /// The same in a group that nothing shares: removing takes no memory there, so that it works at the limit too, and
    /// cannot fail half-way.
    fn delete_prefix_in_place(&mut self, id: u32, group: u32, key: &[u8], prefix: &[u8]) -> Result<()> {
        let longest = self.state(id)?.longest_rest(&self.heap, group, key, prefix)?;
        self.scratch.reserve(longest)?;
        self.delete_all_with(id, group, key, prefix).map(drop)
    }

    fn delete_all_with(&mut self, id: u32, group: u32, key: &[u8], prefix: &[u8]) -> Result<usize> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let (mut removed, mut more) = (0, Ok(true));
        while let Ok(true) = more {
            more = self.write_in_transaction(id, |state, heap| {
                state.delete_first(heap, group, key, prefix, &mut scratch)
            });
            removed += 1;
        }
        self.scratch = scratch;
        more.map(|_| removed)
    }

    /// Removes every entry of a flat state's group whose key begins with `prefix`, all or none. Looks at the whole group.
    pub(super) fn delete_matching(&mut self, id: u32, group: u32, prefix: &[u8]) -> Result<()> {
        let keys = self.state(id)?.keys_with(self.memory(), group, prefix)?;
        let delete_all = |core: &mut Core| {
            keys.iter().try_for_each(|key| {
                let key = Key { group, key, rest: &[] };
                core.write_in_transaction(id, |state, heap| state.delete(heap, key).map(drop))
            })
        };
        // As in `delete_prefix_in_place`.
        if keys.is_empty() || !self.is_shared(id, group) {
            return delete_all(self);
        }
        self.transaction(&[(id, group)], delete_all)?;
        self.free_as_after(keys.len());
        Ok(())
    }

    // Transactions.

    /// Runs several writes to these groups (each named once) so that all happen or none.
    ///
    /// Nothing that a transaction's writes find is changed in place: an error is undone by going back to the roots. That
    /// costs a copy of every segment that is touched. One that meets the budget is tried again as a write is.
    pub(super) fn transaction(
        &mut self,
        groups: &[(u32, u32)],
        mut body: impl FnMut(&mut Core) -> Result<()>,
    ) -> Result<()> {
        self.free_some();
        match self.attempt(groups, &mut body) {
            Err(e) if e.kind() == ErrorKind::MemoryBudget && self.free_all() => self.attempt(groups, body),
            done => done,
        }
    }

    fn attempt(&mut self, groups: &[(u32, u32)], body: impl FnOnce(&mut Core) -> Result<()>) -> Result<()> {
        self.heap.epoch += 1;
        let epoch = self.heap.epoch;
        let mut savepoints: Vec<Savepoint> = Vec::new();
        savepoints.try_reserve_exact(groups.len()).map_err(out_of_memory)?;
        let mut done = Ok(());
        for (id, group) in groups {
            match self.group(*id, *group).and_then(|group| group.begin(epoch)) {
                Ok(savepoint) => savepoints.push(savepoint),
                Err(e) => {
                    done = Err(e);
                    break;
                }
            }
        }
        if done.is_ok() {
            done = body(self);
        }
        for ((id, group), savepoint) in groups.iter().zip(&savepoints) {
            let Some(state) = self.states.get_mut(*id as usize) else { continue };
            let nested = state.nested;
            let Ok(g) = state.group_mut(*group) else { continue };
            if done.is_err() {
                g.rollback(&mut self.heap, savepoint, nested);
            }
            if g.unshare(&self.heap, epoch) {
                self.queue_to_free(*id, *group);
            }
        }
        done
    }

    /// A write as part of a transaction.
    pub(super) fn write_in_transaction<R>(
        &mut self,
        id: u32,
        write: impl FnOnce(&mut State, &mut Heap) -> Result<R>,
    ) -> Result<R> {
        self.heap.changes += 1;
        let state = self.states.get_mut(id as usize).ok_or_else(no_state)?;
        write(state, &mut self.heap)
    }

    fn group(&mut self, id: u32, group: u32) -> Result<&mut Group> {
        self.states.get_mut(id as usize).ok_or_else(no_state)?.group_mut(group)
    }

    /// Whether any snapshot or scan needs a key group.
    pub(super) fn is_shared(&self, id: u32, group: u32) -> bool {
        self.states
            .get(id as usize)
            .and_then(|state| state.groups.get(group as usize))
            .is_some_and(Group::is_shared)
    }

    // Snapshots.

    /// A snapshot of these states. Visits every key group that has entries, copies a root of each.
    pub(super) fn snapshot(&mut self, ids: &[u32]) -> Result<TableSnapshot> {
        // All of them: each snapshot sends one a group, and few writes may lie between two.
        while self.handle_release() {}
        self.free_retired(FREED_A_WRITE);
        self.heap.epoch += 1;
        let epoch = self.heap.epoch;
        let mut snapshot =
            TableSnapshot::empty(self.heap.memory().clone(), Arc::clone(&self.heap.releases), epoch);
        for id in ids {
            let state = self.states.get_mut(*id as usize).ok_or_else(no_state)?;
            // On an error the snapshot releases what it has so far.
            snapshot.add(*id, state)?;
        }
        Ok(snapshot)
    }

    /// A snapshot of one key group, for a scan.
    pub(super) fn pin(&mut self, id: u32, group: u32) -> Result<GroupPin> {
        // Scans without writes between them would pile up their messages.
        if self.heap.releases.is_waiting() {
            self.free_some();
        }
        self.heap.releases.expect(1).map_err(out_of_memory)?;
        self.heap.epoch += 1;
        let epoch = self.heap.epoch;
        let (memory, releases) = (self.heap.memory().clone(), Arc::clone(&self.heap.releases));
        let shared = self.group(id, group).and_then(|group| group.share(epoch).map(|()| group.root()));
        match shared {
            Ok(root) => Ok(GroupPin::new(memory, releases, epoch, (id, group), root)),
            Err(e) => {
                self.heap.releases.expect_no_longer(1);
                Err(e)
            }
        }
    }

    fn queue_to_free(&mut self, id: u32, group: u32) {
        if self.to_free.try_reserve(1).is_ok() {
            self.to_free.push_back((id, group));
        } else if let Some(state) = self.states.get_mut(id as usize)
            && let Ok(group) = state.group_mut(group)
        {
            group.free_retired(&mut self.heap, usize::MAX);
        }
    }

    /// Handles some messages of readers and frees some of what they no longer need.
    #[cold]
    pub(super) fn free_some(&mut self) {
        for _ in 0..RELEASES_A_WRITE {
            if !self.handle_release() {
                break;
            }
        }
        self.free_retired(FREED_A_WRITE);
    }

    /// Frees as much as so many single writes would.
    pub(super) fn free_as_after(&mut self, writes: usize) {
        for _ in 0..writes {
            if !self.heap.releases.is_waiting() && self.to_free.is_empty() {
                return;
            }
            self.free_some();
        }
    }

    /// Frees everything that no reader needs; whether anything was freed or is shared no longer, so that a write may now
    /// do with less.
    pub(super) fn free_all(&mut self) -> bool {
        let mut changed = !self.to_free.is_empty();
        while self.handle_release() {
            changed = true;
        }
        while !self.to_free.is_empty() {
            self.free_retired(usize::MAX);
        }
        changed
    }

    fn handle_release(&mut self) -> bool {
        if !self.heap.releases.is_waiting() {
            return false;
        }
        let Some(release) = self.heap.releases.take() else { return false };
        let state = self.states.get_mut(release.state as usize);
        if let Some(Ok(group)) = state.map(|state| state.group_mut(release.group))
            && group.unshare(&self.heap, release.epoch)
        {
            self.queue_to_free(release.state, release.group);
        }
        true
    }

    fn free_retired(&mut self, most: usize) {
        let Some((id, group)) = self.to_free.front().copied() else { return };
        let state = self.states.get_mut(id as usize);
        let more = match state.map(|state| state.group_mut(group)) {
            Some(Ok(group)) => group.free_retired(&mut self.heap, most),
            _ => false,
        };
        if !more {
            self.to_free.pop_front();
        }
    }

    pub(super) fn memory(&self) -> &Memory {
        self.heap.memory()
    }
}

#[cold]
pub(super) fn no_state() -> Error {
    Error::new(ErrorKind::StateNotFound, "the table has no such state")
}

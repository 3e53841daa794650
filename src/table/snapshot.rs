//! Snapshots: the entries as they were at one moment, to be read on any thread.
//!
//! A snapshot keeps the root of every key group. What a root leads to does not change and is not freed until the group is
//! released, so reading takes no lock and stops nobody. A group is released once it is marked as released and its last
//! reader has gone; then the owner is told, by a message for which room was made when the snapshot was opened.

use std::ops::Deref;
use std::sync::Arc;

use super::arena::{Memory, out_of_memory};
use super::group;
use super::map::MapCursor;
use super::record;
use super::release::{Release, Releases};
use super::segment;
use super::slot::Slot;
use super::state::State;
use super::use_count::UseCount;
use crate::error::{Error, ErrorKind, Result};

/// How many slots ahead records are fetched while walking.
const AHEAD: usize = 12;

/// A snapshot of some states.
#[derive(Debug)]
pub(super) struct TableSnapshot {
    memory: Memory,
    releases: Arc<Releases>,
    epoch: u64,
    states: Vec<StateSnapshot>,
}

#[derive(Debug)]
struct StateSnapshot {
    id: u32,
    nested: bool,
    groups: Vec<GroupSnapshot>,
}

#[derive(Debug)]
struct GroupSnapshot {
    root: u64,
    count: u64,
    use_count: UseCount,
}

impl TableSnapshot {
    pub(super) fn empty(memory: Memory, releases: Arc<Releases>, epoch: u64) -> TableSnapshot {
        TableSnapshot { memory, releases, epoch, states: Vec::new() }
    }

    /// Adds a state: shares each of its groups that has entries.
    pub(super) fn add(&mut self, id: u32, state: &mut State) -> Result<()> {
        let mut groups = Vec::new();
        groups.try_reserve_exact(state.groups.len()).map_err(out_of_memory)?;
        self.states.try_reserve(1).map_err(out_of_memory)?;
        let used = state.groups.iter().filter(|group| group.root() != 0).count();
        self.releases.expect(used).map_err(out_of_memory)?;
        let (mut shared, mut failed) = (0, None);
        for group in &mut state.groups {
            // A group without entries is not shared. One that could not be needs no release.
            let mut released = group.root() != 0;
            if group.root() != 0 && failed.is_none() {
                match group.share(self.epoch) {
                    Ok(()) => {
                        released = false;
                        shared += 1;
                    }
                    Err(e) => failed = Some(e),
                }
            }
            let use_count = UseCount::new(released);
            groups.push(GroupSnapshot { root: group.root(), count: group.count, use_count });
        }
        self.releases.expect_no_longer(used - shared);
        self.states.push(StateSnapshot { id, nested: state.nested, groups });
        failed.map_or(Ok(()), Err)
    }

    fn state(&self, state: u32) -> Option<&StateSnapshot> {
        self.states.iter().find(|known| known.id == state)
    }

    fn group(&self, state: u32, group: u32) -> Option<&GroupSnapshot> {
        self.state(state)?.groups.get(group as usize)
    }

    /// Number of entries of a key group. Fails with [`ErrorKind::Closed`] when it has been released.
    pub(super) fn count(&self, state: u32, group: u32) -> Result<u64> {
        Ok(TableSnapshot::enter(self, state, group)?
            .and_then(|reader| reader.cell().map(|cell| cell.count))
            .unwrap_or(0))
    }

    /// Calls `f` with key and value of every entry of a key group, in no order. The key comes without the group; of a map
    /// state, in two parts.
    ///
    /// Fails with [`ErrorKind::Closed`] when the group has been released, and with what `f` fails with.
    pub(super) fn for_each(
        &self,
        state: u32,
        group: u32,
        mut f: impl FnMut(&[u8], &[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        match TableSnapshot::enter(self, state, group)? {
            Some(reader) => walk(&self.memory, reader.root(), reader.nested(), &mut f),
            None => Ok(()),
        }
    }

    /// A reader of a group, which keeps it while it lives, and the snapshot as `this` does. `None` when there is no such
    /// state or group. Fails with [`ErrorKind::Closed`] when the group has been released.
    pub(super) fn enter<S: Deref<Target = TableSnapshot>>(
        this: S,
        state: u32,
        group: u32,
    ) -> Result<Option<Reader<S>>> {
        match this.group(state, group) {
            None => Ok(None),
            Some(cell) if cell.use_count.enter() => Ok(Some(Reader { snapshot: this, state, group })),
            Some(_) => Err(Error::new(
                ErrorKind::Closed,
                format!("key group {group} of the snapshot has been released"),
            )),
        }
    }

    /// Whether a snapshot is of the same table and was not opened after another.
    pub(super) fn is_before(&self, other: &TableSnapshot) -> bool {
        Arc::ptr_eq(&self.releases, &other.releases) && self.epoch <= other.epoch
    }

    /// What is read.
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Lets go of a key group; what only it needed is freed by the owner's next writes. Readers that are at it may
    /// finish. Releasing a released group does nothing.
    pub(super) fn release(&self, state: u32, group: u32) {
        if let Some(cell) = self.group(state, group)
            && cell.use_count.release()
        {
            self.send(state, group, cell);
        }
    }

    /// Tells the owner, unless the group was empty: then it was never shared.
    fn send(&self, state: u32, group: u32, cell: &GroupSnapshot) {
        if cell.root != 0 {
            self.releases.send(Release { epoch: self.epoch, state, group });
        }
    }
}

impl Drop for TableSnapshot {
    fn drop(&mut self) {
        for state in &self.states {
            for (group, cell) in state.groups.iter().enumerate() {
                if cell.use_count.release() {
                    self.send(state.id, group as u32, cell);
                }
            }
        }
    }
}

/// Keeps a key group of a snapshot, whoever releases it meanwhile.
#[derive(Debug)]
pub(super) struct Reader<S: Deref<Target = TableSnapshot>> {
    snapshot: S,
    state: u32,
    group: u32,
}

impl<S: Deref<Target = TableSnapshot>> Reader<S> {
    fn cell(&self) -> Option<&GroupSnapshot> {
        self.snapshot.group(self.state, self.group)
    }

    /// The root of the group.
    pub(super) fn root(&self) -> u64 {
        self.cell().map_or(0, |cell| cell.root)
    }

    /// Whether the state's entries are in maps.
    pub(super) fn nested(&self) -> bool {
        self.snapshot.state(self.state).is_some_and(|state| state.nested)
    }
}

impl<S: Deref<Target = TableSnapshot>> Drop for Reader<S> {
    fn drop(&mut self) {
        if let Some(cell) = self.cell()
            && cell.use_count.leave()
        {
            self.snapshot.send(self.state, self.group, cell);
        }
    }
}

/// Calls `f` with the parts of every entry below a root.
pub(super) fn walk(
    memory: &Memory,
    root: u64,
    nested: bool,
    f: &mut impl FnMut(&[u8], &[u8], &[u8]) -> Result<()>,
) -> Result<()> {
    let mut cursor = MapCursor::default();
    for (_, entry) in group::segments(memory, root) {
        let slots = segment::slots(memory, entry);
        for (i, word) in slots.iter().enumerate() {
            if let Some(next) = slots.get(i + AHEAD)
                && *next != 0
            {
                memory.prefetch(Slot(*next).addr(), 0);
            }
            let slot = Slot(*word);
            if slot.is_empty() {
                continue;
            }
            let (key, value) = record::parts(memory, slot.addr());
            if !nested {
                f(key, &[], value)?;
                continue;
            }
            cursor.seek(memory, slot.addr(), &[])?;
            while let Some(record) = cursor.entry(memory) {
                let (rest, value) = record::parts(memory, record);
                f(key, rest, value)?;
                cursor.advance();
            }
        }
    }
    Ok(())
}

/// One key group as it was at one moment, for a scan. Released when it is dropped.
#[derive(Debug)]
pub(super) struct GroupPin {
    pub(super) memory: Memory,
    releases: Arc<Releases>,
    epoch: u64,
    place: (u32, u32),
    pub(super) root: u64,
}

impl GroupPin {
    pub(super) fn new(
        memory: Memory,
        releases: Arc<Releases>,
        epoch: u64,
        place: (u32, u32),
        root: u64,
    ) -> GroupPin {
        GroupPin { memory, releases, epoch, place, root }
    }
}

impl Drop for GroupPin {
    fn drop(&mut self) {
        let (state, group) = self.place;
        self.releases.send(Release { epoch: self.epoch, state, group });
    }
}

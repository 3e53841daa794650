//! A snapshot of a store, as its users hold it.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyBuilder, KeyEncoding, KeyGroupRange, PartSize, Scope, ordered};
use crate::snapshot::{
    PartialFile, SnapshotBase, SnapshotHead, SnapshotId, SnapshotOptions, SnapshotStream, SnapshotSummary,
    stored_states, write_stream,
};
use crate::store::core::StoreCore;
use crate::store::engine::{EngineCursor, EngineSnapshot};
use crate::store::state::StateInfo;

/// All states of a store at the moment it was opened.
///
/// May be read on any thread, by several at once, while sessions go on writing, and after the store is closed. It keeps
/// what was overwritten since in memory (on RocksDB: in its files) until the key groups are released or it is dropped.
///
/// Clones are the same snapshot; what is released through one is released for all.
#[derive(Clone)]
pub struct Snapshot {
    // Dropped in this order: the directory's lock, held by the core, goes after the engine's files.
    engine: Arc<dyn EngineSnapshot>,
    states: Arc<[StateInfo]>,
    core: Arc<StoreCore>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("states", &self.states).finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(crate) fn new(core: Arc<StoreCore>) -> Result<Snapshot> {
        // The states first: one made in between is in the engine's snapshot and missing here, which does no harm.
        let states = core.states();
        let engine = core.engine.snapshot(&states)?.into();
        Ok(Snapshot { engine, states: states.into(), core })
    }

    /// The states there are, in the order of their ids.
    pub fn states(&self) -> &[StateInfo] {
        &self.states
    }

    /// Number of key groups.
    pub fn groups(&self) -> u32 {
        self.core.options.keys.max_parallelism
    }

    /// The key groups that the store may hold.
    pub fn key_groups(&self) -> KeyGroupRange {
        self.core.key_groups
    }

    /// For the doors' panic guard, and for what must keep the store's directory.
    pub(crate) fn core(&self) -> &Arc<StoreCore> {
        &self.core
    }

    /// Calls `f` with composite key and value of every entry of a key group of the state with that name, in no
    /// particular order; ends with the first error.
    ///
    /// Errors: [`ErrorKind::StateNotFound`], [`ErrorKind::KeyGroupOutOfRange`], [`ErrorKind::Closed`] when the group has
    /// been released, the engine's, and those of `f`.
    pub fn for_each(
        &self,
        state: &str,
        group: u32,
        mut f: impl FnMut(&[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        let (state, prefix) = self.place(state, group)?;
        self.engine.for_each(state, &prefix, &mut f)
    }

    /// Calls `f` with key, map key and value of every entry of a key group that is in `namespace`, in no particular order.
    ///
    /// Looks at all entries of the group. For states whose keys can be taken apart: of the encoding `ordered`.
    ///
    /// Errors: as [`for_each`](Self::for_each); [`ErrorKind::InvalidArgument`] for another encoding.
    pub fn for_each_in_namespace(
        &self,
        state: &str,
        group: u32,
        namespace: &[u8],
        mut f: impl FnMut(&[u8], &[u8], &[u8]) -> Result<()>,
    ) -> Result<()> {
        let spec = &self.core.options.keys;
        if spec.encoding != KeyEncoding::Ordered {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "the keys of this store cannot be taken apart: its key-encoding is not 'ordered'",
            ));
        }
        let size = self.state(state)?.namespace;
        self.for_each(state, group, |bytes, value| {
            let parts = ordered::split(spec, size, bytes)?;
            if parts.namespace == namespace { f(&parts.key, parts.map_key, value) } else { Ok(()) }
        })
    }

    /// Number of entries of a key group of a state: known to the engine `table`, counted one by one by `rocks`.
    ///
    /// Errors: as [`for_each`](Self::for_each).
    pub fn count(&self, state: &str, group: u32) -> Result<u64> {
        let (state, prefix) = self.place(state, group)?;
        self.engine.count(state, &prefix)
    }

    /// Lets go of a key group of a state, so that the engine need no longer keep it; releasing it twice is no error.
    ///
    /// Errors: [`ErrorKind::StateNotFound`], [`ErrorKind::KeyGroupOutOfRange`].
    pub fn release(&self, state: &str, group: u32) -> Result<()> {
        let (state, prefix) = self.place(state, group)?;
        self.engine.release(state, &prefix);
        Ok(())
    }

    /// The snapshot as a stream of blocks, which together are a snapshot file.
    ///
    /// Errors: [`ErrorKind::KeyGroupOutOfRange`] for key groups that the store does not have.
    pub fn stream(&self, options: &SnapshotOptions) -> Result<SnapshotStream> {
        self.stream_of(self.engine.cursor()?, None, options)
    }

    /// Writes the snapshot to a new file: whole, or not at all ([`crate::snapshot`]).
    ///
    /// Errors: [`ErrorKind::SnapshotExists`], [`ErrorKind::Locked`] while another snapshot of that name is written, `Io`,
    /// `StorageFull`, and those of [`stream`](Self::stream).
    pub fn write_file(&self, path: impl AsRef<Path>, options: &SnapshotOptions) -> Result<SnapshotSummary> {
        let stream = self.stream(options)?;
        write_stream(stream, PartialFile::create(path.as_ref())?).map(|(summary, _)| summary)
    }

    /// What changed since `base`, an earlier snapshot of the same store, as a stream; `None` when the engine cannot tell.
    pub(crate) fn changes_since(
        &self,
        base: &Snapshot,
        of: SnapshotBase,
        options: &SnapshotOptions,
    ) -> Result<Option<SnapshotStream>> {
        match self.engine.changes_since(&*base.engine)? {
            Some(cursor) => self.stream_of(cursor, Some(of), options).map(Some),
            None => Ok(None),
        }
    }

    fn stream_of(
        &self,
        cursor: Box<dyn EngineCursor>,
        base: Option<SnapshotBase>,
        options: &SnapshotOptions,
    ) -> Result<SnapshotStream> {
        let (keys, all) = (self.core.options.keys, self.core.key_groups);
        let groups = options.key_groups.unwrap_or(all);
        if all.intersection(&groups) != Some(groups) {
            return Err(Error::new(
                ErrorKind::KeyGroupOutOfRange,
                format!("key groups {groups} are asked for; the store has {all}"),
            ));
        }
        let head = SnapshotHead {
            id: SnapshotId::random(),
            base,
            engine: self.core.options.engine,
            keys,
            groups,
            ordered: self.engine.is_ordered(),
            states: stored_states(&self.states, &keys, self.engine.knows_split()),
        };
        let ids = self.states.iter().map(|state| state.id).collect();
        let release = options.release_key_groups.then(|| Arc::clone(&self.engine));
        SnapshotStream::new(cursor, release, head, ids, options)
    }

    fn state(&self, name: &str) -> Result<&StateInfo> {
        self.states.iter().find(|known| known.name == name).ok_or_else(|| {
            Error::new(ErrorKind::StateNotFound, format!("the snapshot has no state '{name}'"))
        })
    }

    /// Id of a state, and the prefix of a group's keys.
    fn place(&self, state: &str, group: u32) -> Result<(u32, Vec<u8>)> {
        let known = self.state(state)?;
        let mut keys = KeyBuilder::new(self.core.options.keys, [0; 2]);
        Ok((known.id, keys.prefix(Scope::Group(group), PartSize::NONE)?.bytes.to_vec()))
    }
}

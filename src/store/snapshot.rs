//! A snapshot of a store, as its users hold it.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyBuilder, KeyEncoding, PartSize, Scope, ordered};
use crate::store::core::StoreCore;
use crate::store::engine::EngineSnapshot;
use crate::store::state::StateInfo;

/// All states of a store at the moment it was opened.
///
/// May be read on any thread, by several at once, while sessions go on writing, and after the store is closed. It keeps
/// what was overwritten since in memory (on RocksDB: in its files) until the key groups are released or it is dropped.
pub struct Snapshot {
    // Dropped in this order: the directory's lock, held by the core, goes after the engine's files.
    engine: Box<dyn EngineSnapshot>,
    states: Vec<StateInfo>,
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
        let engine = core.engine.snapshot(&states)?;
        Ok(Snapshot { engine, states, core })
    }

    /// The states there are, in the order of their ids.
    pub fn states(&self) -> &[StateInfo] {
        &self.states
    }

    /// Number of key groups.
    pub fn groups(&self) -> u32 {
        self.core.options.keys.max_parallelism
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

//! A snapshot of a store, as its users hold it.

use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyBuilder, PartSize, Scope};
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

    /// Lets go of a key group of a state, so that the engine need no longer keep it; releasing it twice is no error.
    ///
    /// Errors: [`ErrorKind::StateNotFound`], [`ErrorKind::KeyGroupOutOfRange`].
    pub fn release(&self, state: &str, group: u32) -> Result<()> {
        let (state, prefix) = self.place(state, group)?;
        self.engine.release(state, &prefix);
        Ok(())
    }

    /// Id of a state, and the prefix of a group's keys.
    fn place(&self, state: &str, group: u32) -> Result<(u32, Vec<u8>)> {
        let known = self.states.iter().find(|known| known.name == state);
        let known = known.ok_or_else(|| {
            Error::new(ErrorKind::StateNotFound, format!("the snapshot has no state '{state}'"))
        })?;
        let mut keys = KeyBuilder::new(self.core.options.keys, [0; 2]);
        Ok((known.id, keys.prefix(Scope::Group(group), PartSize::NONE)?.bytes.to_vec()))
    }
}

//! A walk as its session holds it.

use std::sync::Arc;

use crate::block::{BlockKind, BlockWriter};
use crate::error::Result;
use crate::store::core::StoreCore;
use crate::store::engine::EngineWalk;

/// A walk over all entries of one state, in no particular order and in bounded steps, while the state is written to; made by
/// [`crate::store::Session::new_walk`]. For work that is done a little at a time beside other work.
///
/// An entry that is there from the first step to the last is seen exactly once. One that is written meanwhile is seen as it
/// is when the walk comes by; one that is added or removed meanwhile may be seen or not. Nothing is held between two steps.
pub struct Walk {
    // Dropped in this order: the directory's lock, held by the core, goes after the engine's files.
    pub(crate) engine: Box<dyn EngineWalk>,
    pub(crate) core: Arc<StoreCore>,
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walk").finish_non_exhaustive()
    }
}

impl Walk {
    /// Writes a block of at most `most` of the next entries, with their composite keys, to `out`; returns its length.
    ///
    /// The block says whether the walk goes on: after the last entry it starts anew. It may have few entries or none though the walk
    /// goes on, because a step does bounded work; when it has none and says how long a buffer the next entry
    /// needs, that is why.
    ///
    /// Errors: [`BufferTooSmall`](crate::error::ErrorKind::BufferTooSmall) when `out` cannot hold an empty block, and the
    /// engine's.
    pub fn step(&mut self, most: usize, out: &mut [u8]) -> Result<usize> {
        self.core.check()?;
        let mut block = BlockWriter::new(out, BlockKind::Scan)?;
        let more = self.engine.step(most, &mut block)?;
        block.finish(more)
    }
}

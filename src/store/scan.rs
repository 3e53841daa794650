//! A scan as its session holds it.

use std::sync::Arc;

use crate::block::{BlockKind, BlockWriter};
use crate::error::{Error, ErrorKind, Result};
use crate::store::core::StoreCore;
use crate::store::engine::EngineScan;

/// A prefix scan of one state; made by [`crate::store::Session::new_scan`], started by
/// [`crate::store::Session::start_scan`].
///
/// It owns what it needs of the engine and may outlive its session's next calls: entries written after the start do
/// not show. It keeps files and memory of the engine in use until it is at its end, started again or dropped.
pub struct Scan {
    // Dropped in this order: the directory's lock, held by the core, goes after the engine's files.
    pub(crate) engine: Box<dyn EngineScan>,
    pub(crate) core: Arc<StoreCore>,
    pub(crate) state: u32,
    /// Whether [`fill`](Self::fill) may be called: started, and not at its end.
    pub(crate) open: bool,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("state", &self.state).field("open", &self.open).finish_non_exhaustive()
    }
}

impl Scan {
    /// Writes the next block of entries to `out` and returns its length. The block says whether more follow; when it
    /// holds none and more follow, it says how long a buffer the next entry needs.
    ///
    /// Errors: [`ErrorKind::CursorInvalid`] when the scan was not started or is at its end,
    /// [`ErrorKind::BufferTooSmall`] when `out` cannot hold an empty block, and the engine's.
    pub fn fill(&mut self, out: &mut [u8]) -> Result<usize> {
        self.core.check()?;
        if !self.open {
            return Err(Error::new(ErrorKind::CursorInvalid, "the scan is at its end or was not started"));
        }
        let mut block = BlockWriter::new(out, BlockKind::Scan)?;
        match self.engine.fill(&mut block) {
            Ok(more) => {
                if !more {
                    self.reset();
                }
                block.finish(more)
            }
            Err(e) => {
                self.reset();
                Err(e)
            }
        }
    }

    /// Ends the scan and lets go of what it holds in the engine.
    pub fn reset(&mut self) {
        self.open = false;
        self.engine.reset();
    }

    /// For the doors' panic guard.
    pub(crate) fn core(&self) -> &Arc<StoreCore> {
        &self.core
    }
}

//! Loading stored entries.
//!
//! Nobody else uses the table meanwhile, but the lock is held for a block at a time, so that readers of old snapshots can
//! let go. What is loaded was under the limit when it was stored and may take a little more when it is put in anew: the
//! budget is as lenient as when a store is opened.

use std::sync::Arc;

use super::engine::Shared;
use super::state::Key;
use crate::error::{Error, ErrorKind, Result};
use crate::snapshot::{Change, Entries};
use crate::store::EngineLoader;

/// Entries whose slots and records are fetched together.
const WINDOW: usize = 32;

/// Puts blocks of entries into the tables of a store.
pub(super) struct TableLoader {
    shared: Arc<Shared>,
    /// Entries of all states that there should be at the end, if every one is to be new.
    expected: Option<u64>,
}

impl TableLoader {
    pub(super) fn new(shared: Arc<Shared>) -> Result<TableLoader> {
        shared.core.with(|core| {
            core.heap.arena.set_strict(false);
            Ok(())
        })?;
        Ok(TableLoader { shared, expected: None })
    }
}

impl EngineLoader for TableLoader {
    fn expect_new(&mut self) -> Result<()> {
        self.expected = Some(self.shared.core.with(|core| Ok(core.count()))?);
        Ok(())
    }

    fn load(&mut self, state: u32, mut entries: Entries<'_>) -> Result<()> {
        let shared = &self.shared;
        let expected = &mut self.expected;
        shared.core.with(|core| {
            let nested = core.state(state)?.nested;
            let nothing = Key { group: 0, key: &[], rest: &[] };
            loop {
                let mut window = [(nothing, None); WINDOW];
                let mut count = 0;
                // The window first: it ends without having taken an entry.
                for (place, entry) in window.iter_mut().zip(entries.by_ref()) {
                    let Change { key, value } = entry?;
                    *place = (shared.key(nested, key), value);
                    count += 1;
                }
                let loaded = window.get(..count).unwrap_or_default();
                if let Some(expected) = expected {
                    *expected += count as u64;
                }
                core.free_as_after(count);
                core.write(state, |state, heap| state.load_many::<WINDOW>(heap, loaded))?;
                if count < WINDOW {
                    return Ok(());
                }
            }
        })
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let found = self.shared.core.with(|core| Ok(core.count()))?;
        match self.expected {
            Some(expected) if expected != found => Err(Error::new(
                ErrorKind::Corruption,
                format!("of {expected} entries {} have the key of another", expected.abs_diff(found)),
            )),
            _ => Ok(()),
        }
    }
}

impl Drop for TableLoader {
    fn drop(&mut self) {
        // Only a poisoned table has no use for it.
        let _ = self.shared.core.with(|core| {
            core.heap.arena.set_strict(true);
            Ok(())
        });
    }
}

//! A snapshot into blocks.

use std::sync::Arc;

use crate::block::BlockWriter;
use crate::error::{Error, ErrorKind, Result};
use crate::rocks::raw::BoundedIter;
use crate::rocks::snapshot::View;
use crate::snapshot::EntryForm;
use crate::store::EngineCursor;

/// Reads a snapshot into blocks, key group by key group, in the order of the keys. It holds the snapshot by itself.
///
/// Between two blocks the iterator stands on the first entry that is in none yet. A key group that is released meanwhile
/// is read to its end.
pub(super) struct RocksCursor {
    view: Arc<View>,
    /// The state being read and its iterator, kept from one key group to the next.
    reading: Option<(u32, BoundedIter)>,
    group: Vec<u8>,
}

impl RocksCursor {
    pub(super) fn new(view: Arc<View>) -> RocksCursor {
        RocksCursor { view, reading: None, group: Vec::new() }
    }
}

impl EngineCursor for RocksCursor {
    fn start(&mut self, state: u32, group: &[u8], form: &EntryForm) -> Result<()> {
        if form.split {
            // The engine keeps composite keys as bytes and has nothing to write there.
            return Err(Error::new(ErrorKind::Engine, "this engine does not know where a key part ends"));
        }
        // Fails with nothing to read, rather than with the last key group.
        let kept = self.reading.take();
        self.view.check(state, group)?;
        let mut iter = match kept {
            Some((of, iter)) if of == state => iter,
            _ => self.view.iter(state)?,
        };
        iter.start(group);
        self.group.clear();
        self.group.extend_from_slice(group);
        self.reading = Some((state, iter));
        Ok(())
    }

    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        let Some((_, iter)) = &mut self.reading else {
            return Err(Error::new(
                ErrorKind::CursorInvalid,
                "the reader of the snapshot has not been started",
            ));
        };
        while let Some((key, value)) = iter.entry() {
            if !key.starts_with(&self.group) {
                break;
            }
            if !block.push(key, value) {
                return Ok(true);
            }
            iter.next();
        }
        iter.check()?;
        // Lets go of files and memtables while nothing is read.
        iter.close();
        Ok(false)
    }
}

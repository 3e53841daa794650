//! Entries in any order, and changes.

use std::collections::HashMap;

use crate::error::Result;
use crate::rocks::pace::Pace;
use crate::rocks::raw::{Column, Writer};
use crate::snapshot::Change;

/// A batch is written when it has so many bytes.
const BATCH_BYTES: usize = 1 << 20;

/// Writes changes in batches, without the write-ahead log: they last from the next flush on.
pub(super) struct Batches {
    writer: Writer,
    /// By the ids of their states.
    columns: HashMap<u32, Column>,
    bytes: usize,
    /// Holds the writer back, if there is a budget.
    pace: Option<Pace>,
}

impl Batches {
    pub(super) fn new(mut writer: Writer, pace: Option<Pace>) -> Batches {
        writer.begin();
        Batches { writer, columns: HashMap::new(), bytes: 0, pace }
    }

    /// Makes sure that a state's column family is open.
    pub(super) fn open(&mut self, state: u32, open: impl FnOnce() -> Result<Column>) -> Result<()> {
        if let std::collections::hash_map::Entry::Vacant(slot) = self.columns.entry(state) {
            slot.insert(open()?);
        }
        Ok(())
    }

    /// Adds changes of an open state.
    pub(super) fn add<'a>(
        &mut self,
        state: u32,
        changes: impl Iterator<Item = Result<Change<'a>>>,
    ) -> Result<()> {
        let Some(column) = self.columns.get(&state) else { return Ok(()) };
        for change in changes {
            let Change { key, value } = change?;
            match value {
                Some(value) => self.writer.put(column, key.bytes, value),
                None => self.writer.delete(column, key.bytes),
            }
            self.bytes += key.bytes.len() + value.map_or(0, <[u8]>::len);
            if self.bytes >= BATCH_BYTES {
                self.writer.commit()?;
                self.writer.begin();
                if let Some(pace) = &mut self.pace {
                    pace.wrote(self.bytes);
                }
                self.bytes = 0;
            }
        }
        Ok(())
    }

    /// Writes what is left.
    pub(super) fn commit(mut self) -> Result<()> {
        self.writer.commit()
    }
}

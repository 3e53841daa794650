//! Prefix scans.

use crate::block::BlockWriter;
use crate::error::Result;
use crate::key::CompositeKey;
use crate::rocks::raw::{BoundedIter, Column};
use crate::store::EngineScan;

/// A prefix scan of one column family.
///
/// Each start makes a new RocksDB iterator with an exact upper bound. A kept iterator would save its making, but it
/// holds memtables and files while idle, and without the bound it runs through the tombstones of cleared neighbours.
pub(super) struct RocksScan {
    iter: BoundedIter,
    prefix: Vec<u8>,
}

impl RocksScan {
    pub(super) fn new(column: Column) -> RocksScan {
        RocksScan { iter: BoundedIter::new(column), prefix: Vec::new() }
    }
}

impl EngineScan for RocksScan {
    fn start(&mut self, prefix: CompositeKey<'_>) -> Result<()> {
        self.prefix.clear();
        self.prefix.extend_from_slice(prefix.bytes);
        self.iter.start(prefix.bytes);
        Ok(())
    }

    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        while let Some((key, value)) = self.iter.entry() {
            let Some(rest) = key.strip_prefix(&self.prefix[..]) else {
                return Ok(false);
            };
            if !block.push(rest, value) {
                return Ok(true);
            }
            self.iter.next();
        }
        self.iter.check()?;
        Ok(false)
    }

    fn reset(&mut self) {
        self.iter.close();
    }
}

//! Walks over a state in bounded steps.

use crate::block::BlockWriter;
use crate::error::Result;
use crate::rocks::raw::{BoundedIter, Column};
use crate::store::EngineWalk;

/// A walk over one column family, in the order of the keys. Between two steps nothing but the last key is kept: an iterator
/// would hold memtables and files, and show entries as they were.
pub(super) struct RocksWalk {
    iter: BoundedIter,
    /// The walk goes on at the first key that is not below.
    from: Vec<u8>,
}

impl RocksWalk {
    pub(super) fn new(column: Column) -> RocksWalk {
        RocksWalk { iter: BoundedIter::new(column), from: Vec::new() }
    }

    fn fill(&mut self, most: usize, block: &mut BlockWriter<'_>) -> Result<bool> {
        for count in 0.. {
            let Some((key, value)) = self.iter.entry() else { break };
            if count >= most || !block.push(key, value) {
                self.from.clear();
                self.from.extend_from_slice(key);
                return Ok(true);
            }
            self.iter.next();
        }
        self.iter.check()?;
        self.from.clear();
        Ok(false)
    }
}

impl EngineWalk for RocksWalk {
    fn step(&mut self, most: usize, block: &mut BlockWriter<'_>) -> Result<bool> {
        self.iter.start_range(&self.from, &[]);
        let more = self.fill(most.max(1), block);
        self.iter.close();
        more
    }
}

//! What a key group keeps for the snapshots and scans that share it.
//!
//! A block that the owner has replaced is needed by those that were opened after it was made and before it was replaced.
//! When a block was made is known of segments and directories; a record may be as old as the group.
//!
//! ```text
//!  live   | oldest | ... | previous | newest |      each with the blocks that it alone needs: made since the previous one
//!  old    the other blocks, in the order of the moments when they were replaced
//!  done   lists of those that are live no more: to be freed
//! ```
//!
//! So a short snapshot, scan or transaction beside a long snapshot leaves nothing behind but the records it has overwritten.

use super::arena::out_of_memory;
use super::heap::Heap;
use super::retired::{Position, Retired, RetiredList};
use crate::error::Result;

/// A snapshot or scan.
#[derive(Debug)]
struct Live {
    epoch: u64,
    /// What nobody else needs.
    own: RetiredList,
}

/// Kept only by groups that have been shared.
#[derive(Debug, Default)]
pub(super) struct Sharing {
    /// In the order of their epochs.
    live: Vec<Live>,
    old: RetiredList,
    /// There is room for a list of each one that is live.
    done: Vec<RetiredList>,
}

impl Sharing {
    /// The newest epoch that is live, 0 without one.
    pub(super) fn newest(&self) -> u64 {
        self.live.last().map_or(0, |live| live.epoch)
    }

    /// A snapshot or scan begins, the newest there is.
    pub(super) fn begin(&mut self, epoch: u64) -> Result<()> {
        self.live.try_reserve(1).map_err(out_of_memory)?;
        self.done.try_reserve(self.live.len() + 1).map_err(out_of_memory)?;
        self.live.push(Live { epoch, own: RetiredList::default() });
        Ok(())
    }

    /// It ends.
    pub(super) fn end(&mut self, epoch: u64) {
        if let Some(at) = self.live.iter().position(|live| live.epoch == epoch) {
            let own = self.live.remove(at).own;
            if own.has_chunks() {
                self.done.push(own);
            }
        }
    }

    /// Makes room for `count` blocks, whoever needs them.
    #[inline(always)]
    pub(super) fn reserve(&mut self, heap: &mut Heap, count: usize) -> Result<()> {
        if self.live.len() > 1 {
            self.old.reserve(heap, count)?;
        }
        match self.live.last_mut() {
            Some(newest) => newest.own.reserve(heap, count),
            None => Ok(()),
        }
    }

    /// Keeps a block that was made in the epoch `born` or later (0 = unknown), for which there is room.
    #[inline(always)]
    pub(super) fn retire(&mut self, heap: &mut Heap, block: Retired, born: u64) {
        let previous = self.live.len().checked_sub(2).and_then(|at| self.live.get(at));
        let is_own = born >= previous.map_or(0, |previous| previous.epoch);
        match self.live.last_mut() {
            Some(newest) if is_own => newest.own.push(heap, block),
            _ => self.old.push(heap, block),
        }
    }

    /// What a transaction goes back to, which has just begun as the newest.
    pub(super) fn savepoint(&self) -> Position {
        self.old.end()
    }

    /// Forgets what was retired since: it is in use again.
    pub(super) fn rollback(&mut self, heap: &mut Heap, to: Position) {
        self.old.truncate(heap, to);
        if let Some(newest) = self.live.last_mut() {
            newest.own.truncate(heap, RetiredList::default().end());
        }
    }

    /// Whether there is something to free.
    pub(super) fn can_free(&self, heap: &Heap) -> bool {
        !self.done.is_empty() || self.can_free_old(heap) || (self.live.is_empty() && self.old.has_chunks())
    }

    fn can_free_old(&self, heap: &Heap) -> bool {
        let oldest = self.live.first().map_or(u64::MAX, |live| live.epoch);
        self.old.oldest(heap).is_some_and(|epoch| epoch < oldest)
    }

    /// Frees up to `most` blocks; whether there are more to free.
    pub(super) fn free(&mut self, heap: &mut Heap, most: usize) -> bool {
        for _ in 0..most {
            let block = if let Some(done) = self.done.last_mut() {
                if done.is_empty() {
                    done.clear(heap);
                    self.done.pop();
                    continue;
                }
                done.pop(heap)
            } else if self.can_free_old(heap) {
                self.old.pop(heap)
            } else {
                break;
            };
            if let Some(block) = block {
                heap.free(block.addr, block.size, block.used);
            }
        }
        if self.live.is_empty() && self.old.is_empty() {
            self.old.clear(heap);
        }
        self.can_free(heap)
    }
}

#[cfg(test)]
impl Sharing {
    /// Whether the epochs are in order; bytes of the lists themselves.
    pub(super) fn check(&self, heap: &Heap) -> u64 {
        assert!(self.live.windows(2).all(|pair| pair[0].epoch < pair[1].epoch));
        let own = self.live.iter().map(|live| live.own.bytes(heap));
        own.sum::<u64>() + self.old.bytes(heap) + self.done.iter().map(|list| list.bytes(heap)).sum::<u64>()
    }
}

//! Sharing a group with snapshots, scans and transactions; removing all of it; going back.

use super::directory::{DIRECTORY, directory_bytes, directory_depth, segment_at, segments};
use super::{Group, records};
use crate::error::Result;
use crate::table::arena::{Addr, rounded};
use crate::table::heap::{Heap, Use};
use crate::table::map::{self, Node};
use crate::table::retired::Position;
use crate::table::segment;

/// What a transaction goes back to.
#[derive(Debug, Clone, Copy)]
pub(in crate::table) struct Savepoint {
    root: u64,
    count: u64,
    /// End of the list of retired blocks.
    retired: Option<Position>,
    epoch: u64,
}

impl Group {
    /// Removes all entries.
    pub(in crate::table) fn clear(&mut self, heap: &mut Heap, nested: bool) -> Result<()> {
        let root = self.root;
        if self.is_shared() {
            let mut blocks = 2;
            for (_, entry) in segments(heap.memory(), root) {
                blocks += 1;
                for record in records(heap.memory(), entry) {
                    let below = if nested {
                        map::blocks_below(heap.memory(), Node::root(heap.memory(), record.addr()))
                    } else {
                        0
                    };
                    blocks += 1 + below;
                }
            }
            self.reserve_retired(heap, blocks)?;
        }
        // From here on nothing can fail.
        self.root = 0;
        self.count = 0;
        let depth = directory_depth(root);
        let mut at = 0;
        while let Some((span, entry)) = segment_at(heap.memory(), root, depth, at) {
            at += span;
            let frozen = self.newest != 0 && self.is_frozen(heap.memory(), entry.addr());
            for word in segment::FIRST..segment::end(entry) {
                let slot = segment::slot(heap.memory(), entry.addr(), word);
                if slot.is_empty() {
                    continue;
                }
                let exclusive = self.newest == 0 || (slot.is_owned() && !frozen);
                if nested {
                    let root = Node::root(heap.memory(), slot.addr());
                    map::discard_below(heap, self, root, exclusive)?;
                }
                self.discard_record(heap, slot.addr(), exclusive)?;
            }
            self.discard_segment(heap, entry, !frozen)?;
        }
        self.discard_directory(heap, root)
    }

    /// Shares the group with a transaction of `epoch`: whatever it changes, the old is kept.
    pub(in crate::table) fn begin(&mut self, epoch: u64) -> Result<Savepoint> {
        self.share(epoch)?;
        let retired = self.sharing.as_ref().map(|sharing| sharing.savepoint());
        Ok(Savepoint { root: self.root, count: self.count, retired, epoch })
    }

    /// Puts everything back as it was at the savepoint, and frees what was made since.
    pub(in crate::table) fn rollback(&mut self, heap: &mut Heap, to: &Savepoint, nested: bool) {
        let depth = directory_depth(self.root);
        let mut at = 0;
        while let Some((span, entry)) = segment_at(heap.memory(), self.root, depth, at) {
            at += span;
            if segment::epoch(heap.memory(), entry.addr()) < to.epoch {
                continue;
            }
            for word in segment::FIRST..segment::end(entry) {
                let slot = segment::slot(heap.memory(), entry.addr(), word);
                // What is not owned was there before.
                if !slot.is_empty() && slot.is_owned() {
                    if nested {
                        map::free_owned(heap, Node::root(heap.memory(), slot.addr()));
                    }
                    heap.free_record(slot.addr());
                }
            }
            segment::free(heap, entry);
        }
        if self.root & DIRECTORY != 0 && segment::epoch(heap.memory(), Addr::of_bits(self.root)) >= to.epoch {
            let size = rounded(directory_bytes(depth));
            heap.free(Addr::of_bits(self.root), size, Use::Index);
        }
        self.root = to.root;
        self.count = to.count;
        if let (Some(sharing), Some(retired)) = (&mut self.sharing, to.retired) {
            sharing.rollback(heap, retired);
        }
    }

    /// A snapshot or scan of `epoch`, the newest there is, needs the group from now on.
    pub(in crate::table) fn share(&mut self, epoch: u64) -> Result<()> {
        self.sharing.get_or_insert_default().begin(epoch)?;
        self.newest = epoch;
        Ok(())
    }

    /// The snapshot or scan of `epoch` needs the group no longer. Whether there is something to free now.
    pub(in crate::table) fn unshare(&mut self, heap: &Heap, epoch: u64) -> bool {
        let Some(sharing) = &mut self.sharing else { return false };
        sharing.end(epoch);
        self.newest = sharing.newest();
        sharing.can_free(heap)
    }

    /// Frees up to `most` retired blocks; whether there are more to free.
    pub(in crate::table) fn free_retired(&mut self, heap: &mut Heap, most: usize) -> bool {
        self.sharing.as_mut().is_some_and(|sharing| sharing.free(heap, most))
    }
}

//! Walking a map in order.

use super::MOST_LEVELS;
use super::node::{Node, block_bytes, head_of};
use crate::error::Result;
use crate::table::arena::{Addr, Memory, out_of_memory};

/// How many entries ahead records are fetched.
const AHEAD: usize = 12;

/// A place in a map that nobody changes meanwhile: one in a snapshot, or one that no write comes between.
#[derive(Debug, Default)]
pub(in crate::table) struct MapCursor {
    /// From the root down: node, and the slot that is next.
    path: Vec<(Node, usize)>,
}

impl MapCursor {
    /// Goes to the first entry of the map in `record` whose key is not below `key`.
    pub(in crate::table) fn seek(&mut self, memory: &Memory, record: Addr, key: &[u8]) -> Result<()> {
        self.path.clear();
        let head = head_of(key);
        let mut node = Node::root(memory, record);
        loop {
            self.path.try_reserve(1).map_err(out_of_memory)?;
            if node.level(memory) == 0 {
                self.path.push((node, node.search(memory, head, key).0));
                return Ok(());
            }
            let index = node.branch(memory, head, key);
            // Behind this slot, once what is below it has been walked.
            self.path.push((node, index + 1));
            node = node.child(memory, index);
        }
    }

    /// Goes to the first entry of the map in `record`.
    pub(in crate::table) fn start(&mut self, memory: &Memory, record: Addr) -> Result<()> {
        self.reserve()?;
        self.path.push((Node::root(memory, record), 0));
        Ok(())
    }

    /// The record of the entry it stands at, without moving.
    pub(in crate::table) fn entry(&mut self, memory: &Memory) -> Option<Addr> {
        loop {
            let (node, index) = self.path.last().copied()?;
            if index < node.count(memory) {
                if node.level(memory) == 0 {
                    return Some(node.reference(memory, index).addr());
                }
                if let Some(last) = self.path.last_mut() {
                    last.1 += 1;
                }
                // As deep as before, so there is room.
                self.path.push((node.child(memory, index), 0));
            } else {
                self.path.pop();
            }
        }
    }

    /// Moves behind the entry it stands at.
    pub(in crate::table) fn advance(&mut self) {
        if let Some(last) = self.path.last_mut() {
            last.1 += 1;
        }
    }

    /// The leaf it stands in and the slot that is next, of an entry. At the start of a leaf the processor is told that of
    /// the entries so many bytes will be read.
    pub(in crate::table) fn leaf(&mut self, memory: &Memory, bytes: usize) -> Option<(Node, usize)> {
        self.entry(memory)?;
        let (leaf, index) = self.path.last().copied()?;
        if index == 0 {
            (0..AHEAD.min(leaf.count(memory))).for_each(|i| leaf.prefetch(memory, i, bytes));
            self.prefetch_next_leaf(memory);
        }
        Some((leaf, index))
    }

    /// The records of a leaf from a slot on. With each, one some slots later is fetched.
    #[inline(always)]
    pub(in crate::table) fn records(
        memory: &Memory,
        (leaf, index): (Node, usize),
        bytes: usize,
    ) -> impl Iterator<Item = Addr> + '_ {
        let count = leaf.count(memory);
        (index..count).map(move |i| {
            if i + AHEAD < count {
                leaf.prefetch(memory, i + AHEAD, bytes);
            }
            leaf.reference(memory, i).addr()
        })
    }

    /// So many of them are done.
    pub(in crate::table) fn skip(&mut self, count: usize) {
        if let Some(last) = self.path.last_mut() {
            last.1 += count;
        }
    }

    /// Of the next leaf the processor is told where all its slots are.
    fn prefetch_next_leaf(&self, memory: &Memory) {
        let Some((parent, next)) = self.path.iter().rev().nth(1).copied() else { return };
        if next < parent.count(memory) {
            let block = parent.reference(memory, next).addr();
            (0..block_bytes()).step_by(64).for_each(|at| memory.prefetch(block, at));
        }
    }

    /// Makes room for a path of any length.
    pub(in crate::table) fn reserve(&mut self) -> Result<()> {
        self.path.clear();
        self.path.try_reserve(MOST_LEVELS).map_err(out_of_memory)
    }

    /// Leaves the map.
    pub(in crate::table) fn clear(&mut self) {
        self.path.clear();
    }
}

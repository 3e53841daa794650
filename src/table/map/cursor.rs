//! Walking a map in order.

use super::MOST_LEVELS;
use super::node::{Node, head_of};
use crate::error::Result;
use crate::table::arena::{Addr, Memory, out_of_memory};

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

//! What differs between two versions of a map.
//!
//! Both trees are walked in the order of their keys, from the roots down. Where both come to the same block, what is below it
//! is skipped. Otherwise the side whose least key is lower goes on; if those are equal, the one that stands higher goes down,
//! so that both come to a block they share as long as it is a whole one. Copying is by path, so of a large map only the paths
//! to what was written are walked, on both sides.

use std::cmp::Ordering;

use crate::error::Result;
use crate::snapshot::{OP_DELETE, OP_PUT};
use crate::table::arena::{Addr, Memory, out_of_memory};
use crate::table::map::{MOST_LEVELS, Node};
use crate::table::record;

/// A place in a tree: from the root down a node, and the slot that is next.
#[derive(Debug, Default)]
struct Side {
    path: Vec<(Node, usize)>,
}

impl Side {
    fn start(&mut self, memory: &Memory, map: Option<Addr>) -> Result<()> {
        self.path.clear();
        // What is pushed later has room.
        self.path.try_reserve(MOST_LEVELS).map_err(out_of_memory)?;
        self.path.extend(map.map(|map| (Node::root(memory, map), 0)));
        Ok(())
    }

    /// The slot that is next: of an entry where the node is a leaf, else of a node.
    fn front(&mut self, memory: &Memory) -> Option<Front> {
        loop {
            let (node, index) = self.path.last().copied()?;
            if index < node.count(memory) {
                let addr = node.reference(memory, index).addr();
                return Some(Front { node, index, level: node.level(memory), addr });
            }
            self.path.pop();
        }
    }

    fn skip(&mut self) {
        if let Some((_, index)) = self.path.last_mut() {
            *index += 1;
        }
    }

    /// Goes down to the node of that slot.
    fn descend(&mut self, memory: &Memory, front: Front) {
        self.skip();
        self.path.push((front.node.child(memory, front.index), 0));
    }
}

/// A slot.
#[derive(Debug, Clone, Copy)]
struct Front {
    node: Node,
    index: usize,
    level: usize,
    /// What it refers to.
    addr: Addr,
}

impl Front {
    fn compare(self, memory: &Memory, other: Front) -> Ordering {
        let heads = self.node.head(memory, self.index).cmp(&other.node.head(memory, other.index));
        heads.then_with(|| {
            self.node.least_key(memory, self.index).cmp(other.node.least_key(memory, other.index))
        })
    }
}

/// A walk through two versions of a map.
#[derive(Debug, Default)]
pub(super) struct MapChanges {
    old: Side,
    new: Side,
    /// Whether the change in turn is of an entry that the old and the new one has.
    of: (bool, bool),
}

impl MapChanges {
    /// (Re)starts; a version that is not there has no entry.
    pub(super) fn start(&mut self, memory: &Memory, old: Option<Addr>, new: Option<Addr>) -> Result<()> {
        self.old.start(memory, old)?;
        self.new.start(memory, new)
    }

    /// The change in turn: operation and record.
    pub(super) fn current(&mut self, memory: &Memory) -> Option<(u8, Addr)> {
        loop {
            let (old, new) = (self.old.front(memory), self.new.front(memory));
            let order = match (old, new) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) if (old.addr, old.level) == (new.addr, new.level) => {
                    self.old.skip();
                    self.new.skip();
                    continue;
                }
                (Some(old), Some(new)) => old.compare(memory, new),
            };
            match (order, old, new) {
                (Ordering::Less, Some(old), _) if old.level == 0 => {
                    self.of = (true, false);
                    return Some((OP_DELETE, old.addr));
                }
                (Ordering::Greater, _, Some(new)) if new.level == 0 => {
                    self.of = (false, true);
                    return Some((OP_PUT, new.addr));
                }
                (Ordering::Equal, Some(old), Some(new)) if old.level + new.level == 0 => {
                    if record::value(memory, old.addr) != record::value(memory, new.addr) {
                        self.of = (true, true);
                        return Some((OP_PUT, new.addr));
                    }
                    self.old.skip();
                    self.new.skip();
                }
                _ => self.descend(memory, order, old, new),
            }
        }
    }

    /// Goes down on the side that is behind, or higher, or on both.
    fn descend(&mut self, memory: &Memory, order: Ordering, old: Option<Front>, new: Option<Front>) {
        let level = |front: Option<Front>| front.map_or(0, |front| front.level);
        let (old_level, new_level) = (level(old), level(new));
        let goes_down = |first: Ordering, this: usize, other: usize| {
            order == first || (order == Ordering::Equal && this >= other)
        };
        if let Some(old) = old.filter(|_| goes_down(Ordering::Less, old_level, new_level)) {
            self.old.descend(memory, old);
        }
        if let Some(new) = new.filter(|_| goes_down(Ordering::Greater, new_level, old_level)) {
            self.new.descend(memory, new);
        }
    }

    /// Goes past the change in turn.
    pub(super) fn advance(&mut self) {
        if self.of.0 {
            self.old.skip();
        }
        if self.of.1 {
            self.new.skip();
        }
    }
}

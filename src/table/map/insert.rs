//! Adding and changing entries.

use super::node::{self, Node, head_of};
use super::{fit_root, own_child, own_root};
use crate::error::Result;
use crate::table::arena::Addr;
use crate::table::group::{Group, Place};
use crate::table::heap::{Heap, Use};
use crate::table::record;
use crate::table::slot::Slot;

/// A new map with one entry, for a key that has none yet. The entry's record is left to the caller on an error.
pub(in crate::table) fn create(
    heap: &mut Heap,
    group: &mut Group,
    hash: u64,
    key: &[u8],
    map_key: &[u8],
    entry: Addr,
) -> Result<()> {
    let map = record::create(heap, key, node::bytes_for(1), node::bytes_for(1))?;
    let root = Node::root(heap.memory(), map);
    root.set_shape(heap, 0, 0);
    root.insert(heap, 0, head_of(map_key), Slot::owned(0, entry));
    group.insert(heap, hash, map).inspect_err(|_| heap.free_record(map))
}

/// Adds an entry with a key that the map has not. The entry's record is left to the caller on an error.
pub(in crate::table) fn insert(
    heap: &mut Heap,
    group: &mut Group,
    hash: u64,
    place: &Place,
    map_key: &[u8],
    entry: Addr,
) -> Result<()> {
    let head = head_of(map_key);
    let count = Node::root(heap.memory(), place.record()).count(heap.memory());
    let map = own_root(heap, group, hash, place, count + 1)?;
    if count == node::MOST {
        split_root(heap, map)?;
    }
    // Down to the leaf: everything on the way may be changed and has room for one more slot.
    let mut at = Node::root(heap.memory(), map);
    while at.level(heap.memory()) > 0 {
        let index = at.branch(heap.memory(), head, map_key);
        let child = own_child(heap, group, at, index)?;
        at = if child.count(heap.memory()) < node::MOST {
            child
        } else {
            split_child(heap, at, index, child)?;
            fit_root(heap, map);
            let index = at.branch(heap.memory(), head, map_key);
            at.child(heap.memory(), index)
        };
    }
    // From here on nothing can fail. Where the entry becomes the least, the heads above it follow.
    let mut at = Node::root(heap.memory(), map);
    while at.level(heap.memory()) > 0 {
        let index = at.branch(heap.memory(), head, map_key);
        if at.least_key(heap.memory(), index) > map_key {
            at.set_head(heap, index, head);
        }
        at = at.child(heap.memory(), index);
    }
    let (index, _) = at.search(heap.memory(), head, map_key);
    at.insert(heap, index, head, Slot::owned(0, entry));
    fit_root(heap, map);
    Ok(())
}

/// Puts another record in place of an entry's; the old one is left to the caller.
pub(in crate::table) fn replace(
    heap: &mut Heap,
    group: &mut Group,
    hash: u64,
    place: &Place,
    map_key: &[u8],
    entry: Addr,
) -> Result<()> {
    let head = head_of(map_key);
    let map = own_root(heap, group, hash, place, 0)?;
    let mut at = Node::root(heap.memory(), map);
    while at.level(heap.memory()) > 0 {
        let index = at.branch(heap.memory(), head, map_key);
        at = own_child(heap, group, at, index)?;
    }
    // The copies on the way have used up room in the list of retired blocks: the caller's old record needs one more.
    group.reserve_retired(heap, 1)?;
    let (index, _) = at.search(heap.memory(), head, map_key);
    at.set_reference(heap, index, Slot::owned(0, entry));
    Ok(())
}

/// Moves the slots of a full root to two nodes below it.
fn split_root(heap: &mut Heap, map: Addr) -> Result<()> {
    let (low, _) = heap.alloc_index(node::block_bytes())?;
    let high = match heap.alloc_index(node::block_bytes()) {
        Ok((high, _)) => high,
        Err(e) => {
            heap.free(low, node::block_bytes(), Use::Index);
            return Err(e);
        }
    };
    let root = Node::root(heap.memory(), map);
    let (level, count) = (root.level(heap.memory()), root.count(heap.memory()));
    let middle = count / 2;
    for (block, from, to) in [(low, 0, middle), (high, middle, count)] {
        let child = Node::of(block);
        child.set_shape(heap, level, to - from);
        root.copy_slots(heap, from, to - from, child, 0, false);
    }
    root.set_shape(heap, level + 1, 0);
    for (index, block) in [low, high].into_iter().enumerate() {
        let head = Node::of(block).head(heap.memory(), 0);
        root.insert(heap, index, head, Slot::owned(0, block));
    }
    fit_root(heap, map);
    Ok(())
}

/// Moves the upper half of a full node to a new one behind it. The parent has room for it.
fn split_child(heap: &mut Heap, parent: Node, index: usize, child: Node) -> Result<()> {
    let (block, _) = heap.alloc_index(node::block_bytes())?;
    let upper = Node::of(block);
    let (level, count) = (child.level(heap.memory()), child.count(heap.memory()));
    let middle = count / 2;
    upper.set_shape(heap, level, count - middle);
    child.copy_slots(heap, middle, count - middle, upper, 0, false);
    child.set_shape(heap, level, middle);
    let head = upper.head(heap.memory(), 0);
    parent.insert(heap, index + 1, head, Slot::owned(0, block));
    Ok(())
}

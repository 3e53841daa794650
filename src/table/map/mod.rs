//! Maps: the entries of one key, in the order of their bytes.
//!
//! A map state keeps one record per key; its value is the root of a B+-tree over what follows the key (namespace and map
//! key), and every entry is a record of its own without the key's bytes. So a scan, an is-empty and
//! a clear of one map cost what that map costs, scans come in byte order, and a map of a few entries is one record and its
//! entries.
//!
//! ```text
//!  slot ─▶ record: key | root node ─▶ record: map key | value          up to 63 entries
//!                                └──▶ node ─▶ record ...               above
//! ```
//!
//! Copy-on-write is by path: a reference that is not *owned* (see `slot`) leads to a block that a snapshot shares; a writer
//! copies that block, whose own references are then shared, and puts an owned reference to the copy in place.
//!
//! Invariants:
//! * a node that is not a root has at least one slot; a map has at least one entry;
//! * a slot's head is exactly that of the least key below it;
//! * a failed operation may have copied or split nodes, but the entries are what they were.

mod cursor;
mod insert;
mod node;
mod remove;

pub(super) use cursor::MapCursor;
pub(super) use insert::{create, insert, replace};
pub(super) use node::{Node, head_of};
pub(super) use remove::{blocks_below, clear, count, discard_below, free_owned, remove};

use super::arena::{Addr, Memory};
use super::group::{Group, Place};
use super::heap::Heap;
use super::record::{self, Header};
use crate::error::Result;

/// The most levels of a tree; 63 to the 12th entries would need that many.
pub(super) const MOST_LEVELS: usize = 16;

/// An entry that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) record: Addr,
    /// Whether it may be changed in place.
    pub(super) exclusive: bool,
}

/// The entry `key` of the map in `record`.
#[inline]
pub(super) fn get(memory: &Memory, record: Addr, key: &[u8]) -> Option<Addr> {
    let head = head_of(key);
    let mut node = Node::root(memory, record);
    for _ in 0..node.level(memory) {
        node = node.child(memory, node.branch(memory, head, key));
    }
    match node.search(memory, head, key) {
        (index, true) => Some(node.reference(memory, index).addr()),
        _ => None,
    }
}

/// The entry `key` of a map, and whether no snapshot shares it.
pub(super) fn find(memory: &Memory, group: &Group, place: &Place, key: &[u8]) -> Option<Found> {
    let head = head_of(key);
    let mut node = Node::root(memory, place.record());
    let mut exclusive = group.is_exclusive(memory, place);
    for _ in 0..node.level(memory) {
        let reference = node.reference(memory, node.branch(memory, head, key));
        exclusive &= !group.is_shared() || reference.is_owned();
        node = Node::of(reference.addr());
    }
    match node.search(memory, head, key) {
        (index, true) => {
            let reference = node.reference(memory, index);
            exclusive &= !group.is_shared() || reference.is_owned();
            Some(Found { record: reference.addr(), exclusive })
        }
        _ => None,
    }
}

/// The map's record in a form that may be changed, with room for `slots` in its root.
fn own_root(heap: &mut Heap, group: &mut Group, hash: u64, place: &Place, slots: usize) -> Result<Addr> {
    let old = place.record();
    let exclusive = group.is_exclusive(heap.memory(), place);
    let header = Header::read(heap.memory(), old);
    let needed = node::bytes_for(slots.min(node::MOST));
    if exclusive && needed <= header.value_room() {
        return Ok(old);
    }
    group.reserve_retired(heap, 4)?;
    let room = if needed > header.value_room() {
        // Grows by half, so that adding entries one by one copies little.
        (needed + needed / 2).min(node::bytes_for(node::MOST))
    } else {
        needed
    };
    let new = record::recreate(heap, old, header.value_len, room)?;
    if !exclusive {
        let root = Node::root(heap.memory(), new);
        let count = root.count(heap.memory());
        root.share(heap, 0, count);
    }
    if let Err(e) = group.replace(heap, hash, place, new) {
        heap.free_record(new);
        return Err(e);
    }
    group.discard_record(heap, old, exclusive)?;
    Ok(new)
}

/// The child of a slot of a node that may be changed, in a form that may be changed too.
fn own_child(heap: &mut Heap, group: &mut Group, parent: Node, index: usize) -> Result<Node> {
    let reference = parent.reference(heap.memory(), index);
    let child = Node::of(reference.addr());
    if reference.is_owned() || !group.is_shared() {
        return Ok(child);
    }
    group.reserve_retired(heap, 1)?;
    let (block, _) = heap.alloc_index(node::block_bytes())?;
    let copy = Node::of(block);
    let (level, count) = (child.level(heap.memory()), child.count(heap.memory()));
    copy.set_shape(heap, level, count);
    child.copy_slots(heap, 0, count, copy, 0, true);
    parent.set_reference(heap, index, super::slot::Slot::owned(0, block));
    group.discard(heap, child.block, node::block_bytes(), super::heap::Use::Index, false)?;
    Ok(copy)
}

/// Makes the record's length what its root's slots need.
fn fit_root(heap: &mut Heap, record: Addr) {
    let count = Node::root(heap.memory(), record).count(heap.memory());
    record::set_value_len(heap, record, node::bytes_for(count));
}

/// Size of a node's block.
#[cfg(test)]
pub(super) fn node_bytes() -> usize {
    node::block_bytes()
}

/// Whether a map is in order; its number of entries. Adds the bytes of its blocks.
#[cfg(test)]
pub(super) fn check(memory: &Memory, record: Addr, bytes: &mut u64) -> u64 {
    let root = Node::root(memory, record);
    assert_eq!(record::value(memory, record).len(), node::bytes_for(root.count(memory)));
    let entries = super::check::check_node(memory, root, true, bytes);
    assert!(entries > 0, "a map has an entry");
    entries
}

//! Removing entries, and whole maps.

use super::node::{self, Node, head_of};
use super::{MOST_LEVELS, fit_root, own_child, own_root};
use crate::error::Result;
use crate::table::arena::{Addr, Memory};
use crate::table::group::{Group, Place};
use crate::table::heap::{Heap, Use};
use crate::table::record::{self, Header};

/// A node with fewer slots takes those of a neighbour, if both fit well.
const FEW: usize = node::MOST / 4;
const FULL_ENOUGH: usize = node::MOST * 3 / 4;

/// Removes the entry `map_key`, which the map has, and frees its record; with the last entry goes the map.
pub(in crate::table) fn remove(
    heap: &mut Heap,
    group: &mut Group,
    hash: u64,
    place: &Place,
    map_key: &[u8],
) -> Result<()> {
    let root = Node::root(heap.memory(), place.record());
    if is_single(heap.memory(), root) {
        return clear(heap, group, hash, place);
    }
    let head = head_of(map_key);
    let map = own_root(heap, group, hash, place, 0)?;
    let mut path = [(Node::root(heap.memory(), map), 0usize); MOST_LEVELS];
    let mut depth = 0;
    while let Some((at, index)) = path.get_mut(depth) {
        if at.level(heap.memory()) == 0 {
            *index = at.search(heap.memory(), head, map_key).0;
            break;
        }
        *index = at.branch(heap.memory(), head, map_key);
        let child = own_child(heap, group, *at, *index)?;
        depth += 1;
        if let Some(next) = path.get_mut(depth) {
            *next = (child, 0);
        }
    }
    group.reserve_retired(heap, 2 + 2 * depth)?;
    // From here on nothing can fail.
    let Some((leaf, index)) = path.get(depth).copied() else { return Ok(()) };
    let entry = leaf.reference(heap.memory(), index);
    let exclusive = entry.is_owned() || !group.is_shared();
    leaf.remove(heap, index);
    group.discard_record(heap, entry.addr(), exclusive)?;
    for (parent, index) in path.iter().take(depth).rev().copied() {
        tidy(heap, group, parent, index)?;
    }
    collapse(heap, group, map)?;
    fit_root(heap, map);
    trim(heap, group, hash, map);
    Ok(())
}

/// After a removal below a slot: an empty child goes, a small one merges with a neighbour, and the head follows.
fn tidy(heap: &mut Heap, group: &mut Group, parent: Node, index: usize) -> Result<()> {
    let child = parent.child(heap.memory(), index);
    let count = child.count(heap.memory());
    if count == 0 {
        parent.remove(heap, index);
        return group.discard(heap, child.block, node::block_bytes(), Use::Index, true);
    }
    let head = child.head(heap.memory(), 0);
    parent.set_head(heap, index, head);
    if count >= FEW {
        return Ok(());
    }
    let siblings = parent.count(heap.memory());
    let sibling = if index + 1 < siblings { index + 1 } else { index.wrapping_sub(1) };
    if sibling >= siblings {
        return Ok(());
    }
    let reference = parent.reference(heap.memory(), sibling);
    let other = Node::of(reference.addr());
    let more = other.count(heap.memory());
    if count + more > FULL_ENOUGH {
        return Ok(());
    }
    let shared = group.is_shared() && !reference.is_owned();
    let level = child.level(heap.memory());
    if sibling > index {
        other.copy_slots(heap, 0, more, child, count, shared);
    } else {
        child.shift(heap, more);
        other.copy_slots(heap, 0, more, child, 0, shared);
        let head = other.head(heap.memory(), 0);
        parent.set_head(heap, index, head);
    }
    child.set_shape(heap, level, count + more);
    parent.remove(heap, sibling);
    group.discard(heap, other.block, node::block_bytes(), Use::Index, !shared)
}

/// A root with one child takes its slots, where they fit.
fn collapse(heap: &mut Heap, group: &mut Group, map: Addr) -> Result<()> {
    let root = Node::root(heap.memory(), map);
    let (level, count) = (root.level(heap.memory()), root.count(heap.memory()));
    if level == 0 || count != 1 {
        return Ok(());
    }
    let reference = root.reference(heap.memory(), 0);
    let child = Node::of(reference.addr());
    let (level, count) = (child.level(heap.memory()), child.count(heap.memory()));
    if node::bytes_for(count) > Header::read(heap.memory(), map).value_room() {
        return Ok(());
    }
    let shared = group.is_shared() && !reference.is_owned();
    root.set_shape(heap, level, count);
    child.copy_slots(heap, 0, count, root, 0, shared);
    group.discard(heap, child.block, node::block_bytes(), Use::Index, !shared)
}

/// Gives a map that has shrunk a smaller record. A favour: without memory for it the record stays.
fn trim(heap: &mut Heap, group: &mut Group, hash: u64, map: Addr) {
    let header = Header::read(heap.memory(), map);
    if header.block_bytes() < 4 * (header.value_at() + header.value_len) {
        return;
    }
    let Some(place) = group.place(heap.memory(), hash, record::key(heap.memory(), map)) else { return };
    let Ok(smaller) = record::recreate(heap, map, header.value_len, header.value_len) else { return };
    if group.replace(heap, hash, &place, smaller).is_ok() {
        heap.free_record(map);
    } else {
        heap.free_record(smaller);
    }
}

/// Removes a whole map.
pub(in crate::table) fn clear(heap: &mut Heap, group: &mut Group, hash: u64, place: &Place) -> Result<()> {
    let root = Node::root(heap.memory(), place.record());
    let exclusive = group.is_exclusive(heap.memory(), place);
    if group.is_shared() {
        let blocks = blocks_below(heap.memory(), root);
        group.reserve_retired(heap, blocks + 4)?;
    }
    group.remove(heap, hash, place)?;
    discard_below(heap, group, root, exclusive)?;
    group.discard_record(heap, place.record(), exclusive)?;
    group.tidy(heap, hash);
    Ok(())
}

/// Entries and nodes below a node.
pub(in crate::table) fn blocks_below(memory: &Memory, node: Node) -> usize {
    let count = node.count(memory);
    let below = |i| if node.level(memory) > 0 { blocks_below(memory, node.child(memory, i)) } else { 0 };
    count + (0..count).map(below).sum::<usize>()
}

pub(in crate::table) fn discard_below(
    heap: &mut Heap,
    group: &mut Group,
    node: Node,
    exclusive: bool,
) -> Result<()> {
    let level = node.level(heap.memory());
    for index in 0..node.count(heap.memory()) {
        let reference = node.reference(heap.memory(), index);
        let exclusive = exclusive && (reference.is_owned() || !group.is_shared());
        if level == 0 {
            group.discard_record(heap, reference.addr(), exclusive)?;
        } else {
            let child = Node::of(reference.addr());
            discard_below(heap, group, child, exclusive)?;
            group.discard(heap, child.block, node::block_bytes(), Use::Index, exclusive)?;
        }
    }
    Ok(())
}

/// Number of entries of the map in `record`.
pub(in crate::table) fn count(memory: &Memory, record: Addr) -> u64 {
    entries_below(memory, Node::root(memory, record))
}

fn entries_below(memory: &Memory, node: Node) -> u64 {
    let count = node.count(memory);
    if node.level(memory) == 0 {
        return count as u64;
    }
    (0..count).map(|i| entries_below(memory, node.child(memory, i))).sum()
}

/// Whether a node leads to one entry only.
fn is_single(memory: &Memory, mut node: Node) -> bool {
    while node.count(memory) == 1 {
        if node.level(memory) == 0 {
            return true;
        }
        node = node.child(memory, 0);
    }
    false
}

/// Frees what a node refers to and owns: what a transaction made that is rolled back.
pub(in crate::table) fn free_owned(heap: &mut Heap, node: Node) {
    let level = node.level(heap.memory());
    for index in 0..node.count(heap.memory()) {
        let reference = node.reference(heap.memory(), index);
        if !reference.is_owned() {
            continue;
        }
        if level == 0 {
            heap.free_record(reference.addr());
        } else {
            free_owned(heap, Node::of(reference.addr()));
            heap.free(reference.addr(), node::block_bytes(), Use::Index);
        }
    }
}

//! Nodes of a map's tree.
//!
//! ```text
//!   0  u8  level, 0 = leaf
//!   2  u16 slots in use
//!   8      head (8 bytes) | reference (8 bytes)      a slot, in the order of keys
//!
//!  head        the first 8 bytes of the slot's least key, as a number; a shorter key ends with zeros
//!  reference   a Slot without a tag: of a record in a leaf, of a node above
//! ```
//!
//! The root is the value of the map's own record, as long as its slots need; the others are index blocks of full size.
//! A root may lie at any address, so numbers are read and written byte by byte.

use std::cmp::Ordering;

use crate::table::arena::{Addr, Memory, rounded};
use crate::table::heap::Heap;
use crate::table::record::{self, Header};
use crate::table::slot::Slot;

/// The most slots of a node.
pub(super) const MOST: usize = 63;
const HEADER: usize = 8;
const SLOT: usize = 16;
/// Up to here the heads of a node are compared one after the other.
const FEW_SLOTS: usize = 16;

/// Bytes of a node with that many slots.
pub(super) fn bytes_for(slots: usize) -> usize {
    HEADER + SLOT * slots
}

/// Size of the block of a node that is not a root.
pub(super) fn block_bytes() -> usize {
    rounded(bytes_for(MOST))
}

/// A node: a block, and where in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::table) struct Node {
    pub(super) block: Addr,
    at: usize,
}

impl Node {
    /// The root in a map's record.
    #[inline]
    pub(in crate::table) fn root(memory: &Memory, record: Addr) -> Node {
        Node { block: record, at: Header::read(memory, record).value_at() }
    }

    /// A node in a block of its own.
    #[inline]
    pub(super) fn of(block: Addr) -> Node {
        Node { block, at: 0 }
    }

    #[inline]
    pub(in crate::table) fn level(self, memory: &Memory) -> usize {
        memory.bytes(self.block, self.at, 1).first().map_or(0, |level| usize::from(*level))
    }

    #[inline]
    pub(in crate::table) fn count(self, memory: &Memory) -> usize {
        let bytes = memory.bytes(self.block, self.at + 2, 2);
        bytes.try_into().map_or(0, |bytes| usize::from(u16::from_ne_bytes(bytes)))
    }

    #[inline]
    fn number(self, memory: &Memory, at: usize) -> u64 {
        memory.bytes(self.block, self.at + HEADER + at, 8).try_into().map_or(0, u64::from_ne_bytes)
    }

    #[inline]
    pub(in crate::table) fn head(self, memory: &Memory, index: usize) -> u64 {
        self.number(memory, index * SLOT)
    }

    #[inline]
    pub(in crate::table) fn reference(self, memory: &Memory, index: usize) -> Slot {
        Slot(self.number(memory, index * SLOT + 8))
    }

    /// Tells the processor that of what a slot refers to so many bytes will be read.
    #[inline]
    pub(in crate::table) fn prefetch(self, memory: &Memory, index: usize, bytes: usize) {
        memory.prefetch_all(self.reference(memory, index).addr(), bytes);
    }

    /// The child of a slot; only above the leaves.
    #[inline]
    pub(in crate::table) fn child(self, memory: &Memory, index: usize) -> Node {
        Node::of(self.reference(memory, index).addr())
    }

    /// Sets level and number of slots.
    pub(super) fn set_shape(self, heap: &mut Heap, level: usize, count: usize) {
        let [low, high] = (count as u16).to_ne_bytes();
        heap.arena.bytes_mut(self.block, self.at, 4).copy_from_slice(&[level as u8, 0, low, high]);
    }

    pub(super) fn set_head(self, heap: &mut Heap, index: usize, head: u64) {
        let at = self.at + HEADER + index * SLOT;
        heap.arena.bytes_mut(self.block, at, 8).copy_from_slice(&head.to_ne_bytes());
    }

    pub(super) fn set_reference(self, heap: &mut Heap, index: usize, reference: Slot) {
        let at = self.at + HEADER + index * SLOT + 8;
        heap.arena.bytes_mut(self.block, at, 8).copy_from_slice(&reference.0.to_ne_bytes());
    }

    /// Puts a slot in; there is room.
    pub(super) fn insert(self, heap: &mut Heap, index: usize, head: u64, reference: Slot) {
        let (level, count) = (self.level(heap.memory()), self.count(heap.memory()));
        let at = self.at + HEADER + index * SLOT;
        let tail = (count - index) * SLOT;
        heap.arena.bytes_mut(self.block, at, tail + SLOT).copy_within(..tail, SLOT);
        self.set_shape(heap, level, count + 1);
        self.set_head(heap, index, head);
        self.set_reference(heap, index, reference);
    }

    /// Takes a slot out.
    pub(super) fn remove(self, heap: &mut Heap, index: usize) {
        let (level, count) = (self.level(heap.memory()), self.count(heap.memory()));
        let at = self.at + HEADER + index * SLOT;
        heap.arena.bytes_mut(self.block, at, (count - index) * SLOT).copy_within(SLOT.., 0);
        self.set_shape(heap, level, count - 1);
    }

    /// Copies slots to another node, which has room for them; counts stay as they are. With `share`, what they refer to
    /// is shared with a snapshot from now on.
    pub(super) fn copy_slots(
        self,
        heap: &mut Heap,
        from: usize,
        count: usize,
        to: Node,
        to_index: usize,
        share: bool,
    ) {
        heap.arena.copy(
            (self.block, self.at + HEADER + from * SLOT),
            (to.block, to.at + HEADER + to_index * SLOT),
            count * SLOT,
        );
        if share {
            to.share(heap, to_index, count);
        }
    }

    /// Marks what slots refer to as shared with a snapshot.
    pub(super) fn share(self, heap: &mut Heap, from: usize, count: usize) {
        for index in from..from + count {
            let reference = self.reference(heap.memory(), index).shared();
            self.set_reference(heap, index, reference);
        }
    }

    /// Makes room for `count` slots at the front; counts stay as they are.
    pub(super) fn shift(self, heap: &mut Heap, count: usize) {
        let tail = self.count(heap.memory()) * SLOT;
        let bytes = heap.arena.bytes_mut(self.block, self.at + HEADER, tail + count * SLOT);
        bytes.copy_within(..tail, count * SLOT);
    }

    /// The least key below a slot.
    pub(in crate::table) fn least_key(self, memory: &Memory, index: usize) -> &[u8] {
        let mut reference = self.reference(memory, index);
        for _ in 0..self.level(memory) {
            reference = Node::of(reference.addr()).reference(memory, 0);
        }
        record::key(memory, reference.addr())
    }

    /// How the least key below a slot compares with `key`, whose head is `head`.
    #[inline]
    fn compare(self, memory: &Memory, index: usize, head: u64, key: &[u8]) -> Ordering {
        match self.head(memory, index).cmp(&head) {
            Ordering::Equal => self.least_key(memory, index).cmp(key),
            other => other,
        }
    }

    /// The first slot whose least key is not below `key`, and whether it is `key`.
    ///
    /// By the heads first, without a branch that could be guessed wrongly: they nearly always leave one slot, and only its key is
    /// read.
    #[inline]
    pub(super) fn search(self, memory: &Memory, head: u64, key: &[u8]) -> (usize, bool) {
        let count = self.count(memory);
        let low = self.below(memory, count, head);
        if low == count || self.head(memory, low) != head {
            return (low, false);
        }
        if low + 1 < count && self.head(memory, low + 1) == head {
            return self.search_keys(memory, low, count, head, key);
        }
        match self.least_key(memory, low).cmp(key) {
            Ordering::Less => (low + 1, false),
            Ordering::Equal => (low, true),
            Ordering::Greater => (low, false),
        }
    }

    /// How many slots have a head below this one.
    #[inline]
    fn below(self, memory: &Memory, count: usize, head: u64) -> usize {
        if count <= FEW_SLOTS {
            let slots = memory.bytes(self.block, self.at + HEADER, count * SLOT);
            let is_below =
                |slot: &[u8; SLOT]| slot.first_chunk().is_some_and(|bytes| u64::from_ne_bytes(*bytes) < head);
            return slots.as_chunks().0.iter().map(|slot| usize::from(is_below(slot))).sum();
        }
        let (mut low, mut left) = (0, count);
        while left > 1 {
            let half = left / 2;
            low += if self.head(memory, low + half - 1) < head { half } else { 0 };
            left -= half;
        }
        low + usize::from(self.head(memory, low) < head)
    }

    /// The same as [`search`](Self::search) from a slot on, where several have the same head.
    #[cold]
    fn search_keys(self, memory: &Memory, low: usize, high: usize, head: u64, key: &[u8]) -> (usize, bool) {
        let (mut low, mut high) = (low, high);
        while low < high {
            let middle = (low + high) / 2;
            match self.compare(memory, middle, head, key) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return (middle, true),
                Ordering::Greater => high = middle,
            }
        }
        (low, false)
    }

    /// The slot below which `key` is or would be; only above the leaves.
    #[inline]
    pub(super) fn branch(self, memory: &Memory, head: u64, key: &[u8]) -> usize {
        match self.search(memory, head, key) {
            (index, true) => index,
            (index, false) => index.saturating_sub(1),
        }
    }
}

/// The head of a key.
#[inline]
pub(in crate::table) fn head_of(key: &[u8]) -> u64 {
    match key.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let shift = 8 * (8 - key.len() as u32);
            let number = key.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
            number.checked_shl(shift).unwrap_or(0)
        }
    }
}

/// For the tests' own walk.
#[cfg(test)]
impl Node {
    pub(in crate::table) fn of_block(block: Addr) -> Node {
        Node::of(block)
    }

    pub(in crate::table) fn shape(self, memory: &Memory) -> (usize, usize) {
        (self.level(memory), self.count(memory))
    }

    pub(in crate::table) fn head_at(self, memory: &Memory, index: usize) -> u64 {
        self.head(memory, index)
    }

    pub(in crate::table) fn slot_at(self, memory: &Memory, index: usize) -> Slot {
        self.reference(memory, index)
    }

    pub(in crate::table) fn least(self, memory: &Memory, index: usize) -> &[u8] {
        self.least_key(memory, index)
    }
}

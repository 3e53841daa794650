//! Where the blocks of a snapshot are.
//!
//! ```text
//!  leaf   a record a block of entries, in their order        24 bytes
//!           u64 position | u32 length | u32 state | u16 first, u16 last key group | u32 entries
//!  root   a record a leaf                                    40 bytes
//!           u64 position | u32 length | u32 blocks | u64 entries | u32 state, u16 first of its first block, u16 zero |
//!           u32 state, u16 last of its last block, u16 zero
//! ```
//!
//! A leaf follows its blocks, so a writer keeps one leaf in memory, and the root: a few kilobytes a gigabyte.

use super::frame::{u32_at, u64_at};
use crate::key::KeyGroupRange;

/// Where a block of entries is, and what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockPlace {
    /// Where it begins in the file.
    pub position: u64,
    /// Its length there, with header and padding.
    pub length: u32,
    /// Position of its state in the head's list.
    pub state: u32,
    /// The key groups of its entries.
    pub groups: KeyGroupRange,
    /// Number of entries.
    pub entries: u32,
}

/// Bytes of a record of a leaf.
pub(crate) const BLOCK_RECORD: usize = 24;
/// Blocks of a leaf.
pub(crate) const LEAF_BLOCKS: usize = 1024;

impl BlockPlace {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.position.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.state.to_le_bytes());
        out.extend_from_slice(&(self.groups.first as u16).to_le_bytes());
        out.extend_from_slice(&(self.groups.last as u16).to_le_bytes());
        out.extend_from_slice(&self.entries.to_le_bytes());
    }

    pub(crate) fn read(record: &[u8]) -> Option<BlockPlace> {
        let pair = u32_at(record, 16);
        Some(BlockPlace {
            position: u64_at(record, 0),
            length: u32_at(record, 8),
            state: u32_at(record, 12),
            groups: KeyGroupRange::new(pair & 0xffff, pair >> 16)?,
            entries: u32_at(record, 20),
        })
    }

    /// Where the next block begins.
    pub(crate) fn end(&self) -> u64 {
        self.position.saturating_add(u64::from(self.length))
    }

    /// Whether this block may follow `before`: states and key groups ascend.
    pub(crate) fn follows(&self, before: &BlockPlace) -> bool {
        (before.state, before.groups.last) <= (self.state, self.groups.first)
    }
}

/// Where a leaf is, and what its blocks have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LeafPlace {
    pub(crate) position: u64,
    pub(crate) length: u32,
    pub(crate) blocks: u32,
    pub(crate) entries: u64,
    /// State and first key group of the first block.
    pub(crate) first: (u32, u32),
    /// State and last key group of the last block.
    pub(crate) last: (u32, u32),
}

/// Bytes of a record of the root.
pub(crate) const LEAF_RECORD: usize = 40;

impl LeafPlace {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.position.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.blocks.to_le_bytes());
        out.extend_from_slice(&self.entries.to_le_bytes());
        for (state, group) in [self.first, self.last] {
            out.extend_from_slice(&state.to_le_bytes());
            out.extend_from_slice(&group.to_le_bytes());
        }
    }

    pub(crate) fn read(record: &[u8]) -> LeafPlace {
        LeafPlace {
            position: u64_at(record, 0),
            length: u32_at(record, 8),
            blocks: u32_at(record, 12),
            entries: u64_at(record, 16),
            first: (u32_at(record, 24), u32_at(record, 28)),
            last: (u32_at(record, 32), u32_at(record, 36)),
        }
    }

    /// Where the next block begins.
    pub(crate) fn end(&self) -> u64 {
        self.position.saturating_add(u64::from(self.length))
    }

    /// Whether it may have blocks of these key groups of a state.
    pub(crate) fn may_have(&self, state: u32, groups: KeyGroupRange) -> bool {
        self.first <= (state, groups.last) && (state, groups.first) <= self.last
    }
}

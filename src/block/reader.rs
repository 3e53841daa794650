//! Views of a block's entries.

use super::{BlockKind, FLAG_MORE, HEADER_BYTES, MAGIC};
use crate::error::{Error, ErrorKind, Result};

/// Reads a block in place; allocates nothing, copies nothing.
///
/// The header is checked when the reader is made; an entry whose positions are out of range or out of order reads as
/// `None`, never outside the buffer.
#[derive(Debug, Clone, Copy)]
pub struct BlockReader<'a> {
    payload: &'a [u8],
    index: &'a [u8],
    kind: BlockKind,
    more: bool,
    width: usize,
    count: usize,
}

impl<'a> BlockReader<'a> {
    /// A reader of the block at the start of `bytes`. Fails with [`ErrorKind::Corruption`].
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        Self::parse(bytes).ok_or_else(|| Error::new(ErrorKind::Corruption, "not a block, or cut short"))
    }

    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
        let &[_, _, _, _, kind, flags, width, zero, ..] = header else { return None };
        if u32_at(header, 0)? != MAGIC || zero != 0 || flags & !FLAG_MORE != 0 {
            return None;
        }
        let kind = match kind {
            1 => BlockKind::Scan,
            2 => BlockKind::MultiGet,
            3 => BlockKind::Snapshot,
            4 => BlockKind::Changes,
            _ => return None,
        };
        let width = usize::from(width);
        let count = u32_at(header, 8)? as usize;
        let (payload, index) = rest.split_at_checked(u32_at(header, 12)? as usize)?;
        let index_len = match width {
            0 => 8,
            1 | 2 | 4 => count.checked_mul(2 * width)?,
            _ => return None,
        };
        let index = index.get(..index_len)?;
        Some(BlockReader { payload, index, kind, more: flags & FLAG_MORE != 0, width, count })
    }

    /// What the block holds.
    pub fn kind(&self) -> BlockKind {
        self.kind
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it holds no entry.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether more entries follow this block.
    pub fn more(&self) -> bool {
        self.more
    }

    /// The buffer length that the next entry needs, when it did not fit an empty block.
    pub fn needed(&self) -> Option<usize> {
        if self.count == 0 && self.more { u32_at(self.index, 4).map(|n| n as usize) } else { None }
    }

    /// Key and value of entry `i`.
    pub fn get(&self, i: usize) -> Option<(&'a [u8], &'a [u8])> {
        if i >= self.count {
            return None;
        }
        let (start, key_end, value_end) = if self.width == 0 {
            let (key, value) = (u32_at(self.index, 0)? as usize, u32_at(self.index, 4)? as usize);
            let start = i.checked_mul(key + value)?;
            (start, start + key, start + key + value)
        } else {
            let start = if i == 0 { 0 } else { self.end(2 * i - 1)? };
            (start, self.end(2 * i)?, self.end(2 * i + 1)?)
        };
        Some((self.payload.get(start..key_end)?, self.payload.get(key_end..value_end)?))
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let this = *self;
        (0..self.count).map_while(move |i| this.get(i))
    }

    fn end(&self, n: usize) -> Option<usize> {
        let bytes = self.index.get(n * self.width..(n + 1) * self.width)?;
        Some(bytes.iter().rev().fold(0, |sum, b| sum << 8 | usize::from(*b)))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

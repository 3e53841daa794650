//! Views of a block's entries.

use std::ops::{Bound, RangeBounds};

use super::header::Header;
use super::{BlockIter, BlockKind, BlockSlice};
use crate::error::{Error, ErrorKind, Result};

/// Reads a block, or a range of its entries, in place; allocates nothing, copies nothing.
///
/// The header is checked when the reader is made; an entry whose positions are out of range or out of order reads as
/// `None`, never outside the buffer.
///
/// Invariant: of a block that a writer made, `payload` is exactly the bytes of the entries, and `index` their positions.
#[derive(Debug, Clone, Copy)]
pub struct BlockReader<'a> {
    pub(super) payload: &'a [u8],
    pub(super) index: &'a [u8],
    pub(super) kind: BlockKind,
    pub(super) more: bool,
    pub(super) width: u8,
    /// At most `u32::MAX`.
    pub(super) count: usize,
    /// Where the payload begins, in the count of the index.
    pub(super) base: usize,
}

impl<'a> BlockReader<'a> {
    /// A reader of the block at the start of `bytes`. Fails with [`ErrorKind::Corruption`].
    #[inline(always)]
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        Self::parse(bytes).ok_or_else(no_block)
    }

    #[inline(always)]
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = Header::parse(bytes)?;
        let (payload, index) = rest.split_at_checked(header.payload_len as usize)?;
        let index = index.get(..header.index_len()?)?;
        let reader = BlockReader {
            payload,
            index,
            kind: header.kind,
            more: header.more,
            width: header.width,
            count: header.count as usize,
            base: header.base as usize,
        };
        let end = match reader.count.checked_sub(1) {
            Some(last) => reader.ends(last)?.1,
            None => 0,
        };
        (end == payload.len()).then_some(reader)
    }

    /// What the block holds.
    #[inline]
    pub fn kind(&self) -> BlockKind {
        self.kind
    }

    /// Number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it holds no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether more entries follow this block.
    #[inline]
    pub fn more(&self) -> bool {
        self.more
    }

    /// The buffer length that the next entry needs, when it did not fit an empty block.
    pub fn needed(&self) -> Option<usize> {
        if self.count == 0 && self.more { self.word(1).map(|n| n as usize) } else { None }
    }

    /// Key and value of entry `i`.
    #[inline]
    pub fn get(&self, i: usize) -> Option<(&'a [u8], &'a [u8])> {
        if i >= self.count {
            return None;
        }
        let start = self.start(i)?;
        let (key_end, value_end) = self.ends(i)?;
        Some((self.payload.get(start..key_end)?, self.payload.get(key_end..value_end)?))
    }

    /// All entries.
    #[inline]
    pub fn iter(&self) -> BlockIter<'a> {
        BlockIter::new(*self)
    }

    /// A reader of some of the entries, which are numbered from 0 again. More follow when more follow the block or the
    /// range.
    ///
    /// Fails with [`ErrorKind::InvalidArgument`] when the range is not one of the block, and with
    /// [`ErrorKind::Corruption`] when it is not where the index says.
    #[inline(always)]
    pub fn entries(&self, range: impl RangeBounds<usize>) -> Result<BlockReader<'a>> {
        let from = match range.start_bound() {
            Bound::Included(from) => Some(*from),
            Bound::Excluded(before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let to = match range.end_bound() {
            Bound::Included(last) => last.checked_add(1),
            Bound::Excluded(to) => Some(*to),
            Bound::Unbounded => Some(self.count),
        };
        match (from, to) {
            (Some(from), Some(to)) if from <= to && to <= self.count => {
                self.cut(from, to).ok_or_else(no_block)
            }
            _ => Err(no_range(from, to, self.count)),
        }
    }

    /// Some of the entries as a block, of which nothing but the header is new.
    ///
    /// Fails as [`entries`](Self::entries).
    #[inline(always)]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Result<BlockSlice<'a>> {
        Ok(BlockSlice::new(self.entries(range)?))
    }

    #[inline(always)]
    fn cut(&self, from: usize, to: usize) -> Option<Self> {
        let start = self.start(from)?;
        let payload = self.payload.get(start..self.start(to)?)?;
        let entry = 2 * usize::from(self.width);
        let (index, base) = match self.width {
            0 => (self.index, 0),
            _ => (self.index.get(from * entry..to * entry)?, self.base + start),
        };
        let more = from < to && (self.more || to < self.count);
        Some(BlockReader { payload, index, more, count: to - from, base, ..*self })
    }

    /// Where entry `i` begins in the payload, or where the last entry ends.
    #[inline(always)]
    fn start(&self, i: usize) -> Option<usize> {
        match i.checked_sub(1) {
            Some(before) => Some(self.ends(before)?.1),
            None => Some(0),
        }
    }

    /// Where key and value of entry `i` end in the payload, if the index is right.
    #[inline(always)]
    pub(super) fn ends(&self, i: usize) -> Option<(usize, usize)> {
        let (key_end, value_end) = match self.width {
            0 => {
                let (key, value) = (self.word(0)? as usize, self.word(1)? as usize);
                let start = i.checked_mul(key + value)?;
                return Some((start.checked_add(key)?, start.checked_add(key + value)?));
            }
            1 => {
                let &[key, value] = self.index.as_chunks().0.get(i)?;
                (usize::from(key), usize::from(value))
            }
            2 => {
                let &[a, b, c, d] = self.index.as_chunks().0.get(i)?;
                (usize::from(u16::from_le_bytes([a, b])), usize::from(u16::from_le_bytes([c, d])))
            }
            _ => {
                let (index, _) = self.index.as_chunks::<8>();
                let both = u64::from_le_bytes(*index.get(i)?);
                ((both as u32) as usize, (both >> 32) as usize)
            }
        };
        Some((key_end.checked_sub(self.base)?, value_end.checked_sub(self.base)?))
    }

    #[inline]
    fn word(&self, n: usize) -> Option<u32> {
        self.index.as_chunks().0.get(n).map(|word| u32::from_le_bytes(*word))
    }
}

#[cold]
fn no_block() -> Error {
    Error::new(ErrorKind::Corruption, "not a block, or cut short")
}

#[cold]
fn no_range(from: Option<usize>, to: Option<usize>, count: usize) -> Error {
    let text = |n: Option<usize>| n.map_or("too many".to_string(), |n| n.to_string());
    Error::new(
        ErrorKind::InvalidArgument,
        format!("{}..{} is no range of a block of {count} entries", text(from), text(to)),
    )
}

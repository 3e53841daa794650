//! Walking a block.

use std::iter::FusedIterator;

use super::BlockReader;

/// Key and value of each entry, in order; ends early at an entry whose positions are out of range or out of order.
#[derive(Debug, Clone)]
pub struct BlockIter<'a> {
    block: BlockReader<'a>,
    next: usize,
    /// Where the next entry begins in the payload.
    at: usize,
}

impl<'a> BlockIter<'a> {
    #[inline]
    pub(super) fn new(block: BlockReader<'a>) -> Self {
        BlockIter { block, next: 0, at: 0 }
    }

    #[inline]
    fn read(&self) -> Option<(&'a [u8], &'a [u8], usize)> {
        if self.next >= self.block.count {
            return None;
        }
        let (key_end, value_end) = self.block.ends(self.next)?;
        let payload = self.block.payload;
        Some((payload.get(self.at..key_end)?, payload.get(key_end..value_end)?, value_end))
    }
}

impl<'a> Iterator for BlockIter<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Some((key, value, end)) = self.read() else {
            self.next = self.block.count;
            return None;
        };
        self.next += 1;
        self.at = end;
        Some((key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.block.count - self.next))
    }
}

impl FusedIterator for BlockIter<'_> {}

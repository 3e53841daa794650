//! A block that grows.

use std::collections::TryReserveError;

use super::{BlockKind, BlockReader, BlockSlice, HEADER_BYTES};
use crate::error::{Error, ErrorKind, Result};

/// Builds a block in memory of its own, which grows as it must and is kept over [`clear`](Self::clear). Entries can be read
/// at any time, and more be added afterwards.
///
/// ```text
///  header: made when asked for | payload: a vector | index: a vector, 4 bytes an end position
/// ```
///
/// A block in three parts, then, as a [`BlockSlice`] is; one after the other they are well-formed.
/// [`BlockWriter`](super::BlockWriter) is for a buffer that is there.
///
/// Invariant: the three together have at most `limit` bytes, so every position fits 32 bits.
#[derive(Debug)]
pub struct BlockBuilder {
    kind: BlockKind,
    payload: Vec<u8>,
    index: Vec<u8>,
    limit: usize,
}

/// Index bytes of an entry.
const INDEX_BYTES: usize = 8;

impl BlockBuilder {
    /// An empty block of `kind`, of at most `limit` bytes and [`MAX_BLOCK_BYTES`](super::MAX_BLOCK_BYTES).
    pub fn new(kind: BlockKind, limit: usize) -> Self {
        let limit = limit.min(super::MAX_BLOCK_BYTES);
        BlockBuilder { kind, payload: Vec::new(), index: Vec::new(), limit }
    }

    /// Number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.index.len() / INDEX_BYTES
    }

    /// Whether it holds no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Bytes of the block.
    #[inline]
    pub fn size_bytes(&self) -> usize {
        HEADER_BYTES + self.payload.len() + self.index.len()
    }

    /// Removes all entries, keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.payload.clear();
        self.index.clear();
    }

    /// Adds an entry whose key comes in two parts; false (and nothing changed) when the block would be longer than its
    /// limit.
    ///
    /// Fails with [`ErrorKind::OutOfMemory`]; nothing is changed then.
    #[inline]
    pub fn push<const HEAD: usize>(&mut self, head: &[u8; HEAD], key: &[u8], value: &[u8]) -> Result<bool> {
        // Lengths of memory, which cannot overflow.
        let more = HEAD + key.len() + value.len();
        if self.size_bytes() + INDEX_BYTES + more > self.limit {
            return Ok(false);
        }
        self.payload.try_reserve(more).map_err(out_of_memory)?;
        self.index.try_reserve(INDEX_BYTES).map_err(out_of_memory)?;
        self.payload.extend_from_slice(head);
        self.payload.extend_from_slice(key);
        let key_end = self.payload.len() as u64;
        self.payload.extend_from_slice(value);
        let value_end = self.payload.len() as u64;
        self.index.extend_from_slice(&(value_end << 32 | key_end).to_le_bytes());
        Ok(true)
    }

    /// Its entries.
    #[inline]
    pub fn entries(&self) -> BlockReader<'_> {
        BlockReader {
            payload: &self.payload,
            index: &self.index,
            kind: self.kind,
            more: false,
            width: 4,
            count: self.len(),
            base: 0,
        }
    }

    /// The block in its parts, to be written.
    #[inline]
    pub fn block(&self) -> BlockSlice<'_> {
        BlockSlice::new(self.entries())
    }
}

#[cold]
fn out_of_memory(error: TryReserveError) -> Error {
    Error::new(ErrorKind::OutOfMemory, format!("a block cannot grow: {error}"))
}

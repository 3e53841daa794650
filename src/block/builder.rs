//! A block that grows.

use std::collections::TryReserveError;

use super::{BlockKind, BlockReader, BlockSlice, HEADER_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::key::copy_short;

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
    /// Room for the payload, all of it initialized, so that an entry is written with one check.
    payload: Vec<u8>,
    /// Where the payload ends.
    end: usize,
    index: Vec<[u8; INDEX_BYTES]>,
    limit: usize,
}

/// Index bytes of an entry.
const INDEX_BYTES: usize = 8;

impl BlockBuilder {
    /// An empty block of `kind`, of at most `limit` bytes and [`MAX_BLOCK_BYTES`](super::MAX_BLOCK_BYTES).
    pub fn new(kind: BlockKind, limit: usize) -> Self {
        let limit = limit.min(super::MAX_BLOCK_BYTES);
        BlockBuilder { kind, payload: Vec::new(), end: 0, index: Vec::new(), limit }
    }

    /// Number of entries.
    #[inline]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether it holds no entry.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Bytes of the block.
    #[inline]
    pub fn size_bytes(&self) -> usize {
        HEADER_BYTES + self.end + self.index.len() * INDEX_BYTES
    }

    /// Removes all entries, keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.end = 0;
        self.index.clear();
    }

    /// Adds an entry whose key comes in two parts; false (and nothing changed) when the block would be longer than its
    /// limit.
    ///
    /// Fails with [`ErrorKind::OutOfMemory`]; nothing is changed then.
    #[inline]
    pub fn push<const HEAD: usize>(&mut self, head: &[u8; HEAD], key: &[u8], value: &[u8]) -> Result<bool> {
        // Lengths of memory, which cannot overflow.
        let key_end = self.end + HEAD + key.len();
        let end = key_end + value.len();
        if self.size_bytes() + INDEX_BYTES + (end - self.end) > self.limit {
            return Ok(false);
        }
        if end > self.payload.len() || self.index.len() == self.index.capacity() {
            self.grow(end)?;
        }
        if let Some((target, rest)) =
            self.payload.get_mut(self.end..end).and_then(|entry| entry.split_first_chunk_mut::<HEAD>())
            && let Some((key_target, value_target)) = rest.split_at_mut_checked(key.len())
        {
            *target = *head;
            copy_short(key, key_target);
            copy_short(value, value_target);
        }
        self.index.push(((end as u64) << 32 | key_end as u64).to_le_bytes());
        self.end = end;
        Ok(true)
    }

    /// Makes room for a payload up to `end` and for an entry in the index.
    #[cold]
    fn grow(&mut self, end: usize) -> Result<()> {
        self.index.try_reserve(1).map_err(out_of_memory)?;
        if end > self.payload.len() {
            self.payload.try_reserve(end - self.payload.len()).map_err(out_of_memory)?;
            self.payload.resize(self.payload.capacity(), 0);
        }
        Ok(())
    }

    /// Its entries.
    #[inline]
    pub fn entries(&self) -> BlockReader<'_> {
        BlockReader {
            payload: self.payload.get(..self.end).unwrap_or_default(),
            index: self.index.as_flattened(),
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

fn out_of_memory(error: TryReserveError) -> Error {
    Error::new(ErrorKind::OutOfMemory, format!("a block cannot grow: {error}"))
}

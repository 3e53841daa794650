//! Write batches: operations that own their bytes until they are applied together.

use crate::block::{BlockBuilder, BlockKind, BlockSlice};
use crate::error::{Error, ErrorKind, Result};
use crate::key::CompositeKey;

/// The most bytes a batch holds: far above any sensible batch, below what RocksDB refuses.
pub const MAX_BATCH_BYTES: usize = 1 << 30;

/// One operation of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchOp<'a> {
    /// Set a value.
    Put {
        /// State id in the store.
        state: u32,
        /// Composite key.
        key: CompositeKey<'a>,
        /// Value.
        value: &'a [u8],
    },
    /// Append to a value.
    Append {
        /// State id in the store.
        state: u32,
        /// Composite key.
        key: CompositeKey<'a>,
        /// What to append.
        value: &'a [u8],
    },
    /// Remove an entry.
    Delete {
        /// State id in the store.
        state: u32,
        /// Composite key.
        key: CompositeKey<'a>,
    },
}

/// Operations in the order they were added. Every byte is copied when it is added, so the caller may reuse its
/// buffers at once. The memory is kept over [`clear`](Self::clear).
///
/// A [block](crate::block) of the kind [`Batch`](BlockKind::Batch), whose entries are operations:
///
/// ```text
///  key    u8 op (0 put, 1 append, 2 delete) | u32 state | u32 split | composite key    (little-endian)
///  value  the value; of a delete nothing
/// ```
#[derive(Debug)]
pub struct WriteBatch {
    operations: BlockBuilder,
    /// Number of the session that fills it, 0 when empty; operations name states by that session's store.
    session: u64,
}

const PUT: u8 = 0;
const APPEND: u8 = 1;
const DELETE: u8 = 2;
/// Bytes before the composite key.
const OP_HEADER: usize = 9;

impl Default for WriteBatch {
    fn default() -> Self {
        Self::new()
    }
}

impl WriteBatch {
    /// An empty batch.
    pub fn new() -> Self {
        WriteBatch { operations: BlockBuilder::new(BlockKind::Batch, MAX_BATCH_BYTES), session: 0 }
    }

    /// Number of operations.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Bytes held.
    pub fn size_bytes(&self) -> usize {
        self.operations.size_bytes()
    }

    /// Forgets all operations, keeps the memory.
    pub fn clear(&mut self) {
        self.operations.clear();
        self.session = 0;
    }

    /// Binds the batch to a session, or checks that it is bound to it.
    pub(crate) fn bind(&mut self, session: u64) -> Result<()> {
        if self.session != session {
            if self.session != 0 {
                return Err(Error::new(
                    ErrorKind::ForeignHandle,
                    "the batch holds operations of another session; commit it there or clear it",
                ));
            }
            self.session = session;
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn push(&mut self, op: BatchOp<'_>) -> Result<()> {
        let (code, state, key, value) = match op {
            BatchOp::Put { state, key, value } => (PUT, state, key, value),
            BatchOp::Append { state, key, value } => (APPEND, state, key, value),
            BatchOp::Delete { state, key } => (DELETE, state, key, &[][..]),
        };
        let [s0, s1, s2, s3] = state.to_le_bytes();
        let [k0, k1, k2, k3] = (key.split as u32).to_le_bytes();
        let head: [u8; OP_HEADER] = [code, s0, s1, s2, s3, k0, k1, k2, k3];
        if self.operations.push(&head, key.bytes, value)? { Ok(()) } else { Err(full()) }
    }

    /// The operations, in order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = BatchOp<'_>> {
        self.operations.entries().iter().map_while(|(key, value)| {
            let (&[code, s0, s1, s2, s3, k0, k1, k2, k3], bytes) = key.split_first_chunk::<OP_HEADER>()?;
            let state = u32::from_le_bytes([s0, s1, s2, s3]);
            let key = CompositeKey { bytes, split: u32::from_le_bytes([k0, k1, k2, k3]) as usize };
            Some(match code {
                PUT => BatchOp::Put { state, key, value },
                APPEND => BatchOp::Append { state, key, value },
                _ => BatchOp::Delete { state, key },
            })
        })
    }

    /// The operations as a block, to be written or sliced.
    pub fn block(&self) -> BlockSlice<'_> {
        self.operations.block()
    }
}

#[cold]
fn full() -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("a write batch holds at most {MAX_BATCH_BYTES} bytes; commit it and go on"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::BlockReader;

    #[test]
    fn operations_come_back_as_they_were_added() {
        let key = |bytes, split| CompositeKey { bytes, split };
        let ops = [
            BatchOp::Put { state: 1, key: key(b"k", 1), value: b"v" },
            BatchOp::Append { state: 70_000, key: key(b"", 0), value: b"" },
            BatchOp::Delete { state: 2, key: key(b"key", 2) },
        ];
        let mut batch = WriteBatch::new();
        for op in ops {
            batch.push(op).unwrap();
        }
        assert_eq!(batch.iter().collect::<Vec<_>>(), ops);
        assert_eq!(batch.len(), 3);
        // As bytes it is a block.
        let mut bytes = Vec::new();
        batch.block().append_to(&mut bytes);
        assert_eq!(bytes.len(), batch.size_bytes());
        let read = BlockReader::new(&bytes).unwrap();
        assert_eq!((read.kind(), read.len()), (BlockKind::Batch, 3));
        assert_eq!(read.get(0).unwrap(), (&b"\0\x01\0\0\0\x01\0\0\0k"[..], &b"v"[..]));
        batch.clear();
        assert!(batch.is_empty() && batch.iter().next().is_none());
    }

    #[test]
    fn a_batch_belongs_to_one_session_until_it_is_cleared() {
        let mut batch = WriteBatch::new();
        batch.bind(7).unwrap();
        assert_eq!(batch.bind(8).unwrap_err().kind(), ErrorKind::ForeignHandle);
        batch.clear();
        batch.bind(8).unwrap();
    }
}

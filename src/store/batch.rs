//! Write batches: operations that own their bytes until they are applied together.

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
/// ```text
///  u8 op (0 put, 1 append, 2 delete) | u32 state | u32 split | u32 key length | u32 value length | key | value
///  (little-endian)
/// ```
#[derive(Debug, Default)]
pub struct WriteBatch {
    bytes: Vec<u8>,
    count: usize,
    /// Number of the session that fills it, 0 when empty; operations name states by that session's store.
    session: u64,
}

const OP_HEADER: usize = 17;

impl WriteBatch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of operations.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes held.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets all operations, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
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

    pub(crate) fn push(&mut self, op: BatchOp<'_>) -> Result<()> {
        let (code, state, key, value) = match op {
            BatchOp::Put { state, key, value } => (0u8, state, key, value),
            BatchOp::Append { state, key, value } => (1, state, key, value),
            BatchOp::Delete { state, key } => (2, state, key, &[][..]),
        };
        let more = OP_HEADER + key.bytes.len() + value.len();
        if self.bytes.len() + more > MAX_BATCH_BYTES {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("a write batch holds at most {MAX_BATCH_BYTES} bytes; commit it and go on"),
            ));
        }
        self.bytes.reserve(more);
        self.bytes.push(code);
        self.bytes.extend_from_slice(&state.to_le_bytes());
        self.bytes.extend_from_slice(&(key.split as u32).to_le_bytes());
        self.bytes.extend_from_slice(&(key.bytes.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(key.bytes);
        self.bytes.extend_from_slice(value);
        self.count += 1;
        Ok(())
    }

    /// The operations, in order.
    pub fn iter(&self) -> impl Iterator<Item = BatchOp<'_>> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (header, tail) = rest.split_first_chunk::<OP_HEADER>()?;
            let (code, numbers) = header.split_first()?;
            let (numbers, _) = numbers.as_chunks::<4>();
            let &[state, split, key_len, value_len] = numbers else { return None };
            let [state, split, key_len, value_len] =
                [state, split, key_len, value_len].map(u32::from_le_bytes);
            let (bytes, tail) = tail.split_at_checked(key_len as usize)?;
            let (value, tail) = tail.split_at_checked(value_len as usize)?;
            rest = tail;
            let key = CompositeKey { bytes, split: split as usize };
            Some(match *code {
                0 => BatchOp::Put { state, key, value },
                1 => BatchOp::Append { state, key, value },
                _ => BatchOp::Delete { state, key },
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

//! The last 512 bytes of a snapshot: a frame with this payload.
//!
//! ```text
//!   0  u32 format version | u32 zero
//!   8  u64 compatible features, u64 incompatible features
//!  24  u64 position of the root
//!  32  u64 its length in the file
//!  40  u64 blocks of entries
//!  48  u64 entries
//!  56  u64 length of the file, this included
//! ```

use super::frame::{u32_at, u64_at};

/// What the trailer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trailer {
    pub(crate) version: u32,
    pub(crate) incompatible: u64,
    pub(crate) root: u64,
    pub(crate) root_length: u64,
    pub(crate) blocks: u64,
    pub(crate) entries: u64,
    pub(crate) file_length: u64,
}

/// Bytes of the payload.
pub(crate) const TRAILER_BYTES: usize = 64;

impl Trailer {
    pub(crate) fn to_bytes(self) -> [u8; TRAILER_BYTES] {
        let mut bytes = [0; TRAILER_BYTES];
        let numbers = [
            u64::from(self.version),
            0,
            self.incompatible,
            self.root,
            self.root_length,
            self.blocks,
            self.entries,
            self.file_length,
        ];
        for (target, number) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(numbers) {
            *target = number.to_le_bytes();
        }
        bytes
    }

    /// `None` when it is not that long.
    pub(crate) fn read(payload: &[u8]) -> Option<Trailer> {
        let bytes = payload.first_chunk::<TRAILER_BYTES>().filter(|_| payload.len() == TRAILER_BYTES)?;
        Some(Trailer {
            version: u32_at(bytes, 0),
            incompatible: u64_at(bytes, 16),
            root: u64_at(bytes, 24),
            root_length: u64_at(bytes, 32),
            blocks: u64_at(bytes, 40),
            entries: u64_at(bytes, 48),
            file_length: u64_at(bytes, 56),
        })
    }
}

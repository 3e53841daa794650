//! Blocks: many entries in one buffer, read as views.
//!
//! Scans, multi-gets, snapshots and write batches have this one layout, and a reader walks it without decoding. All
//! numbers little-endian:
//!
//! ```text
//!   0  u32 magic "KBB1"
//!   4  u8  kind            see BlockKind
//!   5  u8  flags           bit 0: more entries follow this block; bit 1: a slice, there is a base
//!   6  u8  index width W   1, 2, 4; 0 = constant stride
//!   7  u8  zero
//!   8  u32 entries
//!  12  u32 payload length P
//!  16  u32 base B          of a slice only, else the payload begins here and B is 0
//!   H      payload         key, value, key, value, ... back to back
//! H+P      index           W > 0: per entry (key end, value end); position p is byte p - B of the payload
//!                          W = 0: key length, value length of every entry (u32 each)
//! ```
//!
//! # Slices
//!
//! End positions make a range of entries two parts of a block, and neither has a byte that says where the part was cut:
//!
//! ```text
//!  block  | header, B = 0         | e0 e1 e2 e3 e4 e5 | ends of e0 e1 e2 e3 e4 e5 |
//!                                         |-----|                |------|
//!  slice  | header, B = end of e1 |       e2 e3       |      ends of e2 e3        |
//! ```
//!
//! So a slice is a new header and two parts of memory that is there already ([`BlockSlice`]): gathered into one write they
//! are a block again, which reads and slices as any other. With a constant stride, or from entry 0 on, B is 0 and the
//! slice is a block without the flag.
//!
//! # Invariants
//!
//! * The last value ends where the payload does, and end positions are in order; a reader refuses the one when it is made,
//!   the other entry by entry.
//! * A slice has W > 0 and B > 0.
//! * An entry that does not fit an empty block gives a block of no entries with the flag *more* set; the second word of
//!   its index is then the buffer length that the entry needs. A slice of no entries never has that flag.

mod builder;
mod header;
mod iter;
mod reader;
mod slice;
mod vectored;
mod writer;

pub use builder::BlockBuilder;
pub use header::{HEADER_BYTES, LONGEST_HEADER};
pub use iter::BlockIter;
pub use reader::BlockReader;
pub use slice::BlockSlice;
pub use vectored::write_all_vectored;
pub use writer::BlockWriter;

/// The first four bytes of a block.
pub const MAGIC: u32 = u32::from_le_bytes(*b"KBB1");
/// The longest block: what a Java buffer holds.
pub const MAX_BLOCK_BYTES: usize = i32::MAX as usize;
/// Flag: more entries follow this block.
pub const FLAG_MORE: u8 = 1;
/// Flag: the block is a slice, and its header has a base.
pub const FLAG_SLICE: u8 = 2;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum BlockKind {
    /// Entries of a scan; keys without the scanned prefix.
    Scan = 1,
    /// Answers of a multi-get; the key is one byte, 1 found or 0 absent.
    MultiGet = 2,
    /// Entries of a snapshot; see [`crate::snapshot::EntryForm`].
    Snapshot = 3,
    /// What changed between two snapshots; see [`crate::snapshot::EntryForm`].
    Changes = 4,
    /// Operations of a write batch; see [`crate::store::WriteBatch`].
    Batch = 5,
}

impl BlockKind {
    /// The kind of this number.
    pub fn of_code(code: u8) -> Option<BlockKind> {
        Some(match code {
            1 => BlockKind::Scan,
            2 => BlockKind::MultiGet,
            3 => BlockKind::Snapshot,
            4 => BlockKind::Changes,
            5 => BlockKind::Batch,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests;

//! Blocks: many entries in one buffer, read as views.
//!
//! A scan or multi-get fills one block a call; the reader walks it without decoding. All numbers little-endian:
//!
//! ```text
//!   0  u32 magic "KBB1"
//!   4  u8  kind            1 scan, 2 multi-get, 3 snapshot, 4 changes
//!   5  u8  flags           bit 0: more entries follow this block
//!   6  u8  index width W   1, 2, 4; 0 = constant stride
//!   7  u8  zero
//!   8  u32 entries
//!  12  u32 payload length P
//!  16      payload         key, value, key, value, ... back to back
//!  16+P    index           W > 0: per entry (key end, value end), positions from the payload's start
//!                          W = 0: key length, value length of every entry (u32 each)
//! ```
//!
//! End positions make a range of entries two sub-slices: payload `[end(i-1), end(j))` and index `[i, j]`.
//!
//! An entry that does not fit an empty block gives a block of no entries with the flag *more* set; the second word of
//! its index is then the buffer length that the entry needs.

mod reader;
mod writer;

pub use reader::BlockReader;
pub use writer::BlockWriter;

/// The first four bytes of a block.
pub const MAGIC: u32 = u32::from_le_bytes(*b"KBB1");
/// The longest block: what a Java buffer holds.
pub const MAX_BLOCK_BYTES: usize = i32::MAX as usize;
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 16;
/// Flag: more entries follow this block.
pub const FLAG_MORE: u8 = 1;

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
}

#[cfg(test)]
mod tests;

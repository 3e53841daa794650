//! A range of entries as a block in three parts.

use std::io::{self, IoSlice, Write};

use super::header::Header;
use super::{BlockReader, LONGEST_HEADER, write_all_vectored};

/// Entries of a block as a block of their own, of which only the header is new: the payload and the index are parts of
/// the block that was sliced, byte for byte. Made by [`BlockReader::slice`].
///
/// ```text
///  header: in this object | payload: in the block | index: in the block
/// ```
///
/// The three written one after the other are a well-formed block.
#[derive(Debug, Clone, Copy)]
pub struct BlockSlice<'a> {
    header: [u8; LONGEST_HEADER],
    /// How much of it counts.
    header_len: usize,
    entries: BlockReader<'a>,
}

impl<'a> BlockSlice<'a> {
    #[inline(always)]
    pub(super) fn new(entries: BlockReader<'a>) -> Self {
        // Counts, lengths and positions of a block fit its 32-bit fields.
        let header = Header {
            kind: entries.kind,
            more: entries.more,
            width: entries.width,
            count: entries.count as u32,
            payload_len: entries.payload.len() as u32,
            base: entries.base as u32,
        };
        BlockSlice { header: header.encode(), header_len: header.len(), entries }
    }

    /// Its entries.
    #[inline]
    pub fn entries(&self) -> BlockReader<'a> {
        self.entries
    }

    /// The header.
    #[inline]
    pub fn header(&self) -> &[u8] {
        self.header.get(..self.header_len).unwrap_or_default()
    }

    /// The payload, a part of the block that was sliced.
    #[inline]
    pub fn payload(&self) -> &'a [u8] {
        self.entries.payload
    }

    /// The index, a part of the block that was sliced.
    #[inline]
    pub fn index(&self) -> &'a [u8] {
        self.entries.index
    }

    /// Bytes of the three parts together.
    #[inline]
    pub fn size_bytes(&self) -> usize {
        self.header_len + self.payload().len() + self.index().len()
    }

    /// The three parts in order, for one vectored write. Those of several slices may go into one write.
    #[inline(always)]
    pub fn io_slices(&self) -> [IoSlice<'_>; 3] {
        [self.header(), self.payload(), self.index()].map(IoSlice::new)
    }

    /// Writes the three parts, gathered, as often as it takes.
    ///
    /// Fails as the writer does; with [`io::ErrorKind::WriteZero`] when it takes nothing any more.
    pub fn write_to(&self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        write_all_vectored(out, &mut self.io_slices())
    }

    /// Appends the three parts.
    #[inline(always)]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.reserve(self.header.len() + self.payload().len() + self.index().len());
        // Of a length that the compiler knows; what does not count is cut off.
        out.extend_from_slice(&self.header);
        out.truncate(start + self.header_len);
        out.extend_from_slice(self.payload());
        out.extend_from_slice(self.index());
    }
}

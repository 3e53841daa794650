//! The bytes before the payload.

use super::{BlockKind, FLAG_MORE, FLAG_SLICE, MAGIC};

/// Bytes before the payload, of a block that is no slice.
pub const HEADER_BYTES: usize = 16;
/// Bytes before the payload of a slice: the base follows what every header has.
pub const LONGEST_HEADER: usize = 20;

/// What a header says; its layout is drawn in the module's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: BlockKind,
    pub(super) more: bool,
    /// Bytes of an end position: 1, 2, 4; 0 = constant stride.
    pub(super) width: u8,
    pub(super) count: u32,
    pub(super) payload_len: u32,
    /// Where the payload begins, in the count of the index; 0 unless this is a slice.
    pub(super) base: u32,
}

impl Header {
    /// Its length in bytes.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        if self.base == 0 { HEADER_BYTES } else { LONGEST_HEADER }
    }

    /// Bytes of the index.
    #[inline(always)]
    pub(super) fn index_len(&self) -> Option<usize> {
        match self.width {
            0 => Some(8),
            width => (self.count as usize).checked_mul(2 * usize::from(width)),
        }
    }

    /// The bytes, of which the first [`len`](Self::len) count.
    #[inline(always)]
    pub(super) fn encode(&self) -> [u8; LONGEST_HEADER] {
        let mut out = [0; LONGEST_HEADER];
        if let Some((start, base)) = out.split_first_chunk_mut() {
            self.write_to(start);
            base.copy_from_slice(&self.base.to_le_bytes());
        }
        out
    }

    /// The bytes of a header without its base.
    #[inline(always)]
    pub(super) fn write_to(&self, out: &mut [u8; HEADER_BYTES]) {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = flag(self.more, FLAG_MORE) | flag(self.base != 0, FLAG_SLICE);
        let tags = u32::from_le_bytes([self.kind as u8, flags, self.width, 0]);
        // As one number: what is written by words would have to reach the cache before it can be copied as a whole.
        let words = [MAGIC, tags, self.count, self.payload_len].map(u128::from);
        *out = words.into_iter().rev().fold(0, |all, word| all << 32 | word).to_le_bytes();
    }

    /// The header at the start of `bytes`, and what follows it; `None` when there is none.
    #[inline(always)]
    pub(super) fn parse(bytes: &[u8]) -> Option<(Header, &[u8])> {
        let (start, rest) = bytes.split_first_chunk::<HEADER_BYTES>()?;
        let (words, _) = start.as_chunks::<4>();
        let &[magic, tags, count, payload_len] = words else { return None };
        let [kind, flags, width, zero] = tags;
        let known = flags & !(FLAG_MORE | FLAG_SLICE) == 0 && zero == 0 && matches!(width, 0 | 1 | 2 | 4);
        if u32::from_le_bytes(magic) != MAGIC || !known {
            return None;
        }
        let mut header = Header {
            kind: BlockKind::of_code(kind)?,
            more: flags & FLAG_MORE != 0,
            width,
            count: u32::from_le_bytes(count),
            payload_len: u32::from_le_bytes(payload_len),
            base: 0,
        };
        if flags & FLAG_SLICE == 0 {
            return Some((header, rest));
        }
        let (base, rest) = rest.split_first_chunk()?;
        header.base = u32::from_le_bytes(*base);
        (width != 0 && header.base != 0).then_some((header, rest))
    }
}

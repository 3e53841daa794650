//! Fills a caller's buffer with one block.

use super::header::Header;
use super::{BlockKind, HEADER_BYTES, MAX_BLOCK_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::key::copy_short;

/// Writes a block into a buffer it borrows; allocates nothing.
///
/// While the block grows, the payload grows up from the header and the index grows down from the end of the buffer,
/// four bytes an end position, entry 0 last. [`finish`](Self::finish) narrows the index and moves it behind the
/// payload.
///
/// ```text
///  | header | payload ->            ...            <- (key end, value end) of 1 | of 0 |
/// ```
///
/// Invariant: `payload_end <= index_start`, and every end position fits 32 bits.
#[derive(Debug)]
pub struct BlockWriter<'a> {
    buf: &'a mut [u8],
    kind: BlockKind,
    count: u32,
    payload_end: usize,
    index_start: usize,
    /// Key and value length of entry 0 while all entries have the same.
    stride: Option<(usize, usize)>,
    /// Buffer length that the refused entry needs, when it is the first.
    needed: usize,
}

/// Index bytes of one entry while the block grows.
const INDEX_BYTES: usize = 8;

impl<'a> BlockWriter<'a> {
    /// A block of `kind` in `buf`. Fails with [`ErrorKind::BufferTooSmall`] when not even an empty block fits.
    pub fn new(buf: &'a mut [u8], kind: BlockKind) -> Result<Self> {
        if buf.len() < HEADER_BYTES + INDEX_BYTES {
            return Err(Error::new(
                ErrorKind::BufferTooSmall,
                format!("a block needs at least {} bytes, not {}", HEADER_BYTES + INDEX_BYTES, buf.len()),
            ));
        }
        // Of a longer buffer the first 2 GiB serve.
        let len = buf.len().min(MAX_BLOCK_BYTES);
        let buf = buf.get_mut(..len).unwrap_or_default();
        let index_start = buf.len();
        Ok(BlockWriter {
            buf,
            kind,
            count: 0,
            payload_end: HEADER_BYTES,
            index_start,
            stride: None,
            needed: 0,
        })
    }

    /// Entries so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Buffer length that the entry which was refused last needs; 0 when none was.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Room for the value of the next entry with this key: the payload bytes behind the key. `None` when the key
    /// itself does not fit.
    pub fn room(&mut self, key_len: usize) -> Option<&mut [u8]> {
        let start = self.payload_end.checked_add(key_len)?;
        let end = self.index_start.checked_sub(INDEX_BYTES)?;
        self.buf.get_mut(start..end)
    }

    /// Adds an entry; false (and nothing changed) when it does not fit.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> bool {
        match self.room(key.len()).and_then(|room| room.get_mut(..value.len())) {
            Some(target) => {
                target.copy_from_slice(value);
                self.commit(key, value.len())
            }
            None => self.refuse(key.len(), value.len()),
        }
    }

    /// Adds an entry whose value already lies in [`room`](Self::room); false when it does not fit.
    pub fn commit(&mut self, key: &[u8], value_len: usize) -> bool {
        let key_end = self.payload_end + key.len();
        let value_end = key_end + value_len;
        if value_end + INDEX_BYTES > self.index_start {
            return self.refuse(key.len(), value_len);
        }
        let index_start = self.index_start - INDEX_BYTES;
        let Some(target) = self.buf.get_mut(self.payload_end..key_end) else { return false };
        target.copy_from_slice(key);
        self.put_u32(index_start, (key_end - HEADER_BYTES) as u32);
        self.put_u32(index_start + 4, (value_end - HEADER_BYTES) as u32);
        self.stride = match (self.count, self.stride) {
            (0, _) => Some((key.len(), value_len)),
            (_, Some(same)) if same == (key.len(), value_len) => Some(same),
            _ => None,
        };
        self.count += 1;
        self.payload_end = value_end;
        self.index_start = index_start;
        true
    }

    /// Adds an entry that lies in two pieces: `head` begins its key; `body` is the rest of the key and, in its last
    /// `value_len` bytes, the value. False (and nothing changed) when it does not fit.
    #[inline(always)]
    pub fn push_joined(&mut self, head: &[u8], body: &[u8], value_len: usize) -> bool {
        let (start, index_end) = (self.payload_end, self.index_start);
        let len = head.len() + body.len();
        let key_len = len.saturating_sub(value_len);
        if start + len + INDEX_BYTES > index_end {
            return self.refuse(key_len, value_len);
        }
        let index_start = index_end - INDEX_BYTES;
        let Some(free) = self.buf.get_mut(start..index_end) else { return false };
        if let Some((head_target, rest)) = free.split_at_mut_checked(head.len())
            && let Some(body_target) = rest.get_mut(..body.len())
        {
            copy_short(head, head_target);
            copy_short(body, body_target);
        }
        let ends = (start + key_len - HEADER_BYTES) as u64 | ((start + len - HEADER_BYTES) as u64) << 32;
        if let Some(index) = free.last_chunk_mut::<INDEX_BYTES>() {
            *index = ends.to_le_bytes();
        }
        if self.stride != Some((key_len, value_len)) {
            self.stride = if self.count == 0 { Some((key_len, value_len)) } else { None };
        }
        self.count += 1;
        self.payload_end = start + len;
        self.index_start = index_start;
        true
    }

    /// Adds entries as [`push_joined`](Self::push_joined) does, all with the same `head`, until one does not fit. Returns how
    /// many were added, and whether those were all.
    #[inline(always)]
    pub fn push_many<'b>(
        &mut self,
        head: &[u8],
        bodies: impl Iterator<Item = (&'b [u8], usize)>,
    ) -> (usize, bool) {
        let (start, before) = (self.payload_end - HEADER_BYTES, self.count);
        let Some(mut free) = self.buf.get_mut(self.payload_end..self.index_start) else { return (0, false) };
        // Written as a whole where it is short: what lies behind it is overwritten by the body, or is free.
        let mut word = [0; 8];
        let is_short = word.get_mut(..head.len()).map(|word| word.copy_from_slice(head)).is_some();
        let (mut end, mut added, mut refused) = (0, 0, None);
        let mut stride = self.stride;
        for (body, value_len) in bodies {
            let len = head.len() + body.len();
            let key_len = len.saturating_sub(value_len);
            if len + INDEX_BYTES > free.len() {
                refused = Some((key_len, value_len));
                break;
            }
            if let Some(target) = free.first_chunk_mut::<8>() {
                *target = word;
            }
            let Some((entry, rest)) = free.split_at_mut_checked(len) else { break };
            let Some((rest, index)) = rest.split_last_chunk_mut::<INDEX_BYTES>() else { break };
            if let Some((head_target, body_target)) = entry.split_at_mut_checked(head.len()) {
                if !is_short {
                    copy_short(head, head_target);
                }
                copy_short(body, body_target);
            }
            let at = start + end;
            *index = ((at + key_len) as u64 | ((at + len) as u64) << 32).to_le_bytes();
            if stride != Some((key_len, value_len)) {
                stride = if before as usize + added == 0 { Some((key_len, value_len)) } else { None };
            }
            end += len;
            added += 1;
            free = rest;
        }
        self.stride = stride;
        self.count = before + added as u32;
        self.payload_end += end;
        self.index_start -= added * INDEX_BYTES;
        match refused {
            None => (added, true),
            Some((key_len, value_len)) => (added, self.refuse(key_len, value_len)),
        }
    }

    /// Notes that an entry of this size does not fit; always false.
    pub fn refuse(&mut self, key_len: usize, value_len: usize) -> bool {
        self.needed = HEADER_BYTES + key_len + value_len + INDEX_BYTES;
        false
    }

    /// Writes header and index; returns the length of the block.
    ///
    /// Fails with [`ErrorKind::ValueTooLarge`] when the next entry fits no block at all (a list grown to 2 GiB).
    pub fn finish(mut self, more: bool) -> Result<usize> {
        if self.count == 0 && more && self.needed > MAX_BLOCK_BYTES {
            return Err(Error::new(
                ErrorKind::ValueTooLarge,
                format!(
                    "the next entry needs a block of {} bytes; the longest has {MAX_BLOCK_BYTES}",
                    self.needed
                ),
            ));
        }
        let payload_len = self.payload_end - HEADER_BYTES;
        let (width, index_len) = self.write_index(payload_len);
        let header = Header {
            kind: self.kind,
            more,
            width,
            count: self.count,
            payload_len: payload_len as u32,
            base: 0,
        };
        if let Some(target) = self.buf.first_chunk_mut::<HEADER_BYTES>() {
            header.write_to(target);
        }
        Ok(self.payload_end + index_len)
    }

    /// Narrows the index and moves it down behind the payload. Entry `i` is read at `len - 8 (i + 1)` and written at
    /// `payload_end + 2 W i`.
    ///
    /// Reading runs down from the end of the buffer while writing runs up from the payload, so with a nearly full
    /// buffer a write could overtake the entries not yet read. The index is therefore reversed in place first; then
    /// both run upwards and the write position never passes the read position.
    fn write_index(&mut self, payload_len: usize) -> (u8, usize) {
        let at = self.payload_end;
        if self.count == 0 || self.stride.is_some() {
            let (key_len, value_len) = self.stride.unwrap_or((0, self.needed));
            self.put_u32(at, key_len as u32);
            self.put_u32(at + 4, value_len as u32);
            return (0, INDEX_BYTES);
        }
        let width = match payload_len {
            0..=0xff => 1,
            0x100..=0xffff => 2,
            _ => 4,
        };
        let index = self.buf.get_mut(self.index_start..).unwrap_or_default();
        let (entries, _) = index.as_chunks_mut::<INDEX_BYTES>();
        entries.reverse();
        let (from, ends) = (self.index_start, self.count as usize * 2);
        match width {
            1 => self.narrow::<1>(from, at, ends),
            2 => self.narrow::<2>(from, at, ends),
            _ => self.buf.copy_within(from..from + 4 * ends, at),
        }
        (width as u8, width * ends)
    }

    /// Moves `ends` numbers of four bytes down from `from` to `to`, the low `W` bytes of each.
    fn narrow<const W: usize>(&mut self, from: usize, to: usize, ends: usize) {
        let Some(region) = self.buf.get_mut(to..from + 4 * ends) else { return };
        for i in 0..ends {
            let word = region.get(from - to + 4 * i..).and_then(<[u8]>::first_chunk::<W>).copied();
            if let (Some(word), Some(target)) =
                (word, region.get_mut(W * i..).and_then(<[u8]>::first_chunk_mut::<W>))
            {
                *target = word;
            }
        }
    }

    fn put_u32(&mut self, at: usize, value: u32) {
        if let Some(target) = self.buf.get_mut(at..at + 4) {
            target.copy_from_slice(&value.to_le_bytes());
        }
    }
}

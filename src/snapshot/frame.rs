//! The frame around everything in a snapshot file.
//!
//! ```text
//!   0  u32 magic "KBS1"
//!   4  u32 crc32c of everything behind it, the padding included
//!   8  u8  kind             1 head, 2 entries, 3 leaf of the index, 4 root of the index, 5 trailer
//!   9  u8  compression      0 none, 1 lz4, 2 zstd
//!  10  u16 zero
//!  12  u32 state            position in the head's list (entries; else 0)
//!  16  u64 snapshot         first half of the snapshot's id
//!  24  u64 position         where the frame begins in the file
//!  32  u32 stored           bytes of the payload as stored
//!  36  u32 plain            bytes of the payload without compression
//!  40  u16 first, u16 last  key groups (entries; else 0)
//!  44  u32 entries          number of entries (entries; else 0)
//!  48      payload, zeros up to a multiple of 512
//! ```
//!
//! Numbers are little-endian. Because a frame says where it belongs, one that was moved, or taken from another snapshot, is
//! not taken for the one that should be there.

use crate::key::KeyGroupRange;
use crate::options::Compression;

/// Bytes before the payload.
pub(crate) const FRAME_BYTES: usize = 48;
/// Frames begin at multiples of this.
pub(crate) const SECTOR: usize = 512;
const MAGIC: u32 = u32::from_le_bytes(*b"KBS1");
/// What the checksum does not cover.
const UNSUMMED: usize = 8;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FrameKind {
    Head = 1,
    Entries = 2,
    Leaf = 3,
    Root = 4,
    Trailer = 5,
}

impl FrameKind {
    const ALL: [FrameKind; 5] =
        [FrameKind::Head, FrameKind::Entries, FrameKind::Leaf, FrameKind::Root, FrameKind::Trailer];
}

/// The header of a frame, without its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: FrameKind,
    pub(crate) compression: Compression,
    pub(crate) state: u32,
    pub(crate) snapshot: u64,
    pub(crate) position: u64,
    pub(crate) stored: u32,
    pub(crate) plain: u32,
    pub(crate) groups: KeyGroupRange,
    pub(crate) entries: u32,
}

/// A payload's length with header and padding.
pub(crate) fn framed(payload: usize) -> usize {
    (FRAME_BYTES + payload).next_multiple_of(SECTOR)
}

impl Frame {
    /// Length in the file.
    pub(crate) fn len(&self) -> usize {
        framed(self.stored as usize)
    }

    /// Writes header and padding around the payload that lies in `buf` already. Returns the frame's length; `None` when
    /// `buf` is too short for it. The checksum is to come: [`add_sums`].
    pub(crate) fn put_around(&self, buf: &mut [u8]) -> Option<usize> {
        let len = self.len();
        let buf = buf.get_mut(..len)?;
        buf.get_mut(FRAME_BYTES + self.stored as usize..)?.fill(0);
        let mut header = [0u8; FRAME_BYTES];
        put(&mut header, 0, &MAGIC.to_le_bytes());
        put(&mut header, 8, &[self.kind as u8, code_of(self.compression)]);
        put(&mut header, 12, &self.state.to_le_bytes());
        put(&mut header, 16, &self.snapshot.to_le_bytes());
        put(&mut header, 24, &self.position.to_le_bytes());
        put(&mut header, 32, &self.stored.to_le_bytes());
        put(&mut header, 36, &self.plain.to_le_bytes());
        put(&mut header, 40, &(self.groups.first as u16).to_le_bytes());
        put(&mut header, 42, &(self.groups.last as u16).to_le_bytes());
        put(&mut header, 44, &self.entries.to_le_bytes());
        put(buf, 0, &header);
        Some(len)
    }

    /// The same, with the checksum.
    pub(crate) fn seal(&self, buf: &mut [u8]) -> Option<usize> {
        let len = self.put_around(buf)?;
        add_sums(buf.get_mut(..len)?);
        Some(len)
    }

    /// The header at the start of `bytes`, and its checksum. The error says what is wrong with it.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Frame, u32), &'static str> {
        let header = bytes.first_chunk::<FRAME_BYTES>().ok_or("the header of a block is cut short")?;
        if u32_at(header, 0) != MAGIC {
            return Err("this is not the start of a block");
        }
        let [kind, compression, zero, zero_too] = u32_at(header, 8).to_le_bytes();
        let kind = FrameKind::ALL.into_iter().find(|known| *known as u8 == kind);
        let pair = u32_at(header, 40);
        let groups = KeyGroupRange::new(pair & 0xffff, pair >> 16);
        let (Some(kind), Some(compression), Some(groups), 0, 0) =
            (kind, compression_of(compression), groups, zero, zero_too)
        else {
            return Err("the header of a block is damaged");
        };
        let frame = Frame {
            kind,
            compression,
            state: u32_at(header, 12),
            snapshot: u64_at(header, 16),
            position: u64_at(header, 24),
            stored: u32_at(header, 32),
            plain: u32_at(header, 36),
            groups,
            entries: u32_at(header, 44),
        };
        Ok((frame, u32_at(header, 4)))
    }

    /// The frame that fills `bytes`, checked against its checksum, and its payload as stored.
    pub(crate) fn open(bytes: &[u8]) -> Result<(Frame, &[u8]), &'static str> {
        let (frame, sum) = Frame::read(bytes)?;
        let whole = bytes.len() == frame.len();
        let payload = bytes.get(FRAME_BYTES..FRAME_BYTES + frame.stored as usize);
        let (true, Some(payload), Some(summed)) = (whole, payload, bytes.get(UNSUMMED..)) else {
            return Err("the header of a block gives another length");
        };
        if crc32c::crc32c(summed) != sum {
            return Err("the checksum of a block does not match");
        }
        Ok((frame, payload))
    }
}

/// Writes the checksums of frames that lie one behind the other.
pub(crate) fn add_sums(mut frames: &mut [u8]) {
    while let Ok((frame, _)) = Frame::read(frames)
        && let Some((bytes, rest)) = frames.split_at_mut_checked(frame.len())
    {
        let sum = crc32c::crc32c(bytes.get(UNSUMMED..).unwrap_or_default());
        put(bytes, 4, &sum.to_le_bytes());
        frames = rest;
    }
}

fn code_of(compression: Compression) -> u8 {
    match compression {
        Compression::None => 0,
        Compression::Lz4 => 1,
        Compression::Zstd => 2,
    }
}

fn compression_of(code: u8) -> Option<Compression> {
    [Compression::None, Compression::Lz4, Compression::Zstd].into_iter().find(|known| code_of(*known) == code)
}

/// Writes bytes at a position; nothing when they do not fit.
fn put(buf: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(target) = buf.get_mut(at..at + bytes.len()) {
        target.copy_from_slice(bytes);
    }
}

/// The number at a position; 0 behind the end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The number at a position; 0 behind the end.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

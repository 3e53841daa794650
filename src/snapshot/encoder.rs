//! Writes the frames of a snapshot one after the other into buffers of the caller's.

use super::frame::{FRAME_BYTES, Frame, FrameKind, SECTOR, framed};
use super::head::FORMAT_VERSION;
use super::id::SnapshotId;
use super::index::{BLOCK_RECORD, BlockPlace, LEAF_BLOCKS, LeafPlace};
use super::trailer::Trailer;
use crate::key::KeyGroupRange;
use crate::options::Compression;

/// The shortest buffer that a leaf of the index fits into, with room to spare.
pub const MIN_BUFFER_BYTES: usize = 32 << 10;

/// Of a block of entries: what stands in its frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntriesFrame {
    pub(crate) state: u32,
    pub(crate) groups: KeyGroupRange,
    pub(crate) entries: u32,
    pub(crate) compression: Compression,
    /// Bytes as stored; they lie in the buffer already.
    pub(crate) stored: usize,
    /// Bytes without compression.
    pub(crate) plain: usize,
}

/// Knows what was written and where. Order: the head, blocks of entries with leaves in between ([`leaf_is_full`]), the last
/// leaf, the root, the trailer.
///
/// Every method returns the length of the frame, or `Err` with the length that the buffer must have; then nothing happened.
///
/// [`leaf_is_full`]: Self::leaf_is_full
#[derive(Debug)]
pub(crate) struct Encoder {
    snapshot: u64,
    /// Checksums are left to [`add_sums`](super::frame::add_sums).
    without_sums: bool,
    position: u64,
    leaf: Vec<u8>,
    /// Of the leaf that is being filled; position and length to come.
    place: Option<LeafPlace>,
    root: Vec<u8>,
    root_place: (u64, u64),
    blocks: u64,
    entries: u64,
}

/// The length that the buffer must have.
pub(crate) type Framed = std::result::Result<usize, usize>;

impl Encoder {
    pub(crate) fn new(id: SnapshotId) -> Encoder {
        Encoder {
            snapshot: id.half(),
            without_sums: false,
            position: 0,
            leaf: Vec::with_capacity(LEAF_BLOCKS * BLOCK_RECORD),
            place: None,
            root: Vec::new(),
            root_place: (0, 0),
            blocks: 0,
            entries: 0,
        }
    }

    /// From now on frames have no checksums yet; whoever takes them adds them.
    pub(crate) fn leave_sums(&mut self) {
        self.without_sums = true;
    }

    /// Where the next frame will begin: the bytes written.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Blocks of entries written.
    pub(crate) fn blocks(&self) -> u64 {
        self.blocks
    }

    /// Entries written.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// How much payload a frame in a buffer of this length can have.
    pub(crate) fn room(buffer: usize) -> usize {
        (buffer / SECTOR * SECTOR).saturating_sub(FRAME_BYTES)
    }

    pub(crate) fn head(&mut self, text: &str, buf: &mut [u8]) -> Framed {
        self.bytes(FrameKind::Head, text.as_bytes(), buf)
    }

    /// The frame of a block whose payload lies in `buf` behind the first [`FRAME_BYTES`].
    pub(crate) fn entries_frame(&mut self, block: &EntriesFrame, buf: &mut [u8]) -> Framed {
        let position = self.position;
        let frame = Frame {
            kind: FrameKind::Entries,
            compression: block.compression,
            state: block.state,
            snapshot: self.snapshot,
            position,
            stored: block.stored as u32,
            plain: block.plain as u32,
            groups: block.groups,
            entries: block.entries,
        };
        let len = self.seal(&frame, buf)?;
        let record = BlockPlace {
            position,
            length: len as u32,
            state: block.state,
            groups: block.groups,
            entries: block.entries,
        };
        record.write(&mut self.leaf);
        let place = self.place.get_or_insert(LeafPlace {
            position: 0,
            length: 0,
            blocks: 0,
            entries: 0,
            first: (block.state, block.groups.first),
            last: (0, 0),
        });
        place.last = (block.state, block.groups.last);
        place.blocks += 1;
        place.entries += u64::from(block.entries);
        self.blocks += 1;
        self.entries += u64::from(block.entries);
        Ok(len)
    }

    /// Whether a leaf has to be written before the next block.
    pub(crate) fn leaf_is_full(&self) -> bool {
        self.leaf.len() >= LEAF_BLOCKS * BLOCK_RECORD
    }

    /// Whether there is a leaf that has not been written.
    pub(crate) fn has_leaf(&self) -> bool {
        self.place.is_some()
    }

    pub(crate) fn leaf(&mut self, buf: &mut [u8]) -> Framed {
        let position = self.position;
        let leaf = std::mem::take(&mut self.leaf);
        let done = self.bytes(FrameKind::Leaf, &leaf, buf);
        self.leaf = leaf;
        let len = done?;
        if let Some(place) = self.place.take() {
            LeafPlace { position, length: len as u32, ..place }.write(&mut self.root);
        }
        self.leaf.clear();
        Ok(len)
    }

    pub(crate) fn root(&mut self, buf: &mut [u8]) -> Framed {
        let position = self.position;
        let root = std::mem::take(&mut self.root);
        let done = self.bytes(FrameKind::Root, &root, buf);
        self.root = root;
        self.root_place = (position, *done.as_ref().unwrap_or(&0) as u64);
        done
    }

    pub(crate) fn trailer(&mut self, buf: &mut [u8]) -> Framed {
        let (root, root_length) = self.root_place;
        let trailer = Trailer {
            version: FORMAT_VERSION,
            incompatible: 0,
            root,
            root_length,
            blocks: self.blocks,
            entries: self.entries,
            file_length: self.position + SECTOR as u64,
        };
        self.bytes(FrameKind::Trailer, &trailer.to_bytes(), buf)
    }

    /// A frame of these bytes.
    fn bytes(&mut self, kind: FrameKind, payload: &[u8], buf: &mut [u8]) -> Framed {
        let needed = framed(payload.len());
        let target = buf.get_mut(FRAME_BYTES..FRAME_BYTES + payload.len()).ok_or(needed)?;
        target.copy_from_slice(payload);
        let frame = Frame {
            kind,
            compression: Compression::None,
            state: 0,
            snapshot: self.snapshot,
            position: self.position,
            stored: payload.len() as u32,
            plain: payload.len() as u32,
            groups: KeyGroupRange { first: 0, last: 0 },
            entries: 0,
        };
        self.seal(&frame, buf)
    }

    fn seal(&mut self, frame: &Frame, buf: &mut [u8]) -> Framed {
        let done = if self.without_sums { frame.put_around(buf) } else { frame.seal(buf) };
        let len = done.ok_or(frame.len())?;
        self.position += len as u64;
        Ok(len)
    }
}

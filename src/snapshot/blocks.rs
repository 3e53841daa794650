//! The blocks of a stored snapshot: which there are, and what is in them.

use super::compression::Decompressor;
use super::file::SnapshotFile;
use super::frame::{FRAME_BYTES, Frame, FrameKind};
use super::index::{BLOCK_RECORD, BlockPlace, LeafPlace};
use super::input::Expect;
use crate::block::{BlockKind, BlockReader};
use crate::error::Result;
use crate::key::KeyGroupRange;
use crate::options::Compression;

/// Where blocks are. Keeps one leaf of the index in memory.
#[derive(Debug)]
pub struct Blocks {
    file: SnapshotFile,
    state: u32,
    groups: KeyGroupRange,
    /// The leaf to read next.
    leaf: usize,
    /// The leaf that is being read, and the next record in it.
    places: Vec<BlockPlace>,
    next: usize,
    buf: Vec<u8>,
}

impl Blocks {
    pub(crate) fn new(file: SnapshotFile, state: u32, groups: KeyGroupRange) -> Blocks {
        Blocks { file, state, groups, leaf: 0, places: Vec::new(), next: 0, buf: Vec::new() }
    }

    /// Reads the whole index, and checks that it leaves nothing out: what the root says of a leaf decides whether it is read.
    pub(crate) fn check_index(file: &SnapshotFile) -> Result<()> {
        let mut blocks = Blocks::new(file.clone(), 0, file.head().groups);
        let mut n = 0;
        while let Some((leaf, begin)) = file.leaf(n) {
            blocks.read(&leaf, begin)?;
            n += 1;
        }
        Ok(())
    }

    /// Reads the next leaf that may have blocks in question; false at the end.
    fn read_leaf(&mut self) -> Result<bool> {
        while let Some((leaf, begin)) = self.file.leaf(self.leaf) {
            self.leaf += 1;
            if leaf.may_have(self.state, self.groups) {
                return self.read(&leaf, begin).map(|()| true);
            }
        }
        Ok(false)
    }

    /// Reads a leaf whose first block begins at `position`.
    fn read(&mut self, leaf: &LeafPlace, mut position: u64) -> Result<()> {
        let (input, head) = (self.file.input(), self.file.head());
        let damaged = |why: &str| input.damaged(leaf.position, why);
        let expect = Expect { kind: FrameKind::Leaf, snapshot: Some(head.id.half()) };
        let (_, payload) = input.frame(&mut self.buf, leaf.position, u64::from(leaf.length), &expect)?;
        self.next = 0;
        self.places.clear();
        let (records, rest) = payload.as_chunks::<BLOCK_RECORD>();
        for record in records {
            let place = BlockPlace::read(record).ok_or_else(|| damaged("a block has no key groups"))?;
            if place.entries == 0 || self.places.last().is_some_and(|before| !place.follows(before)) {
                return Err(damaged("blocks are out of order"));
            }
            if place.position != position {
                return Err(damaged("a part of the index leaves something out"));
            }
            let inside = head.groups.intersection(&place.groups) == Some(place.groups);
            if !inside || place.state as usize >= head.states.len() {
                return Err(damaged("a block is of no state or key group of the snapshot"));
            }
            position = place.end();
            self.places.push(place);
        }
        let entries: u64 = self.places.iter().map(|place| u64::from(place.entries)).sum();
        let same = rest.is_empty()
            && position == leaf.position
            && self.places.len() == leaf.blocks as usize
            && entries == leaf.entries
            && self.places.first().map(|place| (place.state, place.groups.first)) == Some(leaf.first)
            && self.places.last().map(|place| (place.state, place.groups.last)) == Some(leaf.last);
        if same { Ok(()) } else { Err(damaged("a part of the index does not fit the whole")) }
    }
}

impl Iterator for Blocks {
    type Item = Result<BlockPlace>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            while let Some(place) = self.places.get(self.next).copied() {
                self.next += 1;
                if place.state == self.state && place.groups.intersection(&self.groups).is_some() {
                    return Some(Ok(place));
                }
            }
            match self.read_leaf() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(e) => {
                    self.leaf = usize::MAX;
                    return Some(Err(e));
                }
            }
        }
    }
}

/// Reads blocks, one at a time.
#[derive(Debug)]
pub struct Fetch {
    file: SnapshotFile,
    buf: Vec<u8>,
    decompressor: Decompressor,
    /// The block that was read last.
    held: Option<Frame>,
}

impl Fetch {
    pub(crate) fn new(file: SnapshotFile) -> Fetch {
        Fetch { file, buf: Vec::new(), decompressor: Decompressor::new(), held: None }
    }

    /// The block at a place: read, checked against its checksum, decompressed.
    pub fn block(&mut self, place: &BlockPlace) -> Result<BlockReader<'_>> {
        self.held = None;
        let input = self.file.input();
        let head = self.file.head();
        let expect = Expect { kind: FrameKind::Entries, snapshot: Some(head.id.half()) };
        let (frame, stored) = input.frame(&mut self.buf, place.position, u64::from(place.length), &expect)?;
        if (frame.state, frame.groups, frame.entries) != (place.state, place.groups, place.entries) {
            return Err(input.damaged(place.position, "a block has other entries than the index says"));
        }
        let payload = self
            .decompressor
            .plain(frame.compression, stored, frame.plain as usize)
            .map_err(|e| input.error(e.kind(), place.position, e.message()))?;
        let block = open_block(payload, frame.entries, head.base.is_some())
            .map_err(|why| input.damaged(place.position, why))?;
        self.held = Some(frame);
        Ok(block)
    }

    /// The block that was read last, without reading it again; `None` when there is none.
    pub(super) fn again(&self) -> Option<BlockReader<'_>> {
        let frame = self.held.as_ref()?;
        let payload = match frame.compression {
            Compression::None => self.buf.get(FRAME_BYTES..FRAME_BYTES + frame.stored as usize)?,
            _ => self.decompressor.last(frame.plain as usize),
        };
        open_block(payload, frame.entries, self.file.head().base.is_some()).ok()
    }
}

/// A payload as a block of so many entries.
pub(crate) fn open_block(
    payload: &[u8],
    entries: u32,
    changes: bool,
) -> std::result::Result<BlockReader<'_>, &'static str> {
    let block = BlockReader::new(payload).map_err(|_| "what the block holds are no entries")?;
    let kind = if changes { BlockKind::Changes } else { BlockKind::Snapshot };
    if block.kind() != kind || block.len() != entries as usize {
        return Err("the block holds other entries than it says");
    }
    Ok(block)
}

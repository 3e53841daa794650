//! Whether every byte of a stored snapshot is what it should be.

use std::path::Path;

use super::blocks::open_block;
use super::compression::Decompressor;
use super::entries::Entries;
use super::file::{frame_length, open_file, read_head, read_trailer};
use super::frame::{Frame, FrameKind, SECTOR};
use super::head::SnapshotHead;
use super::index::{BLOCK_RECORD, BlockPlace, LEAF_BLOCKS, LEAF_RECORD, LeafPlace};
use super::input::{Expect, Input};
use super::read_at::ReadAt;
use crate::error::{Error, ErrorKind, Result};

/// What a verified snapshot has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What it is of.
    pub head: SnapshotHead,
    /// Length in bytes.
    pub bytes: u64,
    /// Blocks of entries.
    pub blocks: u64,
    /// Entries of all states; of changes, the deleted ones count.
    pub entries: u64,
    /// Entries by state, as positioned in the head.
    pub entries_by_state: Vec<u64>,
}

/// Reads the file from its first byte to its last and checks every checksum, the order, the counts, the ranges, and that
/// nothing lies in between. The error names the first damage.
///
/// `progress` is told now and then how many bytes have been checked; when it returns false, the rest is left, and the error
/// is [`Closed`](crate::error::ErrorKind::Closed).
///
/// Errors: as [`SnapshotFile::open`](super::SnapshotFile::open).
pub fn verify(path: impl AsRef<Path>, progress: &mut dyn FnMut(u64, u64) -> bool) -> Result<Verified> {
    let path = path.as_ref();
    verify_source(Box::new(open_file(path)?), path, progress)
}

/// The same of whatever gives the bytes.
pub fn verify_source(
    source: Box<dyn ReadAt>,
    name: &Path,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Verified> {
    let input = Input::new(source, name)?;
    let mut buf = Vec::new();
    let (head, position) = read_head(&input, &mut buf)?;
    let mut check = Check {
        input: &input,
        position,
        records: Vec::new(),
        leaves: Vec::new(),
        last: None,
        last_key: Vec::new(),
        counts: vec![0; head.states.len()],
        decompressor: Decompressor::new(),
        root: 0,
        head: &head,
    };
    while check.step(&mut buf)? {
        if !progress(check.position, input.len) {
            return Err(Error::new(ErrorKind::Closed, "the check was given up"));
        }
    }
    let (blocks, entries) = check.totals();
    let (root, end, counts) = (check.root, check.position, std::mem::take(&mut check.counts));
    if end + SECTOR as u64 != input.len {
        return Err(input.damaged(end, "the last block is cut short, or bytes follow it"));
    }
    let trailer = read_trailer(&input, &head, &mut buf)?;
    let same = (trailer.root, trailer.root.checked_add(trailer.root_length)) == (root, Some(end))
        && (trailer.blocks, trailer.entries) == (blocks, entries);
    if !same {
        return Err(input.damaged(end, "the trailer does not fit what comes before it"));
    }
    input.check_unchanged()?;
    Ok(Verified { head, bytes: input.len, blocks, entries, entries_by_state: counts })
}

struct Check<'a> {
    input: &'a Input,
    head: &'a SnapshotHead,
    position: u64,
    /// Blocks since the last leaf.
    records: Vec<BlockPlace>,
    leaves: Vec<LeafPlace>,
    last: Option<BlockPlace>,
    last_key: Vec<u8>,
    counts: Vec<u64>,
    decompressor: Decompressor,
    /// Where the root of the index is.
    root: u64,
}

impl Check<'_> {
    /// The next frame; false behind the root.
    fn step(&mut self, buf: &mut Vec<u8>) -> Result<bool> {
        let (input, position) = (self.input, self.position);
        if position >= input.len {
            return Err(input.damaged(position, "the file ends here; its last blocks are missing"));
        }
        let len = frame_length(input, position)?;
        let mut header = [0; super::frame::FRAME_BYTES];
        input.read(&mut header, position)?;
        let (Frame { kind, .. }, _) = Frame::read(&header).map_err(|why| input.damaged(position, why))?;
        let expect = Expect { kind, snapshot: Some(self.head.id.half()) };
        let (frame, payload) = input.frame(buf, position, len, &expect)?;
        let done = match kind {
            FrameKind::Entries => self.entries(&frame, payload, len as u32).map(|()| true),
            FrameKind::Leaf => self.leaf(payload, len as u32).map(|()| true),
            FrameKind::Root => self.root(payload).map(|()| false),
            FrameKind::Head | FrameKind::Trailer => Err("this block does not belong here".to_string()),
        };
        let more = done.map_err(|why| input.damaged(position, why))?;
        self.position += len;
        Ok(more)
    }

    fn entries(&mut self, frame: &Frame, stored: &[u8], length: u32) -> std::result::Result<(), String> {
        let place = BlockPlace {
            position: frame.position,
            length,
            state: frame.state,
            groups: frame.groups,
            entries: frame.entries,
        };
        let state = self.head.states.get(frame.state as usize).ok_or("a block is of no state")?;
        let inside = self.head.groups.intersection(&frame.groups) == Some(frame.groups);
        if !inside || frame.entries == 0 {
            return Err("a block has other key groups than the snapshot, or no entries".to_string());
        }
        if self.records.len() == LEAF_BLOCKS {
            return Err("a part of the index is missing here".to_string());
        }
        if !self.last.is_none_or(|last| place.follows(&last)) {
            return Err("blocks are out of order".to_string());
        }
        if self.last.is_none_or(|last| last.state != place.state) {
            self.last_key.clear();
        }
        let payload = self
            .decompressor
            .plain(frame.compression, stored, frame.plain as usize)
            .map_err(|e| e.message().to_string())?;
        let block = open_block(payload, frame.entries, self.head.base.is_some())?;
        let (keys, mut group) = (self.head.keys, frame.groups.first);
        for change in Entries::new(block, self.head.form(state), frame.groups, frame.groups) {
            let bytes = change.map_err(|e| e.message().to_string())?.key.bytes;
            let of = keys.group_of(bytes).unwrap_or(0);
            if of < group {
                return Err("the key groups of a block are out of order".to_string());
            }
            if self.head.ordered {
                if !self.last_key.is_empty() && bytes <= &self.last_key[..] {
                    return Err("the keys of a block are out of order".to_string());
                }
                self.last_key.clear();
                self.last_key.extend_from_slice(bytes);
            }
            group = of;
        }
        if group != frame.groups.last {
            return Err("a block has not all the key groups that it says".to_string());
        }
        if let Some(count) = self.counts.get_mut(frame.state as usize) {
            *count += u64::from(frame.entries);
        }
        self.last = Some(place);
        self.records.push(place);
        Ok(())
    }

    fn leaf(&mut self, payload: &[u8], length: u32) -> std::result::Result<(), String> {
        let mut expected = Vec::with_capacity(self.records.len() * BLOCK_RECORD);
        self.records.iter().for_each(|place| place.write(&mut expected));
        let (Some(first), Some(last)) = (self.records.first(), self.records.last()) else {
            return Err("a part of the index has no blocks".to_string());
        };
        if expected != payload {
            return Err("a part of the index does not fit the blocks before it".to_string());
        }
        self.leaves.push(LeafPlace {
            position: self.position,
            length,
            blocks: self.records.len() as u32,
            entries: self.records.iter().map(|place| u64::from(place.entries)).sum(),
            first: (first.state, first.groups.first),
            last: (last.state, last.groups.last),
        });
        self.records.clear();
        Ok(())
    }

    fn root(&mut self, payload: &[u8]) -> std::result::Result<(), String> {
        let mut expected = Vec::with_capacity(self.leaves.len() * LEAF_RECORD);
        self.leaves.iter().for_each(|leaf| leaf.write(&mut expected));
        self.root = self.position;
        if expected == payload && self.records.is_empty() {
            Ok(())
        } else {
            Err("the index does not fit its parts".to_string())
        }
    }

    fn totals(&self) -> (u64, u64) {
        self.leaves
            .iter()
            .fold((0, 0), |(blocks, entries), leaf| (blocks + u64::from(leaf.blocks), entries + leaf.entries))
    }
}

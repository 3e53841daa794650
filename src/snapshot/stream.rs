//! A snapshot on its way out, block by block, into buffers of the caller's.

use std::sync::Arc;

use super::compression::Compressor;
use super::encoder::{Encoder, EntriesFrame, Framed, MIN_BUFFER_BYTES};
use super::frame::{FRAME_BYTES, framed};
use super::head::SnapshotHead;
use super::options::SnapshotOptions;
use crate::block::{BlockKind, BlockWriter, MAX_BLOCK_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyGroupRange;
use crate::options::Compression;
use crate::store::{EngineCursor, EngineSnapshot};

/// What [`SnapshotStream::next_block`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextBlock {
    /// So many bytes of the snapshot are at the start of the buffer.
    Block(usize),
    /// The buffer must have so many bytes; nothing was written.
    Needs(usize),
    /// The snapshot is complete: nothing was written.
    End,
}

/// What a written snapshot has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotSummary {
    /// Its id.
    pub id: super::SnapshotId,
    /// Its length in bytes.
    pub bytes: u64,
    /// Blocks of entries.
    pub blocks: u64,
    /// Entries; of changes, the deleted ones count.
    pub entries: u64,
}

/// Gives the bytes of a snapshot file one block a call. The blocks, one after the other, are the file; a caller that wants
/// to stop just drops it.
///
/// May be moved between threads. The store goes on meanwhile, and may be closed.
pub struct SnapshotStream {
    cursor: Box<dyn EngineCursor>,
    /// Whom to tell that a key group has been written.
    release: Option<Arc<dyn EngineSnapshot>>,
    head: SnapshotHead,
    /// Ids of the head's states in the engine.
    ids: Vec<u32>,
    encoder: Encoder,
    compressor: Compressor,
    stage: Stage,
    block_bytes: usize,
    /// What an entry needs that does not fit `block_bytes`.
    oversize: usize,
    /// With compression: a block before, and after.
    plain: Vec<u8>,
    packed: Vec<u8>,
    /// A block that is ready in `plain` or `packed`.
    pending: Option<EntriesFrame>,
    /// An earlier call failed half-way.
    failed: bool,
}

impl std::fmt::Debug for SnapshotStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotStream")
            .field("head", &self.head)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Head,
    /// This key group of this state, by position; the cursor is in it.
    Entries {
        state: usize,
        group: u32,
        started: bool,
    },
    LastLeaf,
    Root,
    Trailer,
    End,
}

/// A block of entries, before it has a frame.
struct Filled {
    state: usize,
    groups: KeyGroupRange,
    entries: u32,
    /// Length of the payload.
    len: usize,
}

/// What came of filling a block.
enum Filling {
    Block(Filled),
    /// The next entry needs a payload of so many bytes.
    Needs(usize),
    /// There are no more entries.
    End,
}

impl SnapshotStream {
    /// The entries that `cursor` reads, of states whose ids in the engine are `ids`, in the order of the head's.
    pub(crate) fn new(
        cursor: Box<dyn EngineCursor>,
        release: Option<Arc<dyn EngineSnapshot>>,
        head: SnapshotHead,
        ids: Vec<u32>,
        options: &SnapshotOptions,
    ) -> Result<SnapshotStream> {
        Ok(SnapshotStream {
            cursor,
            release,
            encoder: Encoder::new(head.id),
            compressor: Compressor::new(options.compression)?,
            stage: Stage::Head,
            head,
            ids,
            block_bytes: options.block_bytes,
            oversize: 0,
            plain: Vec::new(),
            packed: Vec::new(),
            pending: None,
            failed: false,
        })
    }

    /// What it is of.
    pub fn head(&self) -> &SnapshotHead {
        &self.head
    }

    /// What has been written so far.
    pub fn summary(&self) -> SnapshotSummary {
        SnapshotSummary {
            id: self.head.id,
            bytes: self.encoder.position(),
            blocks: self.encoder.blocks(),
            entries: self.encoder.entries(),
        }
    }

    /// From now on the blocks have no checksums yet; whoever takes them adds them ([`add_sums`](super::frame::add_sums)).
    pub(super) fn leave_sums(&mut self) {
        self.encoder.leave_sums();
    }

    /// A length of buffer that all blocks fit into, unless one entry needs more.
    pub fn buffer_bytes(&self) -> usize {
        framed(self.block_bytes).max(MIN_BUFFER_BYTES)
    }

    /// Writes the next block to the start of `buf`.
    ///
    /// Errors: [`ErrorKind::BufferTooSmall`] for less than [`MIN_BUFFER_BYTES`]; [`ErrorKind::Closed`] when a key group that is
    /// still to come has been released, or an earlier call failed; [`ErrorKind::ValueTooLarge`] for an entry that no block
    /// holds; the engine's.
    pub fn next_block(&mut self, buf: &mut [u8]) -> Result<NextBlock> {
        if buf.len() < MIN_BUFFER_BYTES {
            let why =
                format!("a block needs a buffer of at least {MIN_BUFFER_BYTES} bytes, not {}", buf.len());
            return Err(Error::new(ErrorKind::BufferTooSmall, why));
        }
        if self.failed {
            return Err(Error::new(ErrorKind::Closed, "writing the snapshot has failed; begin it anew"));
        }
        let next = self.step(buf);
        self.failed = next.is_err();
        next
    }

    fn step(&mut self, buf: &mut [u8]) -> Result<NextBlock> {
        if let Stage::Entries { .. } = self.stage {
            if self.encoder.leaf_is_full() {
                return Ok(answer(self.encoder.leaf(buf)));
            }
            if let Some(next) = self.entries(buf)? {
                return Ok(next);
            }
            self.stage = if self.encoder.has_leaf() { Stage::LastLeaf } else { Stage::Root };
        }
        let (done, next) = match self.stage {
            Stage::Head => (self.encoder.head(&self.head.to_text(), buf), self.first()),
            Stage::LastLeaf => (self.encoder.leaf(buf), Stage::Root),
            Stage::Root => (self.encoder.root(buf), Stage::Trailer),
            Stage::Trailer => (self.encoder.trailer(buf), Stage::End),
            Stage::Entries { .. } | Stage::End => return Ok(NextBlock::End),
        };
        if done.is_ok() {
            self.stage = next;
        }
        Ok(answer(done))
    }

    fn first(&self) -> Stage {
        Stage::Entries { state: 0, group: self.head.groups.first, started: false }
    }

    /// The next block of entries; `None` when there are no more.
    fn entries(&mut self, buf: &mut [u8]) -> Result<Option<NextBlock>> {
        if self.compressor.kind() != Compression::None {
            return self.compressed(buf);
        }
        loop {
            let most = Encoder::room(buf.len());
            let room = self.block_bytes.max(self.oversize).min(most);
            let target = buf.get_mut(FRAME_BYTES..FRAME_BYTES + room).unwrap_or_default();
            match self.fill(target)? {
                Filling::End => return Ok(None),
                Filling::Needs(needed) if needed > most => return Ok(Some(NextBlock::Needs(framed(needed)))),
                Filling::Needs(needed) => self.oversize = needed,
                Filling::Block(filled) => {
                    self.oversize = 0;
                    let len = filled.len;
                    let frame = self.frame(&filled, Compression::None, len);
                    return Ok(Some(answer(self.encoder.entries_frame(&frame, buf))));
                }
            }
        }
    }

    /// The same with compression.
    fn compressed(&mut self, buf: &mut [u8]) -> Result<Option<NextBlock>> {
        while self.pending.is_none() {
            let mut plain = std::mem::take(&mut self.plain);
            let room = self.block_bytes.max(self.oversize);
            grow(&mut plain, room)?;
            let filling = self.fill(plain.get_mut(..room).unwrap_or_default());
            self.plain = plain;
            match filling? {
                Filling::End => return Ok(None),
                Filling::Needs(needed) => self.oversize = needed,
                Filling::Block(filled) => {
                    self.oversize = 0;
                    grow(&mut self.packed, self.compressor.room(filled.len))?;
                    let plain = self.plain.get(..filled.len).unwrap_or_default();
                    let frame = match self.compressor.compress(plain, &mut self.packed) {
                        Some(len) => self.frame(&filled, self.compressor.kind(), len),
                        None => self.frame(&filled, Compression::None, filled.len),
                    };
                    self.pending = Some(frame);
                }
            }
        }
        let Some(frame) = self.pending else { return Ok(None) };
        let from = if frame.compression == Compression::None { &self.plain } else { &self.packed };
        let stored = from.get(..frame.stored).unwrap_or_default();
        let Some(target) = buf.get_mut(FRAME_BYTES..FRAME_BYTES + frame.stored) else {
            return Ok(Some(NextBlock::Needs(framed(frame.stored))));
        };
        target.copy_from_slice(stored);
        let done = self.encoder.entries_frame(&frame, buf);
        if done.is_ok() {
            self.pending = None;
            // One huge entry does not keep its memory for the rest.
            if self.plain.len() > self.block_bytes {
                (self.plain, self.packed) = (Vec::new(), Vec::new());
            }
        }
        Ok(Some(answer(done)))
    }

    fn frame(&self, filled: &Filled, compression: Compression, stored: usize) -> EntriesFrame {
        EntriesFrame {
            state: filled.state as u32,
            groups: filled.groups,
            entries: filled.entries,
            compression,
            stored,
            plain: filled.len,
        }
    }

    /// Fills a block with entries of one state, across its key groups.
    fn fill(&mut self, target: &mut [u8]) -> Result<Filling> {
        let kind = if self.head.base.is_some() { BlockKind::Changes } else { BlockKind::Snapshot };
        let mut block = BlockWriter::new(target, kind)?;
        let mut has: Option<KeyGroupRange> = None;
        let mut of = 0;
        while let Stage::Entries { state, group, started } = self.stage {
            let (Some(known), Some(id)) = (self.head.states.get(state), self.ids.get(state).copied()) else {
                break;
            };
            if has.is_some() && state != of {
                break;
            }
            let prefix = self.head.keys.group_prefix(group);
            let prefix = prefix.get(2 - self.head.keys.group_bytes()..).unwrap_or_default();
            if !started {
                self.cursor.start(id, prefix, &self.head.form(known))?;
                self.stage = Stage::Entries { state, group, started: true };
            }
            let before = block.count();
            let more = self.cursor.fill(&mut block)?;
            if block.count() > before {
                of = state;
                has = Some(KeyGroupRange { first: has.map_or(group, |has| has.first), last: group });
            }
            if more {
                break;
            }
            if let Some(snapshot) = &self.release {
                snapshot.release(id, prefix);
            }
            self.stage = if group < self.head.groups.last {
                Stage::Entries { state, group: group + 1, started: false }
            } else {
                Stage::Entries { state: state + 1, group: self.head.groups.first, started: false }
            };
        }
        let Some(groups) = has else {
            let needed = block.needed();
            if needed > MAX_BLOCK_BYTES - FRAME_BYTES {
                return Err(Error::new(
                    ErrorKind::ValueTooLarge,
                    format!("an entry needs a block of {needed} bytes; the longest has {MAX_BLOCK_BYTES}"),
                ));
            }
            return Ok(if needed > 0 { Filling::Needs(needed) } else { Filling::End });
        };
        let entries = block.count();
        let len = block.finish(false)?;
        Ok(Filling::Block(Filled { state: of, groups, entries, len }))
    }
}

fn answer(framed: Framed) -> NextBlock {
    framed.map_or_else(NextBlock::Needs, NextBlock::Block)
}

pub(super) fn grow(buf: &mut Vec<u8>, len: usize) -> Result<()> {
    if buf.len() < len {
        buf.try_reserve_exact(len - buf.len()).map_err(|_| {
            Error::new(ErrorKind::OutOfMemory, format!("no memory for a block of {len} bytes"))
        })?;
        buf.resize(len, 0);
    }
    Ok(())
}

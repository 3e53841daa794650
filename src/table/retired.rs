//! The list of blocks that only snapshots still need, oldest first.
//!
//! It lies in the arena, so that it is charged like everything else and grows without ever being copied:
//!
//! ```text
//!  chunk   word 0   address of the next chunk, 0 = none
//!               1   (epoch | address and use | size) of a block, three words each
//! ```
//!
//! Chunks behind the last block are empty: room that was made in advance.

use super::arena::{ADDR_BITS, Addr};
use super::heap::{Heap, Use};
use crate::error::Result;

const CHUNK_BYTES: usize = 4096;
const BLOCK_WORDS: usize = 3;
const BLOCKS: usize = (CHUNK_BYTES / 8 - 1) / BLOCK_WORDS;
const IS_INDEX: u64 = 1 << ADDR_BITS;

/// A block that the owner has replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Retired {
    /// Snapshots of this epoch and older ones may need it.
    pub(super) epoch: u64,
    pub(super) addr: Addr,
    pub(super) size: usize,
    pub(super) used: Use,
}

/// A place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    chunk: Option<Addr>,
    /// Blocks before it in its chunk.
    at: usize,
}

/// Retired blocks in the order of their epochs.
#[derive(Debug)]
pub(super) struct RetiredList {
    first: Position,
    end: Position,
    len: usize,
    /// Blocks that can be added without another chunk.
    room: usize,
    /// Where the next empty chunk is to be hung; the last chunk of all.
    last_chunk: Option<Addr>,
}

const NOWHERE: Position = Position { chunk: None, at: 0 };

impl Default for RetiredList {
    fn default() -> Self {
        RetiredList { first: NOWHERE, end: NOWHERE, len: 0, room: 0, last_chunk: None }
    }
}

impl RetiredList {
    /// Whether it holds memory of the arena.
    pub(super) fn has_chunks(&self) -> bool {
        self.first.chunk.is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes room for `count` more blocks.
    #[inline(always)]
    pub(super) fn reserve(&mut self, heap: &mut Heap, count: usize) -> Result<()> {
        while self.room < count {
            self.add_chunk(heap)?;
        }
        Ok(())
    }

    #[cold]
    fn add_chunk(&mut self, heap: &mut Heap) -> Result<()> {
        let (chunk, _) = heap.alloc_index(CHUNK_BYTES)?;
        heap.arena.set_word(chunk, 0, 0);
        match self.last_chunk {
            Some(last) => heap.arena.set_word(last, 0, chunk.bits()),
            None => {
                self.first = Position { chunk: Some(chunk), at: 0 };
                self.end = self.first;
            }
        }
        self.last_chunk = Some(chunk);
        self.room += BLOCKS;
        Ok(())
    }

    /// Adds a block, for which there is room.
    #[inline(always)]
    pub(super) fn push(&mut self, heap: &mut Heap, block: Retired) {
        if self.end.at == BLOCKS {
            self.end = next_chunk(heap, self.end);
        }
        let Some(chunk) = self.end.chunk else { return };
        let word = 1 + self.end.at * BLOCK_WORDS;
        let index = if block.used == Use::Index { IS_INDEX } else { 0 };
        for (i, value) in [block.epoch, index | block.addr.bits(), block.size as u64].into_iter().enumerate()
        {
            heap.arena.set_word(chunk, word + i, value);
        }
        self.end.at += 1;
        self.len += 1;
        self.room -= 1;
        heap.retired.0 += block.size as u64;
        heap.retired.1 += 1;
    }

    /// The oldest block's epoch.
    pub(super) fn oldest(&self, heap: &Heap) -> Option<u64> {
        self.peek(heap, self.first).map(|block| block.epoch)
    }

    fn peek(&self, heap: &Heap, mut at: Position) -> Option<Retired> {
        if self.len == 0 {
            return None;
        }
        if at.at == BLOCKS {
            at = next_chunk(heap, at);
        }
        let chunk = at.chunk?;
        let word = |i| heap.memory().word(chunk, 1 + at.at * BLOCK_WORDS + i);
        let (epoch, addr, size) = (word(0), word(1), word(2) as usize);
        let used = if addr & IS_INDEX == 0 { Use::Record } else { Use::Index };
        Some(Retired { epoch, addr: Addr::of_bits(addr), size, used })
    }

    /// Takes the oldest block off, and frees the chunk it was the last one of.
    pub(super) fn pop(&mut self, heap: &mut Heap) -> Option<Retired> {
        let block = self.peek(heap, self.first)?;
        if self.first.at == BLOCKS {
            let (done, next) = (self.first.chunk, next_chunk(heap, self.first));
            self.first = next;
            if let Some(done) = done {
                heap.free(done, CHUNK_BYTES, Use::Index);
            }
        }
        self.first.at += 1;
        self.len -= 1;
        heap.retired.0 -= block.size as u64;
        heap.retired.1 -= 1;
        Some(block)
    }

    /// The end, to go back to.
    pub(super) fn end(&self) -> Position {
        self.end
    }

    /// Forgets what was added behind a place: those blocks are in use again.
    pub(super) fn truncate(&mut self, heap: &mut Heap, to: Position) {
        // Of a list without a chunk at that time the end was nowhere; now it is its beginning.
        let to = if to.chunk.is_none() { Position { at: 0, ..self.first } } else { to };
        let mut at = to;
        while at != self.end && self.len > 0 {
            if at.at == BLOCKS {
                at = next_chunk(heap, at);
            }
            let Some(block) = self.peek(heap, at) else { break };
            heap.retired.0 -= block.size as u64;
            heap.retired.1 -= 1;
            self.len -= 1;
            self.room += 1;
            at.at += 1;
        }
        self.end = to;
    }

    /// Frees the chunks of an empty list.
    pub(super) fn clear(&mut self, heap: &mut Heap) {
        debug_assert!(self.is_empty());
        let mut chunk = self.first.chunk;
        while let Some(done) = chunk {
            chunk = next_chunk(heap, Position { chunk, at: 0 }).chunk;
            heap.free(done, CHUNK_BYTES, Use::Index);
        }
        *self = RetiredList::default();
    }

    /// Bytes of its chunks.
    #[cfg(test)]
    pub(super) fn bytes(&self, heap: &Heap) -> u64 {
        let (mut chunk, mut bytes) = (self.first.chunk, 0);
        while chunk.is_some() {
            bytes += CHUNK_BYTES as u64;
            chunk = next_chunk(heap, Position { chunk, at: 0 }).chunk;
        }
        bytes
    }
}

/// The start of the chunk behind a place's.
fn next_chunk(heap: &Heap, at: Position) -> Position {
    let next = at.chunk.map_or(0, |chunk| heap.memory().word(chunk, 0));
    Position { chunk: if next == 0 { None } else { Some(Addr::of_bits(next)) }, at: 0 }
}

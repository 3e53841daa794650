//! Pages of the arena: which are in use, which are backed by memory and charged for.
//!
//! ```text
//!  reservation | chunk 0 (2 MiB) | chunk 1 | ...        a chunk is a huge page
//!              | page | page | ... 32 of 64 KiB
//! ```
//!
//! Of the first chunk single pages are charged as they are used, so that a small table stays small. Every further chunk
//! is charged whole and backed with a huge page by a helper thread before it is needed: zeroing two megabytes takes the
//! kernel longer than any operation of the table may. Until the helper is done with a chunk nobody else touches it; where the
//! helper comes too late, the next chunk gets small pages, as they are touched.
//!
//! Idle pages above a reserve go back to the system, whole chunks first. A chunk that has lost some of its pages must not
//! get a huge page again while it is in use: the kernel would silently back the lost ones.
//!
//! Invariant: a page in use is charged (`used <= committed`, bit by bit).

use std::sync::Arc;

use super::claim::Claim;
use super::class::LARGE_SLAB_PAGES;
use super::prepare;
use super::reservation::Reservation;
use super::{CHUNK_BYTES, PAGE_BYTES, PAGES_PER_CHUNK};
use crate::error::{Error, ErrorKind, Result};

const ALL: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, Default)]
struct Chunk {
    /// Pages in use.
    used: u32,
    /// Pages charged to the budget; what is touched is a part of these.
    committed: u32,
    /// The helper thread is at it, or will be: nobody else touches it.
    preparing: bool,
}

impl Chunk {
    fn free(self) -> u32 {
        !self.used
    }
}

/// The page map of an arena.
#[derive(Debug)]
pub(super) struct Pages {
    memory: Arc<Reservation>,
    chunks: Vec<Chunk>,
    max_chunks: usize,
    committed: u64,
    /// Pages that are charged and not in use.
    idle: u64,
    /// Bytes charged in advance for an operation that must not fail half-way.
    held: u64,
    /// No chunk below this one has a free page.
    lowest: usize,
    /// Charged for tables on the heap.
    heap_bytes: u64,
    /// Chunks that the helper thread has been asked to back, until it has.
    preparing: Vec<(usize, Arc<Claim>)>,
}

impl Pages {
    pub(super) fn new(memory: Arc<Reservation>) -> Pages {
        let max_chunks = memory.len() / CHUNK_BYTES;
        Pages {
            memory,
            chunks: Vec::new(),
            max_chunks,
            committed: 0,
            idle: 0,
            held: 0,
            lowest: 0,
            heap_bytes: 0,
            preparing: Vec::new(),
        }
    }

    /// Bytes charged.
    pub(super) fn committed_bytes(&self) -> u64 {
        self.committed * PAGE_BYTES as u64 + self.heap_bytes
    }

    /// Of these, bytes for tables on the heap.
    pub(super) fn heap_bytes(&self) -> u64 {
        self.heap_bytes
    }

    /// Charges for a table on the heap, such as the bits of a slab.
    pub(super) fn charge_heap(&mut self, bytes: usize) -> Result<()> {
        let from_hold = (bytes as u64).min(self.held);
        self.memory.charge(bytes as u64 - from_hold)?;
        self.held -= from_hold;
        self.heap_bytes += bytes as u64;
        Ok(())
    }

    /// Gives such a charge back.
    pub(super) fn uncharge_heap(&mut self, bytes: usize) {
        self.heap_bytes -= bytes as u64;
        self.memory.uncharge(bytes as u64);
    }

    /// Charges `bytes` in advance; what is taken afterwards uses that up first. False when the budget has not so much.
    pub(super) fn hold(&mut self, bytes: u64) -> bool {
        debug_assert_eq!(self.held, 0);
        let granted = self.memory.charge(bytes).is_ok();
        self.held = if granted { bytes } else { 0 };
        granted
    }

    /// Gives back what is left of the hold.
    pub(super) fn end_hold(&mut self) {
        self.memory.uncharge(self.held);
        self.held = 0;
    }

    /// Takes `count` pages in a row; the first one's number. Fails with [`ErrorKind::MemoryBudget`] or
    /// [`ErrorKind::OutOfMemory`]; nothing has changed then.
    pub(super) fn take(&mut self, count: u32) -> Result<u32> {
        self.collect(false);
        match self.take_ready(count) {
            // The helper may be about to bring what the budget has no more of.
            Err(_) if !self.preparing.is_empty() => {
                self.collect(true);
                self.take_ready(count)
            }
            taken => taken,
        }
    }

    /// Takes over chunks that the helper has backed; with `all`, the others too, as they are.
    fn collect(&mut self, all: bool) {
        let chunks = &mut self.chunks;
        self.preparing.retain(|(index, claim)| {
            while all && !claim.cancel() {
                std::thread::yield_now();
            }
            let done = claim.is_done();
            if let (true, Some(chunk)) = (done, chunks.get_mut(*index)) {
                chunk.preparing = false;
            }
            !done
        });
    }

    fn take_ready(&mut self, count: u32) -> Result<u32> {
        let first = if count > LARGE_SLAB_PAGES {
            self.take_run(count)?
        } else {
            match self.find(count, true).or_else(|| self.find(count, false)) {
                Some((chunk, mask)) => self.occupy(chunk, mask)?,
                None => {
                    self.add_chunk()?;
                    self.occupy(self.chunks.len() - 1, run(count))?
                }
            }
        };
        self.prepare();
        while self.chunks.get(self.lowest).is_some_and(|chunk| chunk.free() == 0) {
            self.lowest += 1;
        }
        Ok(first)
    }

    /// Returns pages that were taken.
    pub(super) fn give(&mut self, first: u32, count: u32) {
        let mut at = first as usize;
        let end = at + count as usize;
        while at < end {
            let (index, bit) = (at / PAGES_PER_CHUNK, at % PAGES_PER_CHUNK);
            let here = (end - at).min(PAGES_PER_CHUNK - bit);
            let mask = run(here as u32) << bit;
            let Some(chunk) = self.chunks.get_mut(index) else { return };
            debug_assert_eq!(chunk.used & mask, mask, "pages are given back once");
            chunk.used &= !mask;
            self.idle += here as u64;
            self.lowest = self.lowest.min(index);
            self.give_back(index);
            at += here;
        }
    }

    /// Returns pages to the system if too many are idle: those of this chunk, and of one more that was kept when there was
    /// more of everything. Whole chunks first: taking a huge page apart takes the kernel a millisecond.
    fn give_back(&mut self, index: usize) {
        let reserve = self.reserve();
        let (is_whole, idle) =
            (|chunk: &Chunk| chunk.used == 0, |chunk: &Chunk| chunk.committed & !chunk.used != 0);
        if self.idle > reserve && self.chunks.get(index).is_some_and(is_whole) || self.idle > 2 * reserve {
            self.decommit(index);
        }
        if self.idle > reserve {
            let kept = self.chunks.iter().rposition(|chunk| is_whole(chunk) && idle(chunk));
            let kept = kept
                .or_else(|| if self.idle > 2 * reserve { self.chunks.iter().rposition(idle) } else { None });
            kept.into_iter().for_each(|index| self.decommit(index));
        }
    }

    /// Idle pages that are kept: what is prepared, and an eighth of everything. While a table grows, its segments pass
    /// through the sizes together, and what one size gives up the next one needs.
    fn reserve(&self) -> u64 {
        let prepared = (self.ahead() + 1) * PAGES_PER_CHUNK;
        prepared as u64 + self.committed / 8
    }

    /// Chunks to have ready: an eighth of those in use, and of a tight budget not more than a sixteenth. None for a table
    /// that fits the first one.
    fn ahead(&self) -> usize {
        if self.chunks.len() <= 1 {
            return 0;
        }
        let used = (self.committed - self.idle) as usize / PAGES_PER_CHUNK;
        let affordable = self.memory.limit() / (16 * CHUNK_BYTES as u64);
        (used / 8).clamp(2, 8).min(usize::try_from(affordable).unwrap_or(usize::MAX))
    }

    /// A chunk with `count` free pages in a row, and these pages; among the charged ones or not.
    fn find(&self, count: u32, charged: bool) -> Option<(usize, u32)> {
        if charged && self.idle < u64::from(count) {
            return None;
        }
        self.chunks.iter().enumerate().skip(self.lowest).find_map(|(i, chunk)| {
            if chunk.preparing {
                return None;
            }
            let free = if charged { chunk.free() & chunk.committed } else { chunk.free() };
            first_run(free, count).map(|mask| (i, mask))
        })
    }

    fn occupy(&mut self, index: usize, mask: u32) -> Result<u32> {
        let missing = self.chunks.get(index).map_or(0, |chunk| mask & !chunk.committed);
        if missing != 0 {
            self.commit(index, missing)?;
        }
        let Some(chunk) = self.chunks.get_mut(index) else { return Err(no_address_space()) };
        chunk.used |= mask;
        self.idle -= u64::from(mask.count_ones());
        Ok(index as u32 * PAGES_PER_CHUNK as u32 + mask.trailing_zeros())
    }

    /// Charges pages of a chunk: all of them where a huge page can back them, else the missing ones.
    fn commit(&mut self, index: usize, missing: u32) -> Result<()> {
        let Some(chunk) = self.chunks.get(index).copied() else { return Err(no_address_space()) };
        let whole = index > 0 && chunk.committed == 0;
        if whole {
            self.memory.advise_huge(index * CHUNK_BYTES, CHUNK_BYTES, false);
            if self.charge(ALL).is_ok() {
                self.set_committed(index, ALL);
                return Ok(());
            }
        }
        self.charge(missing)?;
        self.set_committed(index, missing);
        Ok(())
    }

    fn charge(&mut self, mask: u32) -> Result<()> {
        let bytes = u64::from(mask.count_ones()) * PAGE_BYTES as u64;
        let from_hold = bytes.min(self.held);
        self.memory.charge(bytes - from_hold)?;
        self.held -= from_hold;
        Ok(())
    }

    fn set_committed(&mut self, index: usize, mask: u32) {
        if let Some(chunk) = self.chunks.get_mut(index) {
            chunk.committed |= mask;
            self.committed += u64::from(mask.count_ones());
            self.idle += u64::from(mask.count_ones());
        }
    }

    /// Returns the free pages of a chunk to the system. Not while the helper thread is backing it with memory: then it
    /// stays charged, and goes the next time.
    fn decommit(&mut self, index: usize) {
        let asked = self.preparing.iter().position(|(chunk, _)| *chunk == index);
        if let Some(at) = asked {
            if !self.preparing.get(at).is_none_or(|(_, claim)| claim.cancel()) {
                return;
            }
            self.preparing.swap_remove(at);
        }
        let Some(chunk) = self.chunks.get_mut(index) else { return };
        chunk.preparing = false;
        let mut mask = chunk.free() & chunk.committed;
        let pages = u64::from(mask.count_ones());
        chunk.committed &= !mask;
        let partly = chunk.committed != 0;
        self.committed -= pages;
        self.idle -= pages;
        if partly {
            self.memory.advise_huge(index * CHUNK_BYTES, CHUNK_BYTES, false);
        }
        while mask != 0 {
            let bit = mask.trailing_zeros();
            let count = (mask >> bit).trailing_ones();
            let offset = index * CHUNK_BYTES + bit as usize * PAGE_BYTES;
            self.memory.discard(offset, count as usize * PAGE_BYTES);
            mask &= !(run(count) << bit);
        }
        self.memory.uncharge(pages * PAGE_BYTES as u64);
    }

    /// Has the helper thread back chunks ahead of need, as far as the budget goes.
    fn prepare(&mut self) {
        let ahead = (self.ahead() * PAGES_PER_CHUNK) as u64;
        while self.idle < ahead && self.held == 0 && self.preparing.try_reserve(1).is_ok() {
            let empty = self.chunks.iter().skip(1).position(|c| c.used == 0 && c.committed == 0);
            let index = match empty {
                Some(index) => index + 1,
                None if self.add_chunk().is_ok() => self.chunks.len() - 1,
                None => return,
            };
            if self.charge(ALL).is_err() {
                return;
            }
            self.set_committed(index, ALL);
            let claim = prepare::request(&self.memory, index * CHUNK_BYTES, CHUNK_BYTES);
            if let (Some(claim), Some(chunk)) = (claim, self.chunks.get_mut(index)) {
                chunk.preparing = true;
                self.preparing.push((index, claim));
            }
        }
    }

    /// A run of any length, across chunks.
    fn take_run(&mut self, count: u32) -> Result<u32> {
        let first = self.find_run(count as usize);
        let end = first + count as usize;
        while self.chunks.len() * PAGES_PER_CHUNK < end {
            self.add_chunk()?;
        }
        let mut at = first;
        while at < end {
            let (index, bit) = (at / PAGES_PER_CHUNK, at % PAGES_PER_CHUNK);
            let here = (end - at).min(PAGES_PER_CHUNK - bit);
            if let Err(e) = self.occupy(index, run(here as u32) << bit) {
                self.give(first as u32, (at - first) as u32);
                return Err(e);
            }
            at += here;
        }
        Ok(first as u32)
    }

    /// The first page of that many free ones in a row; behind the last chunk all are free.
    fn find_run(&self, count: usize) -> usize {
        let (mut first, mut length) = (0, 0);
        for (index, chunk) in self.chunks.iter().enumerate() {
            if length == 0 {
                first = index * PAGES_PER_CHUNK;
            }
            if chunk.preparing {
                (first, length) = ((index + 1) * PAGES_PER_CHUNK, 0);
            } else if chunk.used == 0 {
                length += PAGES_PER_CHUNK;
            } else {
                for bit in 0..PAGES_PER_CHUNK {
                    if chunk.used >> bit & 1 == 0 {
                        length += 1;
                    } else {
                        (first, length) = (index * PAGES_PER_CHUNK + bit + 1, 0);
                    }
                    if length >= count {
                        return first;
                    }
                }
            }
            if length >= count {
                return first;
            }
        }
        if length == 0 { self.chunks.len() * PAGES_PER_CHUNK } else { first }
    }

    fn add_chunk(&mut self) -> Result<()> {
        if self.chunks.len() >= self.max_chunks {
            return Err(no_address_space());
        }
        self.chunks.try_reserve(1).map_err(super::out_of_memory)?;
        self.memory.watch_free(self.chunks.len() * CHUNK_BYTES, CHUNK_BYTES);
        self.chunks.push(Chunk::default());
        Ok(())
    }

    /// Whether the counts are what the bits say.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let committed: u64 = self.chunks.iter().map(|c| u64::from(c.committed.count_ones())).sum();
        let idle: u64 = self.chunks.iter().map(|c| u64::from((c.committed & !c.used).count_ones())).sum();
        assert_eq!((committed, idle), (self.committed, self.idle));
        assert!(self.chunks.iter().all(|c| c.used & !c.committed == 0), "a page in use is charged");
    }

    /// Pages that are backed with memory and not charged, once the helper thread has done what it was asked to.
    #[cfg(test)]
    pub(super) fn backed_unaccounted(&self) -> usize {
        while !self.preparing.iter().all(|(_, claim)| claim.is_done()) {
            std::thread::yield_now();
        }
        let backed = |(index, chunk): (usize, &Chunk)| {
            let at = |page: usize| index * CHUNK_BYTES + page * PAGE_BYTES;
            (0..PAGES_PER_CHUNK)
                .filter(|page| chunk.committed >> page & 1 == 0)
                .filter(|page| self.memory.is_backed(at(*page), PAGE_BYTES))
                .count()
        };
        self.chunks.iter().enumerate().map(backed).sum()
    }

    /// Pages in use.
    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        self.committed - self.idle
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // What the helper is at ends in a moment; it must not be the last to have the memory.
        for (_, claim) in &self.preparing {
            while !claim.cancel() {
                std::thread::yield_now();
            }
        }
    }
}

#[cold]
fn no_address_space() -> Error {
    Error::new(
        ErrorKind::MemoryBudget,
        "the table's address space is used up; use more stores, or the engine 'rocks'",
    )
}

/// `count` bits, lowest first.
fn run(count: u32) -> u32 {
    if count >= 32 { ALL } else { (1 << count) - 1 }
}

/// The lowest `count` set bits in a row, if there are; slabs of several pages are aligned to their size.
fn first_run(mut free: u32, count: u32) -> Option<u32> {
    if count == LARGE_SLAB_PAGES {
        return (0..4).map(|i| run(count) << (i * count)).find(|mask| free & mask == *mask);
    }
    while free != 0 {
        let bit = free.trailing_zeros();
        let length = (free >> bit).trailing_ones();
        if length >= count {
            return Some(run(count) << bit);
        }
        free &= !(run(length) << bit);
    }
    None
}

//! The arena: native memory of one store, in blocks.
//!
//! ```text
//!  Arena ── Slabs   blocks of size classes, a bit a block           alloc, free
//!        ── Pages   64 KiB pages of 2 MiB chunks, charged to the budget
//!        ── Reservation   address space; unmapped with its last user
//! ```
//!
//! An [`Addr`] is a block's place in the reservation, in units of 8 bytes: 36 bits, so half a terabyte a store.
//!
//! Invariants:
//! * an `Addr` comes from [`Arena::alloc`] only, and is used only until its block is freed;
//! * while a block is in use, only the arena's owner writes to it, and not at all once a snapshot shares it;
//! * every byte of a block was zeroed by the system or written since, so all may be read.
#![expect(unsafe_code, reason = "reads and writes the blocks it has handed out")]

mod claim;
mod class;
mod pages;
mod prepare;
mod reservation;
mod slab;
mod watch;

use std::ptr::NonNull;
use std::sync::Arc;

pub(super) use class::{class_bytes, class_of, rounded};
pub(super) use reservation::Reservation;

use self::pages::Pages;
use self::slab::Slabs;
use super::sync;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::Budget;

/// A huge page.
const CHUNK_BYTES: usize = 2 << 20;
/// The unit of slabs, of charges and of what goes back to the system.
const PAGE_BYTES: usize = 64 << 10;
const PAGES_PER_CHUNK: usize = CHUNK_BYTES / PAGE_BYTES;

/// The most bytes of a block that are fetched together; the processor sees by itself how a longer one goes on.
const FETCHED: usize = 512;

/// Bits of an [`Addr`].
pub(super) const ADDR_BITS: u32 = 36;
/// The unit of an [`Addr`], in bytes.
pub(super) const UNIT_BYTES: usize = 8;
/// The most address space an arena reserves.
const MAX_RESERVATION: usize = UNIT_BYTES << ADDR_BITS;

/// Where a block lies, in units of 8 bytes from the start of the reservation. Never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Addr(u64);

impl Addr {
    /// From the bits of a slot.
    #[inline(always)]
    pub(super) fn of_bits(bits: u64) -> Addr {
        Addr(bits & ((1 << ADDR_BITS) - 1))
    }

    /// The bits for a slot.
    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    #[inline(always)]
    fn offset(self) -> usize {
        self.0 as usize * UNIT_BYTES
    }
}

/// Reads blocks. A copy of it may read what its owner no longer changes, on any thread.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Start of the reservation.
    base: NonNull<u8>,
    reservation: Arc<Reservation>,
}

// SAFETY: what `base` points to is the reservation's, which lives as long and may be used on any thread; who may touch
// which bytes is said by the module's invariants.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    fn new(reservation: Arc<Reservation>) -> Memory {
        Memory { base: reservation.base(), reservation }
    }

    /// A byte of a block.
    ///
    /// # Safety
    /// The block must be one of this reservation, and the byte in it or right behind it.
    #[inline(always)]
    unsafe fn at(&self, addr: Addr, byte: usize) -> *mut u8 {
        let offset = addr.offset() + byte;
        debug_assert!(offset <= self.reservation.len());
        // SAFETY: the caller's promise; the reservation is one mapping.
        unsafe { self.base.as_ptr().add(offset) }
    }

    /// Word `index` of a block.
    #[inline(always)]
    pub(super) fn word(&self, addr: Addr, index: usize) -> u64 {
        // SAFETY: the module's invariants: the block is in use, and nobody writes to it meanwhile; words are aligned.
        unsafe { self.at(addr, index * 8).cast::<u64>().read() }
    }

    /// `len` bytes of a block from byte `from` on.
    #[inline(always)]
    pub(super) fn bytes(&self, addr: Addr, from: usize, len: usize) -> &[u8] {
        // SAFETY: as in `word`.
        unsafe { std::slice::from_raw_parts(self.at(addr, from), len) }
    }

    /// `len` words of a block from word `from` on.
    #[inline(always)]
    pub(super) fn words(&self, addr: Addr, from: usize, len: usize) -> &[u64] {
        // SAFETY: as in `word`.
        unsafe { std::slice::from_raw_parts(self.at(addr, from * 8).cast(), len) }
    }

    /// Eight words of a block from a word on.
    #[inline(always)]
    pub(super) fn line(&self, addr: Addr, from: usize) -> &[u64; 8] {
        // SAFETY: as in `word`.
        unsafe { &*self.at(addr, from * 8).cast() }
    }

    /// Eight bytes of a block at any place, as a number.
    #[inline(always)]
    pub(super) fn number(&self, addr: Addr, from: usize) -> u64 {
        // SAFETY: as in `word`, but for the alignment.
        unsafe { self.at(addr, from).cast::<u64>().read_unaligned() }
    }

    /// Asks the processor to fetch the cache line at a byte of a block.
    #[inline(always)]
    pub(super) fn prefetch(&self, addr: Addr, from: usize) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a prefetch reads nothing that the program sees and cannot fault, wherever it points.
        unsafe {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            _mm_prefetch::<_MM_HINT_T0>(self.base.as_ptr().wrapping_add(addr.offset() + from).cast());
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = (addr, from);
    }

    /// The same of all lines of a block's first bytes, of a long one's first [`FETCHED`].
    #[inline(always)]
    pub(super) fn prefetch_all(&self, addr: Addr, bytes: usize) {
        let bytes = bytes.clamp(1, FETCHED);
        self.prefetch(addr, 0);
        // A block need not begin where a line does.
        self.prefetch(addr, bytes - 1);
        (64..bytes).step_by(64).for_each(|at| self.prefetch(addr, at));
    }
}

/// The blocks of one store.
#[derive(Debug)]
pub(super) struct Arena {
    memory: Memory,
    pages: Pages,
    slabs: Slabs,
    /// Bytes of blocks that are runs of pages.
    run_bytes: u64,
    /// Tests let an allocation fail: the number of those that still succeed.
    #[cfg(test)]
    pub(super) fail_after: Option<u64>,
    /// How many have failed that way.
    #[cfg(test)]
    pub(super) failures: u64,
}

impl Arena {
    /// An empty arena. Takes address space, but no memory yet.
    pub(super) fn new(budget: &Arc<Budget>) -> Result<Arena> {
        let len = reservation_bytes(budget.limit());
        let memory = Arc::new(Reservation::new(len, Arc::clone(budget))?);
        let mut arena = Arena {
            pages: Pages::new(Arc::clone(&memory)),
            memory: Memory::new(memory),
            slabs: Slabs::new(),
            run_bytes: 0,
            #[cfg(test)]
            fail_after: None,
            #[cfg(test)]
            failures: 0,
        };
        // The first block of all is nobody's, so that no address is 0.
        arena.slabs.take(&mut arena.pages, 0, 16)?;
        Ok(arena)
    }

    /// The blocks, to be read.
    #[inline(always)]
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// A block of at least `bytes`, and its real size. Its bytes are whatever they were.
    ///
    /// Fails with [`ErrorKind::MemoryBudget`] or [`ErrorKind::OutOfMemory`]; nothing has changed then.
    #[inline]
    pub(super) fn alloc(&mut self, bytes: usize) -> Result<(Addr, usize)> {
        #[cfg(test)]
        self.count_down()?;
        let Some((class, size)) = class_of(bytes) else { return self.alloc_run(bytes) };
        let offset = self.slabs.take(&mut self.pages, class, size)?;
        self.memory.reservation.watch_used(offset, size);
        Ok((Addr((offset / UNIT_BYTES) as u64), size))
    }

    /// A block of the same size as one of that class.
    #[inline(always)]
    pub(super) fn alloc_class(&mut self, class: u8) -> Result<Addr> {
        #[cfg(test)]
        self.count_down()?;
        let offset = self.slabs.take(&mut self.pages, class, class_bytes(class))?;
        self.memory.reservation.watch_used(offset, class_bytes(class));
        Ok(Addr((offset / UNIT_BYTES) as u64))
    }

    /// Frees a block; `size` is its real size.
    #[inline]
    pub(super) fn free(&mut self, addr: Addr, size: usize) {
        // So that whoever still reads it does not find what was there.
        #[cfg(test)]
        self.bytes_mut(addr, 0, size).fill(0xdd);
        self.memory.reservation.watch_free(addr.offset(), size);
        if class_of(size).is_some() {
            self.slabs.give(&mut self.pages, addr.offset());
        } else {
            self.run_bytes -= size as u64;
            self.pages.give((addr.offset() / PAGE_BYTES) as u32, (size / PAGE_BYTES) as u32);
        }
    }

    #[cold]
    fn alloc_run(&mut self, bytes: usize) -> Result<(Addr, usize)> {
        let size = rounded(bytes);
        let page = self.pages.take((size / PAGE_BYTES) as u32)?;
        self.run_bytes += size as u64;
        self.memory.reservation.watch_used(page as usize * PAGE_BYTES, size);
        Ok((Addr((page as usize * PAGE_BYTES / UNIT_BYTES) as u64), size))
    }

    /// Charges `bytes` in advance, so that allocations up to that much cannot meet the budget; false when there is not
    /// so much left.
    pub(super) fn hold(&mut self, bytes: u64) -> bool {
        self.pages.hold(bytes)
    }

    /// Gives back what is left of the hold.
    pub(super) fn end_hold(&mut self) {
        self.pages.end_hold();
    }

    /// Bytes taken from the system and charged.
    pub(super) fn committed_bytes(&self) -> u64 {
        self.pages.committed_bytes()
    }

    /// Of these, bytes of tables on the heap.
    pub(super) fn metadata_bytes(&self) -> u64 {
        self.pages.heap_bytes()
    }

    /// Whether the budget's limit is obeyed, as it is from the start.
    pub(super) fn set_strict(&mut self, strict: bool) {
        self.memory.reservation.set_strict(strict);
    }

    /// Charges for a table on the heap that lasts as long as the arena.
    pub(super) fn charge_heap(&mut self, bytes: usize) -> Result<()> {
        self.pages.charge_heap(bytes)
    }

    /// Writes word `index` of a block.
    #[inline(always)]
    pub(super) fn set_word(&mut self, addr: Addr, index: usize, value: u64) {
        // SAFETY: the module's invariants: the block is in use, and this is its owner.
        unsafe { self.memory.at(addr, index * 8).cast::<u64>().write(value) }
    }

    /// `len` bytes of a block from byte `from` on, to be changed.
    #[inline(always)]
    pub(super) fn bytes_mut(&mut self, addr: Addr, from: usize, len: usize) -> &mut [u8] {
        // SAFETY: as in `set_word`; the borrow of the arena keeps other references away.
        unsafe { std::slice::from_raw_parts_mut(self.memory.at(addr, from), len) }
    }

    /// `len` words of a block from word `from` on, to be changed.
    #[inline(always)]
    pub(super) fn words_mut(&mut self, addr: Addr, from: usize, len: usize) -> &mut [u64] {
        // SAFETY: as in `bytes_mut`.
        unsafe { std::slice::from_raw_parts_mut(self.memory.at(addr, from * 8).cast(), len) }
    }

    /// Two different blocks at once: one to be read, one to be changed.
    #[inline(always)]
    pub(super) fn words_and_mut(
        &mut self,
        from: (Addr, usize, usize),
        to: (Addr, usize, usize),
    ) -> (&[u64], &mut [u64]) {
        debug_assert_ne!(from.0, to.0);
        // SAFETY: as in `bytes_mut`; different blocks share no byte.
        unsafe {
            (
                std::slice::from_raw_parts(self.memory.at(from.0, from.1 * 8).cast(), from.2),
                std::slice::from_raw_parts_mut(self.memory.at(to.0, to.1 * 8).cast(), to.2),
            )
        }
    }

    /// Copies bytes from one block to another.
    #[inline(always)]
    pub(super) fn copy(&mut self, from: (Addr, usize), to: (Addr, usize), len: usize) {
        debug_assert_ne!(from.0, to.0);
        // SAFETY: as in `words_and_mut`.
        unsafe {
            let source = self.memory.at(from.0, from.1);
            std::ptr::copy_nonoverlapping(source, self.memory.at(to.0, to.1), len);
        }
    }
}

/// Address space for a budget: twice the limit for what fragments, or four times the machine's memory.
fn reservation_bytes(limit: u64) -> usize {
    let machine = machine_bytes() as u64 * 4;
    let wanted = limit.saturating_mul(2).saturating_add(64 * CHUNK_BYTES as u64).min(machine);
    usize::try_from(wanted).unwrap_or(MAX_RESERVATION).clamp(64 * CHUNK_BYTES, MAX_RESERVATION) / CHUNK_BYTES
        * CHUNK_BYTES
}

fn machine_bytes() -> usize {
    // SAFETY: sysconf has no preconditions; -1 means unknown.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    if pages > 0 && size > 0 { pages as usize * size as usize } else { 64 << 30 }
}

/// The heap gave no memory for a table of the arena.
#[cold]
pub(super) fn out_of_memory<T>(_: T) -> Error {
    Error::new(ErrorKind::OutOfMemory, "the system has no memory left")
}

#[cfg(test)]
impl Arena {
    fn count_down(&mut self) -> Result<()> {
        match &mut self.fail_after {
            Some(0) => {
                self.failures += 1;
                Err(Error::new(ErrorKind::MemoryBudget, "injected failure of an allocation"))
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Bytes of all blocks in use, without the one that is nobody's.
    pub(super) fn used_bytes(&self) -> u64 {
        self.slabs.used_bytes() + self.run_bytes - 16
    }

    /// Whether the arena's tables agree with each other.
    pub(super) fn check(&self) {
        self.pages.check();
        self.slabs.check();
        assert_eq!(self.pages.used(), self.slabs.pages() + self.run_bytes / PAGE_BYTES as u64);
    }
}

#[cfg(test)]
mod tests;

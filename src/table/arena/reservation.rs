//! Address space from the system.
#![expect(unsafe_code, reason = "maps memory and hands out pointers into it")]

use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::CHUNK_BYTES;
use super::watch::Watch;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::Budget;

/// A range of address space, aligned to a chunk, of which the parts in use are backed by memory.
///
/// The whole range may be read and written from the start: the system gives a page, zeroed, when it is first touched
/// (`MAP_NORESERVE`), and takes it back on [`discard`](Self::discard). Shared by the arena, by its snapshots (which may
/// outlive it), and by the thread that prepares pages; unmapped with the last of them, which also gives back what was
/// charged to the budget.
#[derive(Debug)]
pub(in crate::table) struct Reservation {
    base: NonNull<u8>,
    len: usize,
    /// What `mmap` returned, before alignment.
    mapped: (NonNull<u8>, usize),
    budget: Arc<Budget>,
    charged: AtomicU64,
    /// Whether any charge beyond the limit is refused.
    strict: AtomicBool,
    watch: Watch,
}

// SAFETY: the type itself only does arithmetic and calls the system; who may touch which bytes is up to those who take
// pointers from it (see `Arena`).
unsafe impl Send for Reservation {}
// SAFETY: as above.
unsafe impl Sync for Reservation {}

/// The smallest page there is.
const SMALL_PAGE_BYTES: usize = 4096;

impl Reservation {
    /// Reserves `len` bytes, or as much less as the system grants (at least one chunk).
    pub(super) fn new(len: usize, budget: Arc<Budget>) -> Result<Reservation> {
        let mut len = len.max(CHUNK_BYTES);
        loop {
            match map(len + CHUNK_BYTES) {
                Some(start) => {
                    let skip = start.as_ptr().align_offset(CHUNK_BYTES);
                    // SAFETY: the mapping is a chunk longer than `len`, and `skip` is less than a chunk.
                    let base = unsafe { start.add(skip) };
                    let mapped = (start, len + CHUNK_BYTES);
                    let (charged, watch) = (AtomicU64::new(0), Watch::new());
                    let strict = AtomicBool::new(true);
                    return Ok(Reservation { base, len, mapped, budget, charged, strict, watch });
                }
                None if len > CHUNK_BYTES => len = (len / 2).max(CHUNK_BYTES),
                None => {
                    return Err(Error::new(
                        ErrorKind::OutOfMemory,
                        format!("no address space: {}", std::io::Error::last_os_error()),
                    ));
                }
            }
        }
    }

    /// Bytes of address space.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where it starts.
    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Says that a range is a block in use from now on, or part of one.
    #[inline(always)]
    pub(super) fn watch_used(&self, offset: usize, len: usize) {
        self.watch.used(self.base.as_ptr(), offset, len);
    }

    /// Says that nobody may touch a range from now on.
    #[inline(always)]
    pub(super) fn watch_free(&self, offset: usize, len: usize) {
        self.watch.free(self.base.as_ptr(), offset, len);
    }

    /// Whether any charge beyond the limit is refused.
    pub(super) fn set_strict(&self, strict: bool) {
        // Relaxed: only the owner charges.
        self.strict.store(strict, Ordering::Relaxed);
    }

    /// The budget's limit.
    pub(super) fn limit(&self) -> u64 {
        self.budget.limit()
    }

    /// Charges the budget. Fails with [`ErrorKind::MemoryBudget`].
    pub(super) fn charge(&self, bytes: u64) -> Result<()> {
        if self.strict.load(Ordering::Relaxed) {
            self.budget.charge(bytes)?;
        } else {
            self.budget.charge_leniently(bytes)?;
        }
        self.charged.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Gives a charge back.
    pub(super) fn uncharge(&self, bytes: u64) {
        self.charged.fetch_sub(bytes, Ordering::Relaxed);
        self.budget.release(bytes);
    }

    /// Asks for huge pages in a range, or for none.
    pub(super) fn advise_huge(&self, offset: usize, len: usize, huge: bool) {
        // Advice: where it is refused, the memory works all the same.
        self.advise(offset, len, if huge { libc::MADV_HUGEPAGE } else { libc::MADV_NOHUGEPAGE });
    }

    /// Backs a chunk that nobody uses with memory, by touching it: with a huge page at once, where it was advised and there is
    /// one. Touching locks less than `MADV_POPULATE_WRITE` would: it holds nobody up who maps memory meanwhile.
    pub(super) fn populate(&self, offset: usize) {
        if offset.checked_add(CHUNK_BYTES).is_none_or(|end| end > self.len) {
            return;
        }
        if cfg!(keybed_asan) {
            // To the sanitizer the chunk is free, and touching it a mistake.
            return self.advise(offset, CHUNK_BYTES, libc::MADV_POPULATE_WRITE);
        }
        for page in (0..CHUNK_BYTES).step_by(SMALL_PAGE_BYTES) {
            // SAFETY: inside the mapping (checked), and the chunk is the caller's alone: its bytes are zero and stay so.
            unsafe { self.base.as_ptr().add(offset + page).write_volatile(0) };
        }
    }

    /// Returns a range to the system; it reads as zeros afterwards. Nothing in it may be in use.
    pub(super) fn discard(&self, offset: usize, len: usize) {
        self.advise(offset, len, libc::MADV_DONTNEED);
    }

    /// Whether any part of a range is backed with memory.
    #[cfg(test)]
    pub(super) fn is_backed(&self, offset: usize, len: usize) -> bool {
        let mut pages = vec![0u8; len / 4096];
        // SAFETY: the range is inside the mapping, and there is a byte a page (of 4 KiB or more).
        let done = unsafe { libc::mincore(self.base.as_ptr().add(offset).cast(), len, pages.as_mut_ptr()) };
        assert_eq!(done, 0);
        pages.iter().any(|page| page & 1 != 0)
    }

    fn advise(&self, offset: usize, len: usize, advice: libc::c_int) {
        if offset.checked_add(len).is_none_or(|end| end > self.len) {
            return;
        }
        // SAFETY: the range is inside the mapping. Of the advices used here only DONTNEED changes what is read, and its
        // callers have no use for the bytes.
        unsafe { libc::madvise(self.base.as_ptr().add(offset).cast(), len, advice) };
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.watch.unmapped(self.base.as_ptr());
        let (start, len) = self.mapped;
        // SAFETY: mapped in `new`, and nobody holds a pointer into it any more.
        unsafe { libc::munmap(start.as_ptr().cast(), len) };
        self.budget.release(self.charged.load(Ordering::Relaxed));
    }
}

fn map(len: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping at an address of the system's choice.
    let start = unsafe { libc::mmap(ptr::null_mut(), len, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
    if start == libc::MAP_FAILED { None } else { NonNull::new(start.cast()) }
}

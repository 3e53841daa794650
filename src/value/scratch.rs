//! Where rkyv keeps the positions of what a list's elements point to, until the elements themselves are written.
//!
//! ```text
//!  few:   | used | free |                 SMALL_BYTES in the context
//!  many:  the same, and an arena          acquired at the first allocation that does not fit
//! ```
//!
//! Most values never touch the arena: acquiring it costs about as much as writing a small record.
#![expect(unsafe_code, reason = "the trait is unsafe to implement")]

use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use rkyv::rancor::Source;
use rkyv::ser::Allocator;
use rkyv::ser::allocator::{Arena, ArenaHandle};

use super::write_error::WriteError;

/// Positions are 4 bytes each: enough for lists of some dozens of records.
const SMALL_BYTES: usize = 512;

/// Both, between uses.
pub(super) struct CappedArena {
    small: [MaybeUninit<u8>; SMALL_BYTES],
    arena: Arena,
    /// Whether the arena was acquired since it was last trimmed.
    used: bool,
}

impl CappedArena {
    pub(super) fn new() -> Self {
        CappedArena { small: [MaybeUninit::uninit(); SMALL_BYTES], arena: Arena::new(), used: false }
    }

    #[inline]
    pub(super) fn start(&mut self) -> Scratch<'_> {
        let CappedArena { small, arena, used } = self;
        Scratch {
            small: NonNull::from(small).cast(),
            small_used: 0,
            large: Large::Idle(Some((arena, used))),
            borrowed: PhantomData,
        }
    }

    /// Frees all blocks of the arena but one, and that too if it is larger than `cap` bytes.
    #[inline]
    pub(super) fn trim(&mut self, cap: usize) {
        if self.used {
            self.give_back(cap);
        }
    }

    #[cold]
    #[inline(never)]
    fn give_back(&mut self, cap: usize) {
        self.used = false;
        if self.arena.shrink() > cap.max(Arena::DEFAULT_CAPACITY * 2) {
            self.arena = Arena::new();
        }
    }
}

impl fmt::Debug for CappedArena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CappedArena({} bytes)", self.arena.capacity())
    }
}

/// The allocator of one serialization.
///
/// Invariant: `small` is the start of `SMALL_BYTES` bytes that are borrowed for `'a`; live allocations are in the first
/// `small_used <= SMALL_BYTES` of them and in the handle's arena. It is a pointer and no reference, because those
/// allocations are used while further ones are made.
pub struct Scratch<'a> {
    small: NonNull<u8>,
    small_used: usize,
    large: Large<'a>,
    borrowed: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

enum Large<'a> {
    /// Nothing was allocated there yet. `None` only while the arena is being acquired.
    Idle(Option<(&'a mut Arena, &'a mut bool)>),
    Active(ArenaHandle<'a>),
}

impl fmt::Debug for Scratch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arena = if matches!(self.large, Large::Idle(_)) { "idle" } else { "in use" };
        write!(f, "Scratch({} bytes, arena {arena})", self.small_used)
    }
}

impl<'a> Large<'a> {
    #[cold]
    #[inline(never)]
    fn handle(&mut self) -> Result<&mut ArenaHandle<'a>, WriteError> {
        if let Large::Idle(arena) = self
            && let Some((arena, used)) = arena.take()
        {
            *used = true;
            *self = Large::Active(arena.acquire());
        }
        match self {
            Large::Active(handle) => Ok(handle),
            // Unreachable: while idle it has its arena.
            Large::Idle(_) => Err(WriteError::new(fmt::Error)),
        }
    }
}

// SAFETY: an allocation is either a part of `small` beyond `small_used`, which then moves behind it, or one of the handle,
// which is made once and kept until the scratch is dropped. Neither lies in this object, so moving it does not matter.
// Allocations are popped in the opposite order (the trait's contract), so `small_used` may go back to the start of the one
// that is popped.
unsafe impl Allocator<WriteError> for Scratch<'_> {
    #[inline]
    unsafe fn push_alloc(&mut self, layout: Layout) -> Result<NonNull<[u8]>, WriteError> {
        let free = self.small.addr().get() + self.small_used;
        let start = self.small_used + (free.wrapping_neg() & (layout.align() - 1));
        if let Some(end) = start.checked_add(layout.size())
            && end <= SMALL_BYTES
        {
            self.small_used = end;
            // SAFETY: `start <= end <= SMALL_BYTES`, so this is within the borrowed bytes or at their end.
            let found = unsafe { self.small.add(start) };
            return Ok(NonNull::slice_from_raw_parts(found, layout.size()));
        }
        let handle = self.large.handle()?;
        // SAFETY: the caller's promise is the one that is asked for here.
        unsafe { handle.push_alloc(layout) }
    }

    #[inline]
    unsafe fn pop_alloc(&mut self, ptr: NonNull<u8>, layout: Layout) -> Result<(), WriteError> {
        let offset = ptr.addr().get().wrapping_sub(self.small.addr().get());
        // Equal: of an allocation of no bytes.
        if offset <= self.small_used {
            self.small_used = offset;
            return Ok(());
        }
        let handle = self.large.handle()?;
        // SAFETY: `ptr` came from `push_alloc` and is not in `small`, hence from this handle; the rest is the caller's
        // promise.
        unsafe { handle.pop_alloc(ptr, layout) }
    }
}

//! Where rkyv keeps the positions of what a list's elements point to, until the elements themselves are written.
//!
//! The arena is acquired at the first allocation: values without lists of such elements never touch it.

#![expect(unsafe_code, reason = "the trait is unsafe to implement")]

use std::alloc::Layout;
use std::fmt;
use std::ptr::NonNull;

use rkyv::rancor::Source;
use rkyv::ser::Allocator;
use rkyv::ser::allocator::{Arena, ArenaHandle};

use super::write_error::WriteError;

/// The arena, between uses.
pub(super) struct CappedArena {
    arena: Arena,
    /// Whether it was acquired since it was last trimmed.
    used: bool,
}

impl CappedArena {
    pub(super) fn new() -> Self {
        CappedArena { arena: Arena::new(), used: false }
    }

    #[inline]
    pub(super) fn start(&mut self) -> Scratch<'_> {
        Scratch(State::Idle(Some(self)))
    }

    /// Frees all blocks but one, and that too if it is larger than `cap` bytes.
    #[inline]
    pub(super) fn trim(&mut self, cap: usize) {
        if self.used {
            self.used = false;
            if self.arena.shrink() > cap.max(Arena::DEFAULT_CAPACITY * 2) {
                self.arena = Arena::new();
            }
        }
    }
}

impl fmt::Debug for CappedArena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CappedArena({} bytes)", self.arena.capacity())
    }
}

/// The allocator of one serialization.
pub struct Scratch<'a>(State<'a>);

enum State<'a> {
    /// Nothing was allocated yet. `None` only while the arena is being acquired.
    Idle(Option<&'a mut CappedArena>),
    Active(ArenaHandle<'a>),
}

impl fmt::Debug for Scratch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self.0, State::Idle(_)) { "Scratch(idle)" } else { "Scratch(active)" })
    }
}

impl<'a> Scratch<'a> {
    #[inline]
    fn handle(&mut self) -> Result<&mut ArenaHandle<'a>, WriteError> {
        if let State::Idle(arena) = &mut self.0
            && let Some(capped) = arena.take()
        {
            capped.used = true;
            self.0 = State::Active(capped.arena.acquire());
        }
        match &mut self.0 {
            State::Active(handle) => Ok(handle),
            // Unreachable: an idle scratch has its arena.
            State::Idle(_) => Err(WriteError::new(std::fmt::Error)),
        }
    }
}

// SAFETY: allocations are those of one `ArenaHandle`, made at the first of them and kept until the scratch is dropped. They
// lie in the arena's blocks, not in this object, so moving it does not matter.
unsafe impl Allocator<WriteError> for Scratch<'_> {
    #[inline]
    unsafe fn push_alloc(&mut self, layout: Layout) -> Result<NonNull<[u8]>, WriteError> {
        let handle = self.handle()?;
        // SAFETY: the caller's promise is the one that is asked for here.
        unsafe { handle.push_alloc(layout) }
    }

    #[inline]
    unsafe fn pop_alloc(&mut self, ptr: NonNull<u8>, layout: Layout) -> Result<(), WriteError> {
        let handle = self.handle()?;
        // SAFETY: `ptr` came from `push_alloc`, hence from this handle; the rest is the caller's promise.
        unsafe { handle.pop_alloc(ptr, layout) }
    }
}

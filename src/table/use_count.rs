//! Who still reads a key group of a snapshot.
//!
//! One number that everybody changes atomically:
//!
//! ```text
//!  31         30                0
//!  | released | readers         |
//! ```
//!
//! It becomes (released, 0 readers) once, and stays so: whoever makes it that is the last to need the group, and tells
//! the owner.

use super::sync::{AtomicU32, Ordering};

const RELEASED: u32 = 1 << 31;

/// The number.
#[derive(Debug)]
pub(super) struct UseCount(AtomicU32);

impl UseCount {
    /// Of a group without readers; `released` from the start where there is nothing to read.
    pub(super) fn new(released: bool) -> UseCount {
        UseCount(AtomicU32::new(if released { RELEASED } else { 0 }))
    }

    /// One more reader, unless the group has been released. Who entered leaves with [`leave`](Self::leave).
    pub(super) fn enter(&self) -> bool {
        let enter = |uses: u32| if uses & RELEASED == 0 { Some(uses + 1) } else { None };
        self.0.fetch_update(Ordering::Acquire, Ordering::Relaxed, enter).is_ok()
    }

    /// One reader less; whether it was the last of a released group.
    #[must_use]
    pub(super) fn leave(&self) -> bool {
        // Release: reading comes before the owner frees. Acquire: the last to leave sees that the others have read.
        self.0.fetch_sub(1, Ordering::AcqRel) == RELEASED | 1
    }

    /// No reader enters from now on; whether this released it and none is inside. Releasing again does nothing.
    #[must_use]
    pub(super) fn release(&self) -> bool {
        self.0.fetch_or(RELEASED, Ordering::AcqRel) == 0
    }
}

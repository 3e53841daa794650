//! Who has a chunk that is to be backed with memory: the helper thread, or again the arena's owner.
//!
//! ```text
//!  REQUESTED ─ begin ─▶ RUNNING ─ end ─▶ DONE         the helper
//!            └ cancel ─▶ DONE                         the owner, that gives the chunk back
//! ```
//!
//! Memory that the helper brings after the owner has given a chunk back would be nobody's: resident and not accounted.

use super::sync::{AtomicU32, Ordering};

const REQUESTED: u32 = 0;
const RUNNING: u32 = 1;
const DONE: u32 = 2;

/// One request.
#[derive(Debug)]
pub(super) struct Claim(AtomicU32);

impl Claim {
    pub(super) fn new() -> Claim {
        Claim(AtomicU32::new(REQUESTED))
    }

    /// Whether the helper may begin; it calls [`end`](Self::end) afterwards.
    pub(super) fn begin(&self) -> bool {
        self.0.compare_exchange(REQUESTED, RUNNING, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    pub(super) fn end(&self) {
        // Release: what the helper did comes before what the owner does next with the chunk.
        self.0.store(DONE, Ordering::Release);
    }

    /// Whether the helper will do nothing from now on. False while it is at work.
    pub(super) fn cancel(&self) -> bool {
        match self.0.compare_exchange(REQUESTED, DONE, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) | Err(DONE) => true,
            Err(_) => false,
        }
    }

    /// Whether the helper has done it, or never will.
    pub(super) fn is_done(&self) -> bool {
        self.0.load(Ordering::Acquire) == DONE
    }
}

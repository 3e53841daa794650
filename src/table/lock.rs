//! The lock between the sessions of a store.
//!
//! A task has one session, so the lock is nearly always free: taking it is one atomic exchange, giving it back a plain
//! store. Whoever finds it taken spins, then sleeps in short turns: most operations take a microsecond or less, but clearing a
//! large map or key group takes as long as that has entries.
#![expect(unsafe_code, reason = "a lock: gives out the value behind it to one thread at a time")]

use super::sync::{AtomicU32, Cell, Ordering, pause};
use crate::error::{Error, ErrorKind, Result};

const FREE: u32 = 0;
const HELD: u32 = 1;
/// A holder panicked, or said that the value is in doubt.
const POISONED: u32 = 2;

/// A value for one thread at a time.
pub(super) struct Lock<T> {
    word: AtomicU32,
    value: Cell<T>,
}

// SAFETY: the value is reached by one thread at a time, through a guard; the word's acquire and release order its uses.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(super) fn new(value: T) -> Lock<T> {
        Lock { word: AtomicU32::new(FREE), value: Cell::new(value) }
    }

    /// Runs `f` with the value. Fails with [`ErrorKind::Poisoned`] after a panic in an earlier `f`.
    #[inline(always)]
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        self.with_doubt(|value, _| f(value))
    }

    /// As [`with`](Self::with); an `f` that sets the flag leaves the lock poisoned.
    #[inline(always)]
    pub(super) fn with_doubt<R>(&self, f: impl FnOnce(&mut T, &mut bool) -> Result<R>) -> Result<R> {
        if self.word.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
            self.wait()?;
        }
        let mut held = Held { lock: self, next: POISONED };
        let mut doubt = false;
        // SAFETY: the word is HELD by this call and no other until `held` is dropped.
        let result = self.value.with_mut(|value| f(unsafe { &mut *value }, &mut doubt));
        // Said with the same store that lets the next one in: nobody gets between.
        held.next = if doubt { POISONED } else { FREE };
        result
    }

    #[cold]
    fn wait(&self) -> Result<()> {
        let mut turn = 0u32;
        loop {
            match self.word.compare_exchange_weak(FREE, HELD, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(POISONED) => {
                    return Err(Error::new(
                        ErrorKind::Poisoned,
                        "an earlier internal failure left the table in doubt; close the store and open it again",
                    ));
                }
                Err(_) => pause(turn),
            }
            turn = turn.saturating_add(1);
        }
    }
}

/// Gives the lock back, poisoned unless all went well.
struct Held<'a, T> {
    lock: &'a Lock<T>,
    next: u32,
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        self.lock.word.store(self.next, Ordering::Release);
    }
}

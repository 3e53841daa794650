//! The lock between the sessions of a store.
//!
//! A task has one session, so the lock is nearly always free: taking it is one atomic exchange, giving it back a plain
//! store. Whoever finds it taken spins, then sleeps in short turns; operations take microseconds at most.
#![expect(unsafe_code, reason = "a lock: gives out the value behind it to one thread at a time")]

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};

const FREE: u32 = 0;
const HELD: u32 = 1;
/// A holder panicked, or said that the value is in doubt.
const POISONED: u32 = 2;

/// A value for one thread at a time.
pub(super) struct Lock<T> {
    word: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached by one thread at a time, through a guard; the word's acquire and release order its uses.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    pub(super) fn new(value: T) -> Lock<T> {
        Lock { word: AtomicU32::new(FREE), value: UnsafeCell::new(value) }
    }

    /// Runs `f` with the value. Fails with [`ErrorKind::Poisoned`] after a panic in an earlier `f`.
    #[inline(always)]
    pub(super) fn with<R>(&self, f: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
        self.with_doubt(|value, _| f(value))
    }

    /// As [`with`](Self::with); whoever comes after an `f` that says it left the value in doubt is refused.
    #[inline(always)]
    pub(super) fn with_doubt<R>(&self, f: impl FnOnce(&mut T, &mut bool) -> Result<R>) -> Result<R> {
        if self.word.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
            self.wait()?;
        }
        let mut held = Held { lock: self, next: POISONED };
        let mut doubt = false;
        // SAFETY: the word is HELD by this call and no other until `held` is dropped.
        let result = f(unsafe { &mut *self.value.get() }, &mut doubt);
        if !doubt {
            held.next = FREE;
        }
        result
    }

    #[cold]
    fn wait(&self) -> Result<()> {
        for turn in 0u32.. {
            match self.word.compare_exchange_weak(FREE, HELD, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(POISONED) => {
                    return Err(Error::new(
                        ErrorKind::Poisoned,
                        "an earlier internal failure left the table in doubt; close the store and open it again",
                    ));
                }
                Err(_) if turn < 100 => std::hint::spin_loop(),
                Err(_) if turn < 200 => std::thread::yield_now(),
                Err(_) => std::thread::sleep(Duration::from_micros(50)),
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn one_thread_at_a_time_changes_the_value() {
        let lock = Arc::new(Lock::new(0u64));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let lock = Arc::clone(&lock);
                std::thread::spawn(move || {
                    for _ in 0..20_000 {
                        lock.with(|n| {
                            *n += 1;
                            Ok(())
                        })
                        .unwrap();
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(lock.with(|n| Ok(*n)).unwrap(), 80_000);
    }

    #[test]
    fn a_panic_or_a_doubt_poisons_it() {
        let lock = Lock::new(());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = lock.with(|()| -> Result<()> { panic!("in the table") });
        }));
        assert!(panicked.is_err());
        assert_eq!(lock.with(|()| Ok(())).unwrap_err().kind(), ErrorKind::Poisoned);
        let lock = Lock::new(());
        lock.with_doubt(|(), doubt| {
            *doubt = true;
            Ok(())
        })
        .unwrap();
        assert_eq!(lock.with(|()| Ok(())).unwrap_err().kind(), ErrorKind::Poisoned);
    }

    #[test]
    fn nobody_comes_in_between_a_doubt_and_the_poison() {
        for _ in 0..200 {
            let (lock, begun) = (Lock::new(0), std::sync::Barrier::new(2));
            std::thread::scope(|scope| {
                let other = scope.spawn(|| {
                    begun.wait();
                    lock.with(|n| Ok(*n))
                });
                lock.with_doubt(|n, doubt| {
                    begun.wait();
                    (*n, *doubt) = (1, true);
                    Ok(())
                })
                .unwrap();
                assert_eq!(other.join().unwrap().unwrap_err().kind(), ErrorKind::Poisoned);
            });
        }
    }
}

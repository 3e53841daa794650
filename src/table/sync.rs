//! What the table's threads meet at, from the standard library.
//!
//! The files that use this module (`lock`, `release`, `use_count`) are compiled a second time by their tests, with a
//! module of the same names in its place whose threads can be run in every order.

pub(super) use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
pub(super) use std::sync::{Mutex, MutexGuard};

/// A value that is reached through a pointer.
pub(super) struct Cell<T>(std::cell::UnsafeCell<T>);

impl<T> Cell<T> {
    #[inline(always)]
    pub(super) fn new(value: T) -> Cell<T> {
        Cell(std::cell::UnsafeCell::new(value))
    }

    /// Calls `f` with the value's address, to change it. That nobody else does so is up to the caller.
    #[inline(always)]
    pub(super) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// Waits a little for another thread; the longer, the more turns have passed.
pub(super) fn pause(turn: u32) {
    match turn {
        0..100 => std::hint::spin_loop(),
        100..200 => std::thread::yield_now(),
        _ => std::thread::sleep(std::time::Duration::from_micros(50)),
    }
}

//! How readers on other threads tell the owner that they need a key group no longer.

use std::collections::TryReserveError;
use std::sync::PoisonError;

use super::sync::{AtomicUsize, Mutex, MutexGuard, Ordering};

/// A snapshot or scan of `epoch` needs this key group of this state no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Release {
    pub(super) epoch: u64,
    pub(super) state: u32,
    pub(super) group: u32,
}

/// Messages to the owner.
///
/// Whoever will send some reserves room for them first, on the owner's thread, so that sending cannot fail. The owner
/// looks at `waiting` with every write, which costs a load; it takes the lock only when there is something.
#[derive(Debug, Default)]
pub(super) struct Releases {
    waiting: AtomicUsize,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    messages: Vec<Release>,
    /// Messages that will be sent.
    outstanding: usize,
}

impl Releases {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // Nothing that runs under the lock can panic half-way.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for `count` messages to come.
    pub(super) fn expect(&self, count: usize) -> Result<(), TryReserveError> {
        let mut queue = self.lock();
        let outstanding = queue.outstanding + count;
        let waiting = queue.messages.len();
        queue.messages.try_reserve(outstanding.saturating_sub(waiting))?;
        queue.outstanding = outstanding;
        Ok(())
    }

    /// Some messages will not come after all.
    pub(super) fn expect_no_longer(&self, count: usize) {
        self.lock().outstanding -= count;
    }

    /// Sends a message that was expected.
    pub(super) fn send(&self, release: Release) {
        let mut queue = self.lock();
        debug_assert!(queue.messages.len() < queue.messages.capacity(), "room was made");
        queue.messages.push(release);
        // Release: an owner that sees the count finds the message under the lock anyway; the order is for readers of
        // the count alone.
        self.waiting.store(queue.messages.len(), Ordering::Release);
    }

    /// Whether there are messages.
    #[inline(always)]
    pub(super) fn is_waiting(&self) -> bool {
        // Relaxed: a message seen a little later is as good.
        self.waiting.load(Ordering::Relaxed) != 0
    }

    /// Takes one message.
    pub(super) fn take(&self) -> Option<Release> {
        let mut queue = self.lock();
        let message = queue.messages.pop();
        if message.is_some() {
            queue.outstanding -= 1;
        }
        self.waiting.store(queue.messages.len(), Ordering::Release);
        message
    }

    /// Messages that have not been taken.
    #[cfg(test)]
    pub(super) fn outstanding(&self) -> usize {
        self.lock().outstanding
    }
}

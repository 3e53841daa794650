//! What a column family's compactions drop.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::expiry::{Clock, Expiry, Verdict};

/// When the entries of a column family are over; shared with RocksDB's compactions.
#[derive(Debug)]
pub(super) struct Expiring {
    clock: Arc<Clock>,
    expiry: Mutex<Option<Expiry>>,
    /// How often it was set. A compaction that began before stops dropping: values may be written in another form now.
    version: Arc<AtomicU64>,
}

/// One compaction's view of it.
#[derive(Debug)]
pub(super) struct Filter {
    expiry: Expiry,
    clock: Arc<Clock>,
    now: i64,
    /// Entries until the clock is read again.
    left: u64,
    version: u64,
    newest: Arc<AtomicU64>,
}

impl Expiring {
    pub(super) fn new(clock: &Arc<Clock>) -> Expiring {
        Expiring { clock: Arc::clone(clock), expiry: Mutex::new(None), version: Arc::default() }
    }

    /// Sets it; what it was.
    pub(super) fn set(&self, expiry: Option<Expiry>) -> Option<Expiry> {
        let mut current = self.lock();
        self.version.fetch_add(1, Ordering::Release);
        std::mem::replace(&mut *current, expiry)
    }

    /// What a compaction that begins now is to drop; `None`: nothing.
    pub(super) fn filter(&self) -> Option<Filter> {
        let expiry = self.lock();
        // Under the lock, so that the two belong together.
        let version = self.version.load(Ordering::Acquire);
        expiry.map(|expiry| Filter {
            expiry,
            now: self.clock.now(),
            clock: Arc::clone(&self.clock),
            left: expiry.entries_a_clock,
            version,
            newest: Arc::clone(&self.version),
        })
    }

    /// Replaced as a whole, so a panic leaves it whole.
    fn lock(&self) -> MutexGuard<'_, Option<Expiry>> {
        self.expiry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Filter {
    /// What becomes of a value.
    #[inline]
    pub(super) fn verdict(&mut self, value: &[u8]) -> Verdict {
        if self.newest.load(Ordering::Acquire) != self.version {
            return Verdict::Keep;
        }
        if self.left == 0 {
            self.now = self.clock.now();
            self.left = self.expiry.entries_a_clock;
        }
        self.left = self.left.saturating_sub(1);
        self.expiry.verdict(value, self.now)
    }
}

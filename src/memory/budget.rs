//! A limit that several users share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// A hard limit on native memory, in bytes. Shared by reference; may be used from any thread.
///
/// Invariant: `used` is the sum of all charges that have not been given back. It is at most `limit`, or a little above
/// for what a store brought with it when it was opened.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    used: AtomicU64,
}

impl Budget {
    /// A budget of `limit` bytes.
    pub fn new(limit: u64) -> Arc<Budget> {
        Arc::new(Budget { limit, used: AtomicU64::new(0) })
    }

    /// A budget without a limit; it still counts.
    pub fn unlimited() -> Arc<Budget> {
        Budget::new(u64::MAX)
    }

    /// The limit in bytes; `u64::MAX` when there is none.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes charged.
    pub fn used(&self) -> u64 {
        // Relaxed throughout: the number guards no other memory.
        self.used.load(Ordering::Relaxed)
    }

    /// Whether `bytes` were charged; nothing happens when they would pass the limit. No bytes never do, even where a store
    /// was opened above the limit.
    pub(crate) fn try_charge(&self, bytes: u64) -> bool {
        if bytes == 0 {
            return true;
        }
        self.used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(bytes).filter(|sum| *sum <= self.limit)
            })
            .is_ok()
    }

    /// Charges `bytes`. Fails with [`ErrorKind::MemoryBudget`].
    pub(crate) fn charge(&self, bytes: u64) -> Result<()> {
        if self.try_charge(bytes) { Ok(()) } else { Err(self.exhausted(bytes)) }
    }

    /// Charges `bytes` for what a store brings with it when it is opened: it was under the limit when it was written, and put
    /// in anew it may take somewhat more. Fails with [`ErrorKind::MemoryBudget`] a quarter and a megabyte above the limit.
    pub(crate) fn charge_leniently(&self, bytes: u64) -> Result<()> {
        let lenient = self.limit.saturating_add(self.limit / 4).saturating_add(1 << 20);
        let charge = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= lenient);
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, charge) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.exhausted(bytes)),
        }
    }

    /// Gives a charge back.
    pub(crate) fn release(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    #[cold]
    fn exhausted(&self, bytes: u64) -> Error {
        Error::new(
            ErrorKind::MemoryBudget,
            format!(
                "{bytes} more bytes would pass the memory limit of {} ({} are in use); raise memory.limit-bytes, or use \
                 the engine 'rocks'",
                self.limit,
                self.used()
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_past_the_limit_is_refused_and_changes_nothing() {
        let budget = Budget::new(100);
        budget.charge(60).unwrap();
        let error = budget.charge(41).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MemoryBudget);
        assert_eq!(budget.used(), 60);
        budget.charge(40).unwrap();
        budget.release(100);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn above_the_limit_what_takes_nothing_is_not_refused() {
        let budget = Budget::new(1000);
        budget.charge_leniently(1100).unwrap();
        assert!(!budget.try_charge(1) && budget.try_charge(0));
        assert!(budget.charge_leniently(2 << 20).is_err());
        assert_eq!(budget.used(), 1100);
    }

    #[test]
    fn no_sum_overflows_into_room() {
        let budget = Budget::unlimited();
        budget.charge(u64::MAX).unwrap();
        assert!(!budget.try_charge(1));
    }
}

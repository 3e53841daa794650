//! The time that state expires by.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

const MACHINE: i64 = i64::MIN;

/// The machine's clock, or a time that is set: for tests, and for those who have their own.
///
/// A time that lags behind is never wrong: what is over is dropped later.
#[derive(Debug)]
pub struct Clock {
    millis: AtomicI64,
}

impl Default for Clock {
    fn default() -> Self {
        Clock { millis: AtomicI64::new(MACHINE) }
    }
}

impl Clock {
    /// Milliseconds since 1970.
    pub fn now(&self) -> i64 {
        // Relaxed: the number stands for itself.
        match self.millis.load(Ordering::Relaxed) {
            MACHINE => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
            set => set,
        }
    }

    /// From now on it is this time, until another is set; `None`: that of the machine.
    pub fn set(&self, millis: Option<i64>) {
        self.millis.store(millis.unwrap_or(MACHINE), Ordering::Relaxed);
    }
}

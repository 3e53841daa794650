//! The panic guard around everything a door runs.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, ErrorKind, Result};

/// Runs `body`; a panic becomes an error that carries its message.
///
/// The caller poisons what `body` may have left half-changed, which is why it need not be unwind safe.
#[inline]
pub(crate) fn catch<R>(body: impl FnOnce() -> Result<R>) -> Result<R> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => Err(of_payload(payload)),
    }
}

/// The error for a panic's payload. The handle table adds that the store is poisoned, where one was in reach.
#[cold]
pub(crate) fn of_payload(payload: Box<dyn Any + Send>) -> Error {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => *text,
        (_, Some(text)) => text,
        _ => "no message",
    };
    let error = Error::new(ErrorKind::Panic, format!("internal failure, please report it: {text}"));
    // Dropping a payload may panic too; it is only memory, so let it go.
    std::mem::forget(payload);
    error
}

// Where tests make an export panic; nothing at all unless the library is built with the feature `failpoints`. An armed
// export panics as deep inside as its call goes: with its object in hand (`inside`), else before it returns in success
// (`leave`).

/// An export begins.
#[inline(always)]
pub(crate) fn enter(_export: &'static str) {
    #[cfg(feature = "failpoints")]
    failpoints::enter(_export);
}

/// A call has its object in hand.
#[inline(always)]
pub(crate) fn inside() {
    #[cfg(feature = "failpoints")]
    failpoints::hit();
}

/// An export is about to return.
#[inline(always)]
pub(crate) fn leave<T, E>(_result: &std::result::Result<T, E>) {
    #[cfg(feature = "failpoints")]
    if _result.is_ok() {
        failpoints::hit();
    }
}

#[cfg(feature = "failpoints")]
pub(crate) mod failpoints {
    use std::cell::Cell;
    use std::sync::{Mutex, PoisonError};

    use once_cell::sync::Lazy;

    /// The export to panic next; from the environment at first, for programs that cannot call [`arm`].
    static ARMED: Lazy<Mutex<Option<String>>> =
        Lazy::new(|| Mutex::new(std::env::var("KEYBED_PANIC_AT").ok()));

    thread_local! {
        static RUNNING: Cell<&'static str> = const { Cell::new("") };
    }

    /// The next call of this export panics; `None` disarms.
    pub(crate) fn arm(export: Option<String>) {
        *ARMED.lock().unwrap_or_else(PoisonError::into_inner) = export;
    }

    pub(super) fn enter(export: &'static str) {
        RUNNING.set(export);
    }

    #[expect(clippy::panic, reason = "this is what the feature is for")]
    pub(super) fn hit() {
        let export = RUNNING.get();
        let mut armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        if armed.as_deref() == Some(export) {
            *armed = None;
            drop(armed);
            panic!("injected panic in {export}");
        }
    }
}

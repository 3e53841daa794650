//! What both doors share: handles, thread ownership, the panic guard, the last error.
//!
//! A door never holds a pointer for its caller. It hands out a 64-bit handle, and every call goes through
//! [`handle`], which answers a stale, closed, foreign or wrong-typed one with an error, and confines sessions to their
//! thread. Every call runs under [`guard::catch`]: a panic becomes [`ErrorKind::Panic`](crate::error::ErrorKind::Panic)
//! and poisons the store it may have left half-changed.

mod abi;
pub(crate) mod exclusive;
pub(crate) mod guard;
pub(crate) mod handle;
pub(crate) mod kinds;
pub(crate) mod last_error;
pub(crate) mod thread;

pub(crate) use abi::ABI_VERSION;

/// What this library was built with, comma-separated.
pub(crate) fn features() -> &'static str {
    if cfg!(feature = "rocks") { "rocks" } else { "" }
}

//! From results to statuses.

use crate::error::{Error, Result};
use crate::ffi::{guard, last_error};

/// Success. The others are KEYBED_ABSENT (1) and the codes of the error kinds.
pub(super) const OK: i32 = 0;
/// There is no value, or no further entry.
pub(super) const ABSENT: i32 = 1;

/// Runs the body of an export under the panic guard. `Ok(true)` is OK, `Ok(false)` is ABSENT.
#[inline]
pub(super) fn run(export: &'static str, body: impl FnOnce() -> Result<bool>) -> i32 {
    match guard::catch(|| {
        guard::enter(export);
        let result = body();
        guard::leave(&result);
        result
    }) {
        Ok(true) => OK,
        Ok(false) => ABSENT,
        Err(error) => failed(&error),
    }
}

#[cold]
fn failed(error: &Error) -> i32 {
    last_error::set(error);
    error.code()
}

//! Who is calling.
#![expect(unsafe_code, reason = "asks the C library for the calling thread")]

/// A number that no other live thread has; never 0 or `usize::MAX`.
///
/// `pthread_self` reads one register; a thread-local of our own would cost a call of `__tls_get_addr` in a shared
/// library. A number may come back after its thread has ended: then nothing of that thread runs any more.
#[inline]
pub(crate) fn current() -> usize {
    // SAFETY: pthread_self has no preconditions and cannot fail.
    unsafe { libc::pthread_self() as usize }
}

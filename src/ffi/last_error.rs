//! The message of the last failed call of a thread, for callers that get only a code.

use std::cell::RefCell;
use std::ffi::CString;

use crate::error::Error;

thread_local! {
    // Touched on the error path only: in a loaded library a thread-local is a call.
    static LAST: RefCell<Option<CString>> = const { RefCell::new(None) };
}

/// Keeps the message for this thread.
#[cold]
pub(crate) fn set(error: &Error) {
    let bytes: Vec<u8> = error.message().bytes().map(|b| if b == 0 { b' ' } else { b }).collect();
    LAST.with(|last| last.replace(CString::new(bytes).ok()));
}

/// Calls `f` with this thread's message.
pub(crate) fn with<R>(f: impl FnOnce(Option<&CString>) -> R) -> R {
    LAST.with(|last| f(last.borrow().as_ref()))
}

//! The casts of the C door: every pointer that comes in is looked at here.
#![expect(unsafe_code, reason = "reads and writes memory that a C caller describes")]

use std::ffi::{CStr, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::capi::{keybed_option_t, keybed_slice_t};
use crate::error::{Error, ErrorKind, Result};

#[cold]
fn null(what: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("{what} is NULL"))
}

/// The bytes of a slice.
///
/// # Safety
/// Unless it is empty, `slice.data` must be readable for `slice.len` bytes while the result is used.
#[inline]
pub(super) unsafe fn bytes<'a>(what: &str, slice: keybed_slice_t) -> Result<&'a [u8]> {
    // SAFETY: the caller's promise.
    unsafe { array(what, slice.data, slice.len) }
}

/// An array of a C caller.
///
/// # Safety
/// Unless it is empty, `data` must be aligned and readable for `len` elements while the result is used.
#[inline]
pub(super) unsafe fn array<'a, T>(what: &str, data: *const T, len: usize) -> Result<&'a [T]> {
    if len == 0 {
        return Ok(&[]);
    }
    check(what, data, len)?;
    // SAFETY: not null, not longer than an allocation can be, and readable by the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// An output buffer of a C caller.
///
/// # Safety
/// Unless it is empty, `data` must be writable for `len` bytes and not overlap any input while the result is used.
#[inline]
pub(super) unsafe fn output<'a>(what: &str, data: *mut u8, len: usize) -> Result<&'a mut [u8]> {
    if len == 0 {
        return Ok(&mut []);
    }
    check(what, data, len)?;
    // SAFETY: as in `array`, and exclusive by the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts_mut(data, len) })
}

fn check<T>(what: &str, data: *const T, len: usize) -> Result<()> {
    if data.is_null() {
        return Err(null(what));
    }
    if len > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("{what} has an impossible length of {len}"),
        ));
    }
    Ok(())
}

/// A NUL-terminated string.
///
/// # Safety
/// Unless it is null, `text` must be NUL-terminated and readable while the result is used.
pub(super) unsafe fn string<'a>(what: &str, text: *const c_char) -> Result<&'a CStr> {
    if text.is_null() {
        return Err(null(what));
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// A NUL-terminated UTF-8 string.
///
/// # Safety
/// As [`string`].
pub(super) unsafe fn text<'a>(what: &str, text: *const c_char) -> Result<&'a str> {
    // SAFETY: the caller's promise.
    let text = unsafe { string(what, text)? };
    text.to_str().map_err(|_| Error::new(ErrorKind::InvalidArgument, format!("{what} is not UTF-8")))
}

/// A path.
///
/// # Safety
/// As [`string`].
pub(super) unsafe fn path<'a>(what: &str, path: *const c_char) -> Result<&'a Path> {
    // SAFETY: the caller's promise.
    let path = unsafe { string(what, path)? };
    Ok(Path::new(OsStr::from_bytes(path.to_bytes())))
}

/// Options as names and values.
///
/// # Safety
/// Unless it is empty, `options` must be aligned and readable for `count` elements, and their names and values as for
/// [`string`].
pub(super) unsafe fn options<'a>(
    options: *const keybed_option_t,
    count: usize,
) -> Result<Vec<(&'a str, &'a str)>> {
    // SAFETY: the caller's promise.
    let pairs = unsafe { array("options", options, count)? };
    let pair = |pair: &keybed_option_t| {
        // SAFETY: the caller's promise.
        unsafe { Ok((text("an option's name", pair.name)?, text("an option's value", pair.value)?)) }
    };
    pairs.iter().map(pair).collect()
}

/// Checks an out-pointer before any work is done, so that a call that would have nowhere to put its result does nothing.
#[inline]
pub(super) fn out<T>(what: &str, out: *mut T) -> Result<Out<T>> {
    if out.is_null() { Err(null(what)) } else { Ok(Out(out)) }
}

/// An out-pointer that is not null.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Stores the result.
    ///
    /// # Safety
    /// The pointer given to [`out`] must be aligned and writable.
    #[inline]
    pub(super) unsafe fn set(self, value: T) {
        // SAFETY: not null, and writable by the caller's promise.
        unsafe { self.0.write(value) };
    }
}

//! `keybed_session_t` and the operations on its states.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::ffi::c_char;

use crate::capi::status::run;
use crate::capi::{keybed_request_t, keybed_session_t, keybed_slice_t, keybed_state_t, memory};
use crate::error::{Error, ErrorKind};
use crate::ffi::handle;
use crate::ffi::kinds::SessionKind;
use crate::key::{PartSize, Scope};
use crate::store::{KeyRequest, StateId, StateKind};

/// Closes a session. Closing a closed session is no error; KEYBED_WRONG_THREAD unless the caller owns it or it has been
/// released.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_session_close(session: keybed_session_t) -> i32 {
    run("keybed_session_close", || {
        drop(handle::remove_confined::<SessionKind>(session, false)?);
        Ok(true)
    })
}

/// Gives up ownership of a session, so that another thread can acquire it.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_session_release(session: keybed_session_t) -> i32 {
    run("keybed_session_release", || handle::release::<SessionKind>(session).map(|()| true))
}

/// Takes ownership of a released session.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_session_acquire(session: keybed_session_t) -> i32 {
    run("keybed_session_acquire", || handle::acquire::<SessionKind>(session).map(|()| true))
}

/// Opens a state, making it when the store has none of that name. `kind` is one of KEYBED_STATE_*; `namespace_size` is a
/// number of bytes (0 = no namespaces), -1 for variable or -2 for delimited.
///
/// KEYBED_STATE_ALREADY_OPEN when this session has it open; KEYBED_STATE_MISMATCH when it exists with another kind or
/// namespace size.
///
/// # Safety
/// `name` must be NULL or NUL-terminated; `state` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_state_open(
    session: keybed_session_t,
    name: *const c_char,
    kind: i32,
    namespace_size: i32,
    state: *mut keybed_state_t,
) -> i32 {
    run("keybed_state_open", || {
        let out = memory::out("state", state)?;
        // SAFETY: the caller's promise.
        let name = unsafe { memory::text("name", name)? };
        let bad =
            |what: &str, n| Error::new(ErrorKind::InvalidArgument, format!("state '{name}': {what} {n}"));
        let kind = StateKind::of_code(kind).ok_or_else(|| bad("unknown kind", kind))?;
        let namespace = PartSize::of_code(namespace_size)
            .ok_or_else(|| bad("namespace size must be -2 or more, not", namespace_size))?;
        let state = handle::with::<SessionKind, _>(session, |s| s.open_state(name, kind, namespace))?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(state.to_code()) };
        Ok(true)
    })
}

/// Makes `key` in key group `group` the current key of the session. Its encoded form is kept until the next call.
///
/// KEYBED_EMPTY_KEY, KEYBED_KEY_PART_LENGTH, KEYBED_KEY_GROUP_OUT_OF_RANGE, KEYBED_KEY_TOO_LARGE; there is no current key
/// then.
///
/// # Safety
/// `key` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_set_key(session: keybed_session_t, group: u32, key: keybed_slice_t) -> i32 {
    run("keybed_set_key", || {
        // SAFETY: the caller's promise.
        let key = unsafe { memory::bytes("key", key)? };
        handle::with::<SessionKind, _>(session, |s| s.set_key(group, key)).map(|()| true)
    })
}

/// Copies the value of the current key to `out` and sets `*len` to its length. KEYBED_ABSENT when there is none.
/// KEYBED_BUFFER_TOO_SMALL when it is longer than `capacity`: `*len` is set, nothing is copied. `map_key` is empty for
/// states that are no maps.
///
/// # Safety
/// `name_space` and `map_key` must be readable, `out` writable for `capacity` bytes, `len` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_get(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
    out: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> i32 {
    run("keybed_get", || {
        let len = memory::out("len", len)?;
        // SAFETY: the caller's promise.
        let (namespace, map_key, out) = unsafe {
            (
                memory::bytes("name_space", name_space)?,
                memory::bytes("map_key", map_key)?,
                memory::output("out", out, capacity)?,
            )
        };
        let found = handle::with::<SessionKind, _>(session, |s| {
            s.get(StateId::of_code(state), namespace, map_key, out)
        })?;
        let Some(found) = found else { return Ok(false) };
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { len.set(found) };
        if found > capacity { Err(too_small("value", found, capacity)) } else { Ok(true) }
    })
}

pub(super) fn too_small(what: &str, needed: usize, capacity: usize) -> Error {
    Error::new(ErrorKind::BufferTooSmall, format!("the {what} has {needed} bytes, the buffer {capacity}"))
}

/// KEYBED_OK when the current key has a value, KEYBED_ABSENT when it has none.
///
/// # Safety
/// `name_space` and `map_key` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_contains(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
) -> i32 {
    run("keybed_contains", || {
        // SAFETY: the caller's promise.
        let (namespace, map_key) =
            unsafe { (memory::bytes("name_space", name_space)?, memory::bytes("map_key", map_key)?) };
        handle::with::<SessionKind, _>(session, |s| s.contains(StateId::of_code(state), namespace, map_key))
    })
}

/// Sets the value of the current key. KEYBED_VALUE_TOO_LARGE above the store's max-value-bytes.
///
/// # Safety
/// `name_space`, `map_key` and `value` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_put(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
    value: keybed_slice_t,
) -> i32 {
    run("keybed_put", || {
        // SAFETY: the caller's promise.
        let (namespace, map_key, value) = unsafe {
            (
                memory::bytes("name_space", name_space)?,
                memory::bytes("map_key", map_key)?,
                memory::bytes("value", value)?,
            )
        };
        handle::with::<SessionKind, _>(session, |s| {
            s.put(StateId::of_code(state), namespace, map_key, value).map(|()| true)
        })
    })
}

/// Adds `delta` to the number that the current key has, 8 bytes big-endian, and sets `*sum` to the result, which wraps. An
/// absent number counts as 0. One call in place of a get and a put.
///
/// KEYBED_WRONG_STATE_KIND for list states; KEYBED_INVALID_ARGUMENT when the value has not 8 bytes: it stays as it is.
///
/// # Safety
/// `name_space` and `map_key` must be readable; `sum` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_add_i64(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
    delta: i64,
    sum: *mut i64,
) -> i32 {
    run("keybed_add_i64", || {
        let out = memory::out("sum", sum)?;
        // SAFETY: the caller's promise.
        let (namespace, map_key) =
            unsafe { (memory::bytes("name_space", name_space)?, memory::bytes("map_key", map_key)?) };
        let sum = handle::with::<SessionKind, _>(session, |s| {
            s.add_i64(StateId::of_code(state), namespace, map_key, delta)
        })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(sum) };
        Ok(true)
    })
}

/// Appends an element to a list state; elements are joined by ','. KEYBED_WRONG_STATE_KIND for other states.
///
/// # Safety
/// `name_space` and `element` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_append(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    element: keybed_slice_t,
) -> i32 {
    run("keybed_append", || {
        // SAFETY: the caller's promise.
        let (namespace, element) =
            unsafe { (memory::bytes("name_space", name_space)?, memory::bytes("element", element)?) };
        handle::with::<SessionKind, _>(session, |s| {
            s.append(StateId::of_code(state), namespace, element).map(|()| true)
        })
    })
}

/// Removes the value of the current key; no error when there is none.
///
/// # Safety
/// `name_space` and `map_key` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_delete(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
) -> i32 {
    run("keybed_delete", || {
        // SAFETY: the caller's promise.
        let (namespace, map_key) =
            unsafe { (memory::bytes("name_space", name_space)?, memory::bytes("map_key", map_key)?) };
        handle::with::<SessionKind, _>(session, |s| {
            s.delete(StateId::of_code(state), namespace, map_key).map(|()| true)
        })
    })
}

/// The scope of one of KEYBED_SCOPE_*.
pub(super) fn scope_of(code: i32, group: u32, namespace: &[u8]) -> crate::error::Result<Scope<'_>> {
    Scope::of_code(code, group, namespace).ok_or_else(|| {
        Error::new(ErrorKind::InvalidArgument, format!("unknown scope {code}; use KEYBED_SCOPE_*"))
    })
}

/// Removes all entries of a scope, all or none: of key group `group` (KEYBED_SCOPE_GROUP), of the current key
/// (KEYBED_SCOPE_KEY), or of the current key in namespace `name_space` (KEYBED_SCOPE_NAMESPACE).
///
/// # Safety
/// `name_space` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_clear(
    session: keybed_session_t,
    state: keybed_state_t,
    scope: i32,
    group: u32,
    name_space: keybed_slice_t,
) -> i32 {
    run("keybed_clear", || {
        // SAFETY: the caller's promise.
        let scope = scope_of(scope, group, unsafe { memory::bytes("name_space", name_space)? })?;
        handle::with::<SessionKind, _>(session, |s| s.clear(StateId::of_code(state), scope).map(|()| true))
    })
}

/// Writes the composite key of the current key, as the engine sees it, to `out` and sets `*len`.
/// KEYBED_BUFFER_TOO_SMALL as in keybed_get.
///
/// # Safety
/// As keybed_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_composite_key(
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
    out: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> i32 {
    run("keybed_composite_key", || {
        let len = memory::out("len", len)?;
        // SAFETY: the caller's promise.
        let (namespace, map_key, out) = unsafe {
            (
                memory::bytes("name_space", name_space)?,
                memory::bytes("map_key", map_key)?,
                memory::output("out", out, capacity)?,
            )
        };
        let needed = handle::with::<SessionKind, _>(session, |s| {
            let key = s.composite_key(StateId::of_code(state), namespace, map_key)?;
            if let Some(target) = out.get_mut(..key.len()) {
                target.copy_from_slice(key);
            }
            Ok(key.len())
        })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { len.set(needed) };
        if needed > capacity { Err(too_small("composite key", needed, capacity)) } else { Ok(true) }
    })
}

/// Answers `requests[from..count]` in order with one block in `out`, and sets `*len` to the block's length. Entry keys
/// are one byte: 1 found, 0 absent. keybed_block_info says how many were answered; go on with `from` raised by that. The
/// current key stays as it is.
///
/// # Safety
/// `requests` and the slices in it must be readable; `out` writable for `capacity` bytes; `len` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_multi_get(
    session: keybed_session_t,
    state: keybed_state_t,
    requests: *const keybed_request_t,
    count: usize,
    from: usize,
    out: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> i32 {
    run("keybed_multi_get", || {
        let len = memory::out("len", len)?;
        // SAFETY: the caller's promise.
        let (requests, out) =
            unsafe { (memory::array("requests", requests, count)?, memory::output("out", out, capacity)?) };
        let requests = requests.iter().map(|r| {
            // SAFETY: the caller's promise.
            unsafe {
                Ok(KeyRequest {
                    group: r.group,
                    key: memory::bytes("a request's key", r.key)?,
                    namespace: memory::bytes("a request's name_space", r.name_space)?,
                    map_key: memory::bytes("a request's map_key", r.map_key)?,
                })
            }
        });
        let written = handle::with::<SessionKind, _>(session, |s| {
            s.multi_get(StateId::of_code(state), requests, from, out)
        })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { len.set(written) };
        Ok(true)
    })
}

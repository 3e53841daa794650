//! `keybed_batch_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use crate::capi::status::run;
use crate::capi::{keybed_batch_t, keybed_session_t, keybed_slice_t, keybed_state_t, memory};
use crate::ffi::handle;
use crate::ffi::kinds::{BatchKind, SessionKind};
use crate::store::{StateId, WriteBatch};

/// Creates an empty write batch, owned by the calling thread.
///
/// # Safety
/// `batch` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_batch_create(batch: *mut keybed_batch_t) -> i32 {
    run("keybed_batch_create", || {
        let out = memory::out("batch", batch)?;
        let handle = handle::insert_confined::<BatchKind>(WriteBatch::new())?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Adds a put of the session's current key. Key and value are copied at once.
///
/// KEYBED_FOREIGN_HANDLE when the batch holds operations of another session.
///
/// # Safety
/// `name_space`, `map_key` and `value` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_batch_put(
    batch: keybed_batch_t,
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
    value: keybed_slice_t,
) -> i32 {
    run("keybed_batch_put", || {
        // SAFETY: the caller's promise.
        let (namespace, map_key, value) = unsafe {
            (
                memory::bytes("name_space", name_space)?,
                memory::bytes("map_key", map_key)?,
                memory::bytes("value", value)?,
            )
        };
        handle::with::<BatchKind, _>(batch, |b| {
            handle::with::<SessionKind, _>(session, |s| {
                s.batch_put(b, StateId::of_code(state), namespace, map_key, value).map(|()| true)
            })
        })
    })
}

/// Adds an append to a list of the session's current key. Key and element are copied at once.
///
/// # Safety
/// `name_space` and `element` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_batch_append(
    batch: keybed_batch_t,
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    element: keybed_slice_t,
) -> i32 {
    run("keybed_batch_append", || {
        // SAFETY: the caller's promise.
        let (namespace, element) =
            unsafe { (memory::bytes("name_space", name_space)?, memory::bytes("element", element)?) };
        handle::with::<BatchKind, _>(batch, |b| {
            handle::with::<SessionKind, _>(session, |s| {
                s.batch_append(b, StateId::of_code(state), namespace, element).map(|()| true)
            })
        })
    })
}

/// Adds a delete of the session's current key. The key is copied at once.
///
/// # Safety
/// `name_space` and `map_key` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_batch_delete(
    batch: keybed_batch_t,
    session: keybed_session_t,
    state: keybed_state_t,
    name_space: keybed_slice_t,
    map_key: keybed_slice_t,
) -> i32 {
    run("keybed_batch_delete", || {
        // SAFETY: the caller's promise.
        let (namespace, map_key) =
            unsafe { (memory::bytes("name_space", name_space)?, memory::bytes("map_key", map_key)?) };
        handle::with::<BatchKind, _>(batch, |b| {
            handle::with::<SessionKind, _>(session, |s| {
                s.batch_delete(b, StateId::of_code(state), namespace, map_key).map(|()| true)
            })
        })
    })
}

/// Forgets all operations of a batch.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_batch_clear(batch: keybed_batch_t) -> i32 {
    run("keybed_batch_clear", || {
        handle::with::<BatchKind, _>(batch, |b| {
            b.clear();
            Ok(true)
        })
    })
}

/// Applies all operations of a batch in order, all or none, and clears it. On an error the batch stays as it is.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_batch_commit(batch: keybed_batch_t, session: keybed_session_t) -> i32 {
    run("keybed_batch_commit", || {
        handle::with::<BatchKind, _>(batch, |b| handle::with::<SessionKind, _>(session, |s| s.commit(b)))
            .map(|_| true)
    })
}

/// Destroys a batch; what was not committed is discarded. Destroying a destroyed batch is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_batch_destroy(batch: keybed_batch_t) -> i32 {
    run("keybed_batch_destroy", || {
        drop(handle::remove_confined::<BatchKind>(batch, false)?);
        Ok(true)
    })
}

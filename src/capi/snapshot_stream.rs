//! `keybed_snapshot_stream_t`.
#![expect(unsafe_code, reason = "exports unmangled symbols and passes C memory on")]

use std::sync::Arc;

use crate::capi::session::too_small;
use crate::capi::status::run;
use crate::capi::{
    describe, keybed_option_t, keybed_snapshot_stream_t, keybed_snapshot_summary_t, keybed_snapshot_t, memory,
};
use crate::ffi::exclusive::Exclusive;
use crate::ffi::handle;
use crate::ffi::kinds::{SnapshotKind, StreamKind};
use crate::snapshot::{NextBlock, SnapshotOptions};

/// Opens a stream of a snapshot, which gives the bytes of a snapshot file block by block. `options` are `count` names and
/// values; the README lists them. The stream goes on when snapshot and store are closed.
///
/// # Safety
/// `options` must be readable for `count` elements, their names and values NULL or NUL-terminated; `stream` must be NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_stream_open(
    snapshot: keybed_snapshot_t,
    options: *const keybed_option_t,
    count: usize,
    stream: *mut keybed_snapshot_stream_t,
) -> i32 {
    run("keybed_snapshot_stream_open", || {
        let out = memory::out("stream", stream)?;
        // SAFETY: the caller's promise.
        let options = SnapshotOptions::from_pairs(unsafe { memory::options(options, count)? })?;
        let opened = handle::with_shared::<SnapshotKind, _>(snapshot, |s| {
            Ok(Exclusive::new(s.stream(&options)?, Some(Arc::clone(s.core()))))
        })?;
        let handle = handle::insert_shared::<StreamKind>(opened)?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(handle) };
        Ok(true)
    })
}

/// Writes the next block to `out` and sets `*len` to its length. KEYBED_ABSENT at the end. KEYBED_BUFFER_TOO_SMALL when
/// `capacity` is too small: `*len` is what it needs, and the call may be repeated. 320 KiB are enough for the default
/// block-bytes and entries of that size.
///
/// KEYBED_WRONG_THREAD while another thread is in a call on the stream; KEYBED_CLOSED when a key group that is still to come
/// has been released, or an earlier call failed.
///
/// # Safety
/// `out` must be writable for `capacity` bytes, `len` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_stream_next(
    stream: keybed_snapshot_stream_t,
    out: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> i32 {
    run("keybed_snapshot_stream_next", || {
        let len = memory::out("len", len)?;
        // SAFETY: the caller's promise.
        let out = unsafe { memory::output("out", out, capacity)? };
        let next = handle::with_shared::<StreamKind, _>(stream, |s| {
            s.with(|s| {
                // The shortest buffer there may be is no error of the caller's: say what is needed.
                if out.len() < crate::snapshot::MIN_BUFFER_BYTES {
                    return Ok(NextBlock::Needs(s.buffer_bytes()));
                }
                s.next_block(out)
            })
        })?;
        match next {
            NextBlock::Block(written) => {
                // SAFETY: checked for NULL; writable by the caller's promise.
                unsafe { len.set(written) };
                Ok(true)
            }
            NextBlock::Needs(needed) => {
                // SAFETY: checked for NULL; writable by the caller's promise.
                unsafe { len.set(needed) };
                Err(too_small("block", needed, capacity))
            }
            NextBlock::End => Ok(false),
        }
    })
}

/// What the stream has given so far; after its end, all of the snapshot.
///
/// # Safety
/// `summary` must be NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn keybed_snapshot_stream_summary(
    stream: keybed_snapshot_stream_t,
    summary: *mut keybed_snapshot_summary_t,
) -> i32 {
    run("keybed_snapshot_stream_summary", || {
        let out = memory::out("summary", summary)?;
        let found = handle::with_shared::<StreamKind, _>(stream, |s| {
            s.with(|s| Ok(describe::summary(&s.summary())))
        })?;
        // SAFETY: checked for NULL; writable by the caller's promise.
        unsafe { out.set(found) };
        Ok(true)
    })
}

/// Closes a stream, at its end or before; any thread may, and a call that runs on another comes to its end. Closing a closed
/// stream is no error.
#[unsafe(no_mangle)]
pub extern "C" fn keybed_snapshot_stream_close(stream: keybed_snapshot_stream_t) -> i32 {
    run("keybed_snapshot_stream_close", || {
        drop(handle::remove_shared::<StreamKind>(stream)?);
        Ok(true)
    })
}

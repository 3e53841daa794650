//! The hot calls, straight on librocksdb-sys, and what the safe crate lacks: the only unsafe code of this engine.
//!
//! What each call allocates inside RocksDB (our side allocates nothing):
//!
//! | call | allocations |
//! |---|---|
//! | get, contains | none for a value in the block cache, and none for a miss; a value over 15 bytes in a memtable is first assigned to a `std::string` (one malloc and free) |
//! | put, append, delete, batch | none once the reused batch has grown; the memtable takes its memory in arena blocks |
//! | multi-get | as get, per key |
//! | scan | the iterator, its arena and its child iterators, once a scan; nothing an entry |
//! | error | the text of the status |
//!
//! Invariant of every type here: it holds an `Arc<DB>`, and every raw pointer in it belongs to that database or to
//! itself, so a pointer lives as long as its holder. Column families are never dropped while the database is open.
#![expect(unsafe_code, reason = "calls the RocksDB C API; every block names its invariant")]

mod column;
mod filter;
mod flush;
mod import;
mod iter;
mod writer;

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;

use librocksdb_sys as ffi;
use rocksdb::{AsRawPtr, DB};

pub(super) use column::Column;
pub(super) use filter::filter_by;
pub(super) use flush::begin_flush;
pub(super) use import::import_files;
pub(super) use iter::{BoundedIter, Snapshot};
pub(super) use writer::Writer;

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::status;

fn raw_db(db: &DB) -> Result<NonNull<ffi::rocksdb_t>> {
    // SAFETY: the caller keeps the pointer beside an Arc of the database, see the module's invariant.
    let raw = unsafe { db.as_raw_ptr() };
    NonNull::new(raw).ok_or_else(|| Error::new(ErrorKind::Engine, "RocksDB: no database"))
}

/// The bytes of a RocksDB slice.
///
/// # Safety
/// The slice must be readable for `'a`.
#[inline]
unsafe fn bytes<'a>(slice: ffi::rocksdb_slice_t) -> &'a [u8] {
    // SAFETY: the caller's promise.
    unsafe { bytes_of(slice.data, slice.size) }
}

/// The same of a slice in its two parts.
///
/// # Safety
/// As [`bytes`].
#[inline]
unsafe fn bytes_of<'a>(data: *const c_char, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; RocksDB's non-empty slices are not null.
    unsafe { std::slice::from_raw_parts(data.cast(), len) }
}

/// Read options of one owner.
struct ReadOptions {
    raw: NonNull<ffi::rocksdb_readoptions_t>,
}

impl ReadOptions {
    fn new() -> Result<ReadOptions> {
        // SAFETY: a plain constructor; destroyed in drop.
        let raw = unsafe { ffi::rocksdb_readoptions_create() };
        match NonNull::new(raw) {
            Some(raw) => Ok(ReadOptions { raw }),
            None => Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no read options")),
        }
    }
}

impl Drop for ReadOptions {
    fn drop(&mut self) {
        // SAFETY: made in new, destroyed once.
        unsafe { ffi::rocksdb_readoptions_destroy(self.raw.as_ptr()) };
    }
}

/// The `char** errptr` of a call: null, or a text to free.
struct Status {
    text: *mut c_char,
}

impl Status {
    #[inline]
    fn new() -> Status {
        Status { text: std::ptr::null_mut() }
    }

    #[inline]
    fn out(&mut self) -> *mut *mut c_char {
        &mut self.text
    }

    #[inline]
    fn check(self) -> Result<()> {
        if self.text.is_null() { Ok(()) } else { Err(self.into_error()) }
    }

    #[cold]
    fn into_error(self) -> Error {
        // SAFETY: RocksDB set the pointer to a NUL-terminated text that is ours to free.
        unsafe {
            let error = status::error(&CStr::from_ptr(self.text).to_string_lossy());
            ffi::rocksdb_free(self.text.cast());
            error
        }
    }
}

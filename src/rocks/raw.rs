//! The hot calls, straight on librocksdb-sys: the only unsafe code of this engine.
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

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;
use std::sync::Arc;

use librocksdb_sys as ffi;
use rocksdb::{AsColumnFamilyRef, AsRawPtr, DB};

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::status;

/// A column family of a database, with its read options.
pub(super) struct Column {
    db: Arc<DB>,
    raw: NonNull<ffi::rocksdb_t>,
    family: NonNull<ffi::rocksdb_column_family_handle_t>,
    read: ReadOptions,
}

// SAFETY: the database and its column family handles may be used from any thread (RocksDB's contract), and the read
// options belong to this object alone.
unsafe impl Send for Column {}

impl Column {
    /// The column family of that name.
    pub(super) fn open(db: &Arc<DB>, name: &str) -> Result<Column> {
        let missing = || Error::new(ErrorKind::StateNotFound, format!("no column family '{name}'"));
        let family = db.cf_handle(name).ok_or_else(missing)?;
        let family = NonNull::new(family.inner()).ok_or_else(missing)?;
        Ok(Column { db: Arc::clone(db), raw: raw_db(db)?, family, read: ReadOptions::new()? })
    }

    /// Copies the value into `out`; its length, or `None` when there is none. A longer value is not copied.
    #[inline]
    pub(super) fn get(&self, key: &[u8], out: &mut [u8]) -> Result<Option<usize>> {
        let mut len = 0usize;
        let mut found = 0u8;
        let mut status = Status::new();
        // SAFETY: database, options and family are alive while self is; key and out are slices of these lengths; the
        // three out-pointers are locals.
        unsafe {
            ffi::rocksdb_get_into_buffer_cf(
                self.raw.as_ptr(),
                self.read.raw.as_ptr(),
                self.family.as_ptr(),
                key.as_ptr().cast(),
                key.len(),
                out.as_mut_ptr().cast(),
                out.len(),
                &mut len,
                &mut found,
                status.out(),
            );
        }
        status.check()?;
        Ok(if found != 0 { Some(len) } else { None })
    }

    /// Whether it belongs to this database.
    fn is_of(&self, db: &Arc<DB>) -> bool {
        Arc::ptr_eq(&self.db, db)
    }
}

fn raw_db(db: &DB) -> Result<NonNull<ffi::rocksdb_t>> {
    // SAFETY: the caller keeps the pointer beside an Arc of the database, see the module's invariant.
    let raw = unsafe { db.as_raw_ptr() };
    NonNull::new(raw).ok_or_else(|| Error::new(ErrorKind::Engine, "RocksDB: no database"))
}

/// Writes to a database through one reused write batch.
pub(super) struct Writer {
    db: Arc<DB>,
    raw: NonNull<ffi::rocksdb_t>,
    options: NonNull<ffi::rocksdb_writeoptions_t>,
    batch: NonNull<ffi::rocksdb_writebatch_t>,
}

// SAFETY: the database may be used from any thread; options and batch belong to this object alone.
unsafe impl Send for Writer {}

impl Writer {
    /// A writer that uses the write-ahead log or not.
    pub(super) fn new(db: &Arc<DB>, wal: bool) -> Result<Writer> {
        let raw = raw_db(db)?;
        // SAFETY: plain constructors, owned by the Writer and destroyed in its drop.
        let (options, batch) =
            unsafe { (ffi::rocksdb_writeoptions_create(), ffi::rocksdb_writebatch_create()) };
        let (Some(options), Some(batch)) = (NonNull::new(options), NonNull::new(batch)) else {
            return Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no write options"));
        };
        let writer = Writer { db: Arc::clone(db), raw, options, batch };
        // SAFETY: the options were made above.
        unsafe { ffi::rocksdb_writeoptions_disable_WAL(writer.options.as_ptr(), i32::from(!wal)) };
        Ok(writer)
    }

    /// Empties the batch; its memory stays.
    #[inline]
    pub(super) fn begin(&mut self) {
        // SAFETY: the batch is alive while self is.
        unsafe { ffi::rocksdb_writebatch_clear(self.batch.as_ptr()) };
    }

    /// Adds a put.
    #[inline]
    pub(super) fn put(&mut self, column: &Column, key: &[u8], value: &[u8]) {
        assert!(column.is_of(&self.db));
        // SAFETY: batch and family are alive and of one database (checked), key and value are slices of these lengths;
        // RocksDB copies both.
        unsafe {
            ffi::rocksdb_writebatch_put_cf(
                self.batch.as_ptr(),
                column.family.as_ptr(),
                key.as_ptr().cast(),
                key.len(),
                value.as_ptr().cast(),
                value.len(),
            );
        }
    }

    /// Adds a merge.
    #[inline]
    pub(super) fn merge(&mut self, column: &Column, key: &[u8], value: &[u8]) {
        assert!(column.is_of(&self.db));
        // SAFETY: as in put.
        unsafe {
            ffi::rocksdb_writebatch_merge_cf(
                self.batch.as_ptr(),
                column.family.as_ptr(),
                key.as_ptr().cast(),
                key.len(),
                value.as_ptr().cast(),
                value.len(),
            );
        }
    }

    /// Adds a delete.
    #[inline]
    pub(super) fn delete(&mut self, column: &Column, key: &[u8]) {
        assert!(column.is_of(&self.db));
        // SAFETY: as in put.
        unsafe {
            ffi::rocksdb_writebatch_delete_cf(
                self.batch.as_ptr(),
                column.family.as_ptr(),
                key.as_ptr().cast(),
                key.len(),
            );
        }
    }

    /// Adds a delete of all keys from `start` up to but not including `end`.
    pub(super) fn delete_range(&mut self, column: &Column, start: &[u8], end: &[u8]) {
        assert!(column.is_of(&self.db));
        // SAFETY: as in put, with two keys.
        unsafe {
            ffi::rocksdb_writebatch_delete_range_cf(
                self.batch.as_ptr(),
                column.family.as_ptr(),
                start.as_ptr().cast(),
                start.len(),
                end.as_ptr().cast(),
                end.len(),
            );
        }
    }

    /// Applies the batch, all or nothing.
    #[inline]
    pub(super) fn commit(&mut self) -> Result<()> {
        let mut status = Status::new();
        // SAFETY: database, options and batch are alive while self is.
        unsafe {
            ffi::rocksdb_write(self.raw.as_ptr(), self.options.as_ptr(), self.batch.as_ptr(), status.out());
        }
        status.check()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // SAFETY: made in new, destroyed once.
        unsafe {
            ffi::rocksdb_writebatch_destroy(self.batch.as_ptr());
            ffi::rocksdb_writeoptions_destroy(self.options.as_ptr());
        }
    }
}

/// A database as it was at one moment.
pub(super) struct Snapshot {
    db: Arc<DB>,
    db_raw: NonNull<ffi::rocksdb_t>,
    raw: NonNull<ffi::rocksdb_snapshot_t>,
}

// SAFETY: a RocksDB snapshot is immutable and may be used and released on any thread.
unsafe impl Send for Snapshot {}
// SAFETY: as above.
unsafe impl Sync for Snapshot {}

impl Snapshot {
    pub(super) fn new(db: &Arc<DB>) -> Result<Snapshot> {
        let db_raw = raw_db(db)?;
        // SAFETY: the database is alive; released in drop.
        let raw = unsafe { ffi::rocksdb_create_snapshot(db_raw.as_ptr()) };
        match NonNull::new(raw.cast_mut()) {
            Some(raw) => Ok(Snapshot { db: Arc::clone(db), db_raw, raw }),
            None => Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no snapshot")),
        }
    }

    /// The database.
    pub(super) fn db(&self) -> &Arc<DB> {
        &self.db
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // SAFETY: made in new, released once; the database is alive while self is.
        unsafe { ffi::rocksdb_release_snapshot(self.db_raw.as_ptr(), self.raw.as_ptr()) };
    }
}

/// An iterator over the keys from a prefix up to a bound, both owned here.
pub(super) struct BoundedIter {
    column: Column,
    /// The upper bound that `column.read` points to; not touched while `iter` lives.
    bound: Vec<u8>,
    iter: Option<NonNull<ffi::rocksdb_iterator_t>>,
    /// Whether `iter` stands on an entry: `rocksdb_iter_valid` after its last move.
    valid: bool,
    /// What `column.read` points to, if it reads a snapshot.
    _snapshot: Option<Arc<Snapshot>>,
}

// SAFETY: the iterator belongs to this object alone and RocksDB ties iterators to no thread.
unsafe impl Send for BoundedIter {}

impl BoundedIter {
    /// An iterator of a column, not yet placed. Takes a column of its own because the bound sits in its read options.
    pub(super) fn new(column: Column) -> BoundedIter {
        BoundedIter { column, bound: Vec::new(), iter: None, valid: false, _snapshot: None }
    }

    /// The same, over a snapshot of the column's database.
    pub(super) fn over(column: Column, snapshot: &Arc<Snapshot>) -> BoundedIter {
        assert!(column.is_of(&snapshot.db));
        // SAFETY: options and snapshot are alive, and of one database (checked); the iterator keeps the snapshot.
        unsafe {
            ffi::rocksdb_readoptions_set_snapshot(column.read.raw.as_ptr(), snapshot.raw.as_ptr());
        }
        let mut iter = BoundedIter::new(column);
        iter._snapshot = Some(Arc::clone(snapshot));
        iter
    }

    /// Places it on the first key with this prefix and shows no key behind the last one with it. A prefix of FF bytes
    /// only has no end: then keys without the prefix may show.
    pub(super) fn start(&mut self, prefix: &[u8]) {
        self.close();
        let read = self.column.read.raw.as_ptr();
        let (ptr, len) = if successor(prefix, &mut self.bound) {
            (self.bound.as_ptr(), self.bound.len())
        } else {
            (std::ptr::null(), 0)
        };
        // SAFETY: options, database and family are alive while self is; the bound is owned by self and is not touched
        // before the iterator is destroyed; a null bound means none (c.cc); prefix is a slice of this length.
        unsafe {
            ffi::rocksdb_readoptions_set_iterate_upper_bound(read, ptr.cast(), len);
            let iter =
                ffi::rocksdb_create_iterator_cf(self.column.raw.as_ptr(), read, self.column.family.as_ptr());
            self.iter = NonNull::new(iter);
            if self.iter.is_some() {
                ffi::rocksdb_iter_seek(iter, prefix.as_ptr().cast(), prefix.len());
                self.valid = ffi::rocksdb_iter_valid(iter) != 0;
            }
        }
    }

    /// The first key behind all keys with the prefix it was placed on, if there is one.
    pub(super) fn end(&self) -> Option<&[u8]> {
        if self.bound.is_empty() { None } else { Some(&self.bound) }
    }

    /// Key and value where it stands, `None` at the end.
    #[inline]
    pub(super) fn entry(&self) -> Option<(&[u8], &[u8])> {
        let iter = self.iter?.as_ptr();
        if !self.valid {
            return None;
        }
        // SAFETY: the iterator is alive and stands on an entry, so key and value may be read; they live until it moves,
        // which needs `&mut self`.
        unsafe {
            Some((bytes(ffi::rocksdb_iter_key_slice(iter)), bytes(ffi::rocksdb_iter_value_slice(iter))))
        }
    }

    /// Moves to the next key; does nothing at the end.
    #[inline]
    pub(super) fn next(&mut self) {
        if let (Some(iter), true) = (self.iter, self.valid) {
            // SAFETY: the iterator is alive and stands on an entry, which is what Next asks for.
            unsafe {
                ffi::rocksdb_iter_next(iter.as_ptr());
                self.valid = ffi::rocksdb_iter_valid(iter.as_ptr()) != 0;
            }
        }
    }

    /// Why it is at its end: an error, or nothing left.
    pub(super) fn check(&self) -> Result<()> {
        let mut status = Status::new();
        if let Some(iter) = self.iter {
            // SAFETY: the iterator is alive.
            unsafe { ffi::rocksdb_iter_get_error(iter.as_ptr(), status.out()) };
        }
        status.check()
    }

    /// Lets go of the iterator and so of the files and memtables it holds.
    pub(super) fn close(&mut self) {
        self.valid = false;
        if let Some(iter) = self.iter.take() {
            // SAFETY: taken out, so destroyed once.
            unsafe { ffi::rocksdb_iter_destroy(iter.as_ptr()) };
        }
    }
}

impl Drop for BoundedIter {
    fn drop(&mut self) {
        // Before `column` goes: the iterator uses the database it keeps open.
        self.close();
    }
}

/// Puts into `out` the first key behind all keys with this prefix; false, and `out` empty, when there is none (the
/// prefix is empty or all FF).
fn successor(prefix: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    if let Some(last) = prefix.iter().rposition(|b| *b != 0xff) {
        out.extend(prefix.iter().take(last + 1));
        if let Some(byte) = out.last_mut() {
            *byte += 1;
        }
    }
    !out.is_empty()
}

/// The bytes of a RocksDB slice.
///
/// # Safety
/// The slice must be readable for `'a`.
#[inline]
unsafe fn bytes<'a>(slice: ffi::rocksdb_slice_t) -> &'a [u8] {
    if slice.size == 0 {
        return &[];
    }
    // SAFETY: the caller's promise; RocksDB's non-empty slices are not null.
    unsafe { std::slice::from_raw_parts(slice.data.cast(), slice.size) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_is_behind_every_key_with_the_prefix_and_no_other() {
        let mut out = vec![9];
        for (prefix, behind) in
            [(&b"ab"[..], &b"ac"[..]), (&[1, 0xff, 0xff], &[2]), (&[0xff, 0xff], &[]), (&[], &[])]
        {
            assert_eq!(successor(prefix, &mut out), !behind.is_empty());
            assert_eq!(out, behind);
        }
    }
}

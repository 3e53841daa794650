//! Snapshots and iterators.

use std::ptr::NonNull;
use std::sync::Arc;

use librocksdb_sys as ffi;
use rocksdb::DB;

use super::{Column, Status, bytes, raw_db};
use crate::error::{Error, ErrorKind, Result};
use crate::rocks::range::successor;

/// A database as it was at one moment.
pub(in crate::rocks) struct Snapshot {
    db: Arc<DB>,
    db_raw: NonNull<ffi::rocksdb_t>,
    raw: NonNull<ffi::rocksdb_snapshot_t>,
}

// SAFETY: a RocksDB snapshot is immutable and may be used and released on any thread.
unsafe impl Send for Snapshot {}
// SAFETY: as above.
unsafe impl Sync for Snapshot {}

impl Snapshot {
    pub(in crate::rocks) fn new(db: &Arc<DB>) -> Result<Snapshot> {
        let db_raw = raw_db(db)?;
        // SAFETY: the database is alive; released in drop.
        let raw = unsafe { ffi::rocksdb_create_snapshot(db_raw.as_ptr()) };
        match NonNull::new(raw.cast_mut()) {
            Some(raw) => Ok(Snapshot { db: Arc::clone(db), db_raw, raw }),
            None => Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no snapshot")),
        }
    }

    /// The database.
    pub(in crate::rocks) fn db(&self) -> &Arc<DB> {
        &self.db
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // SAFETY: made in new, released once; the database is alive while self is.
        unsafe { ffi::rocksdb_release_snapshot(self.db_raw.as_ptr(), self.raw.as_ptr()) };
    }
}

/// What a reader that reads once asks of the files ahead of need.
const READAHEAD_BYTES: usize = 256 << 10;

/// An iterator over the keys from a prefix up to a bound, both owned here.
pub(in crate::rocks) struct BoundedIter {
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
    pub(in crate::rocks) fn new(column: Column) -> BoundedIter {
        BoundedIter { column, bound: Vec::new(), iter: None, valid: false, _snapshot: None }
    }

    /// The same for reading once from end to end: it leaves the block cache alone and reads ahead.
    pub(in crate::rocks) fn once(column: Column) -> BoundedIter {
        let read = column.read.raw.as_ptr();
        // SAFETY: the options are alive and no iterator has been made with them.
        unsafe {
            ffi::rocksdb_readoptions_set_fill_cache(read, 0);
            ffi::rocksdb_readoptions_set_readahead_size(read, READAHEAD_BYTES);
            ffi::rocksdb_readoptions_set_total_order_seek(read, 1);
        }
        BoundedIter::new(column)
    }

    /// The same as [`once`](Self::once), over a snapshot of the column's database.
    pub(in crate::rocks) fn over(column: Column, snapshot: &Arc<Snapshot>) -> BoundedIter {
        assert!(column.is_of(&snapshot.db));
        // SAFETY: options and snapshot are alive, and of one database (checked); the iterator keeps the snapshot.
        unsafe {
            ffi::rocksdb_readoptions_set_snapshot(column.read.raw.as_ptr(), snapshot.raw.as_ptr());
        }
        let mut iter = BoundedIter::once(column);
        iter._snapshot = Some(Arc::clone(snapshot));
        iter
    }

    /// Places it on the first key with this prefix and shows no key behind the last one with it. A prefix of FF bytes
    /// only has no end: then keys without the prefix may show.
    pub(in crate::rocks) fn start(&mut self, prefix: &[u8]) {
        self.start_from(prefix, prefix);
    }

    /// The same, but on the first such key that is not below `from`.
    pub(in crate::rocks) fn start_from(&mut self, prefix: &[u8], from: &[u8]) {
        self.close();
        successor(prefix, &mut self.bound);
        self.seek(from);
    }

    /// Places it on the first key that is not below `start` and shows no key from `end` on.
    pub(in crate::rocks) fn start_range(&mut self, start: &[u8], end: &[u8]) {
        self.close();
        self.bound.clear();
        self.bound.extend_from_slice(end);
        self.seek(start);
    }

    /// Makes an iterator up to the bound, none when it is empty, and places it. There must be no iterator.
    fn seek(&mut self, start: &[u8]) {
        let read = self.column.read.raw.as_ptr();
        let (ptr, len) = if self.bound.is_empty() {
            (std::ptr::null(), 0)
        } else {
            (self.bound.as_ptr(), self.bound.len())
        };
        // SAFETY: options, database and family are alive while self is; the bound is owned by self and is not touched
        // before the iterator is destroyed; a null bound means none (c.cc); start is a slice of this length.
        unsafe {
            ffi::rocksdb_readoptions_set_iterate_upper_bound(read, ptr.cast(), len);
            let iter =
                ffi::rocksdb_create_iterator_cf(self.column.raw.as_ptr(), read, self.column.family.as_ptr());
            self.iter = NonNull::new(iter);
            if self.iter.is_some() {
                ffi::rocksdb_iter_seek(iter, start.as_ptr().cast(), start.len());
                self.valid = ffi::rocksdb_iter_valid(iter) != 0;
            }
        }
    }

    /// The first key behind all keys with the prefix it was placed on, if there is one.
    pub(in crate::rocks) fn end(&self) -> Option<&[u8]> {
        if self.bound.is_empty() { None } else { Some(&self.bound) }
    }

    /// Key and value where it stands, `None` at the end.
    #[inline]
    pub(in crate::rocks) fn entry(&self) -> Option<(&[u8], &[u8])> {
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
    pub(in crate::rocks) fn next(&mut self) {
        if let (Some(iter), true) = (self.iter, self.valid) {
            // SAFETY: the iterator is alive and stands on an entry, which is what Next asks for.
            unsafe {
                ffi::rocksdb_iter_next(iter.as_ptr());
                self.valid = ffi::rocksdb_iter_valid(iter.as_ptr()) != 0;
            }
        }
    }

    /// Why it is at its end: an error, or nothing left.
    pub(in crate::rocks) fn check(&self) -> Result<()> {
        let mut status = Status::new();
        if let Some(iter) = self.iter {
            // SAFETY: the iterator is alive.
            unsafe { ffi::rocksdb_iter_get_error(iter.as_ptr(), status.out()) };
        }
        status.check()
    }

    /// Lets go of the iterator and so of the files and memtables it holds.
    pub(in crate::rocks) fn close(&mut self) {
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

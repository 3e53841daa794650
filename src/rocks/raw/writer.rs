//! Writes.

use std::ptr::NonNull;
use std::sync::Arc;

use librocksdb_sys as ffi;
use rocksdb::DB;

use super::{Column, Status, raw_db};
use crate::error::{Error, ErrorKind, Result};

/// Writes to a database through one reused write batch.
pub(in crate::rocks) struct Writer {
    db: Arc<DB>,
    raw: NonNull<ffi::rocksdb_t>,
    options: NonNull<ffi::rocksdb_writeoptions_t>,
    batch: NonNull<ffi::rocksdb_writebatch_t>,
}

// SAFETY: the database may be used from any thread; options and batch belong to this object alone.
unsafe impl Send for Writer {}

impl Writer {
    /// A writer that uses the write-ahead log or not.
    pub(in crate::rocks) fn new(db: &Arc<DB>, wal: bool) -> Result<Writer> {
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
    pub(in crate::rocks) fn begin(&mut self) {
        // SAFETY: the batch is alive while self is.
        unsafe { ffi::rocksdb_writebatch_clear(self.batch.as_ptr()) };
    }

    /// Adds a put.
    #[inline]
    pub(in crate::rocks) fn put(&mut self, column: &Column, key: &[u8], value: &[u8]) {
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
    pub(in crate::rocks) fn merge(&mut self, column: &Column, key: &[u8], value: &[u8]) {
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
    pub(in crate::rocks) fn delete(&mut self, column: &Column, key: &[u8]) {
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
    pub(in crate::rocks) fn delete_range(&mut self, column: &Column, start: &[u8], end: &[u8]) {
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
    pub(in crate::rocks) fn commit(&mut self) -> Result<()> {
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

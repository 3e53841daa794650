//! A column family: gets.

use std::ptr::NonNull;
use std::sync::Arc;

use librocksdb_sys as ffi;
use rocksdb::{AsColumnFamilyRef, DB};

use super::{ReadOptions, Status, raw_db};
use crate::error::{Error, ErrorKind, Result};

/// A column family of a database, with its read options.
pub(in crate::rocks) struct Column {
    pub(super) db: Arc<DB>,
    pub(super) raw: NonNull<ffi::rocksdb_t>,
    pub(super) family: NonNull<ffi::rocksdb_column_family_handle_t>,
    pub(super) read: ReadOptions,
}

// SAFETY: the database and its column family handles may be used from any thread (RocksDB's contract), and the read
// options belong to this object alone.
unsafe impl Send for Column {}

impl Column {
    /// The column family of that name.
    pub(in crate::rocks) fn open(db: &Arc<DB>, name: &str) -> Result<Column> {
        let missing = || Error::new(ErrorKind::StateNotFound, format!("no column family '{name}'"));
        let family = db.cf_handle(name).ok_or_else(missing)?;
        let family = NonNull::new(family.inner()).ok_or_else(missing)?;
        Ok(Column { db: Arc::clone(db), raw: raw_db(db)?, family, read: ReadOptions::new()? })
    }

    /// Copies the value into `out`; its length, or `None` when there is none. A longer value is not copied.
    #[inline]
    pub(in crate::rocks) fn get(&self, key: &[u8], out: &mut [u8]) -> Result<Option<usize>> {
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
    pub(super) fn is_of(&self, db: &Arc<DB>) -> bool {
        Arc::ptr_eq(&self.db, db)
    }
}

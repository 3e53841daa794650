//! Flushes that nobody waits for.

use std::ptr::NonNull;
use std::sync::Arc;

use librocksdb_sys as ffi;
use rocksdb::{AsColumnFamilyRef, BoundColumnFamily, DB};

use super::{Status, raw_db};
use crate::error::{Error, ErrorKind, Result};

/// Options of one flush.
struct FlushOptions {
    raw: NonNull<ffi::rocksdb_flushoptions_t>,
}

impl Drop for FlushOptions {
    fn drop(&mut self) {
        // SAFETY: made in begin_flush, destroyed once.
        unsafe { ffi::rocksdb_flushoptions_destroy(self.raw.as_ptr()) };
    }
}

/// Begins to write what these column families have in memory to files, and does not wait for it: neither for the files, nor, which
/// the safe crate cannot say, for compactions that would keep the flush from slowing writes down.
pub(in crate::rocks) fn begin_flush(db: &Arc<DB>, families: &[Arc<BoundColumnFamily<'_>>]) -> Result<()> {
    let raw = raw_db(db)?;
    // SAFETY: a plain constructor; destroyed in drop.
    let options = unsafe { ffi::rocksdb_flushoptions_create() };
    let Some(options) = NonNull::new(options) else {
        return Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no flush options"));
    };
    let options = FlushOptions { raw: options };
    let mut handles: Vec<_> = families.iter().map(AsColumnFamilyRef::inner).collect();
    let mut status = Status::new();
    // SAFETY: the options live until the end of this function; the database and its column families are borrowed for it; the
    // array has the length that is given, and is only read.
    unsafe {
        ffi::rocksdb_flushoptions_set_wait(options.raw.as_ptr(), 0);
        ffi::rocksdb_flushoptions_set_allow_write_stall(options.raw.as_ptr(), 1);
        ffi::rocksdb_flush_cfs(
            raw.as_ptr(),
            options.raw.as_ptr(),
            handles.as_mut_ptr(),
            handles.len() as i32,
            status.out(),
        );
    }
    status.check()
}

//! Files of another database.

use std::ffi::{CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr::NonNull;

use librocksdb_sys as ffi;
use rocksdb::{AsColumnFamilyRef, DB};

use super::{Status, raw_db};
use crate::error::{Error, ErrorKind, Result};

/// Options of one import.
struct IngestOptions {
    raw: NonNull<ffi::rocksdb_ingestexternalfileoptions_t>,
}

impl IngestOptions {
    fn new() -> Result<IngestOptions> {
        // SAFETY: a plain constructor; destroyed in drop.
        let raw = unsafe { ffi::rocksdb_ingestexternalfileoptions_create() };
        match NonNull::new(raw) {
            Some(raw) => Ok(IngestOptions { raw }),
            None => Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no options")),
        }
    }
}

impl Drop for IngestOptions {
    fn drop(&mut self) {
        // SAFETY: made in new, destroyed once.
        unsafe { ffi::rocksdb_ingestexternalfileoptions_destroy(self.raw.as_ptr()) };
    }
}

/// Makes files that another database wrote part of a column family, by hard links; the files stay.
///
/// Their entries keep their sequence numbers, so they must lie where the column family has no keys, and a file must come
/// before those that are newer: lowest level first. RocksDB refuses all of them when one overlaps with what is there.
pub(in crate::rocks) fn import_files(
    db: &DB,
    family: &impl AsColumnFamilyRef,
    files: &[PathBuf],
) -> Result<()> {
    let path = |file: &PathBuf| {
        CString::new(file.as_os_str().as_bytes())
            .map_err(|_| Error::new(ErrorKind::InvalidArgument, "the path has a zero byte"))
    };
    let paths = files.iter().map(path).collect::<Result<Vec<CString>>>()?;
    let pointers: Vec<*const c_char> = paths.iter().map(|path| path.as_ptr()).collect();
    let options = IngestOptions::new()?;
    let raw = raw_db(db)?;
    let mut status = Status::new();
    // SAFETY: database, family (of a handle that is borrowed) and options are alive; the pointers are to texts that
    // live until the end of this function.
    unsafe {
        ffi::rocksdb_ingestexternalfileoptions_set_allow_db_generated_files(options.raw.as_ptr(), 1);
        ffi::rocksdb_ingestexternalfileoptions_set_link_files(options.raw.as_ptr(), 1);
        ffi::rocksdb_ingestexternalfileoptions_set_fill_cache(options.raw.as_ptr(), 0);
        ffi::rocksdb_ingest_external_file_cf(
            raw.as_ptr(),
            family.inner(),
            pointers.as_ptr(),
            pointers.len(),
            options.raw.as_ptr(),
            status.out(),
        );
    }
    status.check()
}

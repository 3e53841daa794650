//! The compaction filter that drops what is over.
//!
//! RocksDB's C API has filters of functions and a pointer: here a factory for each column family, which RocksDB owns with the
//! options, and a filter for each compaction, used by one thread. The safe crate's filters could not cut the front off a
//! value, and would be asked for every entry of states that do not expire.

use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};
use std::sync::Arc;

use librocksdb_sys as ffi;
use rocksdb::{AsRawPtr, Options};

use super::bytes_of;
use crate::error::{Error, ErrorKind, Result};
use crate::expiry::Verdict;
use crate::rocks::expiring::{Expiring, Filter};

const NAME: &CStr = c"keybed.expiry";

/// Has the column families that are made with these options filtered by what `expiring` says when a compaction begins.
pub(in crate::rocks) fn filter_by(options: &mut Options, expiring: Arc<Expiring>) -> Result<()> {
    let state = Arc::into_raw(expiring).cast_mut().cast::<c_void>();
    // SAFETY: the functions take a pointer that `Arc::into_raw` gave, which the factory owns until it calls
    // `drop_factory`; the options are alive, and take the factory over.
    unsafe {
        let factory = ffi::rocksdb_compactionfilterfactory_create(
            state,
            Some(drop_factory),
            Some(create_filter),
            Some(name),
        );
        if factory.is_null() {
            drop_factory(state);
            return Err(Error::new(ErrorKind::OutOfMemory, "RocksDB: no compaction filter"));
        }
        ffi::rocksdb_options_set_compaction_filter_factory(options.as_raw_ptr(), factory);
    }
    Ok(())
}

unsafe extern "C" fn name(_: *mut c_void) -> *const c_char {
    NAME.as_ptr()
}

unsafe extern "C" fn drop_factory(state: *mut c_void) {
    // SAFETY: called once, with the pointer that `filter_by` made.
    drop(unsafe { Arc::from_raw(state.cast_const().cast::<Expiring>()) });
}

/// A filter for one compaction; null, which is none, when nothing expires.
unsafe extern "C" fn create_filter(
    state: *mut c_void,
    _context: *mut ffi::rocksdb_compactionfiltercontext_t,
) -> *mut ffi::rocksdb_compactionfilter_t {
    // SAFETY: the factory is alive while it is called, so its Arc is; other threads have shared references too.
    let expiring = unsafe { &*state.cast_const().cast::<Expiring>() };
    let Some(filter) = expiring.filter() else { return std::ptr::null_mut() };
    let state = Box::into_raw(Box::new(filter)).cast::<c_void>();
    // SAFETY: the functions take a pointer that `Box::into_raw` gave, which the filter owns until it calls
    // `drop_filter`. RocksDB makes filters that do not ignore snapshots an error, and this one ignores them by default.
    unsafe { ffi::rocksdb_compactionfilter_create(state, Some(drop_filter), Some(filter_value), Some(name)) }
}

unsafe extern "C" fn drop_filter(state: *mut c_void) {
    // SAFETY: called once, with the pointer that `create_filter` made.
    drop(unsafe { Box::from_raw(state.cast::<Filter>()) });
}

/// 1: the entry goes. Else it stays, with another value if `changed` is set.
unsafe extern "C" fn filter_value(
    state: *mut c_void,
    _level: c_int,
    _key: *const c_char,
    _key_len: usize,
    value: *const c_char,
    value_len: usize,
    new_value: *mut *mut c_char,
    new_len: *mut usize,
    changed: *mut c_uchar,
) -> c_uchar {
    // SAFETY: RocksDB uses a filter on the one thread of its compaction, so nobody else has a reference; the value is
    // readable during the call.
    let (filter, value) = unsafe { (&mut *state.cast::<Filter>(), bytes_of(value, value_len)) };
    match filter.verdict(value) {
        Verdict::Keep => 0,
        Verdict::Drop => 1,
        Verdict::DropFirst(len) => {
            let rest = value.get(len..).unwrap_or(value);
            // SAFETY: three out-pointers of the caller. It copies the new value at once, while the old one, of which
            // it is a part, is still there; it does not write to it.
            unsafe {
                *new_value = rest.as_ptr().cast_mut().cast();
                *new_len = rest.len();
                *changed = 1;
            }
            0
        }
    }
}

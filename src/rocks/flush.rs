//! Flushing, and waiting for it.
//!
//! A flush of several column families as one (`atomic_flush`) can return too early. RocksDB 11.8 (`AtomicFlushMemTables`)
//! waits until each column family has flushed its memtables up to a number; but it takes the numbers in the order of a hash
//! map, so that each is compared with the number of another:
//!
//! ```text
//!  under way   x: memtable 1          x has filled its buffer, and is flushed
//!  now asked   x: up to 1   y: up to 11
//!  waits for   x: up to 11  y: up to 1       done as soon as x has been flushed; y is still in memory
//! ```
//!
//! So one call can stand for one that was under way before. What holds for every call is that it returns only when at least
//! one column family has flushed what it had when the call began: with numbers that are exchanged in a circle, not all can be
//! above the next one's. Whatever is flushed after the first call includes it, and is not done before it. Hence a call more
//! than there are column families with something left is enough.

use std::sync::Arc;

use rocksdb::{BoundColumnFamily, DB, FlushOptions};

use crate::error::Result;
use crate::rocks::status::crate_error;

/// RocksDB's name for the number of memtables that are full, and not in files yet.
const LEFT: &str = "rocksdb.num-immutable-mem-table";

/// Writes what column families have in memory to files, and waits until all of it is there. `as_one`: the database flushes
/// its column families as one.
pub(super) fn flush(db: &DB, names: &[String], as_one: bool) -> Result<()> {
    let families: Vec<_> = names.iter().filter_map(|name| db.cf_handle(name)).collect();
    let all: Vec<_> = families.iter().collect();
    let mut wait = FlushOptions::default();
    wait.set_wait(true);
    let flush = || db.flush_cfs_opt(&all, &wait).map_err(crate_error);
    flush()?;
    let mut left = if as_one { with_more(db, &all)? } else { Vec::new() };
    for _ in 0..left.len() {
        flush()?;
        // One that once has nothing left has flushed what there was at first.
        left = with_more(db, &left)?;
        if left.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Those of the column families of which a memtable that is full is not in a file yet.
fn with_more<'f, 'd>(
    db: &DB,
    families: &[&'f Arc<BoundColumnFamily<'d>>],
) -> Result<Vec<&'f Arc<BoundColumnFamily<'d>>>> {
    let mut left = Vec::new();
    for family in families {
        if db.property_int_value_cf(*family, LEFT).map_err(crate_error)?.unwrap_or(0) > 0 {
            left.push(*family);
        }
    }
    Ok(left)
}

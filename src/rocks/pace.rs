//! Writers of a slot are held back when its memtables take too much.
//!
//! RocksDB flushes only the database that is written to. Left to itself that has two consequences where several share a limit:
//! one that is idle keeps its memtables, so that the others, which find no room, write out theirs after a few entries; and
//! while some are being flushed the others go on, each of them up to half of the limit above it. Therefore:
//!
//! ```text
//!  memtables of the slot, L: their limit
//!  0 ─────────────── 3/4 L ───────────── 7/8 L, L ───────────── 3/2 L
//!                    the largest database RocksDB flushes       writers wait while
//!                    is flushed, unless   who writes            a flush goes on
//!                    a flush goes on
//! ```
//!
//! Nobody waits when no flush goes on: what is above the limit then belongs to scans, and the writer may be who has them. So
//! writing becomes slower, but never stops or fails.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rocksdb::{BoundColumnFamily, DB};

use crate::rocks::engine::Families;
use crate::rocks::memory::SlotCache;
use crate::rocks::raw::begin_flush;

/// A session looks after so many bytes. All sessions of a slot together may write this much unseen.
const BYTES_BETWEEN: usize = 16 << 10;

/// Longest wait of a writer at a time.
const LONGEST: Duration = Duration::from_secs(1);

/// How often a writer that waits looks whether there is room.
const TURN: Duration = Duration::from_millis(1);

/// Of column families: memtables that are being flushed, or wait for it.
const FULL: &str = "rocksdb.num-immutable-mem-table";
/// Of the database: whether writes wait for compactions.
const STOPPED: &str = "rocksdb.is-write-stopped";
/// Of column families: bytes of the memtable that is written to.
const ACTIVE: &str = "rocksdb.cur-size-active-mem-table";

/// A database of a slot while its engine is open.
pub(super) struct Member {
    pub(super) db: Arc<DB>,
    pub(super) families: Arc<Mutex<Families>>,
}

impl Member {
    fn families(&self) -> Vec<Arc<BoundColumnFamily<'_>>> {
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        families.names.iter().filter_map(|name| self.db.cf_handle(name)).collect()
    }

    fn sum(&self, property: &str) -> u64 {
        let of = |family| self.db.property_int_value_cf(family, property).ok().flatten();
        self.families().iter().filter_map(of).sum()
    }

    /// Begins a flush of all that is in memory. One that fails is tried again by RocksDB, and reported by the next write.
    ///
    /// A database whose writer waits for compactions is left alone: the flush would wait behind that writer.
    fn flush(&self) {
        if self.db.property_int_value(STOPPED).ok().flatten() == Some(0) {
            let _ = begin_flush(&self.db, &self.families());
        }
    }
}

/// The databases of a slot.
#[derive(Default)]
pub(super) struct Members(Mutex<Vec<Member>>);

impl Members {
    fn lock(&self) -> MutexGuard<'_, Vec<Member>> {
        // The list is changed by single calls.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, member: Member) {
        self.lock().push(member);
    }

    /// When this returns, nobody of the slot uses the database any more.
    pub(super) fn remove(&self, db: &Arc<DB>) {
        self.lock().retain(|member| !Arc::ptr_eq(&member.db, db));
    }

    /// Whether a flush goes on. If not, and if asked to, begins one of the database that has most in memory, if that is worth a
    /// file.
    fn flushing(&self, limit: u64, begin: bool) -> bool {
        let members = self.lock();
        if members.iter().any(|member| member.sum(FULL) > 0) {
            return true;
        }
        // Of n databases that together have three quarters of the limit, one has as much.
        let least = limit / 2 / (members.len() as u64).max(4);
        let sizes = members.iter().map(|member| (member.sum(ACTIVE), member));
        match sizes.max_by_key(|(bytes, _)| *bytes) {
            Some((bytes, member)) if begin && bytes >= least => {
                member.flush();
                true
            }
            _ => false,
        }
    }
}

/// Looks now and then, for a session, whether its slot has room.
pub(super) struct Pace {
    slot: Arc<SlotCache>,
    bytes: usize,
}

impl Pace {
    pub(super) fn new(slot: Arc<SlotCache>) -> Pace {
        Pace { slot, bytes: 0 }
    }

    /// So many bytes were written.
    #[inline]
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.bytes += bytes;
        if self.bytes >= BYTES_BETWEEN {
            self.bytes = 0;
            self.look();
        }
    }

    #[cold]
    fn look(&self) {
        let slot = &*self.slot;
        let (limit, used) = (slot.write_buffer_limit(), slot.write_buffer_bytes());
        if !slot.has_grown(used, limit) {
            return;
        }
        let most = limit + limit / 2;
        let start = Instant::now();
        let mut first = true;
        while slot.members.flushing(limit, first)
            && slot.write_buffer_bytes() > most
            && start.elapsed() < LONGEST
        {
            first = false;
            thread::sleep(TURN);
        }
    }
}

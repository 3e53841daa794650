//! RocksDB's memory under a budget, which the databases of a slot share.
//!
//! ```text
//!  budget M ──────────────────────────────────────────────┐
//!  │ block cache (3 - r) M / 3                            │ rM / 3: what is not charged to the cache
//!  │ ├ memtables, charged as they grow: flushed from 2rM / 3 on, at most about half as much again
//!  │ ├ index and filter blocks, before others
//!  │ └ data blocks, as many as there is room for
//!  └──────────────────────────────────────────────────────┘
//! ```
//!
//! r is `rocks.write-buffer-ratio`; the sizes are those that Flink gives its RocksDB backend. What keeps memtables there is in
//! `pace`.
//!
//! The cache is not strict: with a strict one a read fails that finds the cache full of what is in use. What is in use at a
//! time is a block or two of each scan, and the reservations of memtables.
//!
//! A memtable that is hardly written to still takes its filter and one block of its arena. With many states these alone
//! would pass the limit, and every write would be followed by a flush. So the n-th column family of the slot gets at most
//! an n-th of a sixteenth of the memtables' part for each: of 256 together, two fifths.
//!
//! Invariants:
//! * while there is a `SlotCache`, the slot's [`Budget`] is charged with all of its limit, so that no table of the slot takes the
//!   same memory again;
//! * it lives as long as an engine of the slot does, and is made anew after that.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use once_cell::sync::Lazy;
use rocksdb::{Cache, LruCacheOptions, WriteBufferManager};

use crate::error::{Error, ErrorKind, Result};
use crate::memory::{Budget, slot_budget};
use crate::options::StoreOptions;
use crate::rocks::pace::Members;

/// The least budget: below, a few reservations of memtables, which are 256 KiB each, would be all of it.
const LEAST: u64 = 1 << 20;

/// No shard of the cache is smaller unless there is only one: a reservation of memtables is charged to one of them.
const SHARD_BYTES: u64 = 8 << 20;

/// More would not make a task faster, which is one thread and a few in the background.
const MOST_SHARD_BITS: i32 = 4;

static SLOTS: Lazy<Mutex<HashMap<String, Weak<SlotCache>>>> = Lazy::new(Mutex::default);

/// The block cache and the memtables' limit of a slot.
pub struct SlotCache {
    budget: Arc<Budget>,
    /// As it was asked for.
    write_buffer_ratio: f64,
    capacity: u64,
    pub(super) cache: Cache,
    pub(super) write_buffers: WriteBufferManager,
    /// Column families of the slot.
    families: AtomicU64,
    pub(super) members: Members,
    /// Bytes of memtables when a writer last looked into them; 0: there is room.
    looked_at: AtomicU64,
}

impl SlotCache {
    /// That of the slot that the options name, made when nobody uses it; `None` when there is no limit.
    ///
    /// Fails with [`ErrorKind::InvalidOption`] when the limit is too small or the slot is in use with another limit or ratio, and
    /// with [`ErrorKind::MemoryBudget`] when tables have taken some of it.
    pub fn of(options: &StoreOptions) -> Result<Option<Arc<SlotCache>>> {
        let (name, limit) = (&options.memory_slot, options.memory_limit_bytes);
        if limit == 0 {
            // Somebody else may have given the slot a limit.
            return slot_budget(name, 0).map(|_| None);
        }
        let ratio = options.rocks.write_buffer_ratio;
        // Two that open at once get one; nothing under the lock can panic half-way.
        let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| slot.strong_count() > 0);
        let budget = slot_budget(name, limit)?;
        let used = if name.is_empty() { None } else { slots.get(name).and_then(Weak::upgrade) };
        if let Some(slot) = used {
            if slot.write_buffer_ratio != ratio {
                return Err(Error::new(
                    ErrorKind::InvalidOption,
                    format!(
                        "option rocks.write-buffer-ratio={ratio}: the slot '{name}' is in use with {}; give all its \
                         stores one ratio",
                        slot.write_buffer_ratio
                    ),
                ));
            }
            return Ok(Some(slot));
        }
        let slot = Arc::new(SlotCache::new(budget, ratio)?);
        if !name.is_empty() {
            slots.insert(name.clone(), Arc::downgrade(&slot));
        }
        Ok(Some(slot))
    }

    fn new(budget: Arc<Budget>, write_buffer_ratio: f64) -> Result<SlotCache> {
        let limit = budget.limit();
        if limit < LEAST {
            return Err(Error::new(
                ErrorKind::InvalidOption,
                format!("option memory.limit-bytes={limit}: the engine 'rocks' needs {LEAST} at least"),
            ));
        }
        budget.charge(limit)?;
        let capacity = ((3.0 - write_buffer_ratio) * limit as f64 / 3.0) as u64;
        let mut lru = LruCacheOptions::default();
        lru.set_capacity(capacity as usize);
        lru.set_num_shard_bits(shard_bits(capacity));
        let cache = Cache::new_lru_cache_opts(&lru);
        let memtables = (2.0 * limit as f64 * write_buffer_ratio / 3.0) as u64;
        // Never stalling: who writes while a scan holds memtables would wait for itself.
        let write_buffers =
            WriteBufferManager::new_write_buffer_manager_with_cache(memtables as usize, false, cache.clone());
        Ok(SlotCache {
            budget,
            write_buffer_ratio,
            capacity,
            cache,
            write_buffers,
            families: AtomicU64::new(0),
            members: Members::default(),
            looked_at: AtomicU64::new(0),
        })
    }

    /// Whether memtables take more than three quarters of their limit, and a good deal more than when somebody last looked;
    /// or more than they ever should. Relaxed: the number guards no other memory.
    pub(super) fn has_grown(&self, used: u64, limit: u64) -> bool {
        if used <= limit / 4 * 3 {
            if self.looked_at.load(Ordering::Relaxed) != 0 {
                self.looked_at.store(0, Ordering::Relaxed);
            }
            return false;
        }
        let before = self.looked_at.load(Ordering::Relaxed);
        if used <= limit + limit / 2 && used < before.saturating_add(limit / 32) && before <= used {
            return false;
        }
        self.looked_at.store(used, Ordering::Relaxed);
        true
    }

    /// The budget in bytes.
    pub fn limit(&self) -> u64 {
        self.budget.limit()
    }

    /// Size of the cache in bytes.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Bytes from which on memtables are flushed.
    pub fn write_buffer_limit(&self) -> u64 {
        self.write_buffers.get_buffer_size() as u64
    }

    /// Bytes of memtables, those among them that wait to be freed by a scan.
    pub fn write_buffer_bytes(&self) -> u64 {
        self.write_buffers.get_usage() as u64
    }

    /// Bytes in the cache: blocks, and what memtables have reserved.
    pub fn cached_bytes(&self) -> u64 {
        self.cache.get_usage() as u64
    }

    /// Those of them that are in use: blocks of scans, and what memtables have reserved.
    pub fn pinned_bytes(&self) -> u64 {
        self.cache.get_pinned_usage() as u64
    }
}

impl Drop for SlotCache {
    fn drop(&mut self) {
        self.budget.release(self.budget.limit());
    }
}

/// Shards of a cache of so many bytes, as a power of two.
fn shard_bits(capacity: u64) -> i32 {
    let shards = (capacity / SHARD_BYTES).max(1);
    (shards.ilog2() as i32).min(MOST_SHARD_BITS)
}

/// A database's part in a slot: counts its column families there, as long as it lives.
pub(super) struct Share {
    slot: Arc<SlotCache>,
    families: AtomicU64,
}

impl Share {
    pub(super) fn new(slot: Arc<SlotCache>) -> Share {
        Share { slot, families: AtomicU64::new(0) }
    }

    pub(super) fn slot(&self) -> &Arc<SlotCache> {
        &self.slot
    }

    /// Bytes that one more column family may take for the filter of a memtable, and as many for a block of its arena.
    pub(super) fn next_family(&self) -> u64 {
        // Relaxed: they are counted, nothing else.
        self.families.fetch_add(1, Ordering::Relaxed);
        let number = self.slot.families.fetch_add(1, Ordering::Relaxed) + 1;
        self.slot.write_buffer_limit() / 16 / number
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let families = self.families.load(Ordering::Relaxed);
        self.slot.families.fetch_sub(families, Ordering::Relaxed);
    }
}

//! Figures about a database, for people and metrics. May be asked for by any thread.

use rocksdb::statistics::Ticker;
use rocksdb::{DB, Options};

use crate::rocks::memory::SlotCache;
use crate::store::{Figure, figure};

/// Of each column family; their sum is told.
const OF_FAMILIES: [&str; 9] = [
    "rocksdb.estimate-num-keys",
    "rocksdb.cur-size-all-mem-tables",
    "rocksdb.size-all-mem-tables",
    "rocksdb.num-immutable-mem-table",
    "rocksdb.estimate-table-readers-mem",
    "rocksdb.live-sst-files-size",
    "rocksdb.estimate-pending-compaction-bytes",
    "rocksdb.num-running-flushes",
    "rocksdb.num-running-compactions",
];

/// Of the database.
const OF_DATABASE: [&str; 7] = [
    "rocksdb.block-cache-capacity",
    "rocksdb.block-cache-usage",
    "rocksdb.block-cache-pinned-usage",
    "rocksdb.background-errors",
    "rocksdb.actual-delayed-write-rate",
    "rocksdb.is-write-stopped",
    "rocksdb.num-snapshots",
];

/// What RocksDB counts, where it is told to.
const TICKERS: [Ticker; 11] = [
    Ticker::BlockCacheHit,
    Ticker::BlockCacheMiss,
    Ticker::BloomFilterUseful,
    Ticker::MemtableHit,
    Ticker::MemtableMiss,
    Ticker::BytesRead,
    Ticker::BytesWritten,
    Ticker::StallMicros,
    Ticker::CompactReadBytes,
    Ticker::CompactWriteBytes,
    Ticker::FlushWriteBytes,
];

/// Memory, without a lock where there is a slot.
pub(super) fn cheap(db: &DB, families: &[String], slot: Option<&SlotCache>, out: &mut Vec<Figure>) {
    if let Some(slot) = slot {
        out.extend([
            (figure::MEMORY_LIMIT_BYTES, slot.limit()),
            (figure::MEMORY_USED_BYTES, slot.cached_bytes()),
            (figure::MEMTABLES_BYTES, slot.write_buffer_bytes()),
            (figure::BLOCK_CACHE_BYTES, slot.cached_bytes()),
            (figure::BLOCK_CACHE_PINNED_BYTES, slot.pinned_bytes()),
            (figure::BLOCK_CACHE_CAPACITY_BYTES, slot.capacity()),
        ]);
        return;
    }
    let memtables = sum(db, families, "rocksdb.size-all-mem-tables");
    let cached = of(db, "rocksdb.block-cache-usage");
    out.extend([
        (figure::MEMORY_LIMIT_BYTES, 0),
        (figure::MEMORY_USED_BYTES, memtables + cached),
        (figure::MEMTABLES_BYTES, memtables),
        (figure::BLOCK_CACHE_BYTES, cached),
        (figure::BLOCK_CACHE_PINNED_BYTES, of(db, "rocksdb.block-cache-pinned-usage")),
        (figure::BLOCK_CACHE_CAPACITY_BYTES, of(db, "rocksdb.block-cache-capacity")),
    ]);
}

/// All there is, by RocksDB's names. `statistics`: options of the database, if it counts.
pub(super) fn detailed(
    db: &DB,
    families: &[String],
    statistics: Option<&Options>,
    out: &mut Vec<(String, String)>,
) {
    out.extend(OF_FAMILIES.map(|name| (name.to_string(), sum(db, families, name).to_string())));
    out.extend(OF_DATABASE.map(|name| (name.to_string(), of(db, name).to_string())));
    if let Some(options) = statistics {
        out.extend(TICKERS.map(|ticker| {
            let count = options.get_ticker_count(ticker);
            (ticker.name().to_string(), count.to_string())
        }));
    }
}

fn sum(db: &DB, families: &[String], name: &str) -> u64 {
    let families = families.iter().filter_map(|family| db.cf_handle(family));
    families.filter_map(|family| db.property_int_value_cf(&family, name).ok().flatten()).sum()
}

fn of(db: &DB, name: &str) -> u64 {
    db.property_int_value(name).ok().flatten().unwrap_or(0)
}

//! Numbers about a store that cost next to nothing, by name. They are for gauges, so what is told is the moment's.

/// A name and a number.
pub type Figure = (&'static str, u64);

/// Entries of all states. An engine that would have to count them does not tell.
pub const ENTRIES: &str = "entries";
/// The memory budget, which stores of a slot share; 0 = no limit.
pub const MEMORY_LIMIT_BYTES: &str = "memory-limit-bytes";
/// What is used of it, by all stores of the slot.
pub const MEMORY_USED_BYTES: &str = "memory-used-bytes";
/// Of a table: taken from the system. The next four are part of it.
pub const COMMITTED_BYTES: &str = "committed-bytes";
/// Of a table: keys and values.
pub const RECORD_BYTES: &str = "record-bytes";
/// Of a table: what finds them.
pub const INDEX_BYTES: &str = "index-bytes";
/// Of a table: kept for snapshots and scans that are open; also counted as records or index.
pub const RETIRED_BYTES: &str = "retired-bytes";
/// Of a table: tables of what is in use.
pub const METADATA_BYTES: &str = "metadata-bytes";
/// Of RocksDB: memtables, of all stores of the slot if there is a budget.
pub const MEMTABLES_BYTES: &str = "memtables-bytes";
/// Of RocksDB: blocks in the cache, and what the memtables of a budget have reserved in it; of all stores of the slot.
pub const BLOCK_CACHE_BYTES: &str = "block-cache-bytes";
/// Those of them that are in use now.
pub const BLOCK_CACHE_PINNED_BYTES: &str = "block-cache-pinned-bytes";
/// Size of the cache.
pub const BLOCK_CACHE_CAPACITY_BYTES: &str = "block-cache-capacity-bytes";

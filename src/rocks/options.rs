//! From our options to RocksDB's.

use rocksdb::{BlockBasedOptions, Cache, DBCompressionType, Options};

use crate::error::{Error, ErrorKind, Result};
use crate::options::{Compression, RocksOptions};

/// Joins list elements with `,`. The crate can only set merge operators written in Rust, which copy every operand; the
/// option string reaches RocksDB's own.
const MERGE_OPERATOR: &str = "merge_operator=stringappendtest";

/// What RocksDB's own option string may not touch: with another order, merge operator or prefix rule, or with filters
/// and in-place updates, scans, lists and batches would silently give other answers; a log elsewhere would be missing
/// where the database's files are linked.
const RESERVED: [&str; 12] = [
    "comparator",
    "merge_operator",
    "prefix_extractor",
    "compaction_filter",
    "compaction_filter_factory",
    "inplace_update_support",
    "unordered_write",
    "atomic_flush",
    "create_if_missing",
    "error_if_exists",
    "persist_user_defined_timestamps",
    "wal_dir",
];

/// Refuses a raw option string that names a reserved option, at whatever depth.
fn check_raw(raw: &str) -> Result<()> {
    let mut names =
        raw.split([';', '{', '}', ',']).filter_map(|pair| pair.split_once('=')).map(|(name, _)| name.trim());
    match names.find(|name| RESERVED.contains(name)) {
        Some(name) => Err(Error::new(
            ErrorKind::InvalidOption,
            format!("option rocks.options={raw}: '{name}' is fixed, because states depend on it"),
        )),
        None => Ok(()),
    }
}

/// Options of the database and of all its column families.
///
/// Fails with [`ErrorKind::InvalidOption`] when RocksDB refuses the `rocks.options` string.
pub(super) fn build(options: &RocksOptions) -> Result<Options> {
    let mut o = Options::default()
        .get_options_from_string(MERGE_OPERATOR)
        .map_err(|e| Error::new(ErrorKind::Engine, format!("RocksDB: {e}")))?;
    o.create_if_missing(true);
    o.set_max_open_files(options.max_open_files);
    o.set_max_background_jobs(options.max_background_jobs as i32);
    o.set_write_buffer_size(options.write_buffer_bytes as usize);
    o.set_memtable_prefix_bloom_ratio(options.memtable_bloom_ratio);
    o.set_memtable_whole_key_filtering(options.memtable_bloom_ratio > 0.0);
    o.set_compression_type(match options.compression {
        Compression::None => DBCompressionType::None,
        Compression::Lz4 => DBCompressionType::Lz4,
        Compression::Zstd => DBCompressionType::Zstd,
    });
    // Without the log a batch over several states is whole after a crash only if their column families are flushed
    // together.
    o.set_atomic_flush(!options.wal);
    // With a filter the default is 30 days; what a state asks for is set when it says when it expires.
    o.set_periodic_compaction_seconds(0);
    // Logs of a store that is opened for a task belong in few, bounded files.
    o.set_keep_log_file_num(2);
    o.set_max_log_file_size(10 << 20);
    let mut table = BlockBasedOptions::default();
    if options.block_cache_bytes == 0 {
        table.disable_cache();
    } else {
        table.set_block_cache(&Cache::new_lru_cache(options.block_cache_bytes as usize));
    }
    if options.bloom_bits_per_key > 0 {
        table.set_bloom_filter(f64::from(options.bloom_bits_per_key), false);
    }
    o.set_block_based_table_factory(&table);
    if options.options.is_empty() {
        return Ok(o);
    }
    check_raw(&options.options)?;
    o.get_options_from_string(&options.options).map_err(|e| {
        Error::new(
            ErrorKind::InvalidOption,
            format!("option rocks.options={}: RocksDB says {e}", options.options),
        )
    })
}

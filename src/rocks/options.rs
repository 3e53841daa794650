//! From our options to RocksDB's.

use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, DBCompactionStyle, DBCompressionType,
    LogLevel as RocksLogLevel, Options,
};

use crate::error::{Error, ErrorKind, Result};
use crate::options::{CompactionStyle, Compression, LogLevel, RocksOptions};
use crate::rocks::memory::SlotCache;

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

/// The smallest memtable.
const LEAST_WRITE_BUFFER: u64 = 64 << 10;

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

/// Options of the database and of all its column families. `slot`: whose memory it takes from, if there is a budget.
///
/// Fails with [`ErrorKind::InvalidOption`] when RocksDB refuses the `rocks.options` string.
pub(super) fn build(options: &RocksOptions, slot: Option<&SlotCache>) -> Result<Options> {
    let mut o = Options::default()
        .get_options_from_string(MERGE_OPERATOR)
        .map_err(|e| Error::new(ErrorKind::Engine, format!("RocksDB: {e}")))?;
    o.create_if_missing(true);
    o.set_max_open_files(options.max_open_files);
    o.set_max_background_jobs(options.max_background_jobs as i32);
    // Without the log a batch over several states is whole after a crash only if their column families are flushed
    // together.
    o.set_atomic_flush(!options.wal);
    // With a filter the default is 30 days; what a state asks for is set when it says when it expires.
    o.set_periodic_compaction_seconds(0);
    memtables(&mut o, options, slot);
    files(&mut o, options);
    logs(&mut o, options);
    o.set_block_based_table_factory(&tables(options, slot));
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

/// The size of a memtable.
pub(super) fn write_buffer_bytes(options: &RocksOptions, slot: Option<&SlotCache>) -> u64 {
    let most = slot.map_or(u64::MAX, |slot| (slot.write_buffer_limit() / 2).max(LEAST_WRITE_BUFFER));
    options.write_buffer_bytes.min(most)
}

fn memtables(o: &mut Options, options: &RocksOptions, slot: Option<&SlotCache>) {
    o.set_write_buffer_size(write_buffer_bytes(options, slot) as usize);
    o.set_max_write_buffer_number(options.max_write_buffers as i32);
    o.set_memtable_prefix_bloom_ratio(options.memtable_bloom_ratio);
    o.set_memtable_whole_key_filtering(options.memtable_bloom_ratio > 0.0);
    if let Some(slot) = slot {
        o.set_write_buffer_manager(&slot.write_buffers);
    }
}

fn files(o: &mut Options, options: &RocksOptions) {
    o.set_compression_type(match options.compression {
        Compression::None => DBCompressionType::None,
        Compression::Lz4 => DBCompressionType::Lz4,
        Compression::Zstd => DBCompressionType::Zstd,
    });
    o.set_compaction_style(match options.compaction_style {
        CompactionStyle::Level => DBCompactionStyle::Level,
        CompactionStyle::Universal => DBCompactionStyle::Universal,
    });
    o.set_max_bytes_for_level_base(options.level_base_bytes);
    o.set_target_file_size_base(options.target_file_bytes);
    o.set_level_compaction_dynamic_level_bytes(options.dynamic_level_bytes);
}

/// The log, which is for people, and statistics.
fn logs(o: &mut Options, options: &RocksOptions) {
    o.set_log_level(match options.log_level {
        LogLevel::Debug => RocksLogLevel::Debug,
        LogLevel::Info => RocksLogLevel::Info,
        LogLevel::Warn => RocksLogLevel::Warn,
        LogLevel::Error => RocksLogLevel::Error,
        LogLevel::Fatal => RocksLogLevel::Fatal,
        LogLevel::Header => RocksLogLevel::Header,
    });
    o.set_keep_log_file_num(options.log_files as usize);
    o.set_max_log_file_size(options.log_file_bytes as usize);
    if !options.log_dir.is_empty() {
        o.set_db_log_dir(&options.log_dir);
    }
    if options.statistics {
        o.enable_statistics();
    }
}

fn tables(options: &RocksOptions, slot: Option<&SlotCache>) -> BlockBasedOptions {
    let mut table = BlockBasedOptions::default();
    table.set_block_size(options.block_bytes as usize);
    table.set_metadata_block_size(options.metadata_block_bytes as usize);
    if options.bloom_bits_per_key > 0 {
        table.set_bloom_filter(f64::from(options.bloom_bits_per_key), false);
    }
    if options.partitioned_index_filters {
        table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
        table.set_partition_filters(true);
        table.set_pin_top_level_index_and_filter(true);
    }
    if let Some(slot) = slot {
        table.set_block_cache(&slot.cache);
        // Else each open file would have them beside the cache.
        table.set_cache_index_and_filter_blocks(true);
        table.set_cache_index_and_filter_blocks_with_high_priority(true);
        table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    } else if options.block_cache_bytes == 0 {
        table.disable_cache();
    } else {
        table.set_block_cache(&Cache::new_lru_cache(options.block_cache_bytes as usize));
    }
    table
}

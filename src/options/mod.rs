//! Every option and limit, validated in one place.
//!
//! Both doors pass options as pairs of strings, so that a new option needs no new entry point. Names follow RocksDB
//! and Flink where those have one; sizes are bytes.

use std::str::FromStr;

mod compression;
mod named;
mod rocks;

pub use compression::Compression;
pub(crate) use named::Named;
pub use rocks::{CompactionStyle, LogLevel, RocksOptions};

use crate::error::Result;
use crate::key::{KeyEncoding, KeyGroupRange, KeySpec, PartSize};

/// The largest maximum parallelism: Flink's `KeyGroupRangeAssignment.UPPER_BOUND_MAX_PARALLELISM`.
pub const MAX_PARALLELISM_LIMIT: u32 = 32_768;
/// The longest name of a state, in bytes.
pub const MAX_STATE_NAME_BYTES: usize = 255;
/// The most states of one store. Each is a column family with a memtable of its own: an empty one takes about the
/// memtable's bloom filter (`rocks.memtable-bloom-ratio` of `rocks.write-buffer-bytes`), and making one takes longer the
/// more there are.
pub const MAX_STATES: usize = 256;
/// The largest value any store accepts: what a block, a write batch and a Java buffer hold with room to spare.
pub const MAX_VALUE_BYTES_LIMIT: u64 = 1 << 29;
/// The largest composite key any store accepts.
pub const MAX_KEY_BYTES_LIMIT: u64 = 1 << 20;

/// Where the state lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineKind {
    /// The copy-on-write table: state in memory, off the Java heap.
    Table,
    /// RocksDB: state larger than memory. Needs the cargo feature `rocks`.
    Rocks,
}

impl EngineKind {
    /// The name used in options and in the store's manifest.
    pub fn name(self) -> &'static str {
        match self {
            EngineKind::Table => "table",
            EngineKind::Rocks => "rocks",
        }
    }
}

impl FromStr for EngineKind {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "table" => Ok(EngineKind::Table),
            "rocks" => Ok(EngineKind::Rocks),
            _ => Err("use 'table' or 'rocks'".to_string()),
        }
    }
}

/// Options of a store. `engine`, `keys` and `key_groups` are fixed when the store is created; the rest may change at every open.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreOptions {
    /// `engine`: where the state lives. Default table.
    pub engine: EngineKind,
    /// `key-encoding` (default ordered), `max-parallelism` (default 128), `key-size` (default variable).
    pub keys: KeySpec,
    /// `key-groups`: the key groups that the store may hold, as in `0-63`; those of one task. Default all.
    pub key_groups: Option<KeyGroupRange>,
    /// `create-if-missing`: make a store where there is none. Default true.
    pub create_if_missing: bool,
    /// `error-if-exists`: refuse a directory that holds a store. Default false.
    pub error_if_exists: bool,
    /// `max-key-bytes`: longest composite key, 64 bytes to 1 MiB. Default 64 KiB.
    pub max_key_bytes: usize,
    /// `max-value-bytes`: longest value, 1 byte to 512 MiB. Default 256 MiB.
    pub max_value_bytes: usize,
    /// `memory.slot`: stores of this process that name the same slot share one budget. Default empty: a budget of one's
    /// own.
    pub memory_slot: String,
    /// `memory.limit-bytes`: the most memory of the budget; 0 = no limit. In a table a write that would pass it is refused
    /// with [`MemoryBudget`](crate::error::ErrorKind::MemoryBudget); RocksDB has its block cache and its write buffers in it,
    /// writes them out earlier and keeps fewer blocks, and takes 1 MiB at least. Default 0.
    pub memory_limit_bytes: u64,
    /// `table.flush-on-close`: closing a store of the table engine writes its entries to a file, so that it can be opened
    /// again. Default true; false under a stream processor, where snapshots are the durability.
    pub table_flush_on_close: bool,
    /// Options of the RocksDB engine.
    pub rocks: RocksOptions,
}

impl Default for StoreOptions {
    fn default() -> Self {
        StoreOptions {
            engine: EngineKind::Table,
            keys: KeySpec {
                encoding: KeyEncoding::Ordered,
                max_parallelism: 128,
                key_size: PartSize::Variable,
            },
            key_groups: None,
            create_if_missing: true,
            error_if_exists: false,
            max_key_bytes: 64 << 10,
            max_value_bytes: 256 << 20,
            memory_slot: String::new(),
            memory_limit_bytes: 0,
            table_flush_on_close: true,
            rocks: RocksOptions::default(),
        }
    }
}

impl StoreOptions {
    /// Options from name and value pairs over the defaults.
    ///
    /// Fails with [`InvalidOption`](crate::error::ErrorKind::InvalidOption) for an unknown name or a value out of range; the message says which.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut options = StoreOptions::default();
        for (name, value) in pairs {
            options.set(name, value)?;
        }
        Ok(options)
    }

    /// Sets one option by name.
    ///
    /// Fails with [`InvalidOption`](crate::error::ErrorKind::InvalidOption) and changes nothing.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let option = Named { name, value };
        match name {
            "engine" => self.engine = option.parse()?,
            "key-encoding" => self.keys.encoding = option.parse()?,
            "max-parallelism" => {
                self.keys.max_parallelism = option.number(1, u64::from(MAX_PARALLELISM_LIMIT))? as u32;
            }
            "key-size" => {
                self.keys.key_size = match option.parse()? {
                    PartSize::Fixed(0) => return Err(option.bad("a key has at least one byte")),
                    size => size,
                };
            }
            "key-groups" => self.key_groups = Some(option.parse()?),
            "create-if-missing" => self.create_if_missing = option.flag()?,
            "error-if-exists" => self.error_if_exists = option.flag()?,
            "max-key-bytes" => self.max_key_bytes = option.number(64, MAX_KEY_BYTES_LIMIT)? as usize,
            "max-value-bytes" => self.max_value_bytes = option.number(1, MAX_VALUE_BYTES_LIMIT)? as usize,
            "memory.slot" => self.memory_slot = value.to_string(),
            "memory.limit-bytes" => self.memory_limit_bytes = option.number(0, 1 << 50)?,
            "table.flush-on-close" => self.table_flush_on_close = option.flag()?,
            _ => {
                if !self.rocks.set(&option)? {
                    return Err(option.bad("there is no such option"));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn every_option_is_read_by_its_name() {
        let options = StoreOptions::from_pairs([
            ("engine", "rocks"),
            ("key-encoding", "flink"),
            ("max-parallelism", "32768"),
            ("key-size", "8"),
            ("key-groups", "0-255"),
            ("create-if-missing", "false"),
            ("error-if-exists", "true"),
            ("max-key-bytes", "100"),
            ("max-value-bytes", "1"),
            ("memory.slot", "task slot 0"),
            ("memory.limit-bytes", "1000"),
            ("table.flush-on-close", "false"),
            ("rocks.block-cache-bytes", "0"),
            ("rocks.write-buffer-bytes", "65536"),
            ("rocks.wal", "true"),
            ("rocks.bloom-bits-per-key", "0"),
            ("rocks.memtable-bloom-ratio", "0.25"),
            ("rocks.compression", "zstd"),
            ("rocks.max-open-files", "-1"),
            ("rocks.max-background-jobs", "64"),
            ("rocks.block-bytes", "1024"),
            ("rocks.metadata-block-bytes", "8192"),
            ("rocks.partitioned-index-filters", "true"),
            ("rocks.max-write-buffers", "3"),
            ("rocks.write-buffer-ratio", "0.95"),
            ("rocks.compaction-style", "universal"),
            ("rocks.level-base-bytes", "65536"),
            ("rocks.target-file-bytes", "16384"),
            ("rocks.dynamic-level-bytes", "false"),
            ("rocks.statistics", "true"),
            ("rocks.log-level", "warn"),
            ("rocks.log-dir", "logs"),
            ("rocks.log-file-bytes", "0"),
            ("rocks.log-files", "9"),
            ("rocks.options", "max_subcompactions=2"),
        ])
        .unwrap();
        assert_eq!(options.engine, EngineKind::Rocks);
        assert_eq!((&options.memory_slot[..], options.memory_limit_bytes), ("task slot 0", 1000));
        assert!(!options.table_flush_on_close);
        assert_eq!(options.keys.encoding, KeyEncoding::Flink);
        assert_eq!(options.keys.key_size, PartSize::Fixed(8));
        assert_eq!(options.keys.max_parallelism, 32_768);
        assert_eq!(options.key_groups, KeyGroupRange::new(0, 255));
        assert!(options.rocks.wal && options.error_if_exists && !options.create_if_missing);
        let expected = RocksOptions {
            block_cache_bytes: 0,
            block_bytes: 1024,
            metadata_block_bytes: 8192,
            partitioned_index_filters: true,
            write_buffer_bytes: 65536,
            max_write_buffers: 3,
            write_buffer_ratio: 0.95,
            wal: true,
            bloom_bits_per_key: 0,
            memtable_bloom_ratio: 0.25,
            compression: Compression::Zstd,
            compaction_style: CompactionStyle::Universal,
            level_base_bytes: 65536,
            target_file_bytes: 16384,
            dynamic_level_bytes: false,
            max_open_files: -1,
            max_background_jobs: 64,
            statistics: true,
            log_level: LogLevel::Warn,
            log_dir: "logs".to_string(),
            log_file_bytes: 0,
            log_files: 9,
            options: "max_subcompactions=2".to_string(),
        };
        assert_eq!(options.rocks, expected);
    }

    #[test]
    fn a_bad_option_is_named_with_its_value_and_what_to_use() {
        for (name, value) in [
            ("engine", "heap"),
            ("key-encoding", ""),
            ("max-parallelism", "0"),
            ("max-parallelism", "32769"),
            ("key-size", "0"),
            ("key-size", "-1"),
            ("key-groups", "3-2"),
            ("create-if-missing", "yes"),
            ("max-key-bytes", "63"),
            ("max-value-bytes", "536870913"),
            ("rocks.memtable-bloom-ratio", "NaN"),
            ("rocks.compression", "snappy"),
            ("rocks.max-open-files", "3"),
            ("rocks.write-buffer-ratio", "1"),
            ("rocks.compaction-style", "fifo"),
            ("rocks.log-level", "all"),
            ("rocks.max-write-buffers", "1"),
            ("rocks.no-such-option", "1"),
            ("no-such-option", "1"),
        ] {
            let error = StoreOptions::from_pairs([(name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidOption);
            assert!(error.message().contains(&format!("{name}={value}")), "{error}");
        }
    }
}

//! Every option and limit, validated in one place.
//!
//! Both doors pass options as pairs of strings, so that a new option needs no new entry point. Names follow RocksDB
//! and Flink where those have one; sizes are bytes.

use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
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

/// How blocks are compressed, RocksDB's and those of snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "none" => Ok(Compression::None),
            "lz4" => Ok(Compression::Lz4),
            "zstd" => Ok(Compression::Zstd),
            _ => Err("use 'none', 'lz4' or 'zstd'".to_string()),
        }
    }
}

/// Options of the RocksDB engine, prefixed with `rocks.` as strings.
#[derive(Debug, Clone, PartialEq)]
pub struct RocksOptions {
    /// `rocks.block-cache-bytes`: block cache of the store. Default 64 MiB.
    pub block_cache_bytes: u64,
    /// `rocks.write-buffer-bytes`: one memtable. Default 64 MiB.
    pub write_buffer_bytes: u64,
    /// `rocks.wal`: write-ahead log. Off by default: under a stream processor snapshots are the durability.
    pub wal: bool,
    /// `rocks.bloom-bits-per-key`: filter of the SST files; 0 = none. Default 10.
    pub bloom_bits_per_key: u32,
    /// `rocks.memtable-bloom-ratio`: part of the write buffer for a whole-key bloom filter, 0 to 0.25; spares a lookup
    /// that misses the memtable its search. It is taken and cleared for every state at once. Default 0.02.
    pub memtable_bloom_ratio: f64,
    /// `rocks.compression`: none, lz4, zstd. Default lz4.
    pub compression: Compression,
    /// `rocks.max-open-files`: -1 = all stay open. Default -1.
    pub max_open_files: i32,
    /// `rocks.max-background-jobs`: flushes and compactions at a time, 1 to 64. Default 2.
    pub max_background_jobs: u32,
    /// `rocks.options`: RocksDB's own option string (`name=value;name=value`), applied last. Default empty.
    pub options: String,
}

impl Default for RocksOptions {
    fn default() -> Self {
        RocksOptions {
            block_cache_bytes: 64 << 20,
            write_buffer_bytes: 64 << 20,
            wal: false,
            bloom_bits_per_key: 10,
            memtable_bloom_ratio: 0.02,
            compression: Compression::Lz4,
            max_open_files: -1,
            max_background_jobs: 2,
            options: String::new(),
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
    /// own. Counts the memory of tables.
    pub memory_slot: String,
    /// `memory.limit-bytes`: the most memory of the budget; 0 = no limit. A write that would pass it is refused with
    /// [`ErrorKind::MemoryBudget`]. Default 0.
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
    /// Fails with [`ErrorKind::InvalidOption`] for an unknown name or a value out of range; the message says which.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut options = StoreOptions::default();
        for (name, value) in pairs {
            options.set(name, value)?;
        }
        Ok(options)
    }

    /// Sets one option by name.
    ///
    /// Fails with [`ErrorKind::InvalidOption`] and changes nothing.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let option = Named { name, value };
        let rocks = &mut self.rocks;
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
            "rocks.block-cache-bytes" => rocks.block_cache_bytes = option.number(0, 1 << 46)?,
            "rocks.write-buffer-bytes" => rocks.write_buffer_bytes = option.number(64 << 10, 1 << 40)?,
            "rocks.wal" => rocks.wal = option.flag()?,
            "rocks.bloom-bits-per-key" => rocks.bloom_bits_per_key = option.number(0, 64)? as u32,
            "rocks.memtable-bloom-ratio" => rocks.memtable_bloom_ratio = option.ratio(0.25)?,
            "rocks.compression" => rocks.compression = option.parse()?,
            "rocks.max-open-files" => {
                rocks.max_open_files =
                    if value == "-1" { -1 } else { option.number(16, i32::MAX as u64)? as i32 };
            }
            "rocks.max-background-jobs" => rocks.max_background_jobs = option.number(1, 64)? as u32,
            "rocks.options" => rocks.options = value.to_string(),
            _ => return Err(option.bad("there is no such option")),
        }
        Ok(())
    }
}

/// An option on its way in: parses its value, and names itself when that fails.
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl Named<'_> {
    #[cold]
    pub(crate) fn bad(&self, why: &str) -> Error {
        Error::new(ErrorKind::InvalidOption, format!("option {}={}: {why}", self.name, self.value))
    }

    pub(crate) fn parse<T: FromStr<Err = String>>(&self) -> Result<T> {
        self.value.parse().map_err(|why: String| self.bad(&why))
    }

    pub(crate) fn flag(&self) -> Result<bool> {
        self.value.parse().map_err(|_| self.bad("use 'true' or 'false'"))
    }

    pub(crate) fn number(&self, min: u64, max: u64) -> Result<u64> {
        match self.value.parse::<u64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(n),
            _ => Err(self.bad(&format!("use a number from {min} to {max}"))),
        }
    }

    fn ratio(&self, max: f64) -> Result<f64> {
        match self.value.parse::<f64>() {
            Ok(x) if (0.0..=max).contains(&x) => Ok(x),
            _ => Err(self.bad(&format!("use a fraction from 0 to {max}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(options.rocks.compression, Compression::Zstd);
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
            ("no-such-option", "1"),
        ] {
            let error = StoreOptions::from_pairs([(name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidOption);
            assert!(error.message().contains(&format!("{name}={value}")), "{error}");
        }
    }
}

//! Options of the RocksDB engine.

use std::str::FromStr;

use super::{Compression, Named};
use crate::error::Result;

/// How RocksDB arranges a state's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompactionStyle {
    /// In levels, each of which is ten times the one above: least space, most writing.
    Level,
    /// In runs that are merged when there are many: less writing, more space.
    Universal,
}

impl FromStr for CompactionStyle {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "level" => Ok(CompactionStyle::Level),
            "universal" => Ok(CompactionStyle::Universal),
            _ => Err("use 'level' or 'universal'".to_string()),
        }
    }
}

/// What RocksDB writes to its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What it does.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
    /// What it cannot go on after.
    Fatal,
    /// Only its options.
    Header,
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "debug" => Ok(LogLevel::Debug),
            "info" => Ok(LogLevel::Info),
            "warn" => Ok(LogLevel::Warn),
            "error" => Ok(LogLevel::Error),
            "fatal" => Ok(LogLevel::Fatal),
            "header" => Ok(LogLevel::Header),
            _ => Err("use 'debug', 'info', 'warn', 'error', 'fatal' or 'header'".to_string()),
        }
    }
}

/// Options of the RocksDB engine, prefixed with `rocks.` as strings.
#[derive(Debug, Clone, PartialEq)]
pub struct RocksOptions {
    /// `rocks.block-cache-bytes`: block cache of the store; 0 = none. Unused where `memory.limit-bytes` is set, which has the cache
    /// in it. Default 64 MiB.
    pub block_cache_bytes: u64,
    /// `rocks.block-bytes`: entries of a block of the SST files, before compression. Default 4 KiB.
    pub block_bytes: u64,
    /// `rocks.metadata-block-bytes`: of an index or filter in parts, one part. Default 4 KiB.
    pub metadata_block_bytes: u64,
    /// `rocks.partitioned-index-filters`: index and filter of an SST file are in parts, of which only those in use are
    /// in memory. Default false.
    pub partitioned_index_filters: bool,
    /// `rocks.write-buffer-bytes`: one memtable. Where `memory.limit-bytes` is set, at most half of what all of them may
    /// have. Default 64 MiB.
    pub write_buffer_bytes: u64,
    /// `rocks.max-write-buffers`: memtables of a state, the one written to and those that wait to be written to files; beyond
    /// that writing waits. Default 2.
    pub max_write_buffers: u32,
    /// `rocks.write-buffer-ratio`: part of `memory.limit-bytes` for memtables, 0.05 to 0.95. Default 0.5.
    pub write_buffer_ratio: f64,
    /// `rocks.wal`: write-ahead log. Off by default: under a stream processor snapshots are the durability.
    pub wal: bool,
    /// `rocks.bloom-bits-per-key`: filter of the SST files; 0 = none. Default 10.
    pub bloom_bits_per_key: u32,
    /// `rocks.memtable-bloom-ratio`: part of the write buffer for a whole-key bloom filter, 0 to 0.25; spares a lookup
    /// that misses the memtable its search. It is taken and cleared for every state at once. Default 0.02.
    pub memtable_bloom_ratio: f64,
    /// `rocks.compression`: none, lz4, zstd. Default lz4.
    pub compression: Compression,
    /// `rocks.compaction-style`: level or universal. Default level.
    pub compaction_style: CompactionStyle,
    /// `rocks.level-base-bytes`: files of the first level after that of the flushed memtables. Default 256 MiB.
    pub level_base_bytes: u64,
    /// `rocks.target-file-bytes`: one file of that level. Default 64 MiB.
    pub target_file_bytes: u64,
    /// `rocks.dynamic-level-bytes`: the last level sets the sizes of the others. Default true.
    pub dynamic_level_bytes: bool,
    /// `rocks.max-open-files`: -1 = all stay open. Default -1.
    pub max_open_files: i32,
    /// `rocks.max-background-jobs`: flushes and compactions at a time, 1 to 64. Default 2.
    pub max_background_jobs: u32,
    /// `rocks.statistics`: RocksDB counts what it does; costs some percent of each access. Default false.
    pub statistics: bool,
    /// `rocks.log-level`: debug, info, warn, error, fatal, header. Default info.
    pub log_level: LogLevel,
    /// `rocks.log-dir`: directory of RocksDB's log. Default empty: the database's.
    pub log_dir: String,
    /// `rocks.log-file-bytes`: one file of the log; 0 = no limit. Default 10 MiB.
    pub log_file_bytes: u64,
    /// `rocks.log-files`: files of the log that are kept. Default 2.
    pub log_files: u32,
    /// `rocks.options`: RocksDB's own option string (`name=value;name=value`), applied last. Default empty.
    pub options: String,
}

impl Default for RocksOptions {
    fn default() -> Self {
        RocksOptions {
            block_cache_bytes: 64 << 20,
            block_bytes: 4 << 10,
            metadata_block_bytes: 4 << 10,
            partitioned_index_filters: false,
            write_buffer_bytes: 64 << 20,
            max_write_buffers: 2,
            write_buffer_ratio: 0.5,
            wal: false,
            bloom_bits_per_key: 10,
            memtable_bloom_ratio: 0.02,
            compression: Compression::Lz4,
            compaction_style: CompactionStyle::Level,
            level_base_bytes: 256 << 20,
            target_file_bytes: 64 << 20,
            dynamic_level_bytes: true,
            max_open_files: -1,
            max_background_jobs: 2,
            statistics: false,
            log_level: LogLevel::Info,
            log_dir: String::new(),
            log_file_bytes: 10 << 20,
            log_files: 2,
            options: String::new(),
        }
    }
}

impl RocksOptions {
    /// Sets the option if it is one of these; whether it is.
    ///
    /// Fails with [`InvalidOption`](crate::error::ErrorKind::InvalidOption) and changes nothing.
    pub(super) fn set(&mut self, option: &Named<'_>) -> Result<bool> {
        let Some(name) = option.name.strip_prefix("rocks.") else { return Ok(false) };
        match name {
            "block-cache-bytes" => self.block_cache_bytes = option.number(0, 1 << 46)?,
            "block-bytes" => self.block_bytes = option.number(1 << 10, 16 << 20)?,
            "metadata-block-bytes" => self.metadata_block_bytes = option.number(1 << 10, 16 << 20)?,
            "partitioned-index-filters" => self.partitioned_index_filters = option.flag()?,
            "write-buffer-bytes" => self.write_buffer_bytes = option.number(64 << 10, 1 << 40)?,
            "max-write-buffers" => self.max_write_buffers = option.number(2, 64)? as u32,
            "write-buffer-ratio" => self.write_buffer_ratio = option.fraction(0.05, 0.95)?,
            "wal" => self.wal = option.flag()?,
            "bloom-bits-per-key" => self.bloom_bits_per_key = option.number(0, 64)? as u32,
            "memtable-bloom-ratio" => self.memtable_bloom_ratio = option.fraction(0.0, 0.25)?,
            "compression" => self.compression = option.parse()?,
            "compaction-style" => self.compaction_style = option.parse()?,
            "level-base-bytes" => self.level_base_bytes = option.number(64 << 10, 1 << 46)?,
            "target-file-bytes" => self.target_file_bytes = option.number(16 << 10, 1 << 40)?,
            "dynamic-level-bytes" => self.dynamic_level_bytes = option.flag()?,
            "max-open-files" => {
                self.max_open_files =
                    if option.value == "-1" { -1 } else { option.number(16, i32::MAX as u64)? as i32 };
            }
            "max-background-jobs" => self.max_background_jobs = option.number(1, 64)? as u32,
            "statistics" => self.statistics = option.flag()?,
            "log-level" => self.log_level = option.parse()?,
            "log-dir" => self.log_dir = option.value.to_string(),
            "log-file-bytes" => self.log_file_bytes = option.number(0, 1 << 40)?,
            "log-files" => self.log_files = option.number(1, 1000)? as u32,
            "options" => self.options = option.value.to_string(),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

//! The plain types of the C interface.

/// A store. Any thread may use it.
pub type keybed_store_t = u64;
/// A session. Only the thread that owns it may use it.
pub type keybed_session_t = u64;
/// A scan. Only the thread that opened it may use it.
pub type keybed_scan_t = u64;
/// A write batch. Only the thread that created it may use it.
pub type keybed_batch_t = u64;
/// A snapshot. Any thread may use it.
pub type keybed_snapshot_t = u64;
/// A stream of a snapshot. Any thread may use it, one at a time.
pub type keybed_snapshot_stream_t = u64;
/// A stored snapshot. Any thread may use it.
pub type keybed_stored_snapshot_t = u64;
/// A scan of a stored snapshot. Only the thread that opened it may use it.
pub type keybed_stored_scan_t = u64;
/// A series of snapshots. Any thread may use it.
pub type keybed_snapshot_series_t = u64;
/// A snapshot of a series that is still to be written. Any thread may use it.
pub type keybed_prepared_snapshot_t = u64;
/// A description of the files of a snapshot of a series. Any thread may use it.
pub type keybed_snapshot_files_t = u64;
/// A state opened in a session; valid in that session only.
pub type keybed_state_t = i32;

/// Bytes that somebody else owns. `data` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_slice_t {
    /// First byte.
    pub data: *const u8,
    /// Number of bytes.
    pub len: usize,
}

/// A name and a value.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_option_t {
    /// Name of the option, NUL-terminated.
    pub name: *const std::ffi::c_char,
    /// Its value, NUL-terminated.
    pub value: *const std::ffi::c_char,
}

/// One request of a multi-get.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_request_t {
    /// Key group.
    pub group: u32,
    /// Key.
    pub key: keybed_slice_t,
    /// Namespace.
    pub name_space: keybed_slice_t,
    /// Map key; empty for other states.
    pub map_key: keybed_slice_t,
}

/// A state, as snapshots have it.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_state_info_t {
    /// Its name, UTF-8.
    pub name: keybed_slice_t,
    /// One of KEYBED_STATE_*.
    pub kind: i32,
    /// Size of its namespaces: a number of bytes (0 = no namespaces), -1 for variable or -2 for delimited.
    pub namespace_size: i32,
}

/// What was written of a snapshot.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_snapshot_summary_t {
    /// Its id: 32 hexadecimal digits, NUL-terminated.
    pub id: [std::ffi::c_char; 33],
    /// Its length in bytes.
    pub bytes: u64,
    /// Blocks of entries.
    pub blocks: u64,
    /// Entries of all states; of changes, the deleted ones count.
    pub entries: u64,
}

/// What a stored snapshot is of.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_snapshot_info_t {
    /// Its id: 32 hexadecimal digits, NUL-terminated.
    pub id: [std::ffi::c_char; 33],
    /// Of changes: the id of the snapshot that they follow. Of a full snapshot: empty.
    pub base: [std::ffi::c_char; 33],
    /// The engine that held the state, such as "table". Never freed.
    pub engine: *const std::ffi::c_char,
    /// The option key-encoding of its store, such as "ordered". Never freed.
    pub key_encoding: *const std::ffi::c_char,
    /// The option max-parallelism of its store.
    pub max_parallelism: u32,
    /// The option key-size of its store; -1 for variable, -2 for delimited.
    pub key_size: i32,
    /// The first key group that it holds.
    pub first_group: u32,
    /// The last one.
    pub last_group: u32,
    /// Number of states.
    pub states: u32,
    /// Number of files; 1 unless it is a directory.
    pub files: u32,
    /// Length of all files in bytes.
    pub bytes: u64,
    /// Blocks of entries; 0 of a directory, which does not say.
    pub blocks: u64,
    /// Entries of all states; of changes, the deleted ones count; 0 of a directory, which does not say.
    pub entries: u64,
}

/// A file of a snapshot of a series.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_snapshot_file_t {
    /// Its name in the directory.
    pub name: keybed_slice_t,
    /// Files of the same identity are the same, whatever snapshots they are in: 32 hexadecimal digits, NUL-terminated.
    pub identity: [std::ffi::c_char; 33],
    /// Its length.
    pub bytes: u64,
    /// The checksum of all its bytes.
    pub crc32c: u32,
    /// Other snapshots may have it, too.
    pub shared: bool,
    /// It has entries, and they are of key groups first_group to last_group.
    pub has_groups: bool,
    /// The first key group that has entries in it.
    pub first_group: u32,
    /// The last one.
    pub last_group: u32,
}

/// Some of a block's entries as three pieces of memory: written one after the other (writev) they are a block. Only the
/// header is new; payload and index point into the block.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct keybed_block_slice_t {
    /// The header.
    pub header: [u8; 20],
    /// How many bytes of it count.
    pub header_len: usize,
    /// Keys and values.
    pub payload: keybed_slice_t,
    /// Where they end.
    pub index: keybed_slice_t,
}

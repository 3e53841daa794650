//! The plain types of the C interface.

/// A store. Any thread may use it.
pub type keybed_store_t = u64;
/// A session. Only the thread that owns it may use it.
pub type keybed_session_t = u64;
/// A scan. Only the thread that opened it may use it.
pub type keybed_scan_t = u64;
/// A write batch. Only the thread that created it may use it.
pub type keybed_batch_t = u64;
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

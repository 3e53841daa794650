//! What an engine's memory is used for.

/// Bytes by owner, and counts. All of one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// Taken from the system and charged to the budget; everything below is part of it.
    pub committed: u64,
    /// Keys, values and their headers.
    pub records: u64,
    /// Index: slots, directories and the nodes of maps.
    pub index: u64,
    /// Kept for snapshots and scans that are open; also counted as records or index.
    pub retired: u64,
    /// Tables of what is in use, on the ordinary heap.
    pub metadata: u64,
    /// Number of blocks kept for snapshots and scans.
    pub retired_blocks: u64,
}

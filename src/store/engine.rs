//! What an engine is to the store: composite keys to bytes, per state. Nothing here speaks of hashing or of LSM trees.

use crate::block::BlockWriter;
use crate::error::Result;
use crate::store::batch::WriteBatch;
use crate::store::keys::PackedKeys;
use crate::store::state::StateInfo;

/// A storage engine, shared by all sessions of a store. Dropping the last reference closes it.
pub trait Engine: Send + Sync {
    /// Makes room for a state; does nothing when the engine has it already.
    fn create_state(&self, state: &StateInfo) -> Result<()>;

    /// A session of its own for one thread at a time.
    fn session(&self) -> Result<Box<dyn EngineSession>>;

    /// Writes everything that is only in memory to files, and waits for it.
    fn flush(&self) -> Result<()>;

    /// Appends name and value pairs for people and metrics; names as the engine's makers use them.
    fn statistics(&self, out: &mut Vec<(String, String)>);
}

/// What one session does with an engine. States are named by their id in the store and must have been opened first;
/// keys are composite keys.
pub trait EngineSession: Send {
    /// Makes a state usable in this session.
    fn open_state(&mut self, state: &StateInfo) -> Result<()>;

    /// Copies the value into `out` and returns its length, `None` when there is none. When the value is longer than
    /// `out`, its length is returned and nothing is copied.
    fn get(&mut self, state: u32, key: &[u8], out: &mut [u8]) -> Result<Option<usize>>;

    /// Sets the value.
    fn put(&mut self, state: u32, key: &[u8], value: &[u8]) -> Result<()>;

    /// Appends to the value, with a `,` between what was there and `value`.
    fn append(&mut self, state: u32, key: &[u8], value: &[u8]) -> Result<()>;

    /// Removes the entry; nothing happens when there is none.
    fn delete(&mut self, state: u32, key: &[u8]) -> Result<()>;

    /// Removes every entry whose key starts with `prefix`, all or none.
    fn delete_prefix(&mut self, state: u32, prefix: &[u8]) -> Result<()>;

    /// Answers `keys[from..]` in order into `block` until one does not fit; returns whether all were answered.
    fn multi_get(
        &mut self,
        state: u32,
        keys: &PackedKeys,
        from: usize,
        block: &mut BlockWriter<'_>,
    ) -> Result<bool>;

    /// A scan of one state that can be started again and again.
    fn new_scan(&mut self, state: u32) -> Result<Box<dyn EngineScan>>;

    /// Applies all operations of `batch` in order, all or none.
    fn write(&mut self, batch: &WriteBatch) -> Result<()>;
}

/// A scan of one state in one session.
pub trait EngineScan: Send {
    /// (Re)starts over the entries whose key starts with `prefix`, in byte order. The scan sees the state as it is
    /// now, whatever is written while it goes on.
    fn start(&mut self, prefix: &[u8]) -> Result<()>;

    /// Adds entries to `block` until it is full or the scan is at its end; keys without the prefix. Returns whether
    /// more entries follow.
    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool>;

    /// Lets go of everything the scan holds in the engine; it can be started again.
    fn reset(&mut self);
}

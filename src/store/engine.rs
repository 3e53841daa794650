//! What an engine is to the store: composite keys to bytes, per state. Nothing here speaks of hashing or of LSM trees.

use crate::block::BlockWriter;
use crate::error::Result;
use crate::key::CompositeKey;
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

    /// The store is closed: what must outlast it is written to files. Afterwards nobody writes any more.
    fn close(&self) -> Result<()> {
        self.flush()
    }

    /// A snapshot: these states as they are now.
    fn snapshot(&self, states: &[StateInfo]) -> Result<Box<dyn EngineSnapshot>>;

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
    fn get(&mut self, state: u32, key: CompositeKey<'_>, out: &mut [u8]) -> Result<Option<usize>>;

    /// Sets the value.
    fn put(&mut self, state: u32, key: CompositeKey<'_>, value: &[u8]) -> Result<()>;

    /// Appends to the value, with a `,` between what was there and `value`.
    fn append(&mut self, state: u32, key: CompositeKey<'_>, value: &[u8]) -> Result<()>;

    /// Changes the value in one step: `change` gets its bytes, or those of `default` when there is none, and what it
    /// leaves there is the value. May be called again from the start when the first attempt found no memory.
    fn update(
        &mut self,
        state: u32,
        key: CompositeKey<'_>,
        default: &[u8],
        change: &mut dyn FnMut(&mut [u8]),
    ) -> Result<()>;

    /// Removes the entry; nothing happens when there is none.
    fn delete(&mut self, state: u32, key: CompositeKey<'_>) -> Result<()>;

    /// Removes every entry whose key starts with `prefix`, all or none.
    fn delete_prefix(&mut self, state: u32, prefix: CompositeKey<'_>) -> Result<()>;

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
    fn start(&mut self, prefix: CompositeKey<'_>) -> Result<()>;

    /// Adds entries to `block` until it is full or the scan is at its end; keys without the prefix. Returns whether
    /// more entries follow.
    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool>;

    /// Lets go of everything the scan holds in the engine; it can be started again.
    fn reset(&mut self);
}

/// Gets composite key and value of an entry; its first error ends the walk.
pub type EachEntry<'a> = dyn FnMut(&[u8], &[u8]) -> Result<()> + 'a;

/// States of a store at one moment. May be read on any thread while the store goes on, and after it is closed.
pub trait EngineSnapshot: Send + Sync {
    /// Calls `f` with composite key and value of every entry of a state in the key group whose prefix this is, in no
    /// particular order; ends with the first error.
    ///
    /// Fails with `Closed` when the group has been released, and with the engine's errors.
    fn for_each(&self, state: u32, group: &[u8], f: &mut EachEntry<'_>) -> Result<()>;

    /// Number of entries of a state in a key group. Engines that have to look at all of them for it need not do better.
    ///
    /// Fails as [`for_each`](Self::for_each).
    fn count(&self, state: u32, group: &[u8]) -> Result<u64> {
        let mut count = 0;
        self.for_each(state, group, &mut |_, _| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    }

    /// Lets go of a key group of a state; releasing it twice is no error.
    fn release(&self, state: u32, group: &[u8]);
}

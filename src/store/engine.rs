//! What an engine is to the store: composite keys to bytes, per state. Nothing here speaks of hashing or of LSM trees.

use std::any::Any;
use std::path::Path;

use crate::block::BlockWriter;
use crate::error::Result;
use crate::expiry::Expiry;
use crate::key::CompositeKey;
use crate::snapshot::{Entries, EntryForm};
use crate::store::batch::WriteBatch;
use crate::store::figure::Figure;
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

    /// What loads stored entries into the engine. Nobody else may use the engine until it is finished.
    ///
    /// `ordered`: the entries of each state come in the order of their keys, each once, key group by key group.
    fn loader(&self, ordered: bool) -> Result<Box<dyn EngineLoader + '_>>;

    /// Makes hard links in `dir`, which is made for this, to files that together hold the state as it is now, in the engine's
    /// own form; `None` when the engine has no such files. They are never changed afterwards.
    fn link_files(&self, dir: &Path) -> Result<Option<Vec<LinkedFile>>> {
        let _ = dir;
        Ok(None)
    }

    /// When the entries of a state are over, so that they can be dropped when the engine rewrites them anyway; `None`: never. False
    /// when the engine does no such thing. Entries that were written in another form before must have been rewritten.
    fn set_expiry(&self, state: &StateInfo, expiry: Option<Expiry>) -> Result<bool> {
        let _ = (state, expiry);
        Ok(false)
    }

    /// The time that entries expire by, in milliseconds since 1970; `None`: the machine's.
    fn set_time(&self, millis: Option<i64>) {
        let _ = millis;
    }

    /// Rewrites all that the engine has of a state in files, so that what is over, overwritten or removed takes no room any
    /// more; waits for it. Does nothing when the engine has no such files.
    fn compact(&self, state: &StateInfo) -> Result<()> {
        let _ = state;
        Ok(())
    }

    /// Appends numbers for gauges, each of them cheap. May be called by any thread at any time.
    fn figures(&self, out: &mut Vec<Figure>);

    /// Appends name and value pairs for people and metrics; names as the engine's makers use them.
    fn statistics(&self, out: &mut Vec<(String, String)>);
}

/// One of the files that hold an engine's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedFile {
    /// Its name.
    pub name: String,
    /// The engine goes on using it, and will not change it.
    pub shared: bool,
    /// Its smallest and its largest composite key, if it has entries.
    pub keys: Option<(Vec<u8>, Vec<u8>)>,
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

    /// Sets the values of several keys. On an error some may have been set, the first ones.
    fn put_all(
        &mut self,
        state: u32,
        keys: &PackedKeys,
        values: &mut dyn Iterator<Item = &[u8]>,
    ) -> Result<()>;

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

    /// Whether a map state has an entry whose key starts with `prefix`, which is at least that of one key.
    fn has_any(&mut self, state: u32, prefix: CompositeKey<'_>) -> Result<bool>;

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

    /// Adds at most `most` entries of the map that `from` is in to `block`, from `from` on, in the order of their map keys, which are
    /// all that is written of their keys. `map` is the prefix that the map's entries have in common, and the beginning of
    /// `from`. Returns whether more entries follow. Nothing is held afterwards.
    fn read_map(
        &mut self,
        state: u32,
        map: CompositeKey<'_>,
        from: &[u8],
        most: usize,
        block: &mut BlockWriter<'_>,
    ) -> Result<bool>;

    /// A walk over all entries of a state, at its start.
    fn new_walk(&mut self, state: u32) -> Result<Box<dyn EngineWalk>>;

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

/// A walk over all entries of a state, in bounded steps with writes between them, in no particular order.
///
/// An entry that is there from the first step to the last is seen exactly once, whatever else is written meanwhile; one that is
/// written or removed meanwhile is seen as it is when the walk comes by, or not.
pub trait EngineWalk: Send {
    /// Adds at most `most` of the next entries to `block`, with their composite keys; fewer, or none, when they do not fit
    /// or the step has done enough otherwise. Whether the walk goes on: after the last entry it is at its start
    /// again. Nothing is held between two steps.
    fn step(&mut self, most: usize, block: &mut BlockWriter<'_>) -> Result<bool>;
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

    /// A reader of blocks, which holds what it needs of the snapshot by itself.
    fn cursor(&self) -> Result<Box<dyn EngineCursor>>;

    /// A reader of what changed since `base`, an earlier snapshot of the same engine; `None` when the engine cannot tell.
    fn changes_since(&self, base: &dyn EngineSnapshot) -> Result<Option<Box<dyn EngineCursor>>> {
        let _ = base;
        Ok(None)
    }

    /// Whether a cursor's entries of a key group come in the order of their keys.
    fn is_ordered(&self) -> bool;

    /// Whether the engine knows where the key part of a composite key ends.
    fn knows_split(&self) -> bool;

    /// For engines that compare two snapshots of theirs.
    fn as_any(&self) -> &dyn Any;
}

/// Reads a snapshot into blocks, one key group after the other.
pub trait EngineCursor: Send {
    /// Begins a key group of a state. `form` says how keys are to be written ([`EntryForm`]).
    ///
    /// Fails as [`EngineSnapshot::for_each`].
    fn start(&mut self, state: u32, group: &[u8], form: &EntryForm) -> Result<()>;

    /// Adds entries to `block` until it is full or the key group is at its end. Returns whether more entries follow. The
    /// kind of the block is [`Snapshot`](crate::block::BlockKind::Snapshot), or
    /// [`Changes`](crate::block::BlockKind::Changes) for a reader of changes. The same block may get several key groups
    /// of a state.
    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool>;
}

/// Loads stored entries into an engine.
pub trait EngineLoader {
    /// From now on every key is one that was not there: [`finish`](Self::finish) fails with
    /// [`Corruption`](crate::error::ErrorKind::Corruption) if one was, where the engine can tell.
    fn expect_new(&mut self) -> Result<()> {
        Ok(())
    }

    /// Loads entries of a state that the engine has. What was loaded before under the same key is replaced.
    fn load(&mut self, state: u32, entries: Entries<'_>) -> Result<()>;

    /// Everything has been loaded: it is there for sessions, and written to files if the engine keeps files by itself.
    fn finish(self: Box<Self>) -> Result<()>;
}

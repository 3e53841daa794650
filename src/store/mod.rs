//! What a backend talks to: a [`Store`] in a directory, and [`Session`]s that read and write its states.
//!
//! ```text
//!  Store ──────── StoreCore ──── Box<dyn Engine>        shared, any thread
//!    │ session()     │ Arc
//!  Session ──────────┘  Box<dyn EngineSession>, KeyBuilder, open states     one thread at a time
//! ```
//!
//! A session has a *current key* (with its key group); operations name a state, a namespace and, for map states, a map
//! key. The session checks kinds, sizes and the store's status, composes the key and calls the engine.
//!
//! Invariants:
//! * every operation checks the store's status first, so nothing happens after close or poisoning;
//! * a [`StateId`] carries its session's serial: one from another session is refused;
//! * the engine outlives every session (each holds the core), so stores and sessions may be closed in any order.

mod batch;
pub(crate) mod core;
mod disk;
mod engine;
pub mod figure;
mod keys;
mod lock;
mod manifest;
mod open;
mod restore;
mod scan;
mod series;
mod session;
mod snapshot;
mod source;
mod state;
mod walk;

use std::path::Path;
use std::sync::Arc;

pub use batch::{BatchOp, MAX_BATCH_BYTES, WriteBatch};
pub use disk::{DiskEntries, DiskKind, DiskVerified, DiskView, DiskWalk, EachStored, StateSize};
pub use engine::{
    EachEntry, Engine, EngineCursor, EngineLoader, EngineScan, EngineSession, EngineSnapshot, EngineWalk,
    LinkedFile,
};
pub use figure::Figure;
pub use keys::PackedKeys;
pub use scan::Scan;
pub use series::{PreparedSnapshot, SnapshotSeries};
pub use session::{KeyRequest, Session, StateId};
pub use snapshot::Snapshot;
pub use state::{StateInfo, StateKind};
pub use walk::Walk;

use crate::error::{Error, ErrorKind, Result};
use crate::expiry::Expiry;
use crate::options::StoreOptions;
use crate::snapshot::SnapshotOptions;

/// A store: the states of one task, in one directory.
///
/// May be used from any thread. Dropping it closes it without reporting errors; [`close`](Self::close) reports them.
#[derive(Debug)]
pub struct Store {
    core: Arc<self::core::StoreCore>,
}

impl Store {
    /// Opens the store in `dir`, making it when there is none (unless the options say otherwise).
    ///
    /// Errors: `NotADirectory`, `ForeignFormat`, `NewerFormat`, `Corruption`, `Locked`, `OptionsMismatch`,
    /// `InvalidOption`, `EngineUnavailable`, `MemoryBudget`, `OutOfMemory`, `Io`, `StorageFull`, `Engine`. A store that cannot be opened is not changed.
    pub fn open(dir: impl AsRef<Path>, options: &StoreOptions) -> Result<Store> {
        Ok(Store { core: Arc::new(open::open(dir.as_ref(), options)?) })
    }

    /// Makes the store in `dir`, a new or empty directory, with what `snapshots` hold of the options' key groups; each of these
    /// must be in exactly one of them. Only what overlaps is read. Nothing is left when it fails.
    ///
    /// A snapshot is a file ([`Snapshot::write_file`]) or a directory; one of the engine `table` may be restored into `rocks`,
    /// and a file of `rocks` into `table`. On RocksDB the store is on disk afterwards; a table is in memory, and on disk after
    /// the next [`flush`](Self::flush) or [`close`](Self::close).
    ///
    /// Errors: `StoreExists`, `Locked`, `InvalidArgument` without snapshots, `SnapshotMismatch`, `Corruption`,
    /// `ForeignFormat`, `NewerFormat`, and those of [`open`](Self::open).
    pub fn restore(
        dir: impl AsRef<Path>,
        options: &StoreOptions,
        snapshots: &[impl AsRef<Path>],
    ) -> Result<Store> {
        let snapshots: Vec<_> = snapshots.iter().map(|path| path.as_ref().to_path_buf()).collect();
        Ok(Store { core: Arc::new(restore::restore(dir.as_ref(), options, &snapshots)?) })
    }

    /// A new session, for one thread at a time.
    pub fn session(&self) -> Result<Session> {
        Session::new(Arc::clone(&self.core))
    }

    /// All states, in the order of their ids.
    pub fn states(&self) -> Result<Vec<StateInfo>> {
        self.core.check()?;
        Ok(self.core.states())
    }

    /// Writes everything that is only in memory to files, and waits for it.
    pub fn flush(&self) -> Result<()> {
        self.core.check()?;
        self.core.engine.flush()
    }

    /// When the entries of a state are over ([`Expiry`]), so that the engine drops them when it rewrites its files; `None`:
    /// never, as at first. Not remembered when the store is closed. Returns false when the engine does no such thing: the table has
    /// no files to rewrite.
    ///
    /// Until they are dropped, entries that are over are there as ever; and snapshots, scans and cursors that are open may or
    /// may not show them. All values of the state must have the form that `expiry` says.
    ///
    /// Errors: [`ErrorKind::StateNotFound`].
    pub fn set_expiry(&self, state: &str, expiry: Option<Expiry>) -> Result<bool> {
        self.core.engine.set_expiry(&self.state(state)?, expiry)
    }

    /// The time that entries expire by, in milliseconds since 1970; `None`: the machine's, as at first.
    pub fn set_time(&self, millis: Option<i64>) -> Result<()> {
        self.core.check()?;
        self.core.engine.set_time(millis);
        Ok(())
    }

    /// Rewrites the files of a state, so that what is over, overwritten or removed takes no room any more, and waits for it:
    /// as long as reading and writing all of it takes. Sessions go on meanwhile. Does nothing on the table.
    ///
    /// Errors: [`ErrorKind::StateNotFound`].
    pub fn compact(&self, state: &str) -> Result<()> {
        self.core.engine.compact(&self.state(state)?)
    }

    fn state(&self, name: &str) -> Result<StateInfo> {
        let missing = || Error::new(ErrorKind::StateNotFound, format!("the store has no state '{name}'"));
        self.states()?.into_iter().find(|state| state.name == name).ok_or_else(missing)
    }

    /// A snapshot of all states: what they hold now, to be read on any thread while the store goes on.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.core.check()?;
        Snapshot::new(Arc::clone(&self.core))
    }

    /// Snapshots in directories, each of which writes only what the ones before have not ([`SnapshotSeries`]).
    ///
    /// The options' `compression`, `block-bytes` and `max-chain` count; a series is of all key groups of the store.
    pub fn snapshot_series(&self, options: &SnapshotOptions) -> Result<SnapshotSeries> {
        self.core.check()?;
        Ok(SnapshotSeries::new(Arc::clone(&self.core), options))
    }

    /// The same of a store that was just made by [`restore`](Self::restore): its first snapshot shares with those in the
    /// directories `made_from` what the store still has of their files. They must be there until this returns.
    ///
    /// Of a table, changes follow the files of one snapshot of exactly the store's key groups; else the first snapshot is full. A
    /// snapshot of another engine shares nothing.
    ///
    /// Errors: `InvalidArgument` when the store was not made from one of them, or, of a table, when it has had a session;
    /// `Io`, `Corruption`, `ForeignFormat`, `NewerFormat`.
    pub fn following_series(
        &self,
        options: &SnapshotOptions,
        made_from: &[impl AsRef<Path>],
    ) -> Result<SnapshotSeries> {
        self.core.check()?;
        let dirs: Vec<_> = made_from.iter().map(|path| path.as_ref().to_path_buf()).collect();
        SnapshotSeries::following(Arc::clone(&self.core), options, &dirs)
    }

    /// Numbers for gauges by name ([`figure`]), of this moment and at next to no cost.
    pub fn figures(&self) -> Result<Vec<Figure>> {
        self.core.check()?;
        let mut out = Vec::new();
        self.core.engine.figures(&mut out);
        Ok(out)
    }

    /// Name and value pairs for people and metrics, as the engine's makers name them.
    pub fn statistics(&self) -> Result<Vec<(String, String)>> {
        self.core.check()?;
        let mut out = vec![("engine".to_string(), self.core.options.engine.name().to_string())];
        self.core.engine.statistics(&mut out);
        Ok(out)
    }

    /// Flushes and closes. Sessions that are still open are refused from now on; the files are let go when the last of
    /// them is dropped. A poisoned store is not
    /// flushed here; what RocksDB holds in memory it may still write out when it closes.
    pub fn close(self) -> Result<()> {
        self.shut()
    }

    /// Ends all work and flushes, once.
    pub(crate) fn shut(&self) -> Result<()> {
        if self.core.end() { self.core.engine.close() } else { Ok(()) }
    }

    /// For the doors' panic guard.
    pub(crate) fn core(&self) -> &Arc<self::core::StoreCore> {
        &self.core
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // After `close` this does nothing.
        let _ = self.shut();
    }
}

#[cfg(test)]
mod tests;

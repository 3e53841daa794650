//! The database of a store.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocksdb::{
    BottommostLevelCompaction, BoundColumnFamily, ColumnFamilyDescriptor, CompactOptions, DB, Options,
};

use crate::error::{Error, ErrorKind, Result};
use crate::expiry::{Clock, Expiry};
use crate::options::{RocksOptions, StoreOptions};
use crate::rocks::checkpoint;
use crate::rocks::expiring::Expiring;
use crate::rocks::figures;
use crate::rocks::flush::flush;
use crate::rocks::load::{self, RocksLoader};
use crate::rocks::memory::SlotCache;
use crate::rocks::pace::{Member, Pace};
use crate::rocks::raw::{self, Snapshot};
use crate::rocks::session::RocksSession;
use crate::rocks::snapshot::RocksSnapshot;
use crate::rocks::status::{at, crate_error};
use crate::rocks::template::{DEFAULT_FAMILY, Template};
use crate::store::{
    Engine, EngineLoader, EngineSession, EngineSnapshot, Figure, LinkedFile, StateInfo, StateKind,
};

/// The RocksDB engine of one store.
pub struct RocksEngine {
    db: Arc<DB>,
    dir: PathBuf,
    template: Template,
    wal: bool,
    /// RocksDB counts what it does.
    has_statistics: bool,
    /// Of all sessions' updates, so that none is lost to another.
    updates: Arc<Mutex<()>>,
    families: Arc<Mutex<Families>>,
    clock: Arc<Clock>,
}

/// The column families there are.
pub(super) struct Families {
    /// Names of all of them.
    pub(super) names: Vec<String>,
    /// Names of those of states, by the ids of their states.
    of_states: HashMap<u32, String>,
    /// What the compactions of each drop.
    expiring: HashMap<String, Arc<Expiring>>,
}

/// The column family of a state.
pub(super) fn column_family(state: &str) -> String {
    format!("s/{state}")
}

/// Options for one column family: its own filter.
fn filtered(mut options: Options, expiring: &Arc<Expiring>) -> Result<Options> {
    raw::filter_by(&mut options, Arc::clone(expiring))?;
    Ok(options)
}

impl RocksEngine {
    /// Whether RocksDB takes these options. Touches no file.
    pub fn check(options: &StoreOptions) -> Result<()> {
        Template::new(&options.rocks, SlotCache::of(options)?).map(drop)
    }

    /// Opens or makes the database in `dir` with the column families it has; each of `states` must have one.
    pub fn open(dir: &Path, rocks: &RocksOptions, states: &[StateInfo]) -> Result<Self> {
        Self::open_in(None, dir, rocks, states)
    }

    /// As [`open`](Self::open), with the memory of a slot.
    pub fn open_in(
        slot: Option<Arc<SlotCache>>,
        dir: &Path,
        rocks: &RocksOptions,
        states: &[StateInfo],
    ) -> Result<Self> {
        let template = Template::new(rocks, slot)?;
        // Left by a process that ended while it loaded.
        load::remove(&dir.join(load::FOLDER_NAME))?;
        let existing = if dir.join("CURRENT").exists() {
            DB::list_cf(template.database(), dir).map_err(|e| at(dir, crate_error(e)))?
        } else {
            vec![DEFAULT_FAMILY.to_string()]
        };
        if let Some(lost) = states.iter().find(|s| !existing.contains(&column_family(&s.name))) {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("{}: the column family of state '{}' is missing", dir.display(), lost.name),
            ));
        }
        let database = template.database().clone();
        Self::opened(template, &database, dir, rocks, existing, states)
    }

    /// Makes a database in `dir`, which has none, with the column families of these states. Made one after the other
    /// ([`create_state`](Engine::create_state)), each would write and sync the options of all again.
    pub(crate) fn create_in(
        slot: Option<Arc<SlotCache>>,
        dir: &Path,
        rocks: &RocksOptions,
        states: &[StateInfo],
    ) -> Result<Self> {
        let template = Template::new(rocks, slot)?;
        let mut database = template.database().clone();
        database.set_error_if_exists(true);
        database.create_missing_column_families(true);
        let names = std::iter::once(DEFAULT_FAMILY.to_string())
            .chain(states.iter().map(|state| column_family(&state.name)))
            .collect();
        Self::opened(template, &database, dir, rocks, names, states)
    }

    /// With the column families of these names.
    fn opened(
        template: Template,
        database: &Options,
        dir: &Path,
        rocks: &RocksOptions,
        names: Vec<String>,
        states: &[StateInfo],
    ) -> Result<Self> {
        let (clock, mut expiring) = (Arc::default(), HashMap::new());
        let mut families = Vec::new();
        for name in &names {
            let of_family = Arc::new(Expiring::new(&clock));
            families.push(ColumnFamilyDescriptor::new(name, filtered(template.family(name), &of_family)?));
            expiring.insert(name.clone(), of_family);
        }
        let db = DB::open_cf_descriptors(database, dir, families).map_err(|e| at(dir, crate_error(e)))?;
        let db = Arc::new(db);
        let of_states = states.iter().map(|s| (s.id, column_family(&s.name))).collect();
        let families = Arc::new(Mutex::new(Families { names, of_states, expiring }));
        if let Some(slot) = template.slot() {
            slot.members.add(Member { db: Arc::clone(&db), families: Arc::clone(&families) });
        }
        Ok(RocksEngine {
            db,
            dir: dir.to_path_buf(),
            template,
            wal: rocks.wal,
            has_statistics: rocks.statistics,
            updates: Arc::default(),
            families,
            clock,
        })
    }

    /// Opens the database in `dir` for reading. Writes nothing and takes no lock, so nobody may have it open for writing.
    pub(crate) fn open_read_only(dir: &Path, rocks: &RocksOptions, states: &[StateInfo]) -> Result<Self> {
        let template = Template::new(rocks, None)?;
        let lost =
            |what: &str| Error::new(ErrorKind::Corruption, format!("{}: {what} is missing", dir.display()));
        if !dir.join("CURRENT").exists() {
            return Err(lost("RocksDB's file CURRENT"));
        }
        let damaged = |e: rocksdb::Error| match crate_error(e) {
            // A file that RocksDB counts on and does not find.
            e if e.message().contains("No such file") => Error::new(ErrorKind::Corruption, e.message()),
            e => e,
        };
        let existing = DB::list_cf(template.database(), dir).map_err(damaged)?;
        if let Some(state) = states.iter().find(|s| !existing.contains(&column_family(&s.name))) {
            return Err(lost(&format!("the column family of state '{}'", state.name)));
        }
        let families = template.families(&existing);
        let db =
            DB::open_cf_descriptors_read_only(template.database(), dir, families, false).map_err(damaged)?;
        let of_states = states.iter().map(|s| (s.id, column_family(&s.name))).collect();
        Ok(RocksEngine {
            db: Arc::new(db),
            dir: dir.to_path_buf(),
            template,
            wal: rocks.wal,
            has_statistics: rocks.statistics,
            updates: Arc::default(),
            families: Arc::new(Mutex::new(Families { names: existing, of_states, expiring: HashMap::new() })),
            clock: Arc::default(),
        })
    }

    /// What RocksDB takes the number of a state's entries to be, and the bytes of its SST files.
    pub(crate) fn size(&self, state: u32) -> Result<(u64, u64)> {
        let column = self.column(&self.family(state)?)?;
        let number = |name| self.db.property_int_value_cf(&column, name).map_err(crate_error);
        let entries = number("rocksdb.estimate-num-keys")?.unwrap_or(0);
        Ok((entries, number("rocksdb.live-sst-files-size")?.unwrap_or(0)))
    }

    pub(super) fn db(&self) -> &Arc<DB> {
        &self.db
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Options of files that are written beside the database.
    pub(super) fn options(&self) -> &Options {
        self.template.database()
    }

    /// What holds a writer back, if there is a budget.
    pub(super) fn pace(&self) -> Option<Pace> {
        self.template.slot().map(|slot| Pace::new(Arc::clone(slot)))
    }

    /// Name of the column family of a state.
    pub(super) fn family(&self, state: u32) -> Result<String> {
        let missing = || Error::new(ErrorKind::StateNotFound, format!("the engine has no state {state}"));
        self.lock().of_states.get(&state).cloned().ok_or_else(missing)
    }

    /// The column family of that name.
    pub(super) fn column(&self, name: &str) -> Result<Arc<BoundColumnFamily<'_>>> {
        let missing = || Error::new(ErrorKind::StateNotFound, format!("no column family '{name}'"));
        self.db.cf_handle(name).ok_or_else(missing)
    }

    /// Held for single reads and changes, so a panic leaves what it guards whole; RocksDB is not called under it.
    fn lock(&self) -> MutexGuard<'_, Families> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The names, copied.
    fn families(&self) -> Vec<String> {
        self.lock().names.clone()
    }
}

impl Drop for RocksEngine {
    fn drop(&mut self) {
        if let Some(slot) = self.template.slot() {
            slot.members.remove(&self.db);
        }
    }
}

impl Engine for RocksEngine {
    fn create_state(&self, state: &StateInfo) -> Result<()> {
        let name = column_family(&state.name);
        let is_new = self.db.cf_handle(&name).is_none();
        let expiring = Arc::new(Expiring::new(&self.clock));
        if is_new {
            let options = filtered(self.template.family(&name), &expiring)?;
            self.db.create_cf(&name, &options).map_err(|e| at(&self.dir, crate_error(e)))?;
        }
        let mut families = self.lock();
        if is_new {
            families.names.push(name.clone());
            families.expiring.insert(name.clone(), expiring);
        }
        families.of_states.insert(state.id, name);
        Ok(())
    }

    fn session(&self) -> Result<Box<dyn EngineSession>> {
        let updates = Arc::clone(&self.updates);
        Ok(Box::new(RocksSession::new(Arc::clone(&self.db), self.wal, updates, self.pace())))
    }

    fn flush(&self) -> Result<()> {
        flush(&self.db, &self.families(), !self.wal).map_err(|e| at(&self.dir, e))
    }

    fn snapshot(&self, states: &[StateInfo]) -> Result<Box<dyn EngineSnapshot>> {
        Ok(Box::new(RocksSnapshot::new(Snapshot::new(&self.db)?, states)))
    }

    fn loader(&self, ordered: bool) -> Result<Box<dyn EngineLoader + '_>> {
        Ok(Box::new(RocksLoader::new(self, ordered)))
    }

    fn link_files(&self, dir: &Path) -> Result<Option<Vec<LinkedFile>>> {
        if !self.wal {
            self.flush()?;
        }
        checkpoint::link_files(&self.db, dir, self.wal).map(Some).map_err(|e| at(&self.dir, e))
    }

    fn set_expiry(&self, state: &StateInfo, expiry: Option<Expiry>) -> Result<bool> {
        let name = self.family(state.id)?;
        let expiring = self.lock().expiring.get(&name).cloned();
        let Some(expiring) = expiring else { return Ok(false) };
        let before = expiring.set(expiry);
        let seconds = |expiry: Option<Expiry>| expiry.map_or(0, |expiry| expiry.rewrite_seconds);
        if seconds(before) != seconds(expiry) {
            let value = seconds(expiry).to_string();
            self.db
                .set_options_cf(&self.column(&name)?, &[("periodic_compaction_seconds", &value)])
                .map_err(crate_error)?;
        }
        Ok(true)
    }

    fn set_time(&self, millis: Option<i64>) {
        self.clock.set(millis);
    }

    fn compact(&self, state: &StateInfo) -> Result<()> {
        // One flush for all: without the log they are flushed as one anyway.
        self.flush()?;
        let column = self.column(&self.family(state.id)?)?;
        let mut options = CompactOptions::default();
        options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
        // The parts of a list are joined by the first compaction, and filtered as a list by the second.
        for _ in 0..if state.kind == StateKind::List { 2 } else { 1 } {
            self.db.compact_range_cf_opt(&column, None::<&[u8]>, None::<&[u8]>, &options);
        }
        Ok(())
    }

    fn figures(&self, out: &mut Vec<Figure>) {
        figures::cheap(&self.db, &self.families(), self.template.slot().map(|slot| &**slot), out);
    }

    fn statistics(&self, out: &mut Vec<(String, String)>) {
        let statistics = self.has_statistics.then(|| self.template.database());
        figures::detailed(&self.db, &self.families(), statistics, out);
    }
}

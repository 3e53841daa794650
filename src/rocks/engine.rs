//! The database of a store.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rocksdb::{BoundColumnFamily, ColumnFamilyDescriptor, DB, Options};

use crate::error::{Error, ErrorKind, Result};
use crate::options::RocksOptions;
use crate::rocks::checkpoint;
use crate::rocks::flush::flush;
use crate::rocks::load::{self, RocksLoader};
use crate::rocks::options;
use crate::rocks::raw::Snapshot;
use crate::rocks::session::RocksSession;
use crate::rocks::snapshot::RocksSnapshot;
use crate::rocks::status::{at, crate_error};
use crate::store::{Engine, EngineLoader, EngineSession, EngineSnapshot, LinkedFile, StateInfo};

/// The RocksDB engine of one store.
pub struct RocksEngine {
    db: Arc<DB>,
    dir: PathBuf,
    /// For column families made later.
    options: Options,
    wal: bool,
    /// Of all sessions' updates, so that none is lost to another.
    updates: Arc<Mutex<()>>,
    families: Mutex<Families>,
}

/// The column families there are.
struct Families {
    /// Names of all of them.
    names: Vec<String>,
    /// Names of those of states, by the ids of their states.
    of_states: HashMap<u32, String>,
}

/// The column family of a state.
pub(super) fn column_family(state: &str) -> String {
    format!("s/{state}")
}

impl RocksEngine {
    /// Whether RocksDB takes these options. Touches no file.
    pub fn check(rocks: &RocksOptions) -> Result<()> {
        options::build(rocks).map(drop)
    }

    /// Opens or makes the database in `dir` with the column families it has; each of `states` must have one.
    pub fn open(dir: &Path, rocks: &RocksOptions, states: &[StateInfo]) -> Result<Self> {
        let mut options = options::build(rocks)?;
        // Left by a process that ended while it loaded.
        load::remove(&dir.join(load::FOLDER_NAME))?;
        let existing = if dir.join("CURRENT").exists() {
            DB::list_cf(&options, dir).map_err(|e| at(dir, crate_error(e)))?
        } else {
            vec!["default".to_string()]
        };
        if let Some(lost) = states.iter().find(|s| !existing.contains(&column_family(&s.name))) {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("{}: the column family of state '{}' is missing", dir.display(), lost.name),
            ));
        }
        let families = existing.iter().map(|name| ColumnFamilyDescriptor::new(name, options.clone()));
        let db = DB::open_cf_descriptors(&options, dir, families).map_err(|e| at(dir, crate_error(e)))?;
        let db = Arc::new(db);
        // A column family made later must not ask for a database to be made.
        options.create_if_missing(false);
        let of_states = states.iter().map(|s| (s.id, column_family(&s.name))).collect();
        Ok(RocksEngine {
            db,
            dir: dir.to_path_buf(),
            options,
            wal: rocks.wal,
            updates: Arc::default(),
            families: Mutex::new(Families { names: existing, of_states }),
        })
    }

    /// Makes a database in `dir`, which has none, with the column families of these states. Made one after the other
    /// ([`create_state`](Engine::create_state)), each would write and sync the options of all again.
    pub(crate) fn create(dir: &Path, rocks: &RocksOptions, states: &[StateInfo]) -> Result<Self> {
        let mut options = options::build(rocks)?;
        options.set_error_if_exists(true);
        options.create_missing_column_families(true);
        let names: Vec<String> = std::iter::once("default".to_string())
            .chain(states.iter().map(|state| column_family(&state.name)))
            .collect();
        let families = names.iter().map(|name| ColumnFamilyDescriptor::new(name, options.clone()));
        let db = DB::open_cf_descriptors(&options, dir, families).map_err(|e| at(dir, crate_error(e)))?;
        options.set_error_if_exists(false);
        options.create_missing_column_families(false);
        options.create_if_missing(false);
        let of_states = states.iter().map(|state| (state.id, column_family(&state.name))).collect();
        Ok(RocksEngine {
            db: Arc::new(db),
            dir: dir.to_path_buf(),
            options,
            wal: rocks.wal,
            updates: Arc::default(),
            families: Mutex::new(Families { names, of_states }),
        })
    }

    /// Opens the database in `dir` for reading. Writes nothing and takes no lock, so nobody may have it open for writing.
    pub(crate) fn open_read_only(dir: &Path, rocks: &RocksOptions, states: &[StateInfo]) -> Result<Self> {
        let options = options::build(rocks)?;
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
        let existing = DB::list_cf(&options, dir).map_err(damaged)?;
        if let Some(state) = states.iter().find(|s| !existing.contains(&column_family(&s.name))) {
            return Err(lost(&format!("the column family of state '{}'", state.name)));
        }
        let families = existing.iter().map(|name| ColumnFamilyDescriptor::new(name, options.clone()));
        let db = DB::open_cf_descriptors_read_only(&options, dir, families, false).map_err(damaged)?;
        let of_states = states.iter().map(|s| (s.id, column_family(&s.name))).collect();
        Ok(RocksEngine {
            db: Arc::new(db),
            dir: dir.to_path_buf(),
            options,
            wal: rocks.wal,
            updates: Arc::default(),
            families: Mutex::new(Families { names: existing, of_states }),
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

    pub(super) fn options(&self) -> &Options {
        &self.options
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

impl Engine for RocksEngine {
    fn create_state(&self, state: &StateInfo) -> Result<()> {
        let name = column_family(&state.name);
        let is_new = self.db.cf_handle(&name).is_none();
        if is_new {
            self.db.create_cf(&name, &self.options).map_err(|e| at(&self.dir, crate_error(e)))?;
        }
        let mut families = self.lock();
        if is_new {
            families.names.push(name.clone());
        }
        families.of_states.insert(state.id, name);
        Ok(())
    }

    fn session(&self) -> Result<Box<dyn EngineSession>> {
        Ok(Box::new(RocksSession::new(Arc::clone(&self.db), self.wal, Arc::clone(&self.updates))))
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

    fn statistics(&self, out: &mut Vec<(String, String)>) {
        let families = self.families();
        // Summed over the column families; the block cache is one for all.
        for name in [
            "rocksdb.estimate-num-keys",
            "rocksdb.cur-size-all-mem-tables",
            "rocksdb.estimate-table-readers-mem",
            "rocksdb.live-sst-files-size",
            "rocksdb.num-running-flushes",
            "rocksdb.num-running-compactions",
        ] {
            let sum: u64 = families
                .iter()
                .filter_map(|family| self.db.cf_handle(family))
                .filter_map(|family| self.db.property_int_value_cf(&family, name).ok().flatten())
                .sum();
            out.push((name.to_string(), sum.to_string()));
        }
        for name in
            ["rocksdb.block-cache-usage", "rocksdb.block-cache-pinned-usage", "rocksdb.background-errors"]
        {
            if let Ok(Some(value)) = self.db.property_int_value(name) {
                out.push((name.to_string(), value.to_string()));
            }
        }
    }
}

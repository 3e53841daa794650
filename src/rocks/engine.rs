//! The database of a store.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rocksdb::{ColumnFamilyDescriptor, DB, FlushOptions, Options};

use crate::error::{Error, ErrorKind, Result};
use crate::options::RocksOptions;
use crate::rocks::options;
use crate::rocks::raw::Snapshot;
use crate::rocks::session::RocksSession;
use crate::rocks::snapshot::RocksSnapshot;
use crate::rocks::status::crate_error;
use crate::store::{Engine, EngineLoader, EngineSession, EngineSnapshot, StateInfo};

/// The RocksDB engine of one store.
pub struct RocksEngine {
    db: Arc<DB>,
    /// For column families made later.
    options: Options,
    wal: bool,
    /// Of all sessions' updates, so that none is lost to another.
    updates: Arc<Mutex<()>>,
    /// Names of all column families.
    families: Mutex<Vec<String>>,
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
        let existing = if dir.join("CURRENT").exists() {
            DB::list_cf(&options, dir).map_err(crate_error)?
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
        let db = DB::open_cf_descriptors(&options, dir, families).map_err(crate_error)?;
        let db = Arc::new(db);
        // A column family made later must not ask for a database to be made.
        options.create_if_missing(false);
        Ok(RocksEngine {
            db,
            options,
            wal: rocks.wal,
            updates: Arc::default(),
            families: Mutex::new(existing),
        })
    }

    /// The names, copied: RocksDB is not called under the lock.
    fn families(&self) -> Vec<String> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Engine for RocksEngine {
    fn create_state(&self, state: &StateInfo) -> Result<()> {
        let name = column_family(&state.name);
        if self.db.cf_handle(&name).is_some() {
            return Ok(());
        }
        self.db.create_cf(&name, &self.options).map_err(crate_error)?;
        self.families.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        Ok(())
    }

    fn session(&self) -> Result<Box<dyn EngineSession>> {
        Ok(Box::new(RocksSession::new(Arc::clone(&self.db), self.wal, Arc::clone(&self.updates))))
    }

    fn flush(&self) -> Result<()> {
        let names = self.families();
        let families: Vec<_> = names.iter().filter_map(|name| self.db.cf_handle(name)).collect();
        let mut wait = FlushOptions::default();
        wait.set_wait(true);
        self.db.flush_cfs_opt(&families.iter().collect::<Vec<_>>(), &wait).map_err(crate_error)
    }

    fn snapshot(&self, states: &[StateInfo]) -> Result<Box<dyn EngineSnapshot>> {
        Ok(Box::new(RocksSnapshot::new(Snapshot::new(&self.db)?, states)))
    }

    fn loader(&self, _ordered: bool) -> Result<Box<dyn EngineLoader + '_>> {
        Err(Error::new(ErrorKind::Engine, "to come"))
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

//! Loading stored entries into a database.
//!
//! Ordered entries become SST files, written beside the database and moved into it at the end: no memtable, no
//! compaction. Entries in no order, and changes, are written in batches and flushed at the end.
//!
//! ```text
//!  ordered ──▶ loading/<state>-<n>.sst ──▶ ingest ─┐
//!                                                  ├─▶ on disk
//!  changes ──▶ batches, no log ──────────▶ flush ──┘
//! ```
//!
//! From the first changes on everything goes in batches, after what came in files so far has been moved in: what comes
//! later is newer.

mod batches;
mod folder;
mod tables;

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::engine::RocksEngine;
use crate::rocks::raw::{Column, Writer};
use crate::rocks::status::at;
use crate::snapshot::Entries;
use crate::store::{Engine, EngineLoader};

use batches::Batches;

pub(super) use folder::{Folder, remove};
pub(super) use tables::Tables;

/// The folder in a database's directory for files on their way in.
pub(super) const FOLDER_NAME: &str = "loading";

/// Loads entries into the database of an engine.
pub(super) struct RocksLoader<'e> {
    engine: &'e RocksEngine,
    ordered: bool,
    // Dropped in this order: open files go before their folder.
    /// By the ids of their states.
    tables: HashMap<u32, Tables<'e>>,
    batches: Option<Batches>,
    /// Made with the first file.
    folder: Option<Folder>,
}

impl<'e> RocksLoader<'e> {
    pub(super) fn new(engine: &'e RocksEngine, ordered: bool) -> RocksLoader<'e> {
        RocksLoader { engine, ordered, tables: HashMap::new(), batches: None, folder: None }
    }

    /// Adds ordered entries.
    fn put(&mut self, state: u32, entries: Entries<'_>) -> Result<()> {
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => Folder::make(self.engine.dir().join(FOLDER_NAME))?,
        };
        let path = self.folder.insert(folder).path();
        let tables = self
            .tables
            .entry(state)
            .or_insert_with(|| Tables::new(self.engine.options(), path, state.to_string()));
        for change in entries {
            let change = change?;
            let put = tables.put(change.key.bytes, change.value.unwrap_or_default());
            put.map_err(|e| named(e, &self.engine.family(state)))?;
        }
        Ok(())
    }

    /// Adds changes.
    fn change(&mut self, state: u32, entries: Entries<'_>) -> Result<()> {
        self.settle()?;
        self.ordered = false;
        let db = self.engine.db();
        let batches = match &mut self.batches {
            Some(batches) => batches,
            none => none.insert(Batches::new(Writer::new(db, false)?, self.engine.pace())),
        };
        batches.open(state, || Column::open(db, &self.engine.family(state)?))?;
        batches.add(state, entries)
    }

    /// Moves what has been written to files into the database.
    fn settle(&mut self) -> Result<()> {
        for (state, tables) in self.tables.drain() {
            let name = self.engine.family(state)?;
            let family = self.engine.column(&name)?;
            tables.ingest(self.engine.db(), &family).map_err(|e| named(e, &Ok(name)))?;
        }
        self.folder = None;
        Ok(())
    }
}

/// The error with the name of the column family.
#[cold]
fn named(e: Error, family: &Result<String>) -> Error {
    match family {
        Ok(name) => Error::new(e.kind(), format!("column family {name}: {}", e.message())),
        Err(_) => e,
    }
}

impl EngineLoader for RocksLoader<'_> {
    fn load(&mut self, state: u32, entries: Entries<'_>) -> Result<()> {
        let loaded = if self.ordered && !entries.are_changes() {
            self.put(state, entries)
        } else {
            self.change(state, entries)
        };
        // What is wrong with the entries is about the file that they come from.
        loaded.map_err(|e| if e.kind() == ErrorKind::Corruption { e } else { at(self.engine.dir(), e) })
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        let engine = self.engine;
        let mut finish = || {
            self.settle()?;
            match self.batches.take() {
                Some(batches) => {
                    batches.commit()?;
                    engine.flush()
                }
                None => Ok(()),
            }
        };
        finish().map_err(|e| at(engine.dir(), e))
    }
}

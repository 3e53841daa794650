//! A database while it is cut to size.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rocksdb::{BottommostLevelCompaction, BoundColumnFamily, CompactOptions, DB, LiveFile, WriteOptions};

use crate::error::{Error, ErrorKind, Result};
use crate::options::RocksOptions;
use crate::rocks::flush::flush;
use crate::rocks::memory::SlotCache;
use crate::rocks::range::KeyRange;
use crate::rocks::status::crate_error;
use crate::rocks::template::{DEFAULT_FAMILY, Template};

/// A database that nobody else has open. It compacts nothing by itself.
pub(super) struct Database {
    pub(super) db: Arc<DB>,
    pub(super) template: Template,
    dir: PathBuf,
}

impl Database {
    /// Opens the database in `dir`, with all its column families, or makes an empty one.
    ///
    /// Fails with [`ErrorKind::Corruption`] when it knows nothing of one of `tables`, the SST files that were put there: its
    /// manifest has lost its end, which RocksDB takes for an older moment.
    pub(super) fn open(
        slot: Option<&Arc<SlotCache>>,
        dir: &Path,
        rocks: &RocksOptions,
        tables: &[String],
    ) -> Result<Database> {
        let template = Template::without_compactions(rocks, slot.cloned())?;
        let existing = if dir.join("CURRENT").exists() {
            DB::list_cf(template.database(), dir).map_err(crate_error)?
        } else {
            vec![DEFAULT_FAMILY.to_string()]
        };
        let db = DB::open_cf_descriptors(template.database(), dir, template.families(&existing))
            .map_err(crate_error)?;
        let database = Database { db: Arc::new(db), template, dir: dir.to_path_buf() };
        let known = database.db.live_files().map_err(crate_error)?;
        let is_known = |name: &str| known.iter().any(|file| file.name.trim_start_matches('/') == name);
        if let Some(lost) = tables.iter().find(|name| !is_known(name)) {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("the manifest of the database lacks its file {lost}; it has been cut short"),
            ));
        }
        // What came out of a log belongs in a file like everything else.
        database.flush(&existing)?;
        Ok(database)
    }

    pub(super) fn family(&self, name: &str) -> Option<Arc<BoundColumnFamily<'_>>> {
        self.db.cf_handle(name)
    }

    /// Leaves exactly these column families (and RocksDB's own).
    pub(super) fn keep(&self, families: &[String]) -> Result<()> {
        for name in DB::list_cf(self.template.database(), &self.dir).map_err(crate_error)? {
            if name != DEFAULT_FAMILY && !families.contains(&name) {
                self.db.drop_cf(&name).map_err(crate_error)?;
            }
        }
        for name in families {
            if self.family(name).is_none() {
                self.db.create_cf(name, &self.template.family(name)).map_err(crate_error)?;
            }
        }
        Ok(())
    }

    /// The files of a column family, the lowest level and in it the oldest first.
    pub(super) fn files(&self, family: &str) -> Result<Vec<LiveFile>> {
        let mut files = self.db.live_files().map_err(crate_error)?;
        files.retain(|file| file.column_family_name == family);
        // RocksDB lists levels from the top, and of the top level the newest first.
        files.reverse();
        Ok(files)
    }

    /// Where the file is.
    pub(super) fn path(&self, file: &LiveFile) -> PathBuf {
        self.path_of(file.name.trim_start_matches('/'))
    }

    /// A path in its directory.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Whether a column family has a file with something of this range, if only a deletion.
    pub(super) fn overlaps(&self, family: &str, range: &KeyRange) -> Result<bool> {
        Ok(self.files(family)?.iter().any(|file| overlaps(file, range)))
    }

    /// Drops the files of a column family that are in the range from end to end. Level 0 keeps its files.
    pub(super) fn drop_files(&self, family: &str, range: &KeyRange) -> Result<()> {
        let Some(column) = self.family(family) else { return Ok(()) };
        self.db.delete_file_in_range_cf(&column, &range.start, &range.end).map_err(crate_error)
    }

    /// Hides what the files of column families still have of the range, by a tombstone in a file of its own: whoever reads
    /// outside of the range never looks at it. Returns the column families in which there was something.
    pub(super) fn hide<'f>(&self, families: &'f [String], range: &KeyRange) -> Result<Vec<&'f String>> {
        let mut write = WriteOptions::default();
        write.disable_wal(true);
        let mut hidden = Vec::new();
        for name in families {
            if let Some(column) = self.family(name)
                && self.overlaps(name, range)?
            {
                self.db
                    .delete_range_cf_opt(&column, &range.start, &range.end, &write)
                    .map_err(crate_error)?;
                hidden.push(name);
            }
        }
        if !hidden.is_empty() {
            self.flush(families)?;
        }
        Ok(hidden)
    }

    /// Rewrites the files that have something of the range, of which tombstones leave nothing. Returns whether no file
    /// has anything of it any more.
    pub(super) fn compact(&self, family: &str, range: &KeyRange) -> Result<bool> {
        let Some(column) = self.family(family) else { return Ok(true) };
        let mut how = CompactOptions::default();
        how.set_bottommost_level_compaction(BottommostLevelCompaction::ForceOptimized);
        // Its errors are not reported here: they show when something else reads or writes.
        self.db.compact_range_cf_opt(&column, Some(&range.start), Some(&range.end), &how);
        Ok(!self.overlaps(family, range)?)
    }

    /// Writes what is in memory to files, and waits for it.
    pub(super) fn flush(&self, families: &[String]) -> Result<()> {
        flush(&self.db, families, true)
    }

    /// The column family of that name.
    pub(super) fn column(&self, name: &str) -> Result<Arc<BoundColumnFamily<'_>>> {
        let missing = || Error::new(ErrorKind::StateNotFound, format!("no column family '{name}'"));
        self.family(name).ok_or_else(missing)
    }
}

/// Whether a file has something of a range.
pub(super) fn overlaps(file: &LiveFile, range: &KeyRange) -> bool {
    match (&file.start_key, &file.end_key) {
        (Some(first), Some(last)) => range.overlaps(first, last),
        _ => true,
    }
}

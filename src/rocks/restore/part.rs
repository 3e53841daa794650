//! A part of another database.

use std::path::PathBuf;

use crate::error::Result;
use crate::rocks::load::Tables;
use crate::rocks::range::KeyRange;
use crate::rocks::raw::{BoundedIter, Column, import_files};
use crate::rocks::restore::database::{Database, overlaps};

/// A source that becomes part of a database that has other key groups.
pub(super) struct Part<'d> {
    /// The source's files, linked; nobody else has it open.
    pub(super) from: Database,
    /// Whether its files can be those of another database too.
    pub(super) can_link: bool,
    /// The keys wanted of it.
    pub(super) wanted: KeyRange,
    /// The keys of other key groups.
    pub(super) outside: Vec<KeyRange>,
    /// Where it goes.
    pub(super) to: &'d Database,
    /// For files on their way.
    pub(super) folder: PathBuf,
}

impl Part<'_> {
    /// Brings the entries of a column family over.
    ///
    /// Files that have nothing but wanted entries become files of the target as they are, if they lie where it has none;
    /// otherwise the wanted entries are read and written to new files.
    pub(super) fn bring(&self, family: &str) -> Result<()> {
        for range in &self.outside {
            self.from.drop_files(family, range)?;
        }
        let has_room = self.has_room(family)?;
        if self.can_link && has_room && self.is_cut(family)? { self.link(family) } else { self.copy(family) }
    }

    /// Whether no file of the source has anything that is not wanted; cuts them if that is less work than copying.
    fn is_cut(&self, family: &str) -> Result<bool> {
        let files = self.from.files(family)?;
        let (at_the_edge, inside): (Vec<_>, Vec<_>) =
            files.iter().partition(|file| self.outside.iter().any(|range| overlaps(file, range)));
        let size = |files: &[&rocksdb::LiveFile]| files.iter().map(|file| file.size).sum::<usize>();
        if at_the_edge.is_empty() {
            return Ok(true);
        }
        if size(&inside) < EDGES_ARE_FEW * size(&at_the_edge) {
            return Ok(false);
        }
        cut(&self.from, family, &self.outside)
    }

    /// Whether the target has no file where the source's will be. It may have leftovers there, which are taken away.
    fn has_room(&self, family: &str) -> Result<bool> {
        Ok(!self.to.overlaps(family, &self.wanted)? || self.to.compact(family, &self.wanted)?)
    }

    fn link(&self, family: &str) -> Result<()> {
        let files: Vec<_> = self.from.files(family)?.iter().map(|file| self.from.path(file)).collect();
        if files.is_empty() {
            return Ok(());
        }
        import_files(&self.to.db, &self.to.column(family)?, &files)
    }

    fn copy(&self, family: &str) -> Result<()> {
        let mut tables = Tables::new(self.to.template.database(), &self.folder, "part".to_string());
        let mut iter = BoundedIter::once(Column::open(&self.from.db, family)?);
        iter.start_range(&self.wanted.start, &self.wanted.end);
        while let Some((key, value)) = iter.entry() {
            tables.put(key, value)?;
            iter.next();
        }
        iter.check()?;
        tables.ingest(&self.to.db, &self.to.column(family)?)
    }
}

/// So many times the bytes of the files that have to be cut must be in those that need not be, for cutting to be less
/// work than copying: a compaction of one file rewrites those that it overlaps on the levels below.
const EDGES_ARE_FEW: usize = 4;

/// Rewrites the files of a column family that have something of these ranges. Returns whether none has any more.
fn cut(database: &Database, family: &str, outside: &[KeyRange]) -> Result<bool> {
    let families = [family.to_string()];
    let mut is_cut = true;
    for range in outside {
        if !database.hide(&families, range)?.is_empty() {
            is_cut &= database.compact(family, range)?;
        }
    }
    Ok(is_cut)
}

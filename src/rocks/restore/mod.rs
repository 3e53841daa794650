//! A database made of the files of others, for some of their key groups.
//!
//! Keys start with their key group, so a range of key groups is a range of keys, and most SST files are in it from end to
//! end or not at all.
//!
//! ```text
//!  source 1   |■■■■■|■■■■|■■■■■■|                  files, in the order of keys, of one level
//!  source 2                     |■■■■|■■■■■|■■■■|
//!  wanted               |-------------------|
//!  made of          |xx■■|■■■■■■|■■■■|■■■■■|        x: hidden by a tombstone
//! ```
//!
//! * The *base*, the source of which most is wanted, lends all its files by hard links. Those that have nothing wanted are
//!   dropped. What the others have besides is hidden by tombstones in files of their own, which no read of the wanted
//!   groups looks at; the first compactions that come by do away with both.
//! * Of each further source the files are linked too, into a folder in the new database, and cut there (`part`). Then they
//!   become files of the new database as they are. Where that cannot be, or where little is wanted of them, the entries are
//!   read and written to new SST files.
//!
//! RocksDB never changes a file that it has written, and numbers new ones behind those that it knows; so databases made
//! of the same files do not disturb each other nor the source.

mod database;
mod links;
mod part;

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeySpec;
use crate::options::RocksOptions;
use crate::rocks::RocksEngine;
use crate::rocks::engine::column_family;
use crate::rocks::load::Folder;
use crate::rocks::memory::SlotCache;
use crate::rocks::range::KeyRange;
use crate::rocks::status::at;
use crate::store::StateInfo;

use database::Database;
use links::link;
use part::Part;

/// A directory made by [`Engine::link_files`](crate::store::Engine::link_files), and what is wanted of it.
#[derive(Debug, Clone)]
pub struct FileSource {
    /// The directory. Nothing in it is changed.
    pub dir: PathBuf,
    /// The key groups whose entries it has; it may have leftovers of others, which are no entries.
    pub has: Range<u32>,
    /// The key groups wanted of it, a part of those that it has.
    pub wanted: Range<u32>,
}

impl RocksEngine {
    /// Makes a database in `dir`, which must not be there, with the column families of `states`, that holds what the
    /// sources hold in their wanted key groups. A state that a source lacks has no entries there.
    ///
    /// Errors: [`ErrorKind::SnapshotMismatch`] when sources are wanted of which key groups overlap or that they have not,
    /// [`ErrorKind::Corruption`], [`ErrorKind::Io`], [`ErrorKind::StorageFull`] and RocksDB's. Nothing is left in `dir` then.
    pub fn restore(
        dir: &Path,
        options: &RocksOptions,
        keys: &KeySpec,
        states: &[StateInfo],
        sources: &[FileSource],
    ) -> Result<()> {
        Self::restore_in(None, dir, options, keys, states, sources)
    }

    /// As [`restore`](Self::restore), with the memory of a slot.
    pub fn restore_in(
        slot: Option<&Arc<SlotCache>>,
        dir: &Path,
        options: &RocksOptions,
        keys: &KeySpec,
        states: &[StateInfo],
        sources: &[FileSource],
    ) -> Result<()> {
        check(keys, sources)?;
        if fs::symlink_metadata(dir).is_ok() {
            return Err(Error::new(
                ErrorKind::StoreExists,
                format!("{}: there is something at this path already", dir.display()),
            ));
        }
        let guard = Folder::make(dir.to_path_buf())?;
        let families: Vec<String> = states.iter().map(|state| column_family(&state.name)).collect();
        let wanted: Vec<&FileSource> = sources.iter().filter(|source| !source.wanted.is_empty()).collect();
        let place = Place { slot, dir, options };
        make(&place, keys, &families, &wanted).map_err(|e| at(dir, e))?;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| Error::io(dir.display(), &e))?;
        guard.keep();
        Ok(())
    }
}

fn check(keys: &KeySpec, sources: &[FileSource]) -> Result<()> {
    let mut wanted: Vec<&FileSource> = sources.iter().filter(|source| !source.wanted.is_empty()).collect();
    wanted.sort_by_key(|source| source.wanted.start);
    let outside = wanted.iter().find(|source| {
        source.wanted.start < source.has.start
            || source.wanted.end > source.has.end
            || source.wanted.end > keys.max_parallelism
    });
    if let Some(source) = outside {
        return Err(Error::new(
            ErrorKind::SnapshotMismatch,
            format!(
                "{}: key groups {:?} are wanted; it has {:?}",
                source.dir.display(),
                source.wanted,
                source.has
            ),
        ));
    }
    for (source, next) in wanted.iter().zip(wanted.iter().skip(1)) {
        if source.wanted.end > next.wanted.start {
            return Err(Error::new(
                ErrorKind::SnapshotMismatch,
                format!(
                    "{} and {}: the same key groups are wanted of both",
                    source.dir.display(),
                    next.dir.display()
                ),
            ));
        }
    }
    Ok(())
}

/// Where a database is made, and with what.
struct Place<'a> {
    slot: Option<&'a Arc<SlotCache>>,
    dir: &'a Path,
    options: &'a RocksOptions,
}

impl Place<'_> {
    /// Opens the database that is there, or makes an empty one.
    fn open(&self, tables: &[String]) -> Result<Database> {
        Database::open(self.slot, self.dir, self.options, tables)
    }
}

fn make(place: &Place<'_>, keys: &KeySpec, families: &[String], wanted: &[&FileSource]) -> Result<()> {
    let Some(base) = largest(wanted)? else {
        return place.open(&[])?.keep(families);
    };
    let linked = link(&base.dir, place.dir)?;
    let database = place.open(&linked.tables).map_err(|e| of(base, &e))?;
    database.keep(families)?;
    let outside = KeyRange::outside_groups(keys, &base.wanted);
    for range in &outside {
        for family in families {
            database.drop_files(family, range)?;
        }
        database.hide(families, range)?;
    }
    for source in wanted {
        if !std::ptr::eq(*source, base) {
            bring(&database, place, keys, families, source).map_err(|e| of(source, &e))?;
        }
    }
    Ok(())
}

/// The source of which most is wanted, by the sizes of their files.
fn largest<'s>(wanted: &[&'s FileSource]) -> Result<Option<&'s FileSource>> {
    let mut largest = None;
    for source in wanted {
        let bytes = links::bytes(&source.dir)?;
        let part = bytes as f64 * source.wanted.len() as f64 / source.has.len() as f64;
        if largest.is_none_or(|(most, _)| part > most) {
            largest = Some((part, *source));
        }
    }
    Ok(largest.map(|(_, source)| source))
}

/// Adds the wanted part of a further source.
fn bring(
    to: &Database,
    place: &Place<'_>,
    keys: &KeySpec,
    families: &[String],
    source: &FileSource,
) -> Result<()> {
    let folder = Folder::make(to.path_of("source"))?;
    let linked = link(&source.dir, folder.path())?;
    let part = Part {
        from: Place { dir: folder.path(), ..*place }.open(&linked.tables)?,
        can_link: !linked.has_values,
        wanted: KeyRange::of_groups(keys, &source.wanted),
        outside: KeyRange::outside_groups(keys, &source.wanted),
        to,
        folder: folder.path().to_path_buf(),
    };
    for family in families {
        if part.from.family(family).is_some() {
            part.bring(family)?;
        }
    }
    Ok(())
}

/// The error with the source that it is about.
#[cold]
fn of(source: &FileSource, e: &Error) -> Error {
    Error::new(e.kind(), format!("{}: {}", source.dir.display(), e.message()))
}

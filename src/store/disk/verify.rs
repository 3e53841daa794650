//! Whether all of a store or a snapshot is what it should be.

use std::path::Path;

use super::DiskView;
use super::places::{DiskKind, Place};
use crate::error::{Error, ErrorKind, Result};
use crate::options::EngineKind;
use crate::snapshot::{SnapshotDirectory, Verified, verify};
use crate::store::source;

/// What was read and found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiskVerified {
    /// Number of files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Blocks of entries in snapshot files.
    pub blocks: u64,
    /// Entries, where they were read: in RocksDB's files only by a library with that engine. Of changes, the deleted ones
    /// count.
    pub entries: Option<u64>,
}

impl DiskVerified {
    fn add(&mut self, file: &Verified) {
        self.files += 1;
        self.bytes += file.bytes;
        self.blocks += file.blocks;
        self.entries = Some(self.entries.unwrap_or(0) + file.entries);
    }
}

/// Told how much is done of how much; false gives up.
type Progress<'a> = dyn FnMut(u64, u64) -> bool + 'a;

impl DiskView {
    /// Reads all of it and checks every checksum, count and order. The error names the first damage.
    ///
    /// `progress` is told now and then how much is done of how much; when it returns false, the rest is left, and the error is
    /// [`ErrorKind::Closed`].
    ///
    /// Errors: as [`open`](Self::open) and [`entries`](Self::entries).
    pub fn verify(&self, progress: &mut Progress<'_>) -> Result<DiskVerified> {
        match (&self.place, self.engine()) {
            (Place::Directory(snapshot), EngineKind::Rocks) => self.verify_linked(snapshot, progress),
            (Place::Store(_), EngineKind::Rocks) => self.verify_entries(progress),
            (Place::Directory(snapshot), EngineKind::Table) => self.verify_chain(snapshot, progress),
            (Place::File(file), _) => verify_one(file.path(), progress),
            (Place::Store(_), EngineKind::Table) => self.verify_table(progress),
        }
    }

    fn verify_chain(
        &self,
        snapshot: &SnapshotDirectory,
        progress: &mut Progress<'_>,
    ) -> Result<DiskVerified> {
        let (mut found, total) = (DiskVerified::default(), 2 * snapshot.bytes());
        for path in snapshot.paths(self.path()) {
            let before = found.bytes;
            found.add(&verify(&path, &mut |at, _| progress(before + at, total)).map_err(source::as_damage)?);
        }
        // Whole files may still be others than those of this snapshot.
        source::chain(self.path(), snapshot)?;
        let before = found.bytes;
        snapshot.check_files(self.path(), self.groups(), &mut |at, _| progress(before + at, total))?;
        Ok(found)
    }

    fn verify_table(&self, progress: &mut Progress<'_>) -> Result<DiskVerified> {
        let Some(file) = self.table_file()? else {
            return Ok(DiskVerified { entries: Some(0), ..DiskVerified::default() });
        };
        let found = verify_one(file.path(), progress)?;
        let known = self.states();
        // A state that the store could not write down has no entries.
        let lost = file.head().states.iter().find(|stored| {
            !known.iter().any(|state| {
                (&state.info.name, state.info.kind, state.info.namespace)
                    == (&stored.info.name, stored.info.kind, stored.info.namespace)
            }) && file.blocks_of(stored, file.head().groups).next().is_some()
        });
        if file.head().keys == *self.keys() && file.head().base.is_none() && lost.is_none() {
            return Ok(found);
        }
        Err(Error::new(
            ErrorKind::Corruption,
            format!("{}: the file is of another store", file.path().display()),
        ))
    }

    /// RocksDB's files of a snapshot: their bytes first, then what is in them.
    fn verify_linked(
        &self,
        snapshot: &SnapshotDirectory,
        progress: &mut Progress<'_>,
    ) -> Result<DiskVerified> {
        snapshot.check_files(self.path(), self.groups(), progress)?;
        let found = match self.verify_entries(&mut |_, _| true) {
            Err(e) if e.kind() == ErrorKind::EngineUnavailable => DiskVerified::default(),
            other => other?,
        };
        Ok(DiskVerified { files: snapshot.files.len() as u64, bytes: snapshot.bytes(), ..found })
    }

    /// Every entry of RocksDB's files is read; it checks each of its blocks then.
    fn verify_entries(&self, progress: &mut Progress<'_>) -> Result<DiskVerified> {
        let (entries, states) = (self.entries()?, self.states());
        let mut found = DiskVerified::default();
        let mut total = 0;
        for state in &states {
            let size = entries.size(&state.info.name)?;
            total += size.entries;
            found.bytes += size.bytes;
        }
        let mut count = 0u64;
        for state in &states {
            entries.for_each(&state.info.name, self.groups(), &mut |_| {
                count += 1;
                if count.is_multiple_of(1 << 14) && !progress(count.min(total), total) {
                    return Err(Error::new(ErrorKind::Closed, "the check was given up"));
                }
                Ok(())
            })?;
        }
        found.entries = Some(count);
        if self.kind() == DiskKind::Store {
            found.files = count_files(&self.engine_dir());
        }
        Ok(found)
    }
}

fn verify_one(path: &Path, progress: &mut Progress<'_>) -> Result<DiskVerified> {
    let mut found = DiskVerified::default();
    found.add(&verify(path, progress)?);
    Ok(found)
}

/// SST files in a directory.
fn count_files(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter(|file| file.file_name().to_string_lossy().ends_with(".sst")).count() as u64
}

//! What can stand at a path.

use std::fmt;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::snapshot::{SnapshotDirectory, SnapshotFile};
use crate::store::manifest::Manifest;
use crate::store::open::RESTORING;

/// What a path was recognised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskKind {
    /// The directory of a store.
    Store,
    /// A snapshot in a file.
    SnapshotFile,
    /// A snapshot in a directory.
    SnapshotDirectory,
}

impl fmt::Display for DiskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiskKind::Store => "store",
            DiskKind::SnapshotFile => "snapshot file",
            DiskKind::SnapshotDirectory => "snapshot directory",
        })
    }
}

/// What is there, with what it says of itself.
#[derive(Debug)]
pub(super) enum Place {
    Store(Manifest),
    File(SnapshotFile),
    Directory(SnapshotDirectory),
}

impl Place {
    pub(super) fn recognise(path: &Path) -> Result<Place> {
        let meta = std::fs::metadata(path).map_err(|e| Error::io(path.display(), &e))?;
        if !meta.is_dir() {
            return SnapshotFile::open(path).map(Place::File);
        }
        if let Some(manifest) = Manifest::read(path)? {
            return Ok(Place::Store(manifest));
        }
        if path.join(RESTORING).exists() {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("{}: a restore into this directory was cut off; restore again", path.display()),
            ));
        }
        SnapshotDirectory::open(path).map(Place::Directory).map_err(|e| match e.kind() {
            ErrorKind::ForeignFormat => Error::new(
                ErrorKind::ForeignFormat,
                format!("{}: neither a store (file KEYBED) nor a snapshot (file SNAPSHOT)", path.display()),
            ),
            _ => e,
        })
    }

    pub(super) fn kind(&self) -> DiskKind {
        match self {
            Place::Store(_) => DiskKind::Store,
            Place::File(_) => DiskKind::SnapshotFile,
            Place::Directory(_) => DiskKind::SnapshotDirectory,
        }
    }
}

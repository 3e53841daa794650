//! What a store or a snapshot holds on disk, read without opening it as a store.
//!
//! ```text
//!  DiskView                 what stands at a path, and what it says of itself; takes no lock
//!    │ files()              the snapshot files in which its entries are, of the engine `table`
//!    │ entries()
//!  DiskEntries ── walk() ── DiskWalk     key group after key group; changes are put over what they follow
//!    └ find()                            one key
//! ```
//!
//! Nothing is written. Of a store of the engine `table` this is what its last flush wrote; the file is replaced as a whole and so
//! can be read while a store is open. RocksDB's files of a store are read under its lock, which readers share.

mod entries;
mod places;
#[cfg(feature = "rocks")]
mod rocks;
mod verify;
mod walk;

use std::path::{Path, PathBuf};

pub use entries::{DiskEntries, StateSize};
pub use places::DiskKind;
use places::Place;
pub use verify::DiskVerified;
pub use walk::{DiskWalk, EachStored};

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::options::EngineKind;
use crate::snapshot::{
    DIRECTORY_FORMAT_VERSION, FORMAT_VERSION, SnapshotDirectory, SnapshotFile, SnapshotHead, StoredState,
};
use crate::store::lock::DirLock;
use crate::store::{manifest, source};

/// A store or a snapshot, recognised by what stands at its path.
#[derive(Debug)]
pub struct DiskView {
    path: PathBuf,
    place: Place,
}

impl DiskView {
    /// Reads what stands at a path says of itself; of its entries nothing.
    ///
    /// Errors: [`ErrorKind::ForeignFormat`], [`ErrorKind::NewerFormat`], [`ErrorKind::Corruption`], `Io`.
    pub fn open(path: impl AsRef<Path>) -> Result<DiskView> {
        let path = path.as_ref();
        Ok(DiskView { path: path.to_path_buf(), place: Place::recognise(path)? })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is.
    pub fn kind(&self) -> DiskKind {
        self.place.kind()
    }

    /// The version of its format.
    pub fn format_version(&self) -> u32 {
        match &self.place {
            Place::Store(_) => manifest::FORMAT.version,
            Place::File(_) => FORMAT_VERSION,
            Place::Directory(_) => DIRECTORY_FORMAT_VERSION,
        }
    }

    /// The engine that holds, or held, the state.
    pub fn engine(&self) -> EngineKind {
        match &self.place {
            Place::Store(manifest) => manifest.engine,
            Place::File(file) => file.head().engine,
            Place::Directory(snapshot) => snapshot.engine,
        }
    }

    /// How its keys are written.
    pub fn keys(&self) -> &KeySpec {
        match &self.place {
            Place::Store(manifest) => &manifest.keys,
            Place::File(file) => &file.head().keys,
            Place::Directory(snapshot) => &snapshot.keys,
        }
    }

    /// The key groups that it may hold.
    pub fn groups(&self) -> KeyGroupRange {
        match &self.place {
            Place::Store(manifest) => manifest.groups,
            Place::File(file) => file.head().groups,
            Place::Directory(snapshot) => snapshot.groups,
        }
    }

    /// The states, by position.
    pub fn states(&self) -> Vec<StoredState> {
        match &self.place {
            Place::Store(manifest) => {
                let stored =
                    |info: &crate::store::StateInfo| StoredState { info: info.clone(), split: false };
                manifest.states.iter().map(stored).collect()
            }
            Place::File(file) => file.head().states.clone(),
            Place::Directory(snapshot) => snapshot.states.clone(),
        }
    }

    /// The state of that name.
    ///
    /// Errors: [`ErrorKind::StateNotFound`].
    pub fn state(&self, name: &str) -> Result<StoredState> {
        let found = self.states().into_iter().find(|state| state.info.name == name);
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::StateNotFound,
                format!("{}: there is no state '{name}'", self.path.display()),
            )
        })
    }

    /// Of a snapshot file, what it is of.
    pub fn head(&self) -> Option<&SnapshotHead> {
        match &self.place {
            Place::File(file) => Some(file.head()),
            _ => None,
        }
    }

    /// Of a snapshot directory, what it has.
    pub fn directory(&self) -> Option<&SnapshotDirectory> {
        match &self.place {
            Place::Directory(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// Whether it holds only what changed since another snapshot.
    pub fn are_changes(&self) -> bool {
        self.head().is_some_and(|head| head.base.is_some())
    }

    /// Of a store, the process that has it open, as far as the system tells.
    pub fn open_in(&self) -> Option<u32> {
        match &self.place {
            Place::Store(_) => DirLock::holder(&self.path),
            _ => None,
        }
    }

    /// Where the engine's own files are.
    pub fn engine_dir(&self) -> PathBuf {
        match &self.place {
            Place::Store(manifest) => super::open::engine_dir(&self.path, manifest.engine),
            _ => self.path.clone(),
        }
    }

    /// The snapshot files that hold the entries, each since the one before; `None` when they are in RocksDB's own files.
    ///
    /// Errors: as [`SnapshotFile::open`]; [`ErrorKind::Corruption`] when they do not fit together or are missing.
    pub fn files(&self) -> Result<Option<Vec<SnapshotFile>>> {
        match &self.place {
            Place::File(file) => Ok(Some(vec![file.clone()])),
            Place::Directory(SnapshotDirectory { engine: EngineKind::Rocks, .. }) => Ok(None),
            Place::Directory(snapshot) => source::chain(&self.path, snapshot).map(Some),
            Place::Store(manifest) => match manifest.engine {
                EngineKind::Table => self.table_file().map(|file| Some(file.into_iter().collect())),
                EngineKind::Rocks => Ok(None),
            },
        }
    }

    /// What the last flush of a table wrote; a store without states may have none.
    fn table_file(&self) -> Result<Option<SnapshotFile>> {
        match crate::table::file_of(&self.engine_dir(), !self.states().is_empty())? {
            Some(path) => SnapshotFile::open(path).map(Some).map_err(source::as_damage),
            None => Ok(None),
        }
    }

    /// The entries.
    ///
    /// Errors: as [`files`](Self::files); of RocksDB's files [`ErrorKind::EngineUnavailable`], [`ErrorKind::Locked`] while a
    /// store has them open, and the engine's.
    pub fn entries(&self) -> Result<DiskEntries> {
        DiskEntries::open(self)
    }
}

#[cfg(test)]
mod tests;

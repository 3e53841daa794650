//! A snapshot to restore from: a file, or a directory of files.

use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::options::EngineKind;
use crate::snapshot::{SnapshotDirectory, SnapshotFile, SnapshotId, StoredState};
use crate::store::state::StateKind;

/// A snapshot that was opened.
#[derive(Debug)]
pub(super) enum Source {
    /// A full snapshot.
    File(SnapshotFile),
    /// Files that are never changed: a table's, or RocksDB's.
    Directory(PathBuf, SnapshotDirectory),
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source> {
        if path.is_dir() {
            return Ok(Source::Directory(path.to_path_buf(), SnapshotDirectory::open(path)?));
        }
        let file = SnapshotFile::open(path)?;
        match file.head().base {
            None => Ok(Source::File(file)),
            Some(base) => Err(Error::new(
                ErrorKind::SnapshotMismatch,
                format!(
                    "{}: the file has only what changed since snapshot {}; restore the directory it belongs to",
                    path.display(),
                    base.id
                ),
            )),
        }
    }

    pub(super) fn path(&self) -> &Path {
        match self {
            Source::File(file) => file.path(),
            Source::Directory(path, _) => path,
        }
    }

    pub(super) fn id(&self) -> SnapshotId {
        match self {
            Source::File(file) => file.head().id,
            Source::Directory(_, snapshot) => snapshot.id,
        }
    }

    pub(super) fn keys(&self) -> &KeySpec {
        match self {
            Source::File(file) => &file.head().keys,
            Source::Directory(_, snapshot) => &snapshot.keys,
        }
    }

    pub(super) fn groups(&self) -> KeyGroupRange {
        match self {
            Source::File(file) => file.head().groups,
            Source::Directory(_, snapshot) => snapshot.groups,
        }
    }

    pub(super) fn states(&self) -> &[StoredState] {
        match self {
            Source::File(file) => &file.head().states,
            Source::Directory(_, snapshot) => &snapshot.states,
        }
    }

    /// Whether this engine can take it.
    pub(super) fn check_engine(&self, engine: EngineKind) -> Result<()> {
        let refuse = |why: String| {
            Err(Error::new(ErrorKind::SnapshotMismatch, format!("{}: {why}", self.path().display())))
        };
        if let Source::Directory(_, SnapshotDirectory { engine: EngineKind::Rocks, .. }) = self {
            return match engine {
                EngineKind::Rocks => Ok(()),
                _ => refuse(
                    "these are files of RocksDB; restore them with engine=rocks, or write a full snapshot"
                        .to_string(),
                ),
            };
        }
        let keys = self.keys();
        let opaque =
            |state: &&StoredState| state.info.kind == StateKind::Map && !state.split && !keys.knows_split();
        match self.states().iter().find(opaque) {
            Some(state) if engine == EngineKind::Table => refuse(format!(
                "the snapshot does not say where the keys of map state '{}' end, because it was written by RocksDB with keys of any \
                 size in Flink's encoding; restore it with engine=rocks",
                state.info.name
            )),
            _ => Ok(()),
        }
    }

    /// RocksDB's files, if that is what it has.
    #[cfg(feature = "rocks")]
    pub(super) fn rocks_files(&self) -> Option<(&Path, &SnapshotDirectory)> {
        match self {
            Source::Directory(path, snapshot) if snapshot.engine == EngineKind::Rocks => {
                Some((path, snapshot))
            }
            _ => None,
        }
    }

    /// The snapshot files to be loaded, in this order. Of RocksDB's files none.
    pub(super) fn entry_files(&self) -> Result<Vec<SnapshotFile>> {
        match self {
            Source::File(file) => Ok(vec![file.clone()]),
            Source::Directory(_, SnapshotDirectory { engine: EngineKind::Rocks, .. }) => Ok(Vec::new()),
            Source::Directory(path, snapshot) => chain(path, snapshot),
        }
    }
}

/// Of a file that a snapshot lists: that it looks like no snapshot is damage.
pub(super) fn as_damage(e: Error) -> Error {
    match e.kind() {
        ErrorKind::ForeignFormat => Error::new(ErrorKind::Corruption, e.message()),
        _ => e,
    }
}

/// The files of a table: one full, then changes, each since the one before.
pub(super) fn chain(dir: &Path, snapshot: &SnapshotDirectory) -> Result<Vec<SnapshotFile>> {
    let mut files: Vec<SnapshotFile> = Vec::new();
    for entry in &snapshot.files {
        let path = dir.join(&entry.name);
        let file = SnapshotFile::open(&path).map_err(as_damage)?;
        let head = file.head();
        let follows = match (head.base, files.last()) {
            (None, None) => true,
            (Some(base), Some(last)) => base.id == last.head().id && base.chain as usize == files.len(),
            _ => false,
        };
        let same = (head.id, head.keys, head.groups) == (entry.identity, snapshot.keys, snapshot.groups);
        let known = head.states.iter().all(|state| {
            snapshot.states.iter().any(|known| {
                (&known.info.name, known.info.kind, known.info.namespace, known.split)
                    == (&state.info.name, state.info.kind, state.info.namespace, state.split)
            })
        });
        if !follows || !same || !known {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("{}: the file does not follow the one before it in the snapshot", path.display()),
            ));
        }
        files.push(file);
    }
    if files.is_empty() {
        return Err(Error::new(
            ErrorKind::Corruption,
            format!("{}: the snapshot has no files", dir.display()),
        ));
    }
    Ok(files)
}

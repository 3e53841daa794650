//! The file in which a table's entries outlast their process: a snapshot file, `ENTRIES` in the engine's directory.
//!
//! It is written beside and takes the name when it is whole, so that there is always a whole one; it is read into an empty
//! table or not at all. A store has one before it has its first state, so that a lost file is not taken for an empty table.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::options::EngineKind;
use crate::snapshot::{
    PartialFile, SnapshotFile, SnapshotHead, SnapshotId, SnapshotOptions, SnapshotStream, clean, load,
    stored_states, write_stream,
};
use crate::store::{EngineLoader, EngineSnapshot, StateInfo};

const FILE_NAME: &str = "ENTRIES";

/// Writes what a snapshot holds of these states, and releases its groups one by one.
pub(super) fn write(
    dir: &Path,
    snapshot: Arc<dyn EngineSnapshot>,
    states: &[StateInfo],
    keys: KeySpec,
) -> Result<()> {
    fs::create_dir_all(dir).map_err(|e| Error::io(dir.display(), &e))?;
    let head = SnapshotHead {
        id: SnapshotId::random(),
        base: None,
        engine: EngineKind::Table,
        keys,
        groups: KeyGroupRange::all(keys.max_parallelism),
        ordered: false,
        states: stored_states(states, &keys, true),
    };
    let ids = states.iter().map(|state| state.id).collect();
    let cursor = snapshot.cursor()?;
    let stream = SnapshotStream::new(cursor, Some(snapshot), head, ids, &SnapshotOptions::default())?;
    write_stream(stream, PartialFile::replace(&dir.join(FILE_NAME))?).map(drop)
}

/// Whether there is a file to read. A table without states may have none yet.
///
/// Fails with [`ErrorKind::Corruption`] when it was lost.
pub(super) fn exists(dir: &Path, states: &[StateInfo]) -> Result<bool> {
    if dir.is_dir() {
        // What a flush that was cut off left behind.
        clean(dir)?;
    }
    Ok(file_of(dir, !states.is_empty())?.is_some())
}

/// The file, to be read by others; `None` when a table without states has none yet. Changes nothing.
///
/// Fails with [`ErrorKind::Corruption`] when it was lost.
pub(crate) fn file_of(dir: &Path, has_states: bool) -> Result<Option<PathBuf>> {
    let path = dir.join(FILE_NAME);
    match fs::symlink_metadata(&path) {
        Ok(_) => Ok(Some(path)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && !has_states => Ok(None),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Error::new(
            ErrorKind::Corruption,
            format!(
                "{}: the file of the store's entries is missing; restore from a snapshot",
                path.display()
            ),
        )),
        Err(e) => Err(Error::io(path.display(), &e)),
    }
}

/// Puts what the file holds into an empty table.
pub(super) fn read(
    dir: &Path,
    states: &[StateInfo],
    keys: KeySpec,
    loader: &mut dyn EngineLoader,
) -> Result<()> {
    read_file(&dir.join(FILE_NAME), states, keys, loader).map_err(|e| match e.kind() {
        ErrorKind::Corruption | ErrorKind::ForeignFormat => {
            Error::new(ErrorKind::Corruption, format!("{}; restore from a snapshot", e.message()))
        }
        _ => e,
    })
}

fn read_file(path: &Path, states: &[StateInfo], keys: KeySpec, loader: &mut dyn EngineLoader) -> Result<()> {
    let wrong = |why: String| Error::new(ErrorKind::Corruption, format!("{}: {why}", path.display()));
    let file = SnapshotFile::open(path)?;
    let head = file.head();
    let known = |name: &str| states.iter().find(|state| state.name == name);
    let lost = head.states.iter().find(|stored| {
        known(&stored.info.name)
            .is_none_or(|state| (state.kind, state.namespace) != (stored.info.kind, stored.info.namespace))
    });
    // A state that the store could not write down has no entries.
    if let Some(lost) = lost
        && file.blocks_of(lost, head.groups).next().is_some()
    {
        return Err(wrong(format!("the store has no state '{}' like the one in the file", lost.info.name)));
    }
    if head.keys != keys || head.base.is_some() {
        return Err(wrong("the file is of another store".to_string()));
    }
    load(&file, head.groups, &|stored| known(&stored.info.name).map(|state| state.id), loader)
}

//! The entries of what is on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::DiskView;
use super::walk::{DiskWalk, EachStored};
use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::snapshot::{SnapshotFile, StoredState};

/// Entries that can be read, one key group after the other or one by its key. Of what only says what changed, the deleted
/// ones are entries without a value.
#[derive(Debug)]
pub struct DiskEntries {
    path: PathBuf,
    keys: KeySpec,
    groups: KeyGroupRange,
    states: Vec<StoredState>,
    source: Source,
}

/// Where they are.
#[derive(Debug)]
enum Source {
    /// One file, and what changed since, each since the one before.
    Files(Vec<SnapshotFile>),
    #[cfg(feature = "rocks")]
    Rocks(Box<super::rocks::RocksFiles>),
}

/// How much of a state there is, without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateSize {
    /// Number of entries.
    pub entries: u64,
    /// Whether that is their number: RocksDB guesses it, and of changes it is not known which are of one key.
    pub exact: bool,
    /// Number of blocks, in snapshot files.
    pub blocks: Option<u64>,
    /// Bytes in files.
    pub bytes: u64,
}

impl DiskEntries {
    pub(super) fn open(view: &DiskView) -> Result<DiskEntries> {
        let states = view.states();
        let source = match view.files()? {
            Some(files) => Source::Files(files),
            #[cfg(feature = "rocks")]
            None => Source::Rocks(Box::new(super::rocks::RocksFiles::open(view, &states)?)),
            #[cfg(not(feature = "rocks"))]
            None => return Err(crate::store::open::no_rocks()),
        };
        let (path, keys, groups) = (view.path().to_path_buf(), *view.keys(), view.groups());
        Ok(DiskEntries { path, keys, groups, states, source })
    }

    /// Where they are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key groups that there may be.
    pub fn groups(&self) -> KeyGroupRange {
        self.groups
    }

    /// Whether the entries of a key group come in the order of their keys.
    pub fn are_ordered(&self) -> bool {
        match &self.source {
            Source::Files(files) => match files.as_slice() {
                [file] => file.head().ordered,
                _ => false,
            },
            #[cfg(feature = "rocks")]
            Source::Rocks(_) => true,
        }
    }

    /// How much of a state there is.
    ///
    /// Errors: [`ErrorKind::StateNotFound`], and those of reading.
    pub fn size(&self, state: &str) -> Result<StateSize> {
        let known = self.state(state)?;
        match &self.source {
            Source::Files(files) => size_in_files(files, &known.info.name),
            #[cfg(feature = "rocks")]
            Source::Rocks(rocks) => rocks.size(known),
        }
    }

    /// What reads these key groups of a state.
    ///
    /// Errors: [`ErrorKind::StateNotFound`].
    pub fn walk(&self, state: &str, groups: KeyGroupRange) -> Result<DiskWalk<'_>> {
        let known = self.state(state)?;
        Ok(match &self.source {
            Source::Files(files) => {
                let walks = files.iter().filter_map(|file| {
                    file.head().state(&known.info.name).map(|stored| file.walk(stored, groups))
                });
                DiskWalk::over_files(walks.collect(), self.keys)
            }
            #[cfg(feature = "rocks")]
            Source::Rocks(rocks) => DiskWalk::over_rocks(rocks, known.info.id, self.keys),
        })
    }

    /// The values that stand under a composite key in each of these key groups; `key` is all of it behind the key group. Looks
    /// at all entries of the key groups in snapshot files.
    ///
    /// Errors: [`ErrorKind::StateNotFound`], and those of reading.
    pub fn find(
        &self,
        state: &str,
        groups: KeyGroupRange,
        key: &[u8],
    ) -> Result<BTreeMap<u32, Option<Vec<u8>>>> {
        let known = self.state(state)?;
        match &self.source {
            Source::Files(files) => self.find_in_files(files, known, groups, key),
            #[cfg(feature = "rocks")]
            Source::Rocks(rocks) => rocks.find(&known.info, &self.keys, groups, key),
        }
    }

    fn find_in_files(
        &self,
        files: &[SnapshotFile],
        state: &StoredState,
        groups: KeyGroupRange,
        key: &[u8],
    ) -> Result<BTreeMap<u32, Option<Vec<u8>>>> {
        let mut found = BTreeMap::new();
        let start = self.keys.group_bytes();
        // The newest file that knows a key is right.
        for file in files.iter().rev() {
            let Some(stored) = file.head().state(&state.info.name) else { continue };
            file.for_each(stored, groups, |change| {
                if change.key.bytes.get(start..) == Some(key)
                    && let Some(group) = self.keys.group_of(change.key.bytes)
                {
                    found.entry(group).or_insert_with(|| change.value.map(<[u8]>::to_vec));
                }
                Ok(())
            })?;
        }
        // In files that follow one another what was deleted is not there.
        if files.first().is_some_and(|file| file.head().base.is_none()) {
            found.retain(|_, value| value.is_some());
        }
        Ok(found)
    }

    /// Calls `f` with every entry of these key groups of a state; ends with the first error.
    ///
    /// Errors: as [`walk`](Self::walk).
    pub fn for_each(&self, state: &str, groups: KeyGroupRange, f: &mut EachStored<'_>) -> Result<()> {
        let mut walk = self.walk(state, groups)?;
        groups.iter().try_for_each(|group| walk.group(group, f))
    }

    /// Name and value pairs for people, as the engine's makers name them.
    pub fn statistics(&self) -> Vec<(String, String)> {
        match &self.source {
            Source::Files(_) => Vec::new(),
            #[cfg(feature = "rocks")]
            Source::Rocks(rocks) => rocks.statistics(),
        }
    }

    fn state(&self, name: &str) -> Result<&StoredState> {
        self.states.iter().find(|state| state.info.name == name).ok_or_else(|| {
            Error::new(
                ErrorKind::StateNotFound,
                format!("{}: there is no state '{name}'", self.path.display()),
            )
        })
    }
}

/// From the indexes of the files.
fn size_in_files(files: &[SnapshotFile], state: &str) -> Result<StateSize> {
    let mut size = StateSize { entries: 0, exact: true, blocks: Some(0), bytes: 0 };
    for file in files {
        let Some(stored) = file.head().state(state) else { continue };
        let before = size.entries;
        for place in file.blocks_of(stored, file.head().groups) {
            let place = place?;
            size.entries += u64::from(place.entries);
            size.blocks = size.blocks.map(|blocks| blocks + 1);
            size.bytes += u64::from(place.length);
        }
        size.exact &= before == 0 || size.entries == before;
        // Changes without what they follow are counted as what they are; behind it they may delete.
        size.exact &= file.head().base.is_none() || size.entries == before || files.len() == 1;
    }
    Ok(size)
}

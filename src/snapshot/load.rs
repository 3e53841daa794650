//! From a stored snapshot into an engine.

use super::blocks::{Blocks, Fetch};
use super::entries::Entries;
use super::file::SnapshotFile;
use super::head::StoredState;
use crate::error::{ErrorKind, Result};
use crate::key::KeyGroupRange;
use crate::store::EngineLoader;

/// Loads the entries of these key groups. `id_of` gives the engine's id of a state, `None` for one to be left out.
///
/// Errors: those of reading, with file and position, and the loader's.
pub(crate) fn load(
    file: &SnapshotFile,
    groups: KeyGroupRange,
    id_of: &dyn Fn(&StoredState) -> Option<u32>,
    loader: &mut dyn EngineLoader,
) -> Result<()> {
    Blocks::check_index(file)?;
    let mut fetch = file.fetch();
    for state in &file.head().states {
        if let Some(id) = id_of(state) {
            load_state(file, &mut fetch, state, groups, id, loader)?;
        }
    }
    file.check_unchanged()
}

fn load_state(
    file: &SnapshotFile,
    fetch: &mut Fetch,
    state: &StoredState,
    groups: KeyGroupRange,
    id: u32,
    loader: &mut dyn EngineLoader,
) -> Result<()> {
    let form = file.head().form(state);
    for place in file.blocks_of(state, groups) {
        let place = place?;
        let entries = Entries::new(fetch.block(&place)?, form, place.groups, groups);
        loader.load(id, entries).map_err(|e| match e.kind() {
            ErrorKind::Corruption => file.input().damaged(place.position, e.message()),
            _ => e,
        })?;
    }
    Ok(())
}

//! Key group after key group of a state.

use std::collections::HashMap;

use crate::error::Result;
use crate::key::{CompositeKey, KeySpec};
use crate::snapshot::{Change, Walk};

/// Gets an entry; its first error ends the walk.
pub type EachStored<'a> = dyn FnMut(Change<'_>) -> Result<()> + 'a;

/// Reads the entries of a state one key group after the other, the groups in ascending order.
///
/// Keeps a block in memory; where changes follow a full snapshot, also what changed in a key group.
#[derive(Debug)]
pub struct DiskWalk<'a> {
    over: Over<'a>,
    keys: KeySpec,
}

#[derive(Debug)]
enum Over<'a> {
    /// The oldest first.
    Files(Vec<Walk>, std::marker::PhantomData<&'a ()>),
    #[cfg(feature = "rocks")]
    Rocks(&'a super::rocks::RocksFiles, u32),
}

/// A key's bytes, where its key part ends, and its value unless it was deleted.
type Newest = HashMap<Vec<u8>, (usize, Option<Vec<u8>>)>;

impl<'a> DiskWalk<'a> {
    pub(super) fn over_files(walks: Vec<Walk>, keys: KeySpec) -> DiskWalk<'a> {
        DiskWalk { over: Over::Files(walks, std::marker::PhantomData), keys }
    }

    #[cfg(feature = "rocks")]
    pub(super) fn over_rocks(files: &'a super::rocks::RocksFiles, state: u32, keys: KeySpec) -> DiskWalk<'a> {
        DiskWalk { over: Over::Rocks(files, state), keys }
    }

    /// How keys are written.
    pub fn keys(&self) -> &KeySpec {
        &self.keys
    }

    /// Calls `f` with every entry of a key group, which comes after those of earlier calls. Ends with the first error, and is of
    /// no use then.
    pub fn group(&mut self, group: u32, f: &mut EachStored<'_>) -> Result<()> {
        match &mut self.over {
            Over::Files(walks, _) => match walks.as_mut_slice() {
                [] => Ok(()),
                [walk] => walk.until(group, f),
                [full, changes @ ..] => merged(full, changes, group, f),
            },
            #[cfg(feature = "rocks")]
            Over::Rocks(files, state) => files.for_each(*state, &self.keys, group, f),
        }
    }
}

/// What a full snapshot has that did not change later, then what did.
fn merged(full: &mut Walk, changes: &mut [Walk], group: u32, f: &mut EachStored<'_>) -> Result<()> {
    let mut newest = Newest::new();
    for walk in changes.iter_mut().rev() {
        walk.until(group, |Change { key, value }| {
            if !newest.contains_key(key.bytes) {
                newest.insert(key.bytes.to_vec(), (key.split, value.map(<[u8]>::to_vec)));
            }
            Ok(())
        })?;
    }
    full.until(group, |change| if newest.contains_key(change.key.bytes) { Ok(()) } else { f(change) })?;
    for (bytes, (split, value)) in &newest {
        if let Some(value) = value {
            let key = CompositeKey { bytes, split: *split };
            f(Change { key, value: Some(value) })?;
        }
    }
    Ok(())
}

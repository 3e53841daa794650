//! Single answers from a stored snapshot.

use super::entries::Entries;
use super::file::SnapshotFile;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyBuilder, KeyGroupRange};
use crate::store::StateKind;

/// More than a composite key has besides its parts, which become twice as long at most.
const KEY_OVERHEAD: usize = 64;

impl SnapshotFile {
    /// Number of entries of a state. Reads its part of the index.
    ///
    /// Errors: [`ErrorKind::StateNotFound`], and those of reading.
    pub fn count(&self, state: &str) -> Result<u64> {
        let state = self.require_state(state)?;
        let mut entries = 0;
        for place in self.blocks_of(state, self.head().groups) {
            entries += u64::from(place?.entries);
        }
        Ok(entries)
    }

    /// The value of a key in a full snapshot. Reads the blocks that have its key group.
    ///
    /// Errors: [`ErrorKind::SnapshotMismatch`] for a snapshot of changes, [`ErrorKind::StateNotFound`],
    /// [`ErrorKind::WrongStateKind`] for a map key in a state that is no map, [`ErrorKind::KeyGroupOutOfRange`],
    /// [`ErrorKind::EmptyKey`], [`ErrorKind::KeyPartLength`], and those of reading.
    pub fn get(
        &self,
        state: &str,
        group: u32,
        key: &[u8],
        namespace: &[u8],
        map_key: &[u8],
    ) -> Result<Option<Vec<u8>>> {
        let (head, state) = (self.head(), self.require_state(state)?);
        if head.base.is_some() {
            let path = self.path().display();
            return Err(Error::new(
                ErrorKind::SnapshotMismatch,
                format!("{path}: the file has only what changed since another snapshot; look into that, too"),
            ));
        }
        if state.info.kind != StateKind::Map && !map_key.is_empty() {
            let name = &state.info.name;
            return Err(Error::new(ErrorKind::WrongStateKind, format!("state '{name}' has no map keys")));
        }
        let len = 2 * (key.len() + namespace.len() + map_key.len()) + KEY_OVERHEAD;
        let mut keys = KeyBuilder::within(head.keys, head.groups, vec![0; len]);
        keys.set_key(group, key)?;
        let wanted = keys.compose(state.info.namespace, namespace, map_key)?.bytes;
        let groups = KeyGroupRange { first: group, last: group };
        let mut fetch = self.fetch();
        for place in self.blocks_of(state, groups) {
            let place = place?;
            for change in Entries::new(fetch.block(&place)?, head.form(state), place.groups, groups) {
                let change = change.map_err(|e| self.input().damaged(place.position, e.message()))?;
                if change.key.bytes == wanted {
                    return Ok(change.value.map(<[u8]>::to_vec));
                }
                if head.ordered && change.key.bytes > wanted {
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }
}

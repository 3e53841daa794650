//! The entries of a state, one key group after the other.

use super::blocks::{Blocks, Fetch};
use super::entries::{Change, Entries, EntryForm};
use super::file::SnapshotFile;
use super::head::StoredState;
use super::index::BlockPlace;
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyGroupRange;

/// Reads the entries of a state in the file's order, as far as it is told; so several files can be read beside each other.
#[derive(Debug)]
pub struct Walk {
    file: SnapshotFile,
    form: EntryForm,
    groups: KeyGroupRange,
    blocks: Blocks,
    fetch: Fetch,
    /// The block that is being read, whether it was fetched, and the next entry in it.
    place: Option<BlockPlace>,
    fetched: bool,
    next: usize,
}

impl Walk {
    pub(super) fn new(file: SnapshotFile, state: &StoredState, groups: KeyGroupRange) -> Walk {
        Walk {
            form: file.head().form(state),
            groups,
            blocks: file.blocks_of(state, groups),
            fetch: file.fetch(),
            place: None,
            fetched: false,
            next: 0,
            file,
        }
    }

    /// Calls `f` with the entries that come next, up to the last of key group `last`. Ends with the first error, and is of no
    /// use then.
    pub fn until(&mut self, last: u32, mut f: impl FnMut(Change<'_>) -> Result<()>) -> Result<()> {
        while let Some(place) = self.place()? {
            if place.groups.first > last {
                return Ok(());
            }
            if !self.fetched {
                self.fetch.block(&place)?;
                self.fetched = true;
            }
            let damaged = |e: Error| self.file.input().damaged(place.position, e.message());
            let block = self.fetch.again().ok_or_else(|| {
                damaged(Error::new(ErrorKind::Corruption, "what the block holds are no entries"))
            })?;
            let mut entries = Entries::new(block, self.form, place.groups, self.groups).from(self.next);
            loop {
                let position = entries.position();
                let Some(change) = entries.next() else { break };
                let change = change.map_err(damaged)?;
                if self.form.keys.group_of(change.key.bytes).is_some_and(|group| group > last) {
                    self.next = position;
                    return Ok(());
                }
                f(change)?;
            }
            self.place = None;
        }
        Ok(())
    }

    /// The block to read.
    fn place(&mut self) -> Result<Option<BlockPlace>> {
        if self.place.is_none() {
            self.place = self.blocks.next().transpose()?;
            (self.fetched, self.next) = (false, 0);
        }
        Ok(self.place)
    }
}

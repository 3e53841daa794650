//! The entries of a stored snapshot, in blocks for buffers of the caller's.

use super::blocks::{Blocks, Fetch};
use super::entries::{Change, Entries, OP_DELETE, OP_PUT};
use super::file::SnapshotFile;
use super::head::StoredState;
use super::index::BlockPlace;
use super::stream::NextBlock;
use crate::block::{BlockKind, BlockWriter, HEADER_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyGroupRange;

/// Reads the entries of some key groups of a state, one stored block a call.
///
/// ```text
///  block of kind    key
///  scan             composite key
///  changes          u8 op (1 put, 0 deleted: the value is empty) | composite key
/// ```
///
/// May be moved between threads.
#[derive(Debug)]
pub struct StoredScan {
    file: SnapshotFile,
    state: StoredState,
    groups: KeyGroupRange,
    blocks: Blocks,
    fetch: Fetch,
    /// A block that was read and did not fit.
    refused: Option<BlockPlace>,
    /// An earlier call failed half-way.
    failed: bool,
}

impl SnapshotFile {
    /// A scan of the entries that a state has in these key groups, in the file's order.
    ///
    /// Errors: [`ErrorKind::StateNotFound`].
    pub fn scan(&self, state: &str, groups: KeyGroupRange) -> Result<StoredScan> {
        let state = self.require_state(state)?.clone();
        Ok(StoredScan {
            blocks: self.blocks_of(&state, groups),
            fetch: self.fetch(),
            file: self.clone(),
            state,
            groups,
            refused: None,
            failed: false,
        })
    }

    /// The state of that name.
    pub(super) fn require_state(&self, name: &str) -> Result<&StoredState> {
        self.head().state(name).ok_or_else(|| {
            Error::new(
                ErrorKind::StateNotFound,
                format!("{}: the snapshot has no state '{name}'", self.path().display()),
            )
        })
    }
}

impl StoredScan {
    /// Writes the entries of the next block to the start of `buf`, as a block of their own.
    ///
    /// Errors: [`ErrorKind::BufferTooSmall`] for a buffer that holds no block at all, [`ErrorKind::Corruption`] with file
    /// and position, `Io`; [`ErrorKind::Closed`] after one of these two.
    pub fn next_block(&mut self, buf: &mut [u8]) -> Result<NextBlock> {
        if self.failed {
            return Err(Error::new(ErrorKind::Closed, "reading the snapshot has failed; begin it anew"));
        }
        let kind = if self.file.head().base.is_some() { BlockKind::Changes } else { BlockKind::Scan };
        let mut block = BlockWriter::new(buf, kind)?;
        let filled = self.fill(&mut block, kind);
        self.failed = filled.is_err();
        match filled? {
            NextBlock::Block(_) => block.finish(false).map(NextBlock::Block),
            other => Ok(other),
        }
    }

    /// Adds the entries of the next block that has some.
    fn fill(&mut self, block: &mut BlockWriter<'_>, kind: BlockKind) -> Result<NextBlock> {
        let form = self.file.head().form(&self.state);
        let mut key = Vec::new();
        while let Some(place) = self.place()? {
            let damaged = |e: Error| self.file.input().damaged(place.position, e.message());
            let entries = Entries::new(self.fetch.block(&place)?, form, place.groups, self.groups);
            for change in entries.clone() {
                let change = change.map_err(damaged)?;
                let fits = if kind == BlockKind::Scan {
                    block.push(change.key.bytes, change.value.unwrap_or_default())
                } else {
                    key.clear();
                    key.push(if change.value.is_some() { OP_PUT } else { OP_DELETE });
                    key.extend_from_slice(change.key.bytes);
                    block.push(&key, change.value.unwrap_or_default())
                };
                if !fits {
                    self.refused = Some(place);
                    return Ok(NextBlock::Needs(needed(entries)));
                }
            }
            if block.count() > 0 {
                return Ok(NextBlock::Block(0));
            }
        }
        Ok(NextBlock::End)
    }

    fn place(&mut self) -> Result<Option<BlockPlace>> {
        match self.refused.take() {
            Some(place) => Ok(Some(place)),
            None => self.blocks.next().transpose(),
        }
    }
}

/// A length of buffer that a block of these entries fits into.
fn needed(entries: Entries<'_>) -> usize {
    // Two positions of four bytes each in the index while it grows, and the byte that says what changed.
    let one = |change: Change<'_>| change.key.bytes.len() + change.value.unwrap_or_default().len() + 9;
    HEADER_BYTES + 8 + entries.flatten().map(one).sum::<usize>()
}

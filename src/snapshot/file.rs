//! A stored snapshot that is read.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::blocks::{Blocks, Fetch};
use super::entries::Change;
use super::frame::{FRAME_BYTES, Frame, FrameKind, SECTOR};
use super::head::{FORMAT_VERSION, SnapshotHead, StoredState};
use super::index::{LEAF_RECORD, LeafPlace};
use super::input::{Expect, Input};
use super::read_at::ReadAt;
use super::trailer::Trailer;
use super::walk::Walk;
use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyGroupRange;

/// A snapshot in a file, or wherever its bytes are.
///
/// Opening reads the head, the trailer and the root of the index, and checks them; blocks are read, and checked, when they
/// are asked for. May be used from any thread. Everything that is wrong with the bytes is [`ErrorKind::Corruption`] with the
/// file and the position in it.
#[derive(Clone)]
pub struct SnapshotFile {
    inner: Arc<Inner>,
}

struct Inner {
    input: Input,
    head: SnapshotHead,
    trailer: Trailer,
    leaves: Vec<LeafPlace>,
}

impl std::fmt::Debug for SnapshotFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnapshotFile").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl SnapshotFile {
    /// Opens the snapshot in a file.
    ///
    /// Errors: `Io`, [`ErrorKind::ForeignFormat`], [`ErrorKind::NewerFormat`], [`ErrorKind::Corruption`].
    pub fn open(path: impl AsRef<Path>) -> Result<SnapshotFile> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|e| Error::io(path.display(), &e))?;
        if file.metadata().is_ok_and(|meta| meta.is_dir()) {
            return Err(Error::new(
                ErrorKind::ForeignFormat,
                format!("{}: this is a directory, not a snapshot's file", path.display()),
            ));
        }
        Self::of(Box::new(file), path)
    }

    /// Opens the snapshot whose bytes `source` gives; errors call it `name`.
    ///
    /// Errors: as [`open`](Self::open).
    pub fn of(source: Box<dyn ReadAt>, name: impl AsRef<Path>) -> Result<SnapshotFile> {
        let input = Input::new(source, name.as_ref())?;
        let mut buf = Vec::new();
        let head = read_head(&input, &mut buf)?;
        let trailer = read_trailer(&input, &head, &mut buf)?;
        let leaves = read_root(&input, &head, &trailer, &mut buf)?;
        Ok(SnapshotFile { inner: Arc::new(Inner { input, head, trailer, leaves }) })
    }

    /// Its path, or its name.
    pub fn path(&self) -> &Path {
        self.inner.input.path()
    }

    /// What it is of.
    pub fn head(&self) -> &SnapshotHead {
        &self.inner.head
    }

    /// Its length in bytes.
    pub fn bytes(&self) -> u64 {
        self.inner.input.len
    }

    /// Number of blocks of entries.
    pub fn blocks(&self) -> u64 {
        self.inner.trailer.blocks
    }

    /// Number of entries of all states; of changes, the deleted ones count.
    pub fn entries(&self) -> u64 {
        self.inner.trailer.entries
    }

    /// Where the blocks are that have key groups of `groups` in a state, in their order. Reads the leaves of the index one by
    /// one.
    pub fn blocks_of(&self, state: &StoredState, groups: KeyGroupRange) -> Blocks {
        Blocks::new(self.clone(), state.info.id, groups)
    }

    /// What reads blocks; it keeps the memory for one.
    pub fn fetch(&self) -> Fetch {
        Fetch::new(self.clone())
    }

    /// What reads the entries of these key groups of a state one key group after the other; it keeps the memory for a block.
    pub fn walk(&self, state: &StoredState, groups: KeyGroupRange) -> Walk {
        Walk::new(self.clone(), state, groups)
    }

    /// Calls `f` with every entry of these key groups of a state; ends with the first error.
    pub fn for_each(
        &self,
        state: &StoredState,
        groups: KeyGroupRange,
        f: impl FnMut(Change<'_>) -> Result<()>,
    ) -> Result<()> {
        self.walk(state, groups).until(groups.last, f)
    }

    /// Fails when the file has not the length any more that it had when it was opened.
    pub fn check_unchanged(&self) -> Result<()> {
        self.inner.input.check_unchanged()
    }

    pub(crate) fn input(&self) -> &Input {
        &self.inner.input
    }

    pub(crate) fn leaves(&self) -> &[LeafPlace] {
        &self.inner.leaves
    }
}

/// The length of the frame that begins at a position, from its header alone.
pub(crate) fn frame_length(input: &Input, position: u64) -> Result<u64> {
    let mut header = [0; FRAME_BYTES];
    input.read(&mut header, position)?;
    let (frame, _) = Frame::read(&header).map_err(|why| input.damaged(position, why))?;
    Ok(frame.len() as u64)
}

pub(crate) fn read_head(input: &Input, buf: &mut Vec<u8>) -> Result<SnapshotHead> {
    if input.len == 0 {
        return Err(input.damaged(0, "the file is empty"));
    }
    let mut start = [0; 4];
    if input.len >= 4 {
        input.read(&mut start, 0)?;
        if start != *b"KBS1" {
            return Err(input.error(ErrorKind::ForeignFormat, 0, "this is not a Keybed snapshot"));
        }
    }
    let len = frame_length(input, 0)?;
    let (frame, payload) = input.frame(buf, 0, len, &Expect { kind: FrameKind::Head, snapshot: None })?;
    let head = SnapshotHead::parse(payload, input.path())?;
    if head.id.half() != frame.snapshot {
        return Err(input.damaged(0, "the first block is of another snapshot"));
    }
    Ok(head)
}

pub(crate) fn read_trailer(input: &Input, head: &SnapshotHead, buf: &mut Vec<u8>) -> Result<Trailer> {
    let position = input.len.saturating_sub(SECTOR as u64);
    if position == 0 || !input.len.is_multiple_of(SECTOR as u64) {
        return Err(input.damaged(input.len, "the file is cut short, or bytes follow its end"));
    }
    let expect = Expect { kind: FrameKind::Trailer, snapshot: Some(head.id.half()) };
    let (_, payload) = input.frame(buf, position, SECTOR as u64, &expect)?;
    let trailer =
        Trailer::read(payload).ok_or_else(|| input.damaged(position, "the last block has another length"))?;
    if trailer.version > FORMAT_VERSION || trailer.incompatible != 0 {
        let why = format_args!(
            "format version {} with features {:x}; this library reads up to {FORMAT_VERSION}; use a newer library",
            trailer.version, trailer.incompatible
        );
        return Err(input.error(ErrorKind::NewerFormat, position, why));
    }
    if trailer.file_length != input.len {
        let why = format_args!("the file should have {} bytes", trailer.file_length);
        return Err(input.damaged(position, why));
    }
    Ok(trailer)
}

fn read_root(
    input: &Input,
    head: &SnapshotHead,
    trailer: &Trailer,
    buf: &mut Vec<u8>,
) -> Result<Vec<LeafPlace>> {
    let expect = Expect { kind: FrameKind::Root, snapshot: Some(head.id.half()) };
    let (_, payload) = input.frame(buf, trailer.root, trailer.root_length, &expect)?;
    let (records, rest) = payload.as_chunks::<LEAF_RECORD>();
    let leaves: Vec<LeafPlace> = records.iter().map(|record| LeafPlace::read(record)).collect();
    let sum = leaves.iter().try_fold((0u64, 0u64), |(blocks, entries), leaf| {
        Some((blocks.checked_add(u64::from(leaf.blocks))?, entries.checked_add(leaf.entries)?))
    });
    let ascending = leaves.windows(2).all(|pair| match pair {
        [a, b] => a.last <= b.first && a.position < b.position,
        _ => true,
    });
    if !rest.is_empty() || !ascending || sum != Some((trailer.blocks, trailer.entries)) {
        return Err(input.damaged(trailer.root, "the index does not fit the trailer"));
    }
    Ok(leaves)
}

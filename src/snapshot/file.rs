//! A stored snapshot that is read.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use super::blocks::{Blocks, Fetch};
use super::entries::Change;
use super::frame::{FRAME_BYTES, Frame, FrameKind, SECTOR};
use super::head::{FORMAT_VERSION, SnapshotHead, StoredState};
use super::index::{LEAF_BLOCKS, LEAF_RECORD, LeafPlace};
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
    /// Where the first block begins.
    begin: u64,
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
        Self::of(Box::new(open_file(path)?), path)
    }

    /// Opens the snapshot whose bytes `source` gives; errors call it `name`.
    ///
    /// Errors: as [`open`](Self::open).
    pub fn of(source: Box<dyn ReadAt>, name: impl AsRef<Path>) -> Result<SnapshotFile> {
        let input = Input::new(source, name.as_ref())?;
        let mut buf = Vec::new();
        let (head, begin) = read_head(&input, &mut buf)?;
        let trailer = read_trailer(&input, &head, &mut buf)?;
        let leaves = read_root(&input, &head, begin, &trailer, &mut buf)?;
        Ok(SnapshotFile { inner: Arc::new(Inner { input, head, begin, trailer, leaves }) })
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

    /// A leaf of the index, and where its first block begins.
    pub(crate) fn leaf(&self, n: usize) -> Option<(LeafPlace, u64)> {
        let leaf = self.inner.leaves.get(n)?;
        let before = n.checked_sub(1).and_then(|before| self.inner.leaves.get(before));
        Some((*leaf, before.map_or(self.inner.begin, LeafPlace::end)))
    }
}

/// Opens what must be a file: reading a pipe would wait for a writer that may never come.
pub(crate) fn open_file(path: &Path) -> Result<File> {
    let failed = |e: std::io::Error| Error::io(path.display(), &e);
    let meta = std::fs::metadata(path).map_err(failed)?;
    if meta.is_file() {
        return File::open(path).map_err(failed);
    }
    let what = if meta.is_dir() { "a directory" } else { "no file" };
    Err(Error::new(
        ErrorKind::ForeignFormat,
        format!("{}: this is {what}, not a snapshot's file", path.display()),
    ))
}

/// The length of the frame that begins at a position, from its header alone.
pub(crate) fn frame_length(input: &Input, position: u64) -> Result<u64> {
    let mut header = [0; FRAME_BYTES];
    input.read(&mut header, position)?;
    let (frame, _) = Frame::read(&header).map_err(|why| input.damaged(position, why))?;
    Ok(frame.len() as u64)
}

/// The head, and its length in the file.
pub(crate) fn read_head(input: &Input, buf: &mut Vec<u8>) -> Result<(SnapshotHead, u64)> {
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
    let head = SnapshotHead::parse(payload, input.path()).map_err(|e| {
        let path = format!("{}: ", input.path().display());
        input.error(e.kind(), 0, e.message().strip_prefix(&path).unwrap_or(e.message()))
    })?;
    if head.id.half() != frame.snapshot {
        return Err(input.damaged(0, "the first block is of another snapshot"));
    }
    Ok((head, len))
}

pub(crate) fn read_trailer(input: &Input, head: &SnapshotHead, buf: &mut Vec<u8>) -> Result<Trailer> {
    let position = input.len.saturating_sub(SECTOR as u64);
    if position == 0 || !input.len.is_multiple_of(SECTOR as u64) {
        return Err(input.damaged(input.len, "the file is cut short, or bytes follow its end"));
    }
    let expect = Expect { kind: FrameKind::Trailer, snapshot: Some(head.id.half()) };
    let (_, payload) = input.frame(buf, position, SECTOR as u64, &expect)?;
    let trailer = Trailer::read(payload)
        .filter(|trailer| trailer.version > 0)
        .ok_or_else(|| input.damaged(position, "the last block says nothing that it could"))?;
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
    begin: u64,
    trailer: &Trailer,
    buf: &mut Vec<u8>,
) -> Result<Vec<LeafPlace>> {
    if trailer.root.checked_add(trailer.root_length) != Some(input.len - SECTOR as u64) {
        return Err(input.damaged(input.len - SECTOR as u64, "the index is not where it should be"));
    }
    let expect = Expect { kind: FrameKind::Root, snapshot: Some(head.id.half()) };
    let (_, payload) = input.frame(buf, trailer.root, trailer.root_length, &expect)?;
    let (records, rest) = payload.as_chunks::<LEAF_RECORD>();
    let leaves: Vec<LeafPlace> = records.iter().map(|record| LeafPlace::read(record)).collect();
    let sum = leaves.iter().try_fold((0u64, 0u64), |(blocks, entries), leaf| {
        Some((blocks.checked_add(u64::from(leaf.blocks))?, entries.checked_add(leaf.entries)?))
    });
    let ascending = leaves.windows(2).all(|pair| match pair {
        [a, b] => a.last <= b.first && a.end() < b.position,
        _ => true,
    });
    let known = leaves.last().is_none_or(|leaf| (leaf.last.0 as usize) < head.states.len());
    let limited = leaves.iter().all(|leaf| (1..=LEAF_BLOCKS).contains(&(leaf.blocks as usize)));
    let ends_here = leaves.last().map_or(begin, LeafPlace::end) == trailer.root;
    if !rest.is_empty()
        || !ascending
        || !known
        || !limited
        || !ends_here
        || sum != Some((trailer.blocks, trailer.entries))
    {
        return Err(input.damaged(trailer.root, "the index does not fit the trailer"));
    }
    Ok(leaves)
}

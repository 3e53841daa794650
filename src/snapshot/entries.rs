//! The entries of a stored block, as an engine loads them.

use crate::block::{BlockKind, BlockReader};
use crate::error::{Error, ErrorKind, Result};
use crate::key::{CompositeKey, KeyGroupRange, KeySpec};

/// How the keys of a state are written in blocks.
///
/// ```text
///  [ u8 op ]      in blocks of changes only: 1 put, 0 deleted (no value)
///  [ u32 split ]  where the key part ends, if that cannot be seen from the bytes; little-endian
///  composite key
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryForm {
    /// How the composite keys are written.
    pub keys: KeySpec,
    /// The split is written before every key.
    pub split: bool,
}

/// The first byte of a key that was put, in a block of changes.
pub const OP_PUT: u8 = 1;
/// The first byte of a key that was deleted, in a block of changes.
pub const OP_DELETE: u8 = 0;

/// What a snapshot says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// Its composite key. Where neither the bytes nor the block say where the key part ends, the split is the length.
    pub key: CompositeKey<'a>,
    /// Its value; `None`: it was deleted.
    pub value: Option<&'a [u8]>,
}

/// The entries of a block that are in a range of key groups.
///
/// An entry whose key is none, or is of a key group that the block does not say it has, is an error
/// ([`ErrorKind::Corruption`]) that names its number.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    block: BlockReader<'a>,
    form: EntryForm,
    /// The groups that the block may have.
    has: KeyGroupRange,
    /// The groups that are wanted.
    wanted: KeyGroupRange,
    next: usize,
}

impl<'a> Entries<'a> {
    /// The entries of `block`, whose keys are written in `form` and are in groups `has`, that are in groups `wanted`.
    pub fn new(block: BlockReader<'a>, form: EntryForm, has: KeyGroupRange, wanted: KeyGroupRange) -> Self {
        Entries { block, form, has, wanted, next: 0 }
    }

    /// The same from entry `next` of the block on.
    pub(super) fn from(self, next: usize) -> Self {
        Entries { next, ..self }
    }

    /// The number of the entry that is read next.
    pub(super) fn position(&self) -> usize {
        self.next
    }

    /// Whether the block says what changed, and not what there was.
    pub fn are_changes(&self) -> bool {
        self.block.kind() == BlockKind::Changes
    }

    /// Entry `i` of the block, and its group.
    fn read(&self, i: usize) -> Option<(u32, Change<'a>)> {
        let (mut bytes, value) = self.block.get(i)?;
        let mut value = Some(value);
        if self.are_changes() {
            let (op, rest) = bytes.split_first()?;
            match (*op, value) {
                (OP_PUT, _) => {}
                (OP_DELETE, Some([])) => value = None,
                _ => return None,
            }
            bytes = rest;
        }
        let split = if self.form.split {
            let (split, rest) = bytes.split_first_chunk::<4>()?;
            bytes = rest;
            u32::from_le_bytes(*split) as usize
        } else {
            self.form.keys.split_of(bytes)?
        };
        if split > bytes.len() || split <= self.form.keys.group_bytes() {
            return None;
        }
        let group = self.form.keys.group_of(bytes)?;
        self.has.contains(group).then_some((group, Change { key: CompositeKey { bytes, split }, value }))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Change<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.next < self.block.len() {
            let i = self.next;
            self.next += 1;
            match self.read(i) {
                Some((group, change)) if self.wanted.contains(group) => return Some(Ok(change)),
                Some(_) => {}
                None => {
                    self.next = self.block.len();
                    return Some(Err(Error::new(
                        ErrorKind::Corruption,
                        format!("entry {i} of the block is no entry of its key groups"),
                    )));
                }
            }
        }
        None
    }
}

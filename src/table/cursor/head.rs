//! How the key of an entry begins in a block.

use crate::error::Result;
use crate::snapshot::EntryForm;
use crate::table::arena::out_of_memory;

/// The bytes before those that an entry's own record has: of a flat state the group, of a nested one group and key.
///
/// ```text
///  [ op ] [ u32 split ] group | key of the map                 see `EntryForm`
///  |------ start -----------|
/// ```
///
/// A flat state does not know where the key ends and the namespace begins: its split is the length of the whole, which is
/// as good, for nobody takes its keys apart.
#[derive(Debug, Default)]
pub(in crate::table) struct Head {
    bytes: Vec<u8>,
    /// Bytes of the operation, 0 or 1.
    op: usize,
    split: bool,
    /// Bytes of the key group.
    group: usize,
    start: usize,
}

impl Head {
    /// Begins a key group; with `op` an operation stands before each key.
    pub(in crate::table) fn begin(&mut self, op: bool, group: &[u8], form: &EntryForm) -> Result<()> {
        self.op = usize::from(op);
        self.split = form.split;
        self.group = group.len();
        self.start = self.op + if form.split { 4 } else { 0 } + group.len();
        self.bytes.clear();
        self.bytes.try_reserve(self.start).map_err(out_of_memory)?;
        self.bytes.resize(self.start - group.len(), 0);
        self.bytes.extend_from_slice(group);
        Ok(())
    }

    /// Sets the operation.
    #[inline]
    pub(in crate::table) fn set_op(&mut self, op: u8) {
        if let Some(target) = self.bytes.get_mut(..self.op) {
            target.fill(op);
        }
    }

    /// Whether the split is written.
    #[inline(always)]
    pub(in crate::table) fn has_split(&self) -> bool {
        self.split
    }

    /// For an entry of a flat state with a key of that length.
    #[inline(always)]
    pub(in crate::table) fn flat(&mut self, key_len: usize) -> &[u8] {
        if self.split {
            self.set_split(key_len);
        }
        &self.bytes
    }

    /// For the entries of a map.
    pub(in crate::table) fn set_map(&mut self, key: &[u8]) -> Result<()> {
        self.bytes.truncate(self.start);
        self.bytes.try_reserve(key.len()).map_err(out_of_memory)?;
        self.bytes.extend_from_slice(key);
        if self.split {
            self.set_split(key.len());
        }
        Ok(())
    }

    /// For an entry of that map.
    #[inline(always)]
    pub(in crate::table) fn nested(&self) -> &[u8] {
        &self.bytes
    }

    #[inline(always)]
    fn set_split(&mut self, key_len: usize) {
        let split = (self.group + key_len) as u32;
        if let Some(target) = self.bytes.get_mut(self.op..).and_then(<[u8]>::first_chunk_mut::<4>) {
            *target = split.to_le_bytes();
        }
    }
}

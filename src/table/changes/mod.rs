//! What changed between two snapshots of a table, found by comparing what they froze.
//!
//! ```text
//!  base   root ─▶ segments ─▶ slots ─▶ records or maps          the same address on both sides: the same, not looked into
//!  later  root ─▶ segments ─▶ slots ─▶ records or maps          else compared, down to the entries that differ
//! ```
//!
//! **Why this is exact.** Both snapshots are held while they are compared: of a key group that is being compared, each has a
//! reader. So at this moment each root leads to exactly the entries of its own moment; that is what a snapshot is (see
//! `snapshot`), whatever was written, copied, retired or freed before. A segment, node or record found at one address by both
//! is therefore one block with one content, read twice: it holds the same entries for both. Whatever lies at different
//! addresses is compared by its keys and values. Nothing is concluded from epochs, from owned bits, or from what an address
//! once was.
//!
//! An address cannot have changed its meaning in between either. What `base` leads to was there when it was opened and has
//! been in use ever since: a block that a live snapshot leads to is retired, never freed, so it is given to nobody else, and it
//! is never written to. A record that is overwritten in place is owned by a segment or node made after `base`, and so is none
//! that `base` leads to. Hence a record of `later` at an address that `base` leads to is the record of `base`.
//!
//! A group that either of the two has released is not compared ([`ErrorKind::Closed`]). Other snapshots, scans and
//! transactions in between make copies and retire blocks, which changes addresses, never entries.
//!
//! **What it costs.** A segment that was not written to since `base` costs a comparison of its address; one that was, its
//! slots, in the order of their tags on both sides however often it was split, merged or moved; a record that was written, a
//! look at both. Maps are compared alike, by their nodes.

mod maps;
mod pairs;
mod slots;

use std::sync::Arc;

use self::maps::MapChanges;
use self::pairs::Pairs;
use super::arena::Memory;
use super::cursor::Head;
use super::engine::group_of;
use super::record::{self, Header};
use super::snapshot::{Reader, TableSnapshot};
use crate::block::BlockWriter;
use crate::error::{Error, ErrorKind, Result};
use crate::snapshot::{EntryForm, OP_DELETE, OP_PUT};
use crate::store::EngineCursor;

/// Reads what changed between two snapshots into blocks: what is new or has another value is put, what is gone is deleted.
/// An entry that was written with the value it had is not listed.
///
/// Of a state that only `later` has all is put; of one that only `base` has all is deleted.
pub(super) struct TableChanges {
    base: Arc<TableSnapshot>,
    later: Arc<TableSnapshot>,
    group_bytes: usize,
    memory: Memory,
    /// The group that is compared; `None` at its end.
    readers: Option<[Option<Reader<Arc<TableSnapshot>>>; 2]>,
    pairs: Pairs,
    head: Head,
    nested: bool,
    /// The place in the two maps in turn, if they have been entered.
    maps: MapChanges,
    in_maps: bool,
}

impl TableChanges {
    /// Fails with [`ErrorKind::InvalidArgument`] unless `base` is an earlier snapshot of the same table, or the same one.
    pub(super) fn new(
        base: Arc<TableSnapshot>,
        later: Arc<TableSnapshot>,
        group_bytes: usize,
    ) -> Result<TableChanges> {
        if !base.is_before(&later) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "changes are told since an earlier snapshot of the same open store",
            ));
        }
        Ok(TableChanges {
            memory: later.memory().clone(),
            base,
            later,
            group_bytes,
            readers: None,
            pairs: Pairs::default(),
            head: Head::default(),
            nested: false,
            maps: MapChanges::default(),
            in_maps: false,
        })
    }

    /// Whether a change did not fit.
    fn fill_flat(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        let memory = &self.memory;
        while let Some((old, new)) = self.pairs.current(memory, false)? {
            let (op, record) = match (old, new) {
                (_, Some(new)) => (OP_PUT, new),
                (Some(old), None) => (OP_DELETE, old),
                (None, None) => {
                    self.pairs.advance();
                    continue;
                }
            };
            let header = Header::read(memory, record);
            self.head.set_op(op);
            let value_len = if op == OP_PUT { header.value_len } else { 0 };
            let body = memory.bytes(record, header.key_at, header.key_len + value_len);
            if !block.push_joined(self.head.flat(header.key_len), body, value_len) {
                return Ok(true);
            }
            self.pairs.advance();
        }
        Ok(false)
    }

    /// The same of a nested state.
    fn fill_nested(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        let memory = &self.memory;
        while let Some((old, new)) = self.pairs.current(memory, true)? {
            if !self.in_maps {
                if let Some(map) = new.or(old) {
                    self.head.set_map(record::key(memory, map))?;
                }
                self.maps.start(memory, old, new)?;
                self.in_maps = true;
            }
            while let Some((op, record)) = self.maps.current(memory) {
                let header = Header::read(memory, record);
                self.head.set_op(op);
                let value_len = if op == OP_PUT { header.value_len } else { 0 };
                let body = memory.bytes(record, header.key_at, header.key_len + value_len);
                if !block.push_joined(self.head.nested(), body, value_len) {
                    return Ok(true);
                }
                self.maps.advance();
            }
            self.in_maps = false;
            self.pairs.advance();
        }
        Ok(false)
    }
}

impl EngineCursor for TableChanges {
    fn start(&mut self, state: u32, group: &[u8], form: &EntryForm) -> Result<()> {
        self.readers = None;
        self.in_maps = false;
        let number = group_of(self.group_bytes, group);
        let old = TableSnapshot::enter(Arc::clone(&self.base), state, number)?;
        let new = TableSnapshot::enter(Arc::clone(&self.later), state, number)?;
        let root = |side: &Option<Reader<_>>| side.as_ref().map_or(0, Reader::root);
        let nested = |side: &Option<Reader<_>>| side.as_ref().map(Reader::nested);
        if let (Some(old), Some(new)) = (nested(&old), nested(&new))
            && old != new
        {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "the state was of another kind when the earlier snapshot was opened",
            ));
        }
        self.nested = nested(&new).or(nested(&old)).unwrap_or(false);
        self.head.begin(true, group, form)?;
        self.pairs.start(root(&old), root(&new));
        self.readers = Some([old, new]);
        Ok(())
    }

    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        if self.readers.is_none() {
            return Ok(false);
        }
        let more = if self.nested { self.fill_nested(block)? } else { self.fill_flat(block)? };
        if !more {
            self.readers = None;
        }
        Ok(more)
    }
}

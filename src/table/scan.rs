//! Ordered scans.
//!
//! A scan pins its key group as a snapshot does, so that it sees one moment whatever is written meanwhile, and lets go
//! when it is at its end: a scan that fits its first block costs no later write anything.
//!
//! The entries of one key lie in order. Those of a whole key group do not: their keys are collected and sorted when the
//! scan starts, with 16 bytes of heap a key.

use std::sync::Arc;

use super::arena::{Addr, Memory, out_of_memory};
use super::engine::{Shape, Shared, group_of};
use super::group;
use super::map::{MapCursor, head_of};
use super::record;
use super::snapshot::GroupPin;
use crate::block::BlockWriter;
use crate::error::Result;
use crate::key::CompositeKey;
use crate::store::EngineScan;

/// A prefix scan of one state.
pub(super) struct TableScan {
    shared: Arc<Shared>,
    state: u32,
    shape: Shape,
    /// The moment that is scanned; `None` when there is nothing left.
    pin: Option<GroupPin>,
    /// Records of the keys to come, in order, with the heads of their keys; the next one is last.
    keys: Vec<(u64, Addr)>,
    /// The key that `cursor` walks the map of.
    map: Option<Addr>,
    cursor: MapCursor,
    /// What the key of a flat entry, or the rest of a nested one, must begin with and is shown without.
    prefix: Vec<u8>,
    /// Whether entries are shown with their key: the scan is of a group.
    with_key: bool,
    /// An entry's key put together.
    entry_key: Vec<u8>,
}

impl TableScan {
    pub(super) fn new(shared: Arc<Shared>, state: u32, shape: Shape) -> TableScan {
        TableScan {
            shared,
            state,
            shape,
            pin: None,
            keys: Vec::new(),
            map: None,
            cursor: MapCursor::default(),
            prefix: Vec::new(),
            with_key: false,
            entry_key: Vec::new(),
        }
    }

    /// The keys of the pinned group that begin with `prefix`, sorted backwards.
    fn collect(&mut self, pin: &GroupPin, prefix: &[u8]) -> Result<()> {
        let memory = &pin.memory;
        for record in group::records_below(memory, pin.root) {
            let key = record::key(memory, record);
            if key.starts_with(prefix) {
                self.keys.try_reserve(1).map_err(out_of_memory)?;
                self.keys.push((head_of(key), record));
            }
        }
        self.keys.sort_unstable_by(|a, b| {
            b.0.cmp(&a.0).then_with(|| record::key(memory, b.1).cmp(record::key(memory, a.1)))
        });
        Ok(())
    }

    fn begin(&mut self, pin: GroupPin, prefix: CompositeKey<'_>) -> Result<()> {
        let key = self.shared.key(self.shape.nested, prefix);
        self.with_key = prefix.bytes.len() == self.shared.group_bytes;
        if self.with_key {
            self.collect(&pin, &[])?;
        } else if self.shape.is_partial(prefix) {
            self.collect(&pin, key.key)?;
            self.set_prefix(key.key)?;
        } else {
            let hash = self.shared.core.with(|core| Ok(core.heap.hash(key.key)))?;
            let Some(record) = group::find(&pin.memory, pin.root, hash, key.key) else { return Ok(()) };
            if self.shape.nested {
                self.set_prefix(key.rest)?;
                self.cursor.seek(&pin.memory, record, key.rest)?;
                self.map = Some(record);
            } else {
                self.set_prefix(key.key)?;
                self.keys.try_reserve(1).map_err(out_of_memory)?;
                self.keys.push((0, record));
            }
        }
        self.pin = Some(pin);
        Ok(())
    }

    fn set_prefix(&mut self, prefix: &[u8]) -> Result<()> {
        self.prefix.try_reserve(prefix.len()).map_err(out_of_memory)?;
        self.prefix.extend_from_slice(prefix);
        Ok(())
    }

    /// Fills a block from a moment that is pinned; whether more follows.
    fn fill_from(&mut self, memory: &Memory, block: &mut BlockWriter<'_>) -> Result<bool> {
        loop {
            if let Some(map) = self.map {
                while let Some(entry) = self.cursor.entry(memory) {
                    let (rest, value) = record::parts(memory, entry);
                    let Some(shown) = rest.strip_prefix(&self.prefix[..]) else { break };
                    let fits = if self.with_key {
                        self.entry_key.clear();
                        self.entry_key.extend_from_slice(record::key(memory, map));
                        self.entry_key.extend_from_slice(shown);
                        block.push(&self.entry_key, value)
                    } else {
                        block.push(shown, value)
                    };
                    if !fits {
                        return Ok(true);
                    }
                    self.cursor.advance();
                }
                self.map = None;
            }
            let Some((_, record)) = self.keys.last().copied() else { return Ok(false) };
            if self.shape.nested {
                self.cursor.seek(memory, record, &[])?;
                self.map = Some(record);
            } else {
                let (key, value) = record::parts(memory, record);
                if !block.push(key.get(self.prefix.len()..).unwrap_or_default(), value) {
                    return Ok(true);
                }
            }
            self.keys.pop();
        }
    }
}

impl EngineScan for TableScan {
    fn start(&mut self, prefix: CompositeKey<'_>) -> Result<()> {
        self.reset();
        let group = group_of(self.shared.group_bytes, prefix.bytes);
        let pin = self.shared.core.with(|core| {
            let state = core.state(self.state)?;
            let empty = state.groups.get(group as usize).is_none_or(|group| group.root() == 0);
            if empty { Ok(None) } else { core.pin(self.state, group).map(Some) }
        })?;
        match pin {
            Some(pin) => self.begin(pin, prefix).inspect_err(|_| self.reset()),
            None => Ok(()),
        }
    }

    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        let Some(pin) = self.pin.take() else { return Ok(false) };
        let more = self.fill_from(&pin.memory, block)?;
        if more {
            self.pin = Some(pin);
        }
        Ok(more)
    }

    fn reset(&mut self) {
        self.pin = None;
        self.keys.clear();
        self.keys.shrink_to(1 << 10);
        self.map = None;
        self.cursor.clear();
        self.prefix.clear();
    }
}

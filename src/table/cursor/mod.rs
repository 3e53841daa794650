//! Snapshots in blocks: what writers of snapshots read.

mod head;
mod records;

use std::sync::Arc;

pub(super) use self::head::Head;
pub(super) use self::records::Records;
use super::arena::Memory;
use super::engine::group_of;
use super::map::MapCursor;
use super::record::{self, Header};
use super::snapshot::{Reader, TableSnapshot};
use crate::block::BlockWriter;
use crate::error::Result;
use crate::snapshot::EntryForm;
use crate::store::EngineCursor;

/// Reads the key groups of a snapshot into blocks, straight from the records: no entry is copied on its way, and nothing
/// is allocated an entry.
///
/// It holds the snapshot: what the snapshot needs is kept until both are gone, or released group by group. The group that it
/// is in the middle of is kept in any case.
pub(super) struct TableCursor {
    snapshot: Arc<TableSnapshot>,
    group_bytes: usize,
    memory: Memory,
    /// The group that is read; `None` at its end.
    reader: Option<Reader<Arc<TableSnapshot>>>,
    records: Records,
    head: Head,
    nested: bool,
    /// The place in the map in turn, if it has been entered.
    map: MapCursor,
    in_map: bool,
    /// Bytes that are fetched of a map's entry: as long as the last one was.
    entry_bytes: usize,
}

impl TableCursor {
    pub(super) fn new(snapshot: Arc<TableSnapshot>, group_bytes: usize) -> TableCursor {
        TableCursor {
            memory: snapshot.memory().clone(),
            snapshot,
            group_bytes,
            reader: None,
            records: Records::new(),
            head: Head::default(),
            nested: false,
            map: MapCursor::default(),
            in_map: false,
            entry_bytes: 0,
        }
    }

    /// Whether an entry did not fit.
    fn fill_flat(&mut self, block: &mut BlockWriter<'_>) -> bool {
        let memory = &self.memory;
        while let Some(record) = self.records.current(memory) {
            let header = Header::read(memory, record);
            let bodies = self.records.rest(memory).map(|record| {
                let header = Header::read(memory, record);
                (memory.bytes(record, header.key_at, header.key_len + header.value_len), header.value_len)
            });
            // With a split one head serves keys of one length only.
            let any = !self.head.has_split();
            let bodies = bodies.take_while(|(body, value)| any || body.len() - value == header.key_len);
            let (added, all) = block.push_many(self.head.flat(header.key_len), bodies);
            self.records.take(added, header.value_at() + header.value_len);
            if !all {
                return true;
            }
        }
        false
    }

    /// The same of a nested state.
    fn fill_nested(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        let memory = &self.memory;
        while let Some(map) = self.records.current(memory) {
            if !self.in_map {
                self.head.set_map(record::key(memory, map))?;
                self.map.start(memory, map)?;
                self.in_map = true;
                self.records.prefetch_map(memory, self.entry_bytes);
            }
            while let Some(place) = self.map.leaf(memory, self.entry_bytes) {
                let mut bytes = 0;
                let bodies = MapCursor::records(memory, place, self.entry_bytes).map(|record| {
                    let header = Header::read(memory, record);
                    bytes = header.value_at() + header.value_len;
                    (memory.bytes(record, header.key_at, header.key_len + header.value_len), header.value_len)
                });
                let (added, all) = block.push_many(self.head.nested(), bodies);
                self.entry_bytes = bytes;
                self.map.skip(added);
                if !all {
                    return Ok(true);
                }
            }
            self.in_map = false;
            let header = Header::read(memory, map);
            self.records.advance(memory, header.value_at() + header.value_len);
        }
        Ok(false)
    }
}

impl EngineCursor for TableCursor {
    fn start(&mut self, state: u32, group: &[u8], form: &EntryForm) -> Result<()> {
        self.reader = None;
        self.in_map = false;
        let number = group_of(self.group_bytes, group);
        let reader = TableSnapshot::enter(Arc::clone(&self.snapshot), state, number)?;
        self.head.begin(false, group, form)?;
        let (root, nested) = reader.as_ref().map_or((0, false), |reader| (reader.root(), reader.nested()));
        self.nested = nested;
        self.records.start(root);
        self.reader = reader;
        Ok(())
    }

    fn fill(&mut self, block: &mut BlockWriter<'_>) -> Result<bool> {
        if self.reader.is_none() {
            return Ok(false);
        }
        let more = if self.nested { self.fill_nested(block)? } else { self.fill_flat(block) };
        if !more {
            self.reader = None;
        }
        Ok(more)
    }
}

//! One session's use of the database.

use std::sync::{Arc, Mutex, PoisonError};

use rocksdb::DB;

use crate::block::BlockWriter;
use crate::error::{Error, ErrorKind, Result};
use crate::key::CompositeKey;
use crate::rocks::engine::column_family;
use crate::rocks::pace::Pace;
use crate::rocks::raw::{BoundedIter, Column, Writer};
use crate::rocks::scan::RocksScan;
use crate::rocks::walk::RocksWalk;
use crate::store::{BatchOp, EngineScan, EngineSession, EngineWalk, PackedKeys, StateInfo, WriteBatch};

/// Up to here a prefix is cleared entry by entry: a range tombstone makes every later read of the column family look
/// for it, a point tombstone only reads of its key.
const POINT_DELETES: usize = 1024;

/// A state opened in the session.
struct OpenState {
    column: Column,
    /// Finds what a clear has to delete, whether a map has anything, and reads maps.
    found: BoundedIter,
    name: String,
}

/// The RocksDB side of a session.
pub(super) struct RocksSession {
    db: Arc<DB>,
    wal: bool,
    /// Held by the one session that reads, changes and writes a value.
    updates: Arc<Mutex<()>>,
    /// By state id; `None` = not opened here.
    states: Vec<Option<OpenState>>,
    /// Made with the first state.
    writer: Option<Writer>,
    /// The value an update works on; kept for its memory.
    value: Vec<u8>,
    /// Holds the session back, if there is a budget.
    pace: Option<Pace>,
}

impl RocksSession {
    pub(super) fn new(db: Arc<DB>, wal: bool, updates: Arc<Mutex<()>>, pace: Option<Pace>) -> RocksSession {
        RocksSession { db, wal, updates, states: Vec::new(), writer: None, value: Vec::new(), pace }
    }

    /// So many bytes were written.
    #[inline]
    fn wrote(&mut self, bytes: usize) {
        if let Some(pace) = &mut self.pace {
            pace.wrote(bytes);
        }
    }

    #[inline]
    fn column(&self, state: u32) -> Result<&Column> {
        Ok(&find(&self.states, state)?.column)
    }

    /// The writer with an empty batch, and the column to write to.
    #[inline]
    fn begin(&mut self, state: u32) -> Result<(&mut Writer, &Column)> {
        let column = &find(&self.states, state)?.column;
        let writer = self.writer.as_mut().ok_or_else(not_open)?;
        writer.begin();
        Ok((writer, column))
    }
}

#[inline]
fn find(states: &[Option<OpenState>], state: u32) -> Result<&OpenState> {
    states.get(state as usize).and_then(Option::as_ref).ok_or_else(not_open)
}

#[cold]
fn not_open() -> Error {
    Error::new(ErrorKind::StateNotFound, "the state is not open in this session")
}

/// Adds entries with the prefix, without it, until so many have been added or one does not fit; whether more follow.
fn fill(iter: &mut BoundedIter, prefix: &[u8], most: usize, block: &mut BlockWriter<'_>) -> Result<bool> {
    let mut count = 0;
    while let Some((key, value)) = iter.entry() {
        let Some(shown) = key.strip_prefix(prefix) else { return Ok(false) };
        if count == most || !block.push(shown, value) {
            return Ok(true);
        }
        count += 1;
        iter.next();
    }
    iter.check()?;
    Ok(false)
}

/// Adds to the batch what deletes every entry with the prefix; returns how many operations that took.
fn add_deletes(
    writer: &mut Writer,
    column: &Column,
    found: &mut BoundedIter,
    prefix: &[u8],
) -> Result<usize> {
    let mut count = 0;
    while let Some((key, _)) = found.entry() {
        if !key.starts_with(prefix) {
            break;
        }
        // Without an end there is no range to delete, so all go one by one.
        if count == POINT_DELETES
            && let Some(end) = found.end()
        {
            writer.begin();
            writer.delete_range(column, prefix, end);
            return Ok(1);
        }
        writer.delete(column, key);
        count += 1;
        found.next();
    }
    found.check()?;
    Ok(count)
}

impl EngineSession for RocksSession {
    fn open_state(&mut self, state: &StateInfo) -> Result<()> {
        let name = column_family(&state.name);
        let open = || Column::open(&self.db, &name);
        let opened = OpenState { column: open()?, found: BoundedIter::new(open()?), name: name.clone() };
        if self.writer.is_none() {
            self.writer = Some(Writer::new(&self.db, self.wal)?);
        }
        let index = state.id as usize;
        if self.states.len() <= index {
            self.states.resize_with(index + 1, || None);
        }
        if let Some(slot) = self.states.get_mut(index) {
            *slot = Some(opened);
        }
        Ok(())
    }

    #[inline]
    fn get(&mut self, state: u32, key: CompositeKey<'_>, out: &mut [u8]) -> Result<Option<usize>> {
        self.column(state)?.get(key.bytes, out)
    }

    #[inline]
    fn put(&mut self, state: u32, key: CompositeKey<'_>, value: &[u8]) -> Result<()> {
        let (writer, column) = self.begin(state)?;
        writer.put(column, key.bytes, value);
        writer.commit()?;
        self.wrote(key.bytes.len() + value.len());
        Ok(())
    }

    fn put_all(
        &mut self,
        state: u32,
        keys: &PackedKeys,
        values: &mut dyn Iterator<Item = &[u8]>,
    ) -> Result<()> {
        let (writer, column) = self.begin(state)?;
        let mut bytes = 0;
        keys.iter_from(0).zip(values).for_each(|(key, value)| {
            writer.put(column, key.bytes, value);
            bytes += key.bytes.len() + value.len();
        });
        writer.commit()?;
        self.wrote(bytes);
        Ok(())
    }

    #[inline]
    fn append(&mut self, state: u32, key: CompositeKey<'_>, value: &[u8]) -> Result<()> {
        let (writer, column) = self.begin(state)?;
        writer.merge(column, key.bytes, value);
        writer.commit()?;
        self.wrote(key.bytes.len() + value.len());
        Ok(())
    }

    fn update(
        &mut self,
        state: u32,
        key: CompositeKey<'_>,
        default: &[u8],
        change: &mut dyn FnMut(&mut [u8]),
    ) -> Result<()> {
        let column = &find(&self.states, state)?.column;
        let value = &mut self.value;
        // There is nothing behind the lock that a panic could leave half-changed.
        let alone = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            value.resize(value.capacity().max(64), 0);
            match column.get(key.bytes, value)? {
                None => {
                    value.clear();
                    value.extend_from_slice(default);
                    break;
                }
                Some(len) if len <= value.len() => {
                    value.truncate(len);
                    break;
                }
                Some(len) => value.resize(len, 0),
            }
        }
        change(value);
        let writer = self.writer.as_mut().ok_or_else(not_open)?;
        writer.begin();
        writer.put(column, key.bytes, value);
        writer.commit()?;
        drop(alone);
        let bytes = key.bytes.len() + value.len();
        self.wrote(bytes);
        Ok(())
    }

    #[inline]
    fn delete(&mut self, state: u32, key: CompositeKey<'_>) -> Result<()> {
        let (writer, column) = self.begin(state)?;
        writer.delete(column, key.bytes);
        writer.commit()?;
        self.wrote(key.bytes.len());
        Ok(())
    }

    fn delete_prefix(&mut self, state: u32, prefix: CompositeKey<'_>) -> Result<()> {
        let prefix = prefix.bytes;
        let OpenState { column, found, .. } =
            self.states.get_mut(state as usize).and_then(Option::as_mut).ok_or_else(not_open)?;
        let writer = self.writer.as_mut().ok_or_else(not_open)?;
        writer.begin();
        found.start(prefix);
        let result = add_deletes(writer, column, found, prefix);
        found.close();
        let deletes = result?;
        if deletes > 0 {
            writer.commit()?;
            self.wrote(deletes * prefix.len());
        }
        Ok(())
    }

    fn has_any(&mut self, state: u32, prefix: CompositeKey<'_>) -> Result<bool> {
        let found =
            &mut self.states.get_mut(state as usize).and_then(Option::as_mut).ok_or_else(not_open)?.found;
        found.start(prefix.bytes);
        let any = found.entry().is_some_and(|(key, _)| key.starts_with(prefix.bytes));
        let end = found.check();
        found.close();
        end.map(|()| any)
    }

    fn multi_get(
        &mut self,
        state: u32,
        keys: &PackedKeys,
        from: usize,
        block: &mut BlockWriter<'_>,
    ) -> Result<bool> {
        let column = self.column(state)?;
        // RocksDB's own batched MultiGet allocates an array of slices and one handle a hit through the C API; straight
        // gets into the block cost less for small values in memory (docs/performance.md).
        for key in keys.iter_from(from) {
            let Some(room) = block.room(1) else { return Ok(block.refuse(1, 0)) };
            let fits = match column.get(key.bytes, room)? {
                Some(len) => block.commit(&[1], len),
                None => block.push(&[0], &[]),
            };
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn new_scan(&mut self, state: u32) -> Result<Box<dyn EngineScan>> {
        let name = &find(&self.states, state)?.name;
        Ok(Box::new(RocksScan::new(Column::open(&self.db, name)?)))
    }

    fn read_map(
        &mut self,
        state: u32,
        map: CompositeKey<'_>,
        from: &[u8],
        most: usize,
        block: &mut BlockWriter<'_>,
    ) -> Result<bool> {
        let open = self.states.get_mut(state as usize).and_then(Option::as_mut).ok_or_else(not_open)?;
        let iter = &mut open.found;
        iter.start_from(map.bytes, from);
        let more = fill(iter, map.bytes, most, block);
        iter.close();
        more
    }

    fn new_walk(&mut self, state: u32) -> Result<Box<dyn EngineWalk>> {
        let name = &find(&self.states, state)?.name;
        Ok(Box::new(RocksWalk::new(Column::open(&self.db, name)?)))
    }

    fn write(&mut self, batch: &WriteBatch) -> Result<()> {
        let writer = self.writer.as_mut().ok_or_else(not_open)?;
        writer.begin();
        let mut bytes = 0;
        for op in batch.iter() {
            match op {
                BatchOp::Put { state, key, value } => {
                    bytes += key.bytes.len() + value.len();
                    writer.put(&find(&self.states, state)?.column, key.bytes, value)
                }
                BatchOp::Append { state, key, value } => {
                    bytes += key.bytes.len() + value.len();
                    writer.merge(&find(&self.states, state)?.column, key.bytes, value)
                }
                BatchOp::Delete { state, key } => {
                    bytes += key.bytes.len();
                    writer.delete(&find(&self.states, state)?.column, key.bytes)
                }
            }
        }
        writer.commit()?;
        self.wrote(bytes);
        Ok(())
    }
}

//! One session's use of the tables.

use std::sync::Arc;

use super::arena::Addr;
use super::core::Core;
use super::engine::{Shape, Shared, group_of};
use super::map::MapCursor;
use super::record;
use super::scan::TableScan;
use super::state::{self, Key};
use super::walk::TableWalk;
use crate::block::BlockWriter;
use crate::error::Result;
use crate::key::CompositeKey;
use crate::store::{BatchOp, EngineScan, EngineSession, EngineWalk, PackedKeys, StateInfo, WriteBatch};

/// Keys of a multi-get that are looked up at a time.
const WINDOW: usize = 64;
/// What an operation may take besides its own record: segments that grow, and slabs of classes not used before.
const INDEX_BYTES_AN_OPERATION: u64 = 128 << 10;
const SLABS_BYTES: u64 = 16 << 20;

/// The table side of a session.
pub(super) struct TableSession {
    shared: Arc<Shared>,
    /// By state id.
    shapes: Vec<Shape>,
    /// For looking into maps; kept for its memory.
    cursor: MapCursor,
}

impl TableSession {
    pub(super) fn new(shared: Arc<Shared>) -> TableSession {
        TableSession { shared, shapes: Vec::new(), cursor: MapCursor::default() }
    }

    #[inline(always)]
    fn shape(&self, state: u32) -> Shape {
        self.shapes.get(state as usize).copied().unwrap_or_default()
    }

    #[inline(always)]
    fn key<'a>(&self, state: u32, key: CompositeKey<'a>) -> Key<'a> {
        self.shared.key(self.shape(state).nested, key)
    }
}

impl Shared {
    /// A composite key in the table's parts.
    #[inline(always)]
    pub(super) fn key<'a>(&self, nested: bool, key: CompositeKey<'a>) -> Key<'a> {
        let group = group_of(self.group_bytes, key.bytes);
        if !nested {
            return Key { group, key: key.bytes.get(self.group_bytes..).unwrap_or_default(), rest: &[] };
        }
        let (head, rest) = key.bytes.split_at_checked(key.split).unwrap_or((key.bytes, &[]));
        Key { group, key: head.get(self.group_bytes..).unwrap_or_default(), rest }
    }
}

impl EngineSession for TableSession {
    fn open_state(&mut self, state: &StateInfo) -> Result<()> {
        let index = state.id as usize;
        if self.shapes.len() <= index {
            self.shapes.resize(index + 1, Shape::default());
        }
        if let Some(shape) = self.shapes.get_mut(index) {
            *shape = Shape::of(state);
        }
        Ok(())
    }

    #[inline]
    fn get(&mut self, state: u32, key: CompositeKey<'_>, out: &mut [u8]) -> Result<Option<usize>> {
        let key = self.key(state, key);
        self.shared.core.with(|core| {
            Ok(core.get(state, key).map(|record| {
                let value = record::value(core.memory(), record);
                if let Some(target) = out.get_mut(..value.len()) {
                    crate::key::copy(value, target);
                }
                value.len()
            }))
        })
    }

    #[inline]
    fn put(&mut self, state: u32, key: CompositeKey<'_>, value: &[u8]) -> Result<()> {
        let key = self.key(state, key);
        self.shared.core.with(|core| core.put(state, key, value))
    }

    fn put_all(
        &mut self,
        state: u32,
        keys: &PackedKeys,
        values: &mut dyn Iterator<Item = &[u8]>,
    ) -> Result<()> {
        let (shared, nested) = (&self.shared, self.shape(state).nested);
        shared.core.with(|core| {
            keys.iter_from(0)
                .zip(values)
                .try_for_each(|(key, value)| core.put(state, shared.key(nested, key), value))
        })
    }

    #[inline]
    fn append(&mut self, state: u32, key: CompositeKey<'_>, value: &[u8]) -> Result<()> {
        let key = self.key(state, key);
        self.shared.core.with(|core| core.write(state, |state, heap| state.append(heap, key, value)))
    }

    #[inline]
    fn update(
        &mut self,
        state: u32,
        key: CompositeKey<'_>,
        default: &[u8],
        change: &mut dyn FnMut(&mut [u8]),
    ) -> Result<()> {
        let key = self.key(state, key);
        self.shared.core.with(|core| core.update(state, key, default, change))
    }

    #[inline]
    fn delete(&mut self, state: u32, key: CompositeKey<'_>) -> Result<()> {
        let key = self.key(state, key);
        self.shared.core.with(|core| core.write(state, |state, heap| state.delete(heap, key).map(drop)))
    }

    fn delete_prefix(&mut self, state: u32, prefix: CompositeKey<'_>) -> Result<()> {
        let is_group = prefix.bytes.len() == self.shared.group_bytes;
        let (key, shape) = (self.key(state, prefix), self.shape(state));
        self.shared.core.with(|core| {
            if is_group {
                core.write(state, |state, heap| state.clear_group(heap, key.group))
            } else if shape.nested {
                core.delete_prefix(state, key.group, key.key, key.rest)
            } else if shape.is_partial(prefix) {
                core.delete_matching(state, key.group, key.key)
            } else {
                core.write(state, |state, heap| state.delete(heap, key).map(drop))
            }
        })
    }

    #[inline]
    fn has_any(&mut self, state: u32, prefix: CompositeKey<'_>) -> Result<bool> {
        let key = self.key(state, prefix);
        let walk = &mut self.cursor;
        self.shared.core.with(|core| core.state(state)?.has_any(&core.heap, key, walk))
    }

    fn multi_get(
        &mut self,
        state: u32,
        keys: &PackedKeys,
        from: usize,
        block: &mut BlockWriter<'_>,
    ) -> Result<bool> {
        let (shared, nested) = (&self.shared, self.shape(state).nested);
        shared.core.with(|core| {
            let (mut from, mut fits) = (from, true);
            while from < keys.len() && fits {
                let window = keys.iter_from(from).take(WINDOW).map(|key| shared.key(nested, key));
                state::get_many::<WINDOW>(
                    &core.heap,
                    core.state(state)?,
                    window,
                    |_, record: Option<Addr>| {
                        fits = fits
                            && match record {
                                Some(record) => block.push(&[1], record::value(core.memory(), record)),
                                None => block.push(&[0], &[]),
                            };
                    },
                );
                from += WINDOW;
            }
            Ok(fits)
        })
    }

    fn new_scan(&mut self, state: u32) -> Result<Box<dyn EngineScan>> {
        Ok(Box::new(TableScan::new(Arc::clone(&self.shared), state, self.shape(state))))
    }

    fn read_map(
        &mut self,
        state: u32,
        map: CompositeKey<'_>,
        from: &[u8],
        most: usize,
        block: &mut BlockWriter<'_>,
    ) -> Result<bool> {
        let nested = self.shape(state).nested;
        let (map, from) = (self.shared.key(nested, map), from.get(map.bytes.len()..).unwrap_or_default());
        let cursor = &mut self.cursor;
        self.shared.core.with(|core| {
            let memory = core.memory();
            let Some(record) = core.state(state)?.map(&core.heap, map) else { return Ok(false) };
            cursor.seek(memory, record, &[map.rest, from].concat())?;
            for _ in 0..most {
                let Some(entry) = cursor.entry(memory) else { return Ok(false) };
                let (rest, value) = record::parts(memory, entry);
                let Some(shown) = rest.strip_prefix(map.rest) else { return Ok(false) };
                if !block.push(shown, value) {
                    return Ok(true);
                }
                cursor.advance();
            }
            let next = cursor.entry(memory);
            Ok(next.is_some_and(|entry| record::key(memory, entry).starts_with(map.rest)))
        })
    }

    fn new_walk(&mut self, state: u32) -> Result<Box<dyn EngineWalk>> {
        Ok(Box::new(TableWalk::new(Arc::clone(&self.shared), state)))
    }

    fn write(&mut self, batch: &WriteBatch) -> Result<()> {
        let shared = &self.shared;
        shared.core.with_doubt(|core, doubt| {
            core.free_as_after(batch.len());
            // With all the memory at hand that the batch could need, nothing in it can meet the budget.
            if core.heap.arena.hold(needed(shared, core, batch)?) {
                let done = apply(shared, core, batch);
                core.heap.arena.end_hold();
                // Then the system itself has no memory left, and part of the batch is done.
                *doubt = done.is_err();
                return done;
            }
            let groups = groups(shared, batch)?;
            core.transaction(&groups, |core| apply(shared, core, batch))
        })
    }
}

fn apply(shared: &Shared, core: &mut Core, batch: &WriteBatch) -> Result<()> {
    for op in batch.iter() {
        let (BatchOp::Put { state, .. } | BatchOp::Append { state, .. } | BatchOp::Delete { state, .. }) = op;
        core.write_in_transaction(state, |state, heap| {
            let nested = state.nested;
            match op {
                BatchOp::Put { key, value, .. } => state.put(heap, shared.key(nested, key), value),
                BatchOp::Append { key, value, .. } => state.append(heap, shared.key(nested, key), value),
                BatchOp::Delete { key, .. } => state.delete(heap, shared.key(nested, key)).map(drop),
            }
        })?;
    }
    Ok(())
}

/// At least what a batch could take: nothing when it only removes, from groups that nothing shares.
fn needed(shared: &Shared, core: &Core, batch: &WriteBatch) -> Result<u64> {
    let mut bytes = 0;
    for op in batch.iter() {
        let (key, value) = match op {
            BatchOp::Delete { state, key }
                if !core.is_shared(state, group_of(shared.group_bytes, key.bytes)) =>
            {
                continue;
            }
            // Twice: what is appended to it later in the batch makes a copy with room to grow.
            BatchOp::Put { key, value, .. } => (key, 2 * value.len()),
            BatchOp::Append { state, key, value } => {
                let nested = core.state(state)?.nested;
                let old = core.get(state, shared.key(nested, key));
                let old = old.map_or(0, |record| record::value(core.memory(), record).len());
                (key, 2 * (old + value.len()))
            }
            BatchOp::Delete { key, .. } => (key, 0),
        };
        bytes += (2 * (key.bytes.len() + value)) as u64 + INDEX_BYTES_AN_OPERATION;
    }
    Ok(if bytes == 0 { 0 } else { bytes + SLABS_BYTES })
}

/// The states and key groups of a batch, each once.
fn groups(shared: &Shared, batch: &WriteBatch) -> Result<Vec<(u32, u32)>> {
    let mut groups = Vec::new();
    groups.try_reserve_exact(batch.len()).map_err(super::arena::out_of_memory)?;
    groups.extend(batch.iter().map(|op| match op {
        BatchOp::Put { state, key, .. }
        | BatchOp::Append { state, key, .. }
        | BatchOp::Delete { state, key } => (state, group_of(shared.group_bytes, key.bytes)),
    }));
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

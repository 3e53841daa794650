//! The table as a store's engine.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::core::Core;
use super::image;
use super::loader::TableLoader;
use super::lock::Lock;
use super::session::TableSession;
use super::store_snapshot::StoreSnapshot;
use crate::error::Result;
use crate::key::{CompositeKey, KeySpec, PartSize};
use crate::memory::{Budget, slot_budget};
use crate::options::StoreOptions;
use crate::store::{
    Engine, EngineLoader, EngineSession, EngineSnapshot, Figure, StateInfo, StateKind, figure,
};

/// What the sessions of a store share.
pub(super) struct Shared {
    pub(super) core: Lock<Core>,
    /// Key groups of every state.
    groups: u32,
    /// Bytes of the key group at the start of a composite key.
    pub(super) group_bytes: usize,
    pub(super) keys: KeySpec,
}

impl Shared {
    pub(super) fn new(core: Core, keys: KeySpec) -> Shared {
        let (groups, group_bytes) = (keys.max_parallelism, keys.group_bytes());
        Shared { core: Lock::new(core), groups, group_bytes, keys }
    }
}

/// The table engine of one store.
///
/// The entries are in memory. A flush writes all of them to a file in the store's directory, from a snapshot, while
/// sessions go on; opening the store reads that file.
pub struct TableEngine {
    shared: Arc<Shared>,
    budget: Arc<Budget>,
    dir: PathBuf,
    flush_on_close: bool,
    /// The number of changes that the file holds; `None`: there is no file of these entries.
    flushed: Mutex<Option<u64>>,
    states: Mutex<Vec<StateInfo>>,
}

impl TableEngine {
    /// Opens the tables of these states with what the file in `dir` holds; makes the file when there are no states yet.
    pub fn open(dir: &Path, options: &StoreOptions, states: &[StateInfo]) -> Result<Self> {
        let engine = Self::create(dir, options, states)?;
        if !image::exists(dir, states)? {
            engine.flush()?;
            return Ok(engine);
        }
        let strict = |strict| {
            engine.shared.core.with(|core| {
                core.heap.arena.set_strict(strict);
                core.heap.changes = 0;
                Ok(())
            })
        };
        // What was under the limit when it was written may take a little more when it is put in anew.
        strict(false)?;
        let mut loader = engine.loader(false)?;
        loader.expect_new()?;
        image::read(dir, states, options.keys, &mut *loader)?;
        loader.finish()?;
        strict(true)?;
        *engine.flushed.lock().unwrap_or_else(PoisonError::into_inner) = Some(0);
        Ok(engine)
    }

    /// Empty tables of these states, of which there is no file.
    pub fn create(dir: &Path, options: &StoreOptions, states: &[StateInfo]) -> Result<Self> {
        let budget = slot_budget(&options.memory_slot, options.memory_limit_bytes)?;
        let mut core = Core::new(&budget)?;
        let groups = options.keys.max_parallelism;
        for state in states {
            core.add_state(state.id, groups, Shape::of(state).nested)?;
        }
        let keys = options.keys;
        let shared = Shared::new(core, keys);
        Ok(TableEngine {
            shared: Arc::new(shared),
            budget,
            dir: dir.to_path_buf(),
            flush_on_close: options.table_flush_on_close,
            flushed: Mutex::new(None),
            states: Mutex::new(states.to_vec()),
        })
    }

    /// The list is only added to, by single calls.
    fn states(&self) -> MutexGuard<'_, Vec<StateInfo>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a state's keys are taken apart.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    /// The entries of a key are kept in a map: those of a map state. Entries told apart by namespaces only are not: one
    /// lookup more would cost every access, while few look for all namespaces of a key.
    pub(super) nested: bool,
    /// There are namespaces.
    pub(super) namespaced: bool,
}

impl Shape {
    pub(super) fn of(state: &StateInfo) -> Shape {
        Shape { nested: state.kind == StateKind::Map, namespaced: state.namespace != PartSize::NONE }
    }

    /// Whether a prefix of keys of this shape, longer than a key group, stands for several keys of a flat state.
    pub(super) fn is_partial(self, prefix: CompositeKey<'_>) -> bool {
        !self.nested && self.namespaced && prefix.split == prefix.bytes.len()
    }
}

#[cfg(test)]
impl TableEngine {
    /// Blocks that are kept for snapshots and scans, as it stands.
    pub(super) fn retired_blocks(&self) -> u64 {
        self.with(|core| core.heap.retired.1)
    }

    /// Whether everything is as it must be.
    pub(super) fn check(&self) {
        self.with(|core| core.check());
    }

    /// Lets the allocation after so many fail.
    pub(super) fn fail_after(&self, allocations: Option<u64>) {
        self.with(|core| core.heap.arena.fail_after = allocations);
    }

    fn with<R>(&self, f: impl FnOnce(&mut Core) -> R) -> R {
        self.shared.core.with(|core| Ok(f(core))).unwrap()
    }
}

impl Engine for TableEngine {
    fn create_state(&self, state: &StateInfo) -> Result<()> {
        self.shared
            .core
            .with(|core| core.add_state(state.id, self.shared.groups, Shape::of(state).nested))?;
        let mut states = self.states();
        // One of that id that the store could not write down gives way.
        states.retain(|known| known.id != state.id);
        states.push(state.clone());
        Ok(())
    }

    fn session(&self) -> Result<Box<dyn EngineSession>> {
        Ok(Box::new(TableSession::new(Arc::clone(&self.shared))))
    }

    fn flush(&self) -> Result<()> {
        // One flush at a time; the number is set as a whole.
        let mut flushed = self.flushed.lock().unwrap_or_else(PoisonError::into_inner);
        let states = self.states().clone();
        let ids: Vec<u32> = states.iter().map(|state| state.id).collect();
        let (changes, snapshot) = self.shared.core.with(|core| {
            let changes = core.heap.changes;
            let snapshot = if Some(changes) == *flushed { None } else { Some(core.snapshot(&ids)?) };
            Ok((changes, snapshot))
        })?;
        if let Some(snapshot) = snapshot {
            let group_bytes = self.shared.group_bytes;
            let snapshot = Arc::new(StoreSnapshot::new(snapshot, group_bytes));
            image::write(&self.dir, snapshot, &states, self.shared.keys)?;
            *flushed = Some(changes);
        }
        Ok(())
    }

    fn close(&self) -> Result<()> {
        if self.flush_on_close { self.flush() } else { Ok(()) }
    }

    fn snapshot(&self, states: &[StateInfo]) -> Result<Box<dyn EngineSnapshot>> {
        let ids: Vec<u32> = states.iter().map(|state| state.id).collect();
        let group_bytes = self.shared.group_bytes;
        let snapshot = self.shared.core.with(|core| core.snapshot(&ids))?;
        Ok(Box::new(StoreSnapshot::new(snapshot, group_bytes)))
    }

    fn loader(&self, _ordered: bool) -> Result<Box<dyn EngineLoader + '_>> {
        Ok(Box::new(TableLoader::new(Arc::clone(&self.shared))?))
    }

    fn figures(&self, out: &mut Vec<Figure>) {
        let Ok((usage, entries)) = self.shared.core.with(|core| Ok((core.heap.usage(), core.count()))) else {
            return;
        };
        out.extend([
            (figure::ENTRIES, entries),
            (
                figure::MEMORY_LIMIT_BYTES,
                if self.budget.limit() == u64::MAX { 0 } else { self.budget.limit() },
            ),
            (figure::MEMORY_USED_BYTES, self.budget.used()),
            (figure::COMMITTED_BYTES, usage.committed),
            (figure::RECORD_BYTES, usage.records),
            (figure::INDEX_BYTES, usage.index),
            (figure::RETIRED_BYTES, usage.retired),
            (figure::METADATA_BYTES, usage.metadata),
        ]);
    }

    fn statistics(&self, out: &mut Vec<(String, String)>) {
        let Ok((usage, entries)) = self.shared.core.with(|core| Ok((core.usage_now(), core.count()))) else {
            return;
        };
        let numbers = [
            ("table.entries", entries),
            ("memory.committed-bytes", usage.committed),
            ("memory.record-bytes", usage.records),
            ("memory.index-bytes", usage.index),
            ("memory.retired-bytes", usage.retired),
            ("memory.metadata-bytes", usage.metadata),
        ];
        out.extend(numbers.map(|(name, value)| (name.to_string(), value.to_string())));
    }
}

/// The key group at the start of a composite key.
#[inline(always)]
pub(super) fn group_of(group_bytes: usize, bytes: &[u8]) -> u32 {
    match bytes {
        [high, low, ..] if group_bytes == 2 => u32::from(u16::from_be_bytes([*high, *low])),
        [group, ..] => u32::from(*group),
        [] => 0,
    }
}

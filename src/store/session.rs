//! One thread's way into a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::block::{BlockKind, BlockWriter};
use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyBuilder, KeySpec, PartSize, Scope};
use crate::store::batch::{BatchOp, WriteBatch};
use crate::store::core::StoreCore;
use crate::store::engine::EngineSession;
use crate::store::keys::PackedKeys;
use crate::store::scan::Scan;
use crate::store::state::{StateInfo, StateKind};
use crate::store::walk::Walk;

/// A state opened in a session: the low bits of the session's number above, the position among its open states below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateId(u32);

impl StateId {
    /// The number that crosses the doors.
    pub fn to_code(self) -> i32 {
        self.0 as i32
    }

    /// A number that came through a door; checked when it is used.
    pub fn of_code(code: i32) -> StateId {
        StateId(code as u32)
    }
}

const INDEX_BITS: u32 = 8;
const INDEX_MASK: u32 = (1 << INDEX_BITS) - 1;

/// What a session remembers of a state it has opened.
#[derive(Debug, Clone, Copy)]
struct OpenState {
    /// Id in the store.
    id: u32,
    kind: StateKind,
    namespace: PartSize,
}

/// A session: current key, open states, and one composite-key scratch that all operations use.
///
/// It may move between threads but serves one at a time. After an error nothing has changed, except that a failed
/// [`set_key`](Self::set_key) leaves no current key.
pub struct Session {
    // Dropped in this order: the directory's lock, held by the core, goes after the engine's files.
    engine: Box<dyn EngineSession>,
    core: Arc<StoreCore>,
    keys: KeyBuilder<Vec<u8>>,
    states: Vec<OpenState>,
    serial: u64,
    /// Composite keys of the running multi-get; kept for its memory.
    packed: PackedKeys,
    /// Builder of those keys and of group prefixes, so that the current key stays as it is.
    other_keys: KeyBuilder<Vec<u8>>,
    /// Where reading a map begins; kept for its memory.
    from: Vec<u8>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("serial", &self.serial)
            .field("states", &self.states)
            .finish_non_exhaustive()
    }
}

/// One request of a multi-get.
#[derive(Debug, Clone, Copy)]
pub struct KeyRequest<'a> {
    /// Key group.
    pub group: u32,
    /// Key bytes.
    pub key: &'a [u8],
    /// Namespace bytes.
    pub namespace: &'a [u8],
    /// Map key bytes, empty for other states.
    pub map_key: &'a [u8],
}

impl Session {
    pub(crate) fn new(core: Arc<StoreCore>) -> Result<Session> {
        core.check()?;
        core.begin_session();
        let engine = core.engine.session()?;
        let serial = next_serial();
        let builder =
            || KeyBuilder::within(core.options.keys, core.key_groups, vec![0; core.options.max_key_bytes]);
        let (keys, other_keys) = (builder(), builder());
        Ok(Session {
            core,
            engine,
            keys,
            states: Vec::new(),
            serial,
            packed: PackedKeys::default(),
            other_keys,
            from: Vec::new(),
        })
    }

    /// How the store's keys are written.
    pub fn key_spec(&self) -> &KeySpec {
        self.keys.spec()
    }

    /// Opens a state, making it when the store has none of that name.
    ///
    /// Errors: [`ErrorKind::StateAlreadyOpen`] when this session has it open, [`ErrorKind::StateMismatch`] when it
    /// exists with another kind or namespace size, [`ErrorKind::InvalidArgument`] for a bad name.
    pub fn open_state(&mut self, name: &str, kind: StateKind, namespace: PartSize) -> Result<StateId> {
        self.core.check()?;
        let info = self.core.ensure_state(name, kind, namespace)?;
        self.adopt(&info)
    }

    fn adopt(&mut self, info: &StateInfo) -> Result<StateId> {
        if self.states.iter().any(|open| open.id == info.id) {
            return Err(Error::new(
                ErrorKind::StateAlreadyOpen,
                format!("state '{}' is already open in this session; use the object opened first", info.name),
            ));
        }
        self.engine.open_state(info)?;
        let index = self.states.len() as u32;
        self.states.push(OpenState { id: info.id, kind: info.kind, namespace: info.namespace });
        Ok(StateId(state_tag(self.serial) << INDEX_BITS | index))
    }

    /// Makes `key` in key group `group` the current key. Its encoded form is kept until the next call.
    ///
    /// Errors: `EmptyKey`, `KeyPartLength`, `KeyGroupOutOfRange`, `KeyTooLarge`; there is no current key afterwards.
    #[inline]
    pub fn set_key(&mut self, group: u32, key: &[u8]) -> Result<()> {
        self.core.check()?;
        self.keys.set_key(group, key)
    }

    /// Whether there is a current key.
    #[inline]
    pub fn has_key(&self) -> bool {
        self.keys.has_key()
    }

    /// Copies the value into `out` and returns its length, `None` when there is none. A value longer than `out` is not
    /// copied; its length is returned.
    #[inline]
    pub fn get(
        &mut self,
        state: StateId,
        namespace: &[u8],
        map_key: &[u8],
        out: &mut [u8],
    ) -> Result<Option<usize>> {
        let open = self.state(state)?;
        let key = self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?;
        self.engine.get(open.id, key, out)
    }

    /// Whether there is a value.
    #[inline]
    pub fn contains(&mut self, state: StateId, namespace: &[u8], map_key: &[u8]) -> Result<bool> {
        Ok(self.get(state, namespace, map_key, &mut [])?.is_some())
    }

    /// Sets the value.
    ///
    /// Errors: [`ErrorKind::ValueTooLarge`] and those of the key.
    #[inline]
    pub fn put(&mut self, state: StateId, namespace: &[u8], map_key: &[u8], value: &[u8]) -> Result<()> {
        let open = self.state(state)?;
        self.check_value(value)?;
        let key = self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?;
        self.engine.put(open.id, key, value)
    }

    /// Sets entries of one map, given as map keys and values. On an error of the keys or values nothing has changed; on one of
    /// the engine, such as a memory budget, the first ones may have been set.
    ///
    /// Errors: [`ErrorKind::WrongStateKind`] for other states, and as [`put`](Self::put).
    pub fn put_all<'a>(
        &mut self,
        state: StateId,
        namespace: &[u8],
        entries: impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone,
    ) -> Result<()> {
        let open = self.state(state)?;
        if open.kind != StateKind::Map {
            return Err(wrong_kind("putting all is for map states", open.kind));
        }
        // So that wrong parts are refused where there is no entry too.
        self.keys.compose(open.namespace, namespace, &[])?;
        self.packed.clear();
        for (map_key, value) in entries.clone() {
            self.check_value(value)?;
            self.packed.push(self.keys.compose(open.namespace, namespace, map_key)?);
        }
        self.engine.put_all(open.id, &self.packed, &mut entries.map(|(_, value)| value))
    }

    /// Read-modify-write in one call: `change` gets the value's bytes, or those of `default` when there is none, and what
    /// it leaves there is the value. It may be called a second time, from the start, when the first attempt found no
    /// memory. Updates of other sessions wait meanwhile, so it must not use the store itself.
    ///
    /// Errors: as [`put`](Self::put).
    #[inline]
    pub fn update(
        &mut self,
        state: StateId,
        namespace: &[u8],
        map_key: &[u8],
        default: &[u8],
        mut change: impl FnMut(&mut [u8]),
    ) -> Result<()> {
        let open = self.state(state)?;
        self.check_value(default)?;
        let key = self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?;
        self.engine.update(open.id, key, default, &mut change)
    }

    /// Adds to a number of eight bytes, big-endian; an absent one counts as 0. Returns the sum, which wraps.
    ///
    /// Errors: [`ErrorKind::WrongStateKind`] for list states, [`ErrorKind::InvalidArgument`] when the value has not eight
    /// bytes; it stays as it is then.
    #[inline]
    pub fn add_i64(&mut self, state: StateId, namespace: &[u8], map_key: &[u8], delta: i64) -> Result<i64> {
        let open = self.state(state)?;
        if open.kind == StateKind::List {
            return Err(wrong_kind("adding is for value and map states", open.kind));
        }
        let mut sum = Ok(0);
        self.update(state, namespace, map_key, &[0; 8], |bytes| {
            sum = match <&mut [u8; 8]>::try_from(&mut *bytes) {
                Ok(number) => {
                    let next = i64::from_be_bytes(*number).wrapping_add(delta);
                    *number = next.to_be_bytes();
                    Ok(next)
                }
                Err(_) => Err(bytes.len()),
            };
        })?;
        sum.map_err(not_a_number)
    }

    /// Appends an element to a list state; elements are joined by `,`.
    ///
    /// Errors: [`ErrorKind::WrongStateKind`] for other states. The joined list is not held against `max-value-bytes`.
    #[inline]
    pub fn append(&mut self, state: StateId, namespace: &[u8], element: &[u8]) -> Result<()> {
        let open = self.list_state(state)?;
        self.check_value(element)?;
        let key = self.keys.compose(open.namespace, namespace, &[])?;
        self.engine.append(open.id, key, element)
    }

    /// Removes the value; nothing happens when there is none.
    #[inline]
    pub fn delete(&mut self, state: StateId, namespace: &[u8], map_key: &[u8]) -> Result<()> {
        let open = self.state(state)?;
        let key = self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?;
        self.engine.delete(open.id, key)
    }

    /// Removes all entries of `scope`, all or none.
    pub fn clear(&mut self, state: StateId, scope: Scope<'_>) -> Result<()> {
        let open = self.state(state)?;
        let prefix =
            builder_for(scope, &mut self.keys, &mut self.other_keys).prefix(scope, open.namespace)?;
        self.engine.delete_prefix(open.id, prefix)
    }

    /// Whether a map state has no entry with this namespace for the current key.
    ///
    /// Errors: [`ErrorKind::WrongStateKind`] for other states.
    #[inline]
    pub fn is_empty(&mut self, state: StateId, namespace: &[u8]) -> Result<bool> {
        let open = self.state(state)?;
        if open.kind != StateKind::Map {
            return Err(wrong_kind("is-empty is for map states", open.kind));
        }
        let prefix = self.keys.compose(open.namespace, namespace, &[])?;
        Ok(!self.engine.has_any(open.id, prefix)?)
    }

    /// The composite key of the current key in `state`, as the engine sees it.
    pub fn composite_key(&mut self, state: StateId, namespace: &[u8], map_key: &[u8]) -> Result<&[u8]> {
        let open = self.state(state)?;
        Ok(self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?.bytes)
    }

    /// A scan of a state, to be started.
    pub fn new_scan(&mut self, state: StateId) -> Result<Scan> {
        let open = self.state(state)?;
        let engine = self.engine.new_scan(open.id)?;
        Ok(Scan { engine, core: Arc::clone(&self.core), state: open.id, open: false })
    }

    /// (Re)starts a scan over all entries of `scope`, in byte order. Entry keys come without the prefix; for
    /// [`Scope::Namespace`] of a map state they are the map keys.
    ///
    /// Errors: [`ErrorKind::CursorInvalid`] when `scan` is of another state.
    pub fn start_scan(&mut self, scan: &mut Scan, state: StateId, scope: Scope<'_>) -> Result<()> {
        let open = self.state(state)?;
        if scan.state != open.id {
            return Err(Error::new(ErrorKind::CursorInvalid, "the scan was made for another state"));
        }
        scan.reset();
        let prefix =
            builder_for(scope, &mut self.keys, &mut self.other_keys).prefix(scope, open.namespace)?;
        scan.engine.start(prefix)?;
        scan.open = true;
        Ok(())
    }

    /// Writes a block of at most `most` entries of the current map of a map state to `out`, from `map_key` on, in the order of
    /// the map keys, which are what entries have as keys; returns its length. The block says whether more follow; when it
    /// holds none and more follow, how long a buffer the next entry needs.
    ///
    /// Unlike a scan it holds nothing afterwards: for reading some entries at the start of a map, again and again.
    ///
    /// Errors: [`ErrorKind::WrongStateKind`] for other states, and those of the key.
    pub fn read_map(
        &mut self,
        state: StateId,
        namespace: &[u8],
        map_key: &[u8],
        most: usize,
        out: &mut [u8],
    ) -> Result<usize> {
        let open = self.state(state)?;
        if open.kind != StateKind::Map {
            return Err(wrong_kind("entries in order are read of map states", open.kind));
        }
        self.from.clear();
        self.from.extend_from_slice(self.keys.compose(open.namespace, namespace, map_key)?.bytes);
        let map = self.keys.prefix(Scope::Namespace(namespace), open.namespace)?;
        let mut block = BlockWriter::new(out, BlockKind::Scan)?;
        let more = self.engine.read_map(open.id, map, &self.from, most.max(1), &mut block)?;
        block.finish(more)
    }

    /// A walk over all entries of a state, in bounded steps.
    pub fn new_walk(&mut self, state: StateId) -> Result<Walk> {
        let open = self.state(state)?;
        Ok(Walk { engine: self.engine.new_walk(open.id)?, core: Arc::clone(&self.core) })
    }

    /// Whether `scan` was made for `state`.
    pub(crate) fn is_scan_of(&self, scan: &Scan, state: StateId) -> bool {
        self.state(state).is_ok_and(|open| open.id == scan.state)
    }

    /// Answers the requests from number `from` on, in order, in one block in `out`; returns the block's length. The
    /// block says whether requests are left. The current key stays as it is.
    ///
    /// Errors: those of the keys; nothing is answered then.
    pub fn multi_get<'a>(
        &mut self,
        state: StateId,
        requests: impl Iterator<Item = Result<KeyRequest<'a>>>,
        from: usize,
        out: &mut [u8],
    ) -> Result<usize> {
        let open = self.state(state)?;
        self.packed.clear();
        for request in requests {
            let request = request?;
            self.other_keys.set_key(request.group, request.key)?;
            let map_key = checked_map_key(open, request.map_key)?;
            self.packed.push(self.other_keys.compose(open.namespace, request.namespace, map_key)?);
        }
        let mut block = BlockWriter::new(out, BlockKind::MultiGet)?;
        let all = self.engine.multi_get(open.id, &self.packed, from, &mut block)?;
        block.finish(!all)
    }

    /// Adds a put of the current key to `batch`; copies key and value at once.
    pub fn batch_put(
        &mut self,
        batch: &mut WriteBatch,
        state: StateId,
        namespace: &[u8],
        map_key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        let open = self.state(state)?;
        self.check_value(value)?;
        let key = self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?;
        batch.bind(self.serial)?;
        batch.push(BatchOp::Put { state: open.id, key, value })
    }

    /// Adds an append to a list of the current key to `batch`; copies key and element at once.
    pub fn batch_append(
        &mut self,
        batch: &mut WriteBatch,
        state: StateId,
        namespace: &[u8],
        element: &[u8],
    ) -> Result<()> {
        let open = self.list_state(state)?;
        self.check_value(element)?;
        let key = self.keys.compose(open.namespace, namespace, &[])?;
        batch.bind(self.serial)?;
        batch.push(BatchOp::Append { state: open.id, key, value: element })
    }

    /// Adds a delete of the current key to `batch`; copies the key at once.
    pub fn batch_delete(
        &mut self,
        batch: &mut WriteBatch,
        state: StateId,
        namespace: &[u8],
        map_key: &[u8],
    ) -> Result<()> {
        let open = self.state(state)?;
        let key = self.keys.compose(open.namespace, namespace, checked_map_key(open, map_key)?)?;
        batch.bind(self.serial)?;
        batch.push(BatchOp::Delete { state: open.id, key })
    }

    /// Applies all operations of `batch` in order, all or none, and clears it; returns how many those were. On an error
    /// the batch stays as it is.
    pub fn commit(&mut self, batch: &mut WriteBatch) -> Result<usize> {
        self.core.check()?;
        let count = batch.len();
        if count > 0 {
            batch.bind(self.serial)?;
            self.engine.write(batch)?;
            batch.clear();
        }
        Ok(count)
    }

    /// The core, for the doors' panic guard.
    pub(crate) fn core(&self) -> &Arc<StoreCore> {
        &self.core
    }

    #[inline]
    fn state(&self, state: StateId) -> Result<OpenState> {
        self.core.check()?;
        match self.states.get((state.0 & INDEX_MASK) as usize) {
            Some(open) if state.0 >> INDEX_BITS == state_tag(self.serial) => Ok(*open),
            _ => Err(foreign_state()),
        }
    }

    #[inline]
    fn list_state(&self, state: StateId) -> Result<OpenState> {
        let open = self.state(state)?;
        if open.kind != StateKind::List {
            return Err(wrong_kind("append is for list states", open.kind));
        }
        Ok(open)
    }

    #[inline]
    fn check_value(&self, value: &[u8]) -> Result<()> {
        let limit = self.core.options.max_value_bytes;
        if value.len() > limit {
            return Err(value_too_large(value.len(), limit));
        }
        Ok(())
    }
}

/// The builder that may write a scope's prefix without losing the current key.
fn builder_for<'a, B>(scope: Scope<'_>, current: &'a mut B, other: &'a mut B) -> &'a mut B {
    if matches!(scope, Scope::Group(_)) { other } else { current }
}

/// A number for a session that no other has had. Sessions of all stores are counted together, so that a state or batch
/// of another store is told from one's own.
fn next_serial() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The part of a session's number that its state ids carry: 23 bits, so it comes back after 8 million sessions.
fn state_tag(serial: u64) -> u32 {
    (serial & 0x7f_ffff) as u32
}

/// The map key if the state takes one: only map states do.
#[inline]
fn checked_map_key(open: OpenState, map_key: &[u8]) -> Result<&[u8]> {
    if !map_key.is_empty() && open.kind != StateKind::Map {
        return Err(wrong_kind("a map key is for map states", open.kind));
    }
    Ok(map_key)
}

#[cold]
fn foreign_state() -> Error {
    Error::new(ErrorKind::ForeignHandle, "the state is not open in this session")
}

#[cold]
fn wrong_kind(what: &str, kind: StateKind) -> Error {
    Error::new(ErrorKind::WrongStateKind, format!("{what}; this is a {kind} state"))
}

#[cold]
fn not_a_number(len: usize) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("the value has {len} bytes; a number has 8"))
}

#[cold]
fn value_too_large(len: usize, limit: usize) -> Error {
    Error::new(
        ErrorKind::ValueTooLarge,
        format!("the value has {len} bytes, the limit is {limit} (max-value-bytes)"),
    )
}

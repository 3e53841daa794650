//! Handles: numbers that stand for native objects, safe against every misuse.
//!
//! ```text
//!  63        32 31      24 23         0
//!  | generation |   type   |   index   |        never 0, never negative
//!
//!  TABLE -> chunks of 4096 slots, made as needed, never freed
//!  slot: tag (the live handle, 0 = free) | owner | object | generation
//! ```
//!
//! Slots are never freed, so looking a dead handle up reads live memory. An object is reached only when the slot's tag
//! equals the handle: a closed one has another generation.
//!
//! Two ways to hold an object:
//! * *confined* (sessions, scans, batches): a `Box`, reached only by the thread that owns the slot. The owner check is
//!   one load and one compare; while a call runs, the owner field is `BUSY`, so neither a nested call nor another
//!   thread can reach the object.
//! * *shared* (stores, snapshots, streams): an `Arc`, cloned under the table's lock for each call. None of these calls is
//!   hot: the shortest moves a block. Closing one does not wait for a call that runs; the object goes when that is over.
//!
//! Invariants:
//! * only the owner thread, or the garbage collector's cleaner once the Java object is unreachable, frees a confined
//!   object; a released one (owner 0) may be freed by anybody;
//! * the tag is cleared before the object is freed, under the lock;
//! * ownership changes hands under the lock too, so an object that is being closed as released cannot be acquired
//!   meanwhile. A call needs no lock: only its own thread takes a slot from that thread.
#![expect(unsafe_code, reason = "turns checked slots back into the objects they hold")]

use std::ptr;
use std::sync::atomic::{AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::guard;
use crate::ffi::kinds::Kind;
use crate::ffi::thread;

const INDEX_BITS: u32 = 24;
const TYPE_BITS: u32 = 8;
const CHUNK: usize = 4096;
const CHUNKS: usize = 4096;
/// Types of objects, and one more.
const MAX_KINDS: usize = 16;
const MAX_GENERATION: u32 = 0x7fff_ffff;

/// The owner while a call runs.
const BUSY: usize = usize::MAX;
/// The owner of a released object.
const NOBODY: usize = 0;

struct Slot {
    tag: AtomicU64,
    owner: AtomicUsize,
    object: AtomicPtr<()>,
    generation: AtomicU32,
}

struct Table {
    chunks: [AtomicPtr<[Slot; CHUNK]>; CHUNKS],
    free: Mutex<FreeList>,
    /// Live objects by type.
    live: [AtomicI64; MAX_KINDS],
}

struct FreeList {
    reusable: Vec<u32>,
    /// Slots below this have been given out.
    used: u32,
}

static TABLE: Table = Table {
    chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
    free: Mutex::new(FreeList { reusable: Vec::new(), used: 0 }),
    live: [const { AtomicI64::new(0) }; MAX_KINDS],
};

impl Table {
    #[inline]
    fn slot(&self, handle: u64) -> Option<&Slot> {
        let index = (handle & ((1 << INDEX_BITS) - 1)) as usize;
        let chunk = self.chunks.get(index / CHUNK)?.load(Ordering::Acquire);
        if chunk.is_null() {
            return None;
        }
        // SAFETY: a chunk pointer that is not null was published by `fresh_index` and is never freed.
        let slots = unsafe { &*chunk };
        slots.get(index % CHUNK)
    }

    fn lock(&self) -> MutexGuard<'_, FreeList> {
        // Nothing that runs under the lock can panic half-way.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, kind: u8, owner: usize, object: *mut ()) -> Result<u64> {
        let mut free = self.lock();
        let index = match free.reusable.pop() {
            Some(index) => index,
            None => self.fresh_index(&mut free)?,
        };
        let Some(slot) = self.slot(u64::from(index)) else { return Err(full()) };
        let generation = slot.generation.load(Ordering::Relaxed) + 1;
        slot.generation.store(generation, Ordering::Relaxed);
        let tag = u64::from(generation) << (INDEX_BITS + TYPE_BITS)
            | u64::from(kind) << INDEX_BITS
            | u64::from(index);
        slot.owner.store(owner, Ordering::Relaxed);
        slot.object.store(object, Ordering::Relaxed);
        slot.tag.store(tag, Ordering::Release);
        self.count(kind, 1);
        Ok(tag)
    }

    fn fresh_index(&self, free: &mut FreeList) -> Result<u32> {
        let index = free.used;
        let Some(chunk) = self.chunks.get(index as usize / CHUNK) else { return Err(full()) };
        if chunk.load(Ordering::Relaxed).is_null() {
            let slots: Box<[Slot; CHUNK]> = Box::new(std::array::from_fn(|_| Slot {
                tag: AtomicU64::new(0),
                owner: AtomicUsize::new(NOBODY),
                object: AtomicPtr::new(ptr::null_mut()),
                generation: AtomicU32::new(0),
            }));
            chunk.store(Box::into_raw(slots), Ordering::Release);
        }
        free.used += 1;
        Ok(index)
    }

    /// Ends a live slot's handle and gives its object back. Under the lock, the tag having been checked.
    fn take(&self, free: &mut FreeList, handle: u64, slot: &Slot) -> *mut () {
        slot.tag.store(0, Ordering::Release);
        // A slot whose generations are used up is retired: its next handle would be negative or a repeat.
        if slot.generation.load(Ordering::Relaxed) < MAX_GENERATION {
            free.reusable.push((handle & ((1 << INDEX_BITS) - 1)) as u32);
        }
        self.count((handle >> INDEX_BITS) as u8, -1);
        slot.object.swap(ptr::null_mut(), Ordering::Relaxed)
    }

    fn count(&self, kind: u8, by: i64) {
        if let Some(live) = self.live.get(usize::from(kind)) {
            live.fetch_add(by, Ordering::Relaxed);
        }
    }
}

#[cold]
fn full() -> Error {
    Error::new(ErrorKind::TooManyHandles, "over 16 million native objects are open; close some")
}

/// Why a handle is not live.
#[cold]
fn dead<K: Kind>(handle: u64) -> Error {
    let kind = (handle >> INDEX_BITS) as u8;
    let generation = (handle >> (INDEX_BITS + TYPE_BITS)) as u32;
    let was_live = kind == K::TYPE
        && generation > 0
        && TABLE.slot(handle).is_some_and(|slot| generation <= slot.generation.load(Ordering::Relaxed));
    if was_live {
        Error::new(ErrorKind::Closed, format!("the {} has been closed", K::NAME))
    } else {
        Error::new(ErrorKind::ForeignHandle, format!("{handle:#x} is not the handle of a {}", K::NAME))
    }
}

#[cold]
fn wrong_thread<K: Kind>(owner: usize) -> Error {
    let why = match owner {
        NOBODY => "has been released; acquire it on the thread that goes on with it",
        BUSY => "is in use by another call",
        _ if K::MOVABLE => "belongs to another thread; release it there and acquire it here",
        _ => "belongs to another thread; use it there",
    };
    Error::new(ErrorKind::WrongThread, format!("the {} {why}", K::NAME))
}

/// Poisons the object's store if the error is a panic's, and says so in it.
#[cold]
fn poisoning<K: Kind>(object: &K::Object, error: Error) -> Error {
    match K::store(object) {
        Some(core) if error.kind() == ErrorKind::Panic && core.poison() => Error::new(
            ErrorKind::Panic,
            format!("{}. The store is poisoned; close it and open it again", error.message()),
        ),
        _ => error,
    }
}

/// Gives the slot back to its owner when a call ends.
struct Busy<'a> {
    slot: &'a Slot,
    owner: usize,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.slot.owner.store(self.owner, Ordering::Relaxed);
    }
}

/// Number of live objects of a kind.
pub(crate) fn live<K: Kind>() -> i64 {
    TABLE.live.get(usize::from(K::TYPE)).map_or(0, |live| live.load(Ordering::Relaxed))
}

/// Keeps an object for the calling thread; returns its handle.
pub(crate) fn insert_confined<K: Kind>(object: K::Object) -> Result<u64>
where
    K::Object: Send,
{
    let raw = Box::into_raw(Box::new(object));
    TABLE.insert(K::TYPE, thread::current(), raw.cast()).inspect_err(|_| {
        // SAFETY: made from a Box above and not kept by the table.
        drop(unsafe { Box::from_raw(raw) });
    })
}

/// Calls `f` with a confined object of the calling thread, under the panic guard. A panic poisons the object's store.
#[inline]
pub(crate) fn with<K: Kind, R>(handle: u64, f: impl FnOnce(&mut K::Object) -> Result<R>) -> Result<R> {
    let Some(slot) = TABLE.slot(handle) else { return Err(dead::<K>(handle)) };
    if (handle >> INDEX_BITS) as u8 != K::TYPE || slot.tag.load(Ordering::Acquire) != handle {
        return Err(dead::<K>(handle));
    }
    let me = thread::current();
    let owner = slot.owner.load(Ordering::Relaxed);
    if owner != me {
        return Err(wrong_thread::<K>(owner));
    }
    slot.owner.store(BUSY, Ordering::Relaxed);
    let _busy = Busy { slot, owner: me };
    let raw = slot.object.load(Ordering::Relaxed).cast::<K::Object>();
    // SAFETY: the tag says that the slot holds a live object of this type. This thread owns it, and while it does only it
    // frees it, but for the cleaner (`unreachable`), which comes when no thread can call any more: Java keeps the object
    // reachable until the native call is over. BUSY keeps nested calls and other threads out until `_busy` is dropped, so
    // this is the only reference.
    let object = unsafe { &mut *raw };
    let result = guard::catch(|| {
        guard::inside();
        f(&mut *object)
    });
    result.map_err(|error| poisoning::<K>(object, error))
}

/// Ends a handle and gives its confined object back; `None` when it has been closed before.
///
/// Errors: `ForeignHandle`, and `WrongThread` unless the caller owns the object, it has been released, or
/// `unreachable` says that no thread can use it any more.
pub(crate) fn remove_confined<K: Kind>(handle: u64, unreachable: bool) -> Result<Option<Box<K::Object>>> {
    let mut free = TABLE.lock();
    let slot = match TABLE.slot(handle) {
        Some(slot)
            if slot.tag.load(Ordering::Acquire) == handle && (handle >> INDEX_BITS) as u8 == K::TYPE =>
        {
            slot
        }
        _ => return already_closed::<K, _>(handle),
    };
    let owner = slot.owner.load(Ordering::Relaxed);
    let allowed = owner == thread::current() || owner == NOBODY || (unreachable && owner != BUSY);
    if !allowed {
        return Err(wrong_thread::<K>(owner));
    }
    let raw = TABLE.take(&mut free, handle, slot);
    drop(free);
    // SAFETY: the slot held a Box of this type; its tag is cleared, so nobody else reaches it.
    Ok(Some(unsafe { Box::from_raw(raw.cast()) }))
}

/// Gives up ownership of a confined object, so that another thread can acquire it.
pub(crate) fn release<K: Kind>(handle: u64) -> Result<()> {
    let _lock = TABLE.lock();
    let slot = live_slot::<K>(handle)?;
    slot.owner
        .compare_exchange(thread::current(), NOBODY, Ordering::Release, Ordering::Relaxed)
        .map_err(wrong_thread::<K>)?;
    Ok(())
}

/// Takes ownership of a released object.
pub(crate) fn acquire<K: Kind>(handle: u64) -> Result<()> {
    let _lock = TABLE.lock();
    let slot = live_slot::<K>(handle)?;
    let me = thread::current();
    match slot.owner.compare_exchange(NOBODY, me, Ordering::Acquire, Ordering::Relaxed) {
        Ok(_) => Ok(()),
        Err(owner) if owner == me => Ok(()),
        Err(owner) => Err(wrong_thread::<K>(owner)),
    }
}

fn live_slot<K: Kind>(handle: u64) -> Result<&'static Slot> {
    match TABLE.slot(handle) {
        Some(slot)
            if (handle >> INDEX_BITS) as u8 == K::TYPE && slot.tag.load(Ordering::Acquire) == handle =>
        {
            Ok(slot)
        }
        _ => Err(dead::<K>(handle)),
    }
}

/// A second close is no error, a close of something that never was is one.
fn already_closed<K: Kind, T>(handle: u64) -> Result<Option<T>> {
    let error = dead::<K>(handle);
    if error.kind() == ErrorKind::Closed { Ok(None) } else { Err(error) }
}

/// Keeps an object that all threads may use; returns its handle.
pub(crate) fn insert_shared<K: Kind>(object: K::Object) -> Result<u64>
where
    K::Object: Send + Sync,
{
    let raw = Arc::into_raw(Arc::new(object));
    TABLE.insert(K::TYPE, NOBODY, raw.cast_mut().cast()).inspect_err(|_| {
        // SAFETY: made from an Arc above and not kept by the table.
        drop(unsafe { Arc::from_raw(raw) });
    })
}

/// Calls `f` with a shared object, under the panic guard. A panic poisons the object's store.
pub(crate) fn with_shared<K: Kind, R>(handle: u64, f: impl FnOnce(&K::Object) -> Result<R>) -> Result<R> {
    let object: Arc<K::Object> = {
        let _lock = TABLE.lock();
        let raw = live_slot::<K>(handle)?.object.load(Ordering::Relaxed).cast::<K::Object>();
        // SAFETY: the tag says that the slot holds a live Arc of this type, and the lock keeps it from being taken; its
        // count goes up before the second reference is made.
        unsafe {
            Arc::increment_strong_count(raw);
            Arc::from_raw(raw)
        }
    };
    let result = guard::catch(|| {
        guard::inside();
        f(&object)
    });
    result.map_err(|error| poisoning::<K>(&object, error))
}

/// Ends a handle and gives its shared object back; `None` when it has been closed before.
pub(crate) fn remove_shared<K: Kind>(handle: u64) -> Result<Option<Arc<K::Object>>> {
    let mut free = TABLE.lock();
    let Ok(slot) = live_slot::<K>(handle) else { return already_closed::<K, _>(handle) };
    let raw = TABLE.take(&mut free, handle, slot);
    drop(free);
    // SAFETY: the slot held an Arc of this type; its tag is cleared, so nobody clones it any more.
    Ok(Some(unsafe { Arc::from_raw(raw.cast_const().cast()) }))
}

#[cfg(test)]
mod tests;

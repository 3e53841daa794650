//! One state: its key groups, and what can be done with an entry.
//!
//! A *flat* state finds a record by its whole key. A *nested* one (a map state) finds a map by its key, and in it a record by
//! the rest (namespace and map key); see `map`.

use super::arena::{Addr, Memory, out_of_memory};
use super::group::{self, Group, Place};
use super::heap::{Heap, Use};
use super::map::{self, Found, MapCursor};
use super::record::{self, Header};
use super::segment::Entry;
use crate::error::{Error, ErrorKind, Result};

/// A key as the table sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key<'a> {
    /// Key group, below the state's number of groups.
    pub(super) group: u32,
    /// What is hashed: in a flat state everything behind the group.
    pub(super) key: &'a [u8],
    /// Namespace and map key of a nested state; else empty.
    pub(super) rest: &'a [u8],
}

/// A state.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) nested: bool,
    pub(super) groups: Vec<Group>,
}

/// What a write found.
#[derive(Clone, Copy)]
struct Lookup {
    hash: u64,
    /// The record of the key: the entry itself, or its map.
    place: Option<Place>,
    found: Option<Found>,
}

impl State {
    pub(super) fn new(heap: &mut Heap, groups: u32, nested: bool) -> Result<State> {
        let mut list = Vec::new();
        list.try_reserve_exact(groups as usize).map_err(out_of_memory)?;
        heap.arena.charge_heap(groups as usize * size_of::<Group>())?;
        list.resize_with(groups as usize, Group::default);
        Ok(State { nested, groups: list })
    }

    /// Whether there is such a state.
    pub(super) fn exists(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Number of entries.
    pub(super) fn count(&self) -> u64 {
        self.groups.iter().map(|group| group.count).sum()
    }

    pub(super) fn group_mut(&mut self, group: u32) -> Result<&mut Group> {
        self.groups.get_mut(group as usize).ok_or_else(|| no_group(group))
    }

    /// The entry's record.
    #[inline(always)]
    pub(super) fn get(&self, heap: &Heap, key: Key<'_>) -> Option<Addr> {
        let group = self.groups.get(key.group as usize)?;
        get_below(heap.memory(), group.root(), self.nested, heap.hash(key.key), key)
    }

    /// The record of a map's key.
    pub(super) fn map(&self, heap: &Heap, key: Key<'_>) -> Option<Addr> {
        let group = self.groups.get(key.group as usize)?;
        group::find(heap.memory(), group.root(), heap.hash(key.key), key.key)
    }

    /// Whether the map of a nested state has an entry whose rest begins with that of `key`.
    #[inline]
    pub(super) fn has_any(&self, heap: &Heap, key: Key<'_>, walk: &mut MapCursor) -> Result<bool> {
        let memory = heap.memory();
        let root = self.groups.get(key.group as usize).map_or(0, Group::root);
        let Some(map) = group::find_map(memory, root, heap.hash(key.key), key.key) else { return Ok(false) };
        walk.seek(memory, map, key.rest)?;
        Ok(walk.entry(memory).is_some_and(|entry| record::key(memory, entry).starts_with(key.rest)))
    }

    /// The record of an entry if nothing shares its group, so that it may be changed in place.
    #[inline(always)]
    pub(super) fn alone(&self, heap: &Heap, key: Key<'_>) -> Option<Addr> {
        let group = self.groups.get(key.group as usize)?;
        if group.is_shared() {
            return None;
        }
        get_below(heap.memory(), group.root(), self.nested, heap.hash(key.key), key)
    }

    fn lookup(&self, heap: &Heap, hash: u64, key: Key<'_>) -> Result<Lookup> {
        let group = self.groups.get(key.group as usize).ok_or_else(|| no_group(key.group))?;
        let memory = heap.memory();
        let place = group.place(memory, hash, key.key);
        let found = match place {
            Some(place) if self.nested => map::find(memory, group, &place, key.rest),
            Some(place) => {
                Some(Found { record: place.record(), exclusive: group.is_exclusive(memory, &place) })
            }
            None => None,
        };
        Ok(Lookup { hash, place, found })
    }

    /// A record for the entry in question, with its key but not yet its value.
    #[inline]
    fn create(&self, heap: &mut Heap, key: Key<'_>, value_len: usize, room: usize) -> Result<Addr> {
        record::create(heap, if self.nested { key.rest } else { key.key }, value_len, room)
    }

    /// Puts a new record where the entry is or belongs. On an error the record is freed and nothing has changed.
    fn install(&mut self, heap: &mut Heap, key: Key<'_>, at: Lookup, record: Addr) -> Result<()> {
        let nested = self.nested;
        let group = self.group_mut(key.group)?;
        let done = group.reserve_retired(heap, 4).and_then(|()| match (at.place, at.found) {
            (None, _) if nested => map::create(heap, group, at.hash, key.key, key.rest, record),
            (None, _) => group.insert(heap, at.hash, record),
            (Some(place), None) => map::insert(heap, group, at.hash, &place, key.rest, record),
            (Some(place), Some(_)) if nested => map::replace(heap, group, at.hash, &place, key.rest, record),
            (Some(place), Some(_)) => group.replace(heap, at.hash, &place, record),
        });
        if let Err(e) = done {
            heap.free_record(record);
            return Err(e);
        }
        match at.found {
            Some(old) => group.discard_record(heap, old.record, old.exclusive),
            None => {
                group.count += 1;
                Ok(())
            }
        }
    }

    /// Sets the value.
    #[inline]
    pub(super) fn put(&mut self, heap: &mut Heap, key: Key<'_>, value: &[u8]) -> Result<()> {
        if !self.nested
            && let Some(done) = self.put_over(heap, key, value)
        {
            return done;
        }
        let at = self.lookup(heap, heap.hash(key.key), key)?;
        if let Some(Found { record, exclusive: true }) = at.found
            && record::overwrite(heap, record, value)
        {
            return Ok(());
        }
        let record = self.create(heap, key, value.len(), value.len())?;
        record::value_mut(heap, record).copy_from_slice(value);
        self.install(heap, key, at, record)
    }

    /// Sets the value of an entry of a flat state with one of the same length: in place, or in a new record when a snapshot
    /// shares the old one. What most writes do while a snapshot is read; `None` when this one is not like that.
    #[inline(always)]
    fn put_over(&mut self, heap: &mut Heap, key: Key<'_>, value: &[u8]) -> Option<Result<()>> {
        let hash = heap.hash(key.key);
        let group = self.groups.get_mut(key.group as usize)?;
        let place = group.place(heap.memory(), hash, key.key)?;
        let old = place.record();
        if group.is_exclusive(heap.memory(), &place) {
            return record::overwrite(heap, old, value).then_some(Ok(()));
        }
        let header = Header::read(heap.memory(), old);
        if let Err(e) = group.reserve_retired(heap, 4) {
            return Some(Err(e));
        }
        let record = match record::create_alike(heap, old, header, value)? {
            Ok(record) => record,
            Err(e) => return Some(Err(e)),
        };
        if let Err(e) = group.replace(heap, hash, &place, record) {
            heap.free_record(record);
            return Some(Err(e));
        }
        Some(group.discard(heap, old, header.block_bytes(), Use::Record, false))
    }

    /// Appends to the value, with a `,` between what was there and `element`. In place while the record has room; it
    /// grows by a quarter.
    #[inline]
    pub(super) fn append(&mut self, heap: &mut Heap, key: Key<'_>, element: &[u8]) -> Result<()> {
        let at = self.lookup(heap, heap.hash(key.key), key)?;
        let Some(Found { record, exclusive }) = at.found else {
            let record = self.create(heap, key, element.len(), element.len())?;
            record::value_mut(heap, record).copy_from_slice(element);
            return self.install(heap, key, at, record);
        };
        let header = Header::read(heap.memory(), record);
        let old_len = header.value_len;
        let new_len = old_len + 1 + element.len();
        if exclusive && new_len <= header.value_room() {
            record::set_value_len(heap, record, new_len);
            join(record::value_mut(heap, record), old_len, element);
            return Ok(());
        }
        let longer = record::recreate(heap, record, new_len, new_len + new_len / 4)?;
        join(record::value_mut(heap, longer), old_len, element);
        self.install(heap, key, at, longer)
    }

    /// Changes the value where it is, or in a copy if a snapshot shares it; an absent one is `default` first.
    #[inline]
    pub(super) fn update(
        &mut self,
        heap: &mut Heap,
        key: Key<'_>,
        default: &[u8],
        change: impl FnOnce(&mut [u8]),
    ) -> Result<()> {
        let at = self.lookup(heap, heap.hash(key.key), key)?;
        let record = match at.found {
            Some(Found { record, exclusive: true }) => {
                change(record::value_mut(heap, record));
                return Ok(());
            }
            Some(Found { record, .. }) => {
                let len = Header::read(heap.memory(), record).value_len;
                record::recreate(heap, record, len, len)?
            }
            None => {
                let record = self.create(heap, key, default.len(), default.len())?;
                record::value_mut(heap, record).copy_from_slice(default);
                record
            }
        };
        change(record::value_mut(heap, record));
        self.install(heap, key, at, record)
    }

    /// Removes the entry; whether there was one.
    pub(super) fn delete(&mut self, heap: &mut Heap, key: Key<'_>) -> Result<bool> {
        let at = self.lookup(heap, heap.hash(key.key), key)?;
        let (Some(place), Some(found)) = (at.place, at.found) else { return Ok(false) };
        let nested = self.nested;
        let group = self.group_mut(key.group)?;
        if nested {
            map::remove(heap, group, at.hash, &place, key.rest)?;
        } else {
            group.reserve_retired(heap, 4)?;
            group.remove(heap, at.hash, &place)?;
            group.discard_record(heap, found.record, found.exclusive)?;
            group.tidy(heap, at.hash);
        }
        group.count -= 1;
        Ok(true)
    }

    /// Removes a whole map; does nothing when there is none.
    pub(super) fn clear_map(&mut self, heap: &mut Heap, group: u32, key: &[u8]) -> Result<()> {
        let at = self.lookup(heap, heap.hash(key), Key { group, key, rest: &[] })?;
        let Some(place) = at.place else { return Ok(()) };
        let group = self.group_mut(group)?;
        let entries = map::count(heap.memory(), place.record());
        map::clear(heap, group, at.hash, &place)?;
        group.count -= entries;
        Ok(())
    }

    /// Removes all entries of a key group.
    pub(super) fn clear_group(&mut self, heap: &mut Heap, group: u32) -> Result<()> {
        let nested = self.nested;
        self.group_mut(group)?.clear(heap, nested)
    }

    /// Keys of a flat state's group that begin with `prefix`.
    pub(super) fn keys_with(&self, memory: &Memory, group: u32, prefix: &[u8]) -> Result<Vec<Vec<u8>>> {
        let root = self.groups.get(group as usize).map_or(0, Group::root);
        let mut keys = Vec::new();
        for record in group::records_below(memory, root) {
            let key = record::key(memory, record);
            if key.starts_with(prefix) {
                let mut copy = Vec::new();
                copy.try_reserve_exact(key.len()).map_err(out_of_memory)?;
                copy.extend_from_slice(key);
                keys.try_reserve(1).map_err(out_of_memory)?;
                keys.push(copy);
            }
        }
        Ok(keys)
    }

    /// The longest rest, beginning with `prefix`, of a map's entries.
    pub(super) fn longest_rest(&self, heap: &Heap, group: u32, key: &[u8], prefix: &[u8]) -> Result<usize> {
        let Some(map) = self.lookup(heap, heap.hash(key), Key { group, key, rest: &[] })?.place else {
            return Ok(0);
        };
        let (memory, mut cursor, mut longest) = (heap.memory(), MapCursor::default(), 0);
        cursor.seek(memory, map.record(), prefix)?;
        while let Some(entry) = cursor.entry(memory) {
            let rest = record::key(memory, entry);
            if !rest.starts_with(prefix) {
                break;
            }
            longest = longest.max(rest.len());
            cursor.advance();
        }
        Ok(longest)
    }

    /// Removes one entry of a map whose rest begins with `prefix`; whether there was one.
    pub(super) fn delete_first(
        &mut self,
        heap: &mut Heap,
        group: u32,
        key: &[u8],
        prefix: &[u8],
        scratch: &mut Scratch,
    ) -> Result<bool> {
        let Some(map) = self.lookup(heap, heap.hash(key), Key { group, key, rest: &[] })?.place else {
            return Ok(false);
        };
        let memory = heap.memory();
        scratch.cursor.seek(memory, map.record(), prefix)?;
        let Some(entry) = scratch.cursor.entry(memory) else { return Ok(false) };
        let rest = record::key(memory, entry);
        if !rest.starts_with(prefix) {
            return Ok(false);
        }
        scratch.rest.clear();
        scratch.rest.try_reserve(rest.len()).map_err(out_of_memory)?;
        scratch.rest.extend_from_slice(rest);
        self.delete(heap, Key { group, key, rest: &scratch.rest })
    }
}

/// What [`State::delete_first`] needs again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    cursor: MapCursor,
    rest: Vec<u8>,
}

impl Scratch {
    /// Makes room for rests of that length and trees of any depth, so that no removal fails for it.
    pub(super) fn reserve(&mut self, rest: usize) -> Result<()> {
        self.rest.clear();
        self.rest.try_reserve(rest).map_err(out_of_memory)?;
        self.cursor.reserve()
    }
}

/// The record of an entry below a group's root.
#[inline(always)]
pub(super) fn get_below(memory: &Memory, root: u64, nested: bool, hash: u64, key: Key<'_>) -> Option<Addr> {
    if nested {
        map::get(memory, group::find_map(memory, root, hash, key.key)?, key.rest)
    } else {
        group::find(memory, root, hash, key.key)
    }
}

/// Puts a separator and an element behind the first `at` bytes.
#[inline]
fn join(value: &mut [u8], at: usize, element: &[u8]) {
    if let Some((separator, rest)) = value.get_mut(at..).and_then(<[u8]>::split_first_mut) {
        *separator = b',';
        rest.copy_from_slice(element);
    }
}

#[cold]
fn no_group(group: u32) -> Error {
    Error::new(ErrorKind::KeyGroupOutOfRange, format!("key group {group} does not exist"))
}

/// Looks up to `N` keys up and calls `found` with the number and the record of each, in order.
///
/// In three passes, so that the cache misses of all keys overlap: the slots are fetched, then the records of the slots that
/// look right, then the keys are compared.
#[inline]
pub(super) fn get_many<'a, const N: usize>(
    heap: &Heap,
    state: &State,
    keys: impl Iterator<Item = Key<'a>> + Clone,
    mut found: impl FnMut(usize, Option<Addr>),
) {
    let memory = heap.memory();
    let mut at = [const { Candidate { hash: 0, entry: None, record: None } }; N];
    for (key, at) in keys.clone().zip(&mut at) {
        let root = state.groups.get(key.group as usize).map_or(0, Group::root);
        at.hash = heap.hash(key.key);
        at.entry = group::prefetch(memory, root, at.hash);
    }
    for (_, at) in keys.clone().zip(&mut at) {
        // The first slot with the right tag is the one, as good as always.
        at.record = at.entry.and_then(|entry| group::candidate(memory, entry, at.hash));
        if let Some(record) = at.record {
            memory.prefetch(record, 0);
            memory.prefetch(record, 64);
        }
    }
    for (i, (key, at)) in keys.zip(&at).enumerate() {
        let record = match at.record {
            Some(record) if record::has_key(memory, record, key.key) => Some(record),
            Some(_) => at.entry.and_then(|entry| group::find_in(memory, entry, at.hash, key.key)),
            None => None,
        };
        found(i, if state.nested { record.and_then(|map| map::get(memory, map, key.rest)) } else { record });
    }
}

/// A key on its way through [`get_many`].
#[derive(Clone, Copy)]
struct Candidate {
    hash: u64,
    entry: Option<Entry>,
    record: Option<Addr>,
}

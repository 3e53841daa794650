//! Databases of a slot keep within one budget, whatever is written.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Random;
use crate::error::ErrorKind;
use crate::key::PartSize;
use crate::memory::slot_budget;
use crate::options::{EngineKind, StoreOptions};
use crate::rocks::SlotCache;
use crate::store::{Session, StateId, StateKind, Store};

const MIB: u64 = 1 << 20;

fn options(slot: &str, limit: u64) -> StoreOptions {
    let mut options = StoreOptions {
        engine: EngineKind::Rocks,
        memory_slot: slot.to_string(),
        memory_limit_bytes: limit,
        ..StoreOptions::default()
    };
    options.rocks.compression = crate::options::Compression::None;
    options
}

/// A store's session with some states.
fn session(store: &Store, states: usize) -> (Session, Vec<StateId>) {
    let mut session = store.session().unwrap();
    let open = |i| session.open_state(&format!("state {i}"), StateKind::Value, PartSize::NONE).unwrap();
    let states = (0..states).map(open).collect();
    (session, states)
}

fn put(session: &mut Session, state: StateId, key: u64, value: &[u8]) {
    session.set_key((key % 128) as u32, &key.to_be_bytes()).unwrap();
    session.put(state, b"", b"", value).unwrap();
}

/// The most there was while `work` ran: in the cache, and of memtables.
fn watch(slot: &SlotCache, work: impl FnOnce()) -> (u64, u64) {
    let (cached, memtables) = (AtomicU64::new(0), AtomicU64::new(0));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                cached.fetch_max(slot.cached_bytes(), Ordering::Relaxed);
                memtables.fetch_max(slot.write_buffer_bytes(), Ordering::Relaxed);
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
        });
        work();
        done.store(true, Ordering::Relaxed);
    });
    (cached.into_inner(), memtables.into_inner())
}

/// Writes `bytes` in values of a kilobyte, all different, to the states in turn; then reads all of them.
fn fill_and_check(store: &Store, bytes: u64, seed: u64) {
    let (mut session, states) = session(store, 4);
    let mut random = Random(seed);
    let mut value = vec![0; 1000];
    let keys = bytes / 1000;
    for key in 0..keys {
        value.iter_mut().for_each(|byte| *byte = random.below(256) as u8);
        value[..8].copy_from_slice(&key.to_be_bytes());
        put(&mut session, states[(key % 4) as usize], key, &value);
    }
    let mut out = vec![0; 1000];
    for key in 0..keys {
        session.set_key((key % 128) as u32, &key.to_be_bytes()).unwrap();
        let state = states[(key % 4) as usize];
        assert_eq!(session.get(state, b"", b"", &mut out).unwrap(), Some(1000));
        assert_eq!(out[..8], key.to_be_bytes());
    }
}

#[test]
fn stores_of_a_slot_stay_within_its_budget_while_they_write_many_times_as_much() {
    let dir = tempfile::tempdir().unwrap();
    let limit = 16 * MIB;
    let options = options("slot of three writers", limit);
    let slot = SlotCache::of(&options).unwrap().unwrap();
    assert!(slot.capacity() < limit && slot.write_buffer_limit() == limit / 3);
    let stores: Vec<_> =
        (0..3).map(|i| Store::open(dir.path().join(i.to_string()), &options).unwrap()).collect();
    let (cached, memtables) = watch(&slot, || {
        std::thread::scope(|scope| {
            for (store, seed) in stores.iter().zip(1..) {
                scope.spawn(move || fill_and_check(store, 2 * limit, seed));
            }
        });
    });
    println!("{cached} in the cache, {memtables} of memtables, {limit} allowed");
    assert!(cached <= limit, "{cached} bytes in the cache of a budget of {limit}");
    assert!(cached > limit / 2, "{cached}: the budget is used");
    // Each column family may have begun a block of its arena.
    assert!(memtables <= limit / 2 + limit / 8, "{memtables} bytes of memtables, of a budget of {limit}");
    let readers: u64 = stores
        .iter()
        .flat_map(|store| store.statistics().unwrap())
        .filter(|(name, _)| name == "rocksdb.estimate-table-readers-mem")
        .map(|(_, bytes)| bytes.parse::<u64>().unwrap())
        .sum();
    assert!(slot.cached_bytes() + readers <= limit, "{readers} bytes of table readers");
}

/// RocksDB alone would leave the idle one in memory, and flush the writer again and again.
#[test]
fn an_idle_store_gives_way_to_one_that_writes() {
    let dir = tempfile::tempdir().unwrap();
    let options = options("slot of an idle store", 8 * MIB);
    let slot = SlotCache::of(&options).unwrap().unwrap();
    let open = |name: &str| Store::open(dir.path().join(name), &options).unwrap();
    let flushes = |name| {
        let log = std::fs::read_to_string(dir.path().join(name).join("rocks/LOG")).unwrap();
        log.matches("\"flush_started\"").count()
    };
    let (idle, busy) = (open("idle"), open("busy"));
    // None of its memtables is full by itself.
    let (mut session_of_idle, states) = session(&idle, 3);
    let value = [7; 1000];
    for key in 0.. {
        put(&mut session_of_idle, states[(key % 3) as usize], key, &value);
        if slot.write_buffer_bytes() * 10 > slot.write_buffer_limit() * 7 {
            break;
        }
    }
    assert_eq!(flushes("idle"), 0);
    let (mut session_of_busy, states) = session(&busy, 1);
    (0..8_000).for_each(|key| put(&mut session_of_busy, states[0], key, &value));
    let (of_idle, of_busy) = (flushes("idle"), flushes("busy"));
    assert!(of_idle == 3, "{of_idle} of the idle one's memtables were flushed");
    assert!((1..40).contains(&of_busy), "{of_busy} flushes of the busy one");
}

#[test]
fn many_states_of_a_small_budget_are_not_flushed_at_every_write() {
    let dir = tempfile::tempdir().unwrap();
    let options = options("slot of many states", 16 * MIB);
    let store = Store::open(dir.path(), &options).unwrap();
    let slot = SlotCache::of(&options).unwrap().unwrap();
    let (mut session, states) = session(&store, 200);
    for key in 0..20_000 {
        put(&mut session, states[(key % 200) as usize], key, b"a small value");
    }
    assert!(slot.write_buffer_bytes() < slot.write_buffer_limit());
    // Less than a megabyte was written: it is all in memory.
    let files = std::fs::read_dir(dir.path().join("rocks")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".sst")).count(), 0);
}

/// Memtables that a scan holds cannot be freed; who waited for it would wait for itself.
#[test]
fn a_budget_that_a_scan_holds_makes_nobody_wait_forever() {
    let dir = tempfile::tempdir().unwrap();
    let options = options("slot of a scan", 4 * MIB);
    let store = Store::open(dir.path(), &options).unwrap();
    let (mut session, states) = session(&store, 1);
    let value = [7; 1000];
    (0..1000).for_each(|key| put(&mut session, states[0], key, &value));
    session.set_key(0, b"any").unwrap();
    let mut scan = session.new_scan(states[0]).unwrap();
    session.start_scan(&mut scan, states[0], crate::key::Scope::Group(0)).unwrap();
    (0..20_000).for_each(|key| put(&mut session, states[0], key, &value));
    drop(scan);
}

#[test]
fn slots_do_not_share() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (options("one slot", 8 * MIB), options("another slot", 8 * MIB));
    let (used, idle) = (SlotCache::of(&one).unwrap().unwrap(), SlotCache::of(&other).unwrap().unwrap());
    let store = Store::open(dir.path().join("one"), &one).unwrap();
    let _other = Store::open(dir.path().join("other"), &other).unwrap();
    let before = idle.cached_bytes();
    fill_and_check(&store, 4 * MIB, 1);
    assert!(used.cached_bytes() > MIB);
    assert_eq!(idle.cached_bytes(), before);
}

#[test]
fn a_slot_ends_with_its_last_store() {
    let dir = tempfile::tempdir().unwrap();
    let open = |name: &str| Store::open(dir.path().join(name), &options("slot that ends", 8 * MIB)).unwrap();
    let (first, second) = (open("first"), open("second"));
    let slot = Arc::downgrade(&SlotCache::of(&options("slot that ends", 8 * MIB)).unwrap().unwrap());
    let budget = slot_budget("slot that ends", 8 * MIB).unwrap();
    assert_eq!(budget.used(), 8 * MIB);
    let (session, _) = session(&first, 3);
    first.close().unwrap();
    second.close().unwrap();
    assert!(slot.upgrade().is_some(), "a session has the files open");
    drop(session);
    assert!(slot.upgrade().is_none());
    assert_eq!(budget.used(), 0);
}

#[test]
fn a_slot_is_not_given_twice() {
    let dir = tempfile::tempdir().unwrap();
    let rocks = options("slot of two engines", 8 * MIB);
    let table = StoreOptions { engine: EngineKind::Table, ..rocks.clone() };
    let open = |name: &str, options| Store::open(dir.path().join(name), options);
    let first = open("rocks", &rocks).unwrap();
    assert_eq!(open("table", &table).unwrap_err().kind(), ErrorKind::MemoryBudget);
    first.close().unwrap();
    let _table = open("table", &table).unwrap();
    assert_eq!(open("rocks", &rocks).unwrap_err().kind(), ErrorKind::MemoryBudget);
}

#[test]
fn stores_of_a_slot_have_one_limit_and_one_ratio() {
    let dir = tempfile::tempdir().unwrap();
    let asked = options("slot of one limit", 8 * MIB);
    let _store = Store::open(dir.path().join("store"), &asked).unwrap();
    let mut other = asked.clone();
    other.rocks.write_buffer_ratio = 0.3;
    let limits = [0, 1, 9 * MIB].map(|limit| options("slot of one limit", limit));
    for options in limits.into_iter().chain([other]) {
        let refused = Store::open(dir.path().join("refused"), &options).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidOption, "{refused}");
    }
    let small = Store::open(dir.path().join("small"), &options("", 1000)).unwrap_err();
    assert!(small.message().contains("memory.limit-bytes=1000"), "{small}");
}

/// What RocksDB keeps for itself is in the cache too, before what it read.
#[test]
fn index_and_filters_are_in_the_cache_of_a_budget() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &options("", 8 * MIB)).unwrap();
    let _session = session(&store, 1);
    let in_force = super::options::lines(Path::new(&dir.path().join("rocks")));
    for line in [
        "cache_index_and_filter_blocks=true",
        "cache_index_and_filter_blocks_with_high_priority=true",
        "pin_l0_filter_and_index_blocks_in_cache=true",
    ] {
        assert!(in_force.iter().any(|found| found == line), "{line}");
    }
}

/// Also while a store is made from a snapshot, which writes and merges files.
#[test]
fn a_restore_takes_its_memory_from_the_slot() {
    let dir = tempfile::tempdir().unwrap();
    let limit = 8 * MIB;
    let options = options("slot of a restore", limit);
    let file = dir.path().join("snapshot");
    {
        let store = Store::open(dir.path().join("first"), &options).unwrap();
        fill_and_check(&store, 2 * limit, 5);
        let none = std::iter::empty::<(&str, &str)>();
        let how = crate::snapshot::SnapshotOptions::from_pairs(none).unwrap();
        store.snapshot().unwrap().write_file(&file, &how).unwrap();
    }
    let slot = SlotCache::of(&options).unwrap().unwrap();
    let mut restored = None;
    let (cached, _) = watch(&slot, || {
        restored = Some(Store::restore(dir.path().join("second"), &options, &[&file]).unwrap());
    });
    assert!(cached <= limit, "{cached}");
    let (mut session, states) = session(restored.as_ref().unwrap(), 4);
    session.set_key(3, &3u64.to_be_bytes()).unwrap();
    assert_eq!(session.get(states[3], b"", b"", &mut [0; 1000]).unwrap(), Some(1000));
}

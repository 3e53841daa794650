//! What a slot of RocksDB stores takes from the system stays near its budget, whatever is written and read.
#![cfg(all(target_os = "linux", feature = "rocks"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use keybed::key::{PartSize, Scope};
use keybed::options::StoreOptions;
use keybed::store::{StateKind, Store};

/// Set for the process in which the stores are: other tests must not disturb it.
const CHILD: &str = "KEYBED_ROCKS_MEMORY";
const MIB: u64 = 1 << 20;
const LIMIT: u64 = 64 * MIB;
const STORES: u64 = 3;
/// Of each store: together nine times the budget.
const BYTES: u64 = 192 * MIB;
const VALUE: usize = 500;

/// Bytes of this process that are memory of its own; files that are read are not among them.
fn resident() -> u64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Writes, reads back at random, and scans; half of the values cannot be compressed.
fn work(store: &Store, seed: u64) {
    let mut session = store.session().unwrap();
    let states: Vec<_> = (0..5)
        .map(|i| session.open_state(&format!("state {i}"), StateKind::Map, PartSize::NONE).unwrap())
        .collect();
    let mut random = seed;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut value = [0; VALUE];
    let mut out = [0; VALUE];
    let entries = BYTES / VALUE as u64;
    for n in 0..entries {
        value[..VALUE / 2].fill_with(|| next() as u8);
        let key = next() % entries;
        session.set_key((key % 128) as u32, &(key / 10).to_be_bytes()).unwrap();
        session.put(states[(key % 5) as usize], b"", &key.to_be_bytes(), &value).unwrap();
        let other = next() % entries;
        session.set_key((other % 128) as u32, &(other / 10).to_be_bytes()).unwrap();
        let state = states[(other % 5) as usize];
        session.get(state, b"", &other.to_be_bytes(), &mut out).unwrap();
        if n % 5_000 == 0 {
            let mut scan = session.new_scan(state).unwrap();
            session.start_scan(&mut scan, state, Scope::Key).unwrap();
            session.put(state, b"", b"while a scan is open", &value).unwrap();
        }
    }
}

fn write_much_more_than_the_budget() {
    let dir = tempfile::tempdir().unwrap();
    let limit = LIMIT.to_string();
    let pairs = [("engine", "rocks"), ("memory.slot", "a slot"), ("memory.limit-bytes", limit.as_str())];
    let options = StoreOptions::from_pairs(pairs).unwrap();
    let before = resident();
    let (most, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let stores: Vec<_> =
        (0..STORES).map(|i| Store::open(dir.path().join(i.to_string()), &options).unwrap()).collect();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                most.fetch_max(resident().saturating_sub(before), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let works: Vec<_> =
            stores.iter().zip(1..).map(|(store, seed)| scope.spawn(move || work(store, seed))).collect();
        works.into_iter().for_each(|work| work.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    let most = most.into_inner();
    println!(
        "{} MiB written with a budget of {} MiB: at most {} MiB resident",
        STORES * BYTES / MIB,
        LIMIT / MIB,
        most / MIB
    );
    assert!(most > LIMIT / 2, "{most} bytes: the budget is used");
    // Beside the budget: buffers of flushes and compactions, and what the allocator keeps.
    assert!(most < LIMIT + LIMIT / 2, "{most} bytes of a budget of {LIMIT}");
}

#[test]
fn stores_of_a_slot_take_from_the_system_what_their_budget_is() {
    if std::env::var_os(CHILD).is_some() {
        return write_much_more_than_the_budget();
    }
    let name = "stores_of_a_slot_take_from_the_system_what_their_budget_is";
    let exe = std::env::current_exe().unwrap();
    // With one arena, as Flink advises, the allocator keeps less of what was given back.
    let status = Command::new(exe)
        .args([name, "--exact", "--nocapture"])
        .envs([(CHILD, "1"), ("MALLOC_ARENA_MAX", "1")])
        .status()
        .unwrap();
    assert!(status.success());
}

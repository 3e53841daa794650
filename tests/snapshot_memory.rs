//! Writing and restoring a snapshot takes a few blocks of memory, however large the state is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, unsafe_code, reason = "a test")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use keybed::key::PartSize;
use keybed::options::{Compression, StoreOptions};
use keybed::snapshot::{SnapshotFile, SnapshotOptions, verify};
use keybed::store::{StateKind, Store};

/// Counts what Rust has allocated. Tables are not among it: they have memory of their own, which is accounted for.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is the system allocator's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: as for the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as for the caller.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most memory that `work` had above what there was before.
fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let out = work();
    (PEAK.load(Ordering::Relaxed) - before, out)
}

// One test: the counters are everybody's.
#[test]
fn writing_reading_and_restoring_take_a_few_blocks() {
    let dir = tempfile::tempdir().unwrap();
    let mut peaks = Vec::new();
    let block = 256 << 10;
    for entries in [20_000u64, 400_000] {
        let options = StoreOptions { table_flush_on_close: false, ..StoreOptions::default() };
        let place = |what: &str| dir.path().join(format!("{what} {entries}"));
        let store = Store::open(place("store"), &options).unwrap();
        let mut session = store.session().unwrap();
        let state = session.open_state("state", StateKind::Value, PartSize::NONE).unwrap();
        for i in 0..entries {
            session.set_key((i % 128) as u32, &i.to_be_bytes()).unwrap();
            session.put(state, b"", b"", &[i as u8; 100]).unwrap();
        }
        for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
            let how = SnapshotOptions { compression, ..SnapshotOptions::default() };
            let file = place(&format!("{compression:?}"));
            let snapshot = store.snapshot().unwrap();
            let (write, _) = peak(|| snapshot.write_file(&file, &how).unwrap());
            let (check, verified) = peak(|| verify(&file, &mut |_, _| true).unwrap());
            let (read, count) = peak(|| {
                let stored = SnapshotFile::open(&file).unwrap();
                let state = stored.head().states[0].clone();
                let mut count = 0;
                stored
                    .for_each(&state, stored.head().groups, |_| {
                        count += 1;
                        Ok(())
                    })
                    .unwrap();
                count
            });
            assert_eq!((verified.entries, count), (entries, entries));
            let (restore, _) = peak(|| Store::restore(place("restored"), &options, &[&file]).unwrap());
            std::fs::remove_dir_all(place("restored")).unwrap();
            println!(
                "{entries} entries, {compression:?}: write {write}, verify {check}, read {read}, restore {restore} bytes"
            );
            for (what, bytes) in [("write", write), ("verify", check), ("read", read), ("restore", restore)] {
                assert!(bytes < 20 * block, "{what}: {bytes} bytes for {entries} entries, {compression:?}");
                peaks.push(bytes);
            }
        }
    }
    // Twenty times the state takes about the same.
    let (small, large) = peaks.split_at(peaks.len() / 2);
    for (small, large) in small.iter().zip(large) {
        assert!(*large < small + 4 * block, "{peaks:?}");
    }
}

//! Tests of the table as a whole.

mod blocks;
mod changes;
mod cursors;
mod failing_memory;
mod freeing;
mod loading;
mod lock;
mod model;
mod room;
mod schedules;
mod script;
mod segments;
mod snapshots;
mod transactions;

/// Reads a key group that a scan has pinned after the pin has gone and the entries were removed.
#[cfg(keybed_asan)]
pub(super) fn read_a_group_after_it_was_freed() {
    let mut core = script::table();
    for n in 0..100u32 {
        let key = super::state::Key { group: 0, key: &n.to_be_bytes(), rest: &[] };
        core.write(0, |s, heap| s.put(heap, key, b"value")).unwrap();
    }
    let root = core.pin(0, 0).unwrap().root;
    core.write(0, |s, heap| s.clear_group(heap, 0)).unwrap();
    let memory = core.memory().clone();
    super::snapshot::walk(&memory, root, false, &mut |_, _, _| Ok(())).unwrap();
}

/// A small generator that is the same everywhere.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// Seeded by `KEYBED_SEED`, or by the clock; the seed is printed.
    pub(super) fn seeded() -> Random {
        let seed = std::env::var("KEYBED_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| {
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64 | 1
        });
        println!("KEYBED_SEED={seed}");
        Random(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }
}

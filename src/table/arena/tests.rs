use super::*;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[test]
fn blocks_in_use_share_no_byte_and_everything_comes_back() {
    let budget = Budget::unlimited();
    let mut arena = Arena::new(&budget).unwrap();
    let mut random = Random(7);
    let mut blocks: Vec<(Addr, usize, u8)> = Vec::new();
    for round in 0..60_000u64 {
        if random.below(100) < if round < 30_000 { 60 } else { 40 } {
            let bytes = match random.below(100) {
                0 => 1 + random.below(1 << 20),
                1..=9 => 1 + random.below(40_000),
                _ => 1 + random.below(300),
            } as usize;
            let (addr, size) = arena.alloc(bytes).unwrap();
            assert!(size >= bytes && size == rounded(bytes));
            let mark = random.below(256) as u8;
            arena.bytes_mut(addr, 0, size).fill(mark);
            blocks.push((addr, size, mark));
        } else if !blocks.is_empty() {
            let (addr, size, mark) = blocks.swap_remove(random.below(blocks.len() as u64) as usize);
            assert!(arena.memory().bytes(addr, 0, size).iter().all(|b| *b == mark));
            arena.free(addr, size);
        }
        if round % 5000 == 0 {
            arena.check();
        }
    }
    let used: usize = blocks.iter().map(|(_, size, _)| size).sum();
    assert_eq!(arena.used_bytes(), used as u64);
    assert_eq!(budget.used(), arena.committed_bytes());
    for (addr, size, mark) in blocks {
        assert!(arena.memory().bytes(addr, 0, size).iter().all(|b| *b == mark));
        arena.free(addr, size);
    }
    arena.check();
    assert_eq!(arena.used_bytes(), 0);
    assert!(arena.committed_bytes() < 24 << 20, "{} bytes are kept", arena.committed_bytes());
    drop(arena);
    assert_eq!(budget.used(), 0);
}

#[test]
fn the_budget_is_never_passed_and_a_refusal_changes_nothing() {
    let budget = Budget::new(5 << 20);
    let mut arena = Arena::new(&budget).unwrap();
    let mut blocks = Vec::new();
    let error = loop {
        match arena.alloc(1000) {
            Ok(block) => blocks.push(block),
            Err(e) => break e,
        }
    };
    assert_eq!(error.kind(), ErrorKind::MemoryBudget);
    assert!(blocks.len() * 1024 > 4 << 20, "nearly all of the budget can be used: {}", blocks.len());
    arena.check();
    assert!(budget.used() <= budget.limit());
    assert_eq!(arena.alloc(3 << 20).unwrap_err().kind(), ErrorKind::MemoryBudget);
    arena.check();
    let (addr, size) = blocks.pop().unwrap();
    arena.free(addr, size);
    arena.alloc(1000).unwrap();
}

#[test]
fn what_was_held_cannot_be_refused() {
    let budget = Budget::new(4 << 20);
    let mut arena = Arena::new(&budget).unwrap();
    assert!(!arena.hold(5 << 20));
    assert!(arena.hold(3 << 20));
    budget.charge(budget.limit() - budget.used()).unwrap();
    for _ in 0..1000 {
        arena.alloc(1000).unwrap();
    }
    arena.end_hold();
    arena.check();
}

#[test]
fn nothing_is_backed_after_it_was_given_back() {
    let mut arena = Arena::new(&Budget::unlimited()).unwrap();
    for _ in 0..40 {
        // Two megabytes each: chunks are prepared, and given back before the helper has come to them.
        let blocks: Vec<_> = (0..16).map(|_| arena.alloc(CHUNK_BYTES - PAGE_BYTES).unwrap()).collect();
        blocks.into_iter().for_each(|(addr, size)| arena.free(addr, size));
        arena.check();
    }
    // The helper takes one request after another: once it has come to this one, it has been through all before it.
    let last = Arc::new(Reservation::new(CHUNK_BYTES, Budget::unlimited()).unwrap());
    let claim = loop {
        match prepare::request(&last, 0, CHUNK_BYTES) {
            Some(claim) => break claim,
            None => std::thread::yield_now(),
        }
    };
    while !claim.is_done() {
        std::thread::yield_now();
    }
    assert_eq!(arena.pages.backed_unaccounted(), 0);
}

/// The sanitizer must see what this arena calls free, or its silence about the other tests says nothing.
#[cfg(keybed_asan)]
mod watched {
    use std::process::Command;

    use super::*;

    const CHILD: &str = "KEYBED_READ_AFTER_FREE";

    /// Runs this test again in a process that reads a block that it has freed.
    #[test]
    fn reading_a_free_block_is_reported() {
        let bytes: usize = match std::env::var(CHILD) {
            Ok(bytes) => bytes.parse().unwrap(),
            Err(_) => return ["40", "5000", "300000"].into_iter().for_each(assert_reported),
        };
        let mut arena = Arena::new(&Budget::unlimited()).unwrap();
        // So that the slab stays when the block goes.
        let _neighbour = arena.alloc(bytes).unwrap();
        let (addr, size) = arena.alloc(bytes).unwrap();
        arena.words_mut(addr, 0, size / 8).fill(7);
        assert_eq!(arena.memory().word(addr, 1), 7);
        arena.free(addr, size);
        assert_eq!(arena.memory().word(addr, 1), 7, "must not get here");
    }

    fn assert_reported(bytes: &str) {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "table::arena::tests::watched::reading_a_free_block_is_reported",
                "--nocapture",
            ])
            .env(CHILD, bytes)
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&child.stderr);
        assert!(!child.status.success() && report.contains("use-after-poison"), "{bytes} bytes: {report}");
    }

    /// The same through a table: a snapshot that is read although its group has been freed is reported.
    #[test]
    fn a_snapshot_that_is_freed_too_early_is_reported() {
        use crate::table::tests::read_a_group_after_it_was_freed;
        if std::env::var(CHILD).is_ok() {
            return read_a_group_after_it_was_freed();
        }
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "table::arena::tests::watched::a_snapshot_that_is_freed_too_early_is_reported"])
            .env(CHILD, "0")
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&child.stderr);
        assert!(!child.status.success() && report.contains("use-after-poison"), "{report}");
    }
}

#[test]
fn blocks_of_a_megabyte_are_charged_little_more_than_they_have() {
    let budget = Budget::unlimited();
    let mut arena = Arena::new(&budget).unwrap();
    let blocks: Vec<_> = (0..100).map(|_| arena.alloc((1 << 20) + 27).unwrap()).collect();
    arena.check();
    assert!(arena.committed_bytes() < 125 << 20, "{} bytes", arena.committed_bytes());
    for (addr, size) in blocks.iter().step_by(2) {
        arena.free(*addr, *size);
    }
    let again: Vec<_> = (0..50).map(|_| arena.alloc(1 << 20).unwrap()).collect();
    assert!(arena.committed_bytes() < 125 << 20, "gaps are filled: {} bytes", arena.committed_bytes());
    for (addr, size) in again.into_iter().chain(blocks.into_iter().skip(1).step_by(2)) {
        arena.free(addr, size);
    }
    arena.check();
}

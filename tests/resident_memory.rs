//! What the table says it has taken from the system is what the system says it has given.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::process::Command;

use keybed::memory::Budget;
use keybed::table::Table;

/// Set for the process in which the table is: other tests must not disturb it.
const CHILD: &str = "KEYBED_RESIDENT_MEMORY";
const MIB: u64 = 1 << 20;
const GROUPS: u32 = 4;

/// Bytes of this process that are backed by memory.
fn resident() -> u64 {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

struct Watched {
    table: Table,
    before: u64,
    points: u32,
    most: u64,
}

impl Watched {
    /// Compares the table's account with the system's.
    fn compare(&mut self, moment: &str) -> u64 {
        let usage = self.table.memory();
        let says = usage.committed + usage.metadata;
        let has = resident().saturating_sub(self.before);
        println!("{moment}: accounted {} KiB, resident {} KiB", says / 1024, has / 1024);
        assert!(
            usage.records + usage.index <= usage.committed && usage.retired <= usage.records + usage.index
        );
        assert!(has <= says + says / 10 + 16 * MIB, "{moment}: {has} bytes are resident, {says} accounted");
        // The other way round as far as it goes: a page that is charged and not yet touched is not resident.
        assert!(says <= has + has / 10 + 16 * MIB, "{moment}: {says} bytes are accounted, {has} resident");
        self.points += 1;
        self.most = self.most.max(has);
        has
    }

    fn put(&mut self, n: u32, len: usize) {
        let value = [n as u8; 4096];
        self.table.put(n % GROUPS, &n.to_be_bytes(), &value[..len]).unwrap();
    }

    fn delete(&mut self, n: u32) {
        assert!(self.table.delete(n % GROUPS, &n.to_be_bytes()).unwrap());
    }
}

const ENTRIES: u32 = 300_000;

fn size(n: u32, round: u32) -> usize {
    let mixed = n.wrapping_mul(2_654_435_761).wrapping_add(round.wrapping_mul(40_503)) >> 16;
    // Mostly small, one in sixteen of some kilobytes.
    if mixed.is_multiple_of(16) { 1000 + (mixed % 3000) as usize } else { (mixed % 400) as usize }
}

fn grow_churn_and_shrink() {
    let table = Table::new(&Budget::unlimited(), GROUPS).unwrap();
    let mut watched = Watched { table, before: resident(), points: 0, most: 0 };
    for n in 0..ENTRIES {
        watched.put(n, size(n, 0));
        if n % (ENTRIES / 8) == 0 {
            watched.compare("growing");
        }
    }
    // Other sizes for the same keys, under a snapshot now and then.
    for round in 1..5 {
        let snapshot = (round % 2 == 0).then(|| watched.table.snapshot().unwrap());
        for n in 0..ENTRIES {
            if (n ^ round) % 3 == 0 {
                watched.put(n, size(n, round));
            }
            if n % (ENTRIES / 3) == 0 {
                watched.compare("churning");
            }
        }
        drop(snapshot);
        watched.compare("after a round");
    }
    // Values of whole pages, which come and go.
    let large = vec![1; 5 << 20];
    for n in 0..40 {
        let (group, key) = (n % GROUPS, [b'l', n as u8]);
        watched.table.put(group, &key, &large[..(1 + n as usize % 5) << 20]).unwrap();
        if n % 10 == 9 {
            watched.compare("large values");
        }
        if n % 3 != 0 {
            watched.table.delete(group, &key).unwrap();
        }
    }
    (0..40).filter(|n| n % 3 == 0).for_each(|n| {
        watched.table.delete(n % GROUPS, &[b'l', n as u8]).unwrap();
    });
    watched.compare("large values are gone");
    // Some that go at once: what is prepared for the next ones must not be backed behind the table's back.
    for n in 0..300usize {
        watched.table.put(0, b"at once", &large[..(1 + n % 5) << 20]).unwrap();
        watched.table.delete(0, b"at once").unwrap();
        if n % 50 == 49 {
            watched.compare("large values that go at once");
        }
    }
    for n in 0..ENTRIES {
        watched.delete(n);
        if n % (ENTRIES / 6) == 0 {
            watched.compare("shrinking");
        }
    }
    let left = watched.compare("empty");
    println!("{} comparisons, at most {} MiB", watched.points, watched.most / MIB);
    assert!(watched.most > 100 * MIB, "the test is large enough to mean something");
    assert!(left < 32 * MIB, "an empty table gives memory back; it has {left} bytes");
    let Watched { table, before, .. } = watched;
    drop(table);
    assert!(resident().saturating_sub(before) < 16 * MIB, "a table that is gone has none");
}

#[test]
fn resident_memory_is_what_is_accounted() {
    if std::env::var_os(CHILD).is_some() {
        return grow_churn_and_shrink();
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "resident_memory_is_what_is_accounted", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = [child.stdout, child.stderr].concat();
    println!("{}", String::from_utf8_lossy(&said));
    assert!(child.status.success());
}

//! A large table beside the simplest thing that keeps the same: a hash map of boxed keys.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use hashbrown::HashMap;

use keybed::memory::Budget;
use keybed::table::Table;

const GROUPS: u32 = 5;
type Plain = HashMap<Box<[u8]>, Box<[u8]>>;

fn key(n: u64) -> (u32, [u8; 9]) {
    let mut key = [0; 9];
    key[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    ((n % u64::from(GROUPS)) as u32, key)
}

fn value(n: u64, round: u64) -> Vec<u8> {
    vec![(n ^ round) as u8; (n.wrapping_add(round) % 40) as usize]
}

fn assert_same(table: &mut Table, plain: &[Plain]) {
    assert_eq!(table.len(), plain.iter().map(|group| group.len() as u64).sum::<u64>());
    let snapshot = table.snapshot().unwrap();
    for (group, plain) in plain.iter().enumerate() {
        let mut seen = 0;
        snapshot
            .for_each(group as u32, |key, value| {
                assert_eq!(plain.get(key).map(|found| &found[..]), Some(value));
                seen += 1;
            })
            .unwrap();
        assert_eq!(seen, plain.len());
    }
}

#[test]
fn a_table_that_grows_churns_and_shrinks_keeps_what_a_plain_map_keeps() {
    let entries = if cfg!(debug_assertions) { 30_000 } else { 400_000 };
    let mut table = Table::new(&Budget::unlimited(), GROUPS).unwrap();
    let mut plain: Vec<Plain> = (0..GROUPS).map(|_| HashMap::new()).collect();
    // Every key, then a third of them again with values of other lengths, twice.
    for (round, step) in [(0, 1), (1, 3), (2, 3)] {
        for n in (0..entries).step_by(step) {
            let ((group, key), value) = (key(n), value(n, round));
            table.put(group, &key, &value).unwrap();
            plain[group as usize].insert(key[..].into(), value.into());
        }
        assert_same(&mut table, &plain);
    }
    let full = table.memory();
    // All but a hundredth go.
    for n in (0..entries).filter(|n| n % 100 != 0) {
        let (group, key) = key(n);
        assert!(table.delete(group, &key).unwrap() && !table.delete(group, &key).unwrap());
        plain[group as usize].remove(&key[..]);
    }
    assert_same(&mut table, &plain);
    let rest = table.memory();
    assert!(rest.index * 10 < full.index, "the index shrinks with its entries: {full:?} {rest:?}");
    assert!(rest.records * 10 < full.records && rest.committed < full.committed, "{full:?} {rest:?}");
}

//! Keybed's table, as an engine calls it.

use std::sync::Arc;

use keybed::memory::Budget;
use keybed::table::Table;

use crate::competitor::{Competitor, head};
use crate::keys::GROUPS;

pub(crate) struct Ours {
    pub(crate) table: Table,
    budget: Arc<Budget>,
}

impl Competitor for Ours {
    const NAME: &'static str = "table";
    const REPEATS: bool = false;

    /// It takes no wish for room: it always grows.
    fn with_room(_: u64, _: usize) -> Self {
        let budget = Budget::unlimited();
        Ours { table: Table::new(&budget, GROUPS).unwrap(), budget }
    }

    #[inline(always)]
    fn get(&self, group: u32, key: &[u8], out: &mut [u8]) -> Option<usize> {
        self.table.get(group, key, out)
    }

    #[inline(always)]
    fn put(&mut self, group: u32, key: &[u8], value: &[u8]) {
        self.table.put(group, key, value).unwrap();
    }

    #[inline(always)]
    fn add(&mut self, group: u32, key: &[u8], amount: u64) {
        let change = |value: &mut [u8]| {
            let sum = head(value).wrapping_add(amount);
            value[..8].copy_from_slice(&sum.to_le_bytes());
        };
        self.table.update(group, key, &[0; 8], change).unwrap();
    }

    #[inline(always)]
    fn get_batch(&self, keys: &[(u32, &[u8])], stride: usize, out: &mut [u8]) -> usize {
        let mut found = 0;
        self.table.get_many(keys, |at, value| {
            if let Some(value) = value {
                out[at * stride..][..value.len()].copy_from_slice(value);
                found += 1;
            }
        });
        found
    }

    /// By the budget: asking the table would have it free what it can first.
    fn committed(&self) -> Option<u64> {
        Some(self.budget.used())
    }
}

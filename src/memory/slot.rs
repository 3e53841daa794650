//! Budgets by name: stores that know only strings share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use once_cell::sync::Lazy;

use crate::error::{Error, ErrorKind, Result};
use crate::memory::Budget;

static SLOTS: Lazy<Mutex<HashMap<String, Weak<Budget>>>> = Lazy::new(Mutex::default);

/// The budget of the slot `name`, made with `limit` bytes (0 = no limit) when no store uses it. An empty name gives a
/// budget of one's own.
///
/// Fails with [`ErrorKind::InvalidOption`] when the slot is in use with another limit.
pub fn slot_budget(name: &str, limit: u64) -> Result<Arc<Budget>> {
    let limit = if limit == 0 { u64::MAX } else { limit };
    if name.is_empty() {
        return Ok(Budget::new(limit));
    }
    // Nothing that runs under the lock can panic half-way.
    let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    slots.retain(|_, budget| budget.strong_count() > 0);
    if let Some(budget) = slots.get(name).and_then(Weak::upgrade) {
        if budget.limit() != limit {
            let of = |limit| if limit == u64::MAX { 0 } else { limit };
            return Err(Error::new(
                ErrorKind::InvalidOption,
                format!(
                    "option memory.limit-bytes={}: the slot '{name}' is in use with {}; give all its stores one limit",
                    of(limit),
                    of(budget.limit())
                ),
            ));
        }
        return Ok(budget);
    }
    let budget = Budget::new(limit);
    slots.insert(name.to_string(), Arc::downgrade(&budget));
    Ok(budget)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_of_a_slot_share_its_budget_until_the_last_is_gone() {
        let first = slot_budget("slot of a test", 1000).unwrap();
        let second = slot_budget("slot of a test", 1000).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(slot_budget("slot of a test", 0).unwrap_err().kind(), ErrorKind::InvalidOption);
        drop((first, second));
        assert_eq!(slot_budget("slot of a test", 7).unwrap().limit(), 7);
    }

    #[test]
    fn stores_without_a_slot_share_nothing() {
        let first = slot_budget("", 10).unwrap();
        first.charge(10).unwrap();
        slot_budget("", 10).unwrap().charge(10).unwrap();
    }
}

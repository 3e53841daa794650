//! Budgets of native memory, and what is used by whom.
//!
//! A [`Budget`] is a hard limit that any number of stores share: the tables of one process slot. Whoever needs memory
//! charges the budget before it takes it from the system and gives the charge back after it has returned it, so that
//! what a budget says is never less than what its users hold.
//!
//! Knows nothing of tables: who charges what is theirs.

mod budget;
mod slot;
mod usage;

pub use budget::Budget;
pub use slot::slot_budget;
pub use usage::MemoryUse;

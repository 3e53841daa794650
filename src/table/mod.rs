//! The copy-on-write table: keyed state in memory, off the Java heap, with snapshots that stop nobody.
//!
//! ```text
//!  TableEngine ─ Lock ─ Core ┬ Heap: Arena (blocks), epoch, hash
//!                            └ State ─ Group (a key group): directory ─ Segment (slots) ─ Record (key, value)
//!                                                                                      └─ map: B+-tree ─ Record
//! ```
//!
//! | file | what it is |
//! |---|---|
//! | `arena` | blocks of native memory in size classes, charged to a budget |
//! | `slot`, `record` | the eight bytes that point to a record, and the record |
//! | `segment`, `probe` | slots in the order of their tags; looking at eight at once |
//! | `group` | one key group: extendible hashing, copy-on-write, what snapshots keep |
//! | `map` | the entries of one key in order, for map states |
//! | `state`, `core` | operations on entries; all states of a store; transactions |
//! | `snapshot`, `use_count`, `release` | reading what was, on other threads; telling the owner |
//! | `sharing`, `retired` | what a key group keeps for them, and what to free then |
//! | `cursor`, `changes` | snapshots in blocks; what changed between two |
//! | `loader`, `load` | blocks of entries into the table |
//! | `scan` | ordered scans over a pinned key group |
//! | `walk` | all entries in bounded steps, with writes between them |
//! | `engine`, `session`, `store_snapshot`, `lock` | the engine behind the store |
//! | `sync` | what threads meet at; tests run it in every order |
//! | `image` | the file that flush and close write |
//! | `standalone` | one state without a store, for those who need no more |
//!
//! Getting, putting, appending and removing do bounded work: a table grows by one segment at a time, shrinks the same way, and
//! frees what snapshots have let go of a few blocks a write. Clearing takes what is cleared; a scan of a key group, or for all
//! namespaces of a key, takes the key group; and a write that meets the memory limit first frees all that waits for it.

mod arena;
mod changes;
#[cfg(test)]
mod check;
mod core;
mod cursor;
mod engine;
mod group;
mod heap;
mod image;
mod load;
mod loader;
mod lock;
mod map;
mod probe;
mod record;
mod release;
mod retired;
mod scan;
mod segment;
mod session;
mod sharing;
mod slot;
mod snapshot;
mod standalone;
mod state;
mod store_snapshot;
mod sync;
mod use_count;
mod walk;

#[cfg(test)]
mod tests;

pub use engine::TableEngine;
pub(crate) use image::file_of;
pub use standalone::{Snapshot, Table};

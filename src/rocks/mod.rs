//! The RocksDB engine.
//!
//! One database per store, one column family per state (named like the state, prefixed with `s/` so that no state can
//! be RocksDB's own `default`). Lists use RocksDB's `stringappendtest` merge operator, whose elements are joined by
//! `,`, as Flink's RocksDB backend does.
//!
//! The safe crate opens, configures and flushes; the hot calls are in [`raw`], the only folder here with unsafe code,
//! because the crate allocates or copies there.
//!
//! The write-ahead log is off unless asked for: under a stream processor a snapshot is the durability, and a flush
//! makes everything written so far durable.

mod checkpoint;
mod cursor;
mod engine;
mod expiring;
mod figures;
mod flush;
mod load;
mod memory;
mod options;
mod pace;
mod range;
mod raw;
mod restore;
mod scan;
mod session;
mod snapshot;
mod status;
mod template;
mod walk;

pub use engine::RocksEngine;
pub use memory::SlotCache;
pub use restore::FileSource;

#[cfg(test)]
mod tests;

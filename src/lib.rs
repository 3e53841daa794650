//! Keybed: native keyed state for JVM stream processors.
//!
//! The map of the house; data flows down this list:
//!
//! | module | what it is |
//! |---|---|
//! | `jni`, [`capi`] | the doors: Java and C. They check, call, and translate; no logic |
//! | `ffi` | what both doors share: handles, thread ownership, the panic guard, the last error |
//! | [`store`] | what a backend talks to: [`store::Store`], [`store::Session`], states, scans, write batches, snapshots |
//! | [`table`] | the engine in memory: a copy-on-write hash table with snapshots |
//! | [`rocks`] | the RocksDB engine behind [`store::Engine`] (cargo feature `rocks`) |
//! | [`snapshot`] | snapshots as files and streams: written, read, verified, clipped to key groups |
//! | [`block`] | many entries in one buffer: scans and multi-gets |
//! | [`key`] | composite keys: key group, key, namespace, map key |
//! | [`expiry`] | state whose time is over: what values say of it |
//! | [`value`] | archived values: the reusable serializer, checked access, records that Java reads field by field |
//! | [`memory`] | budgets of native memory |
//! | [`options`], [`error`] | every option and limit; every error and its code |
//!
//! ```no_run
//! use keybed::{key::PartSize, options::StoreOptions, store::{StateKind, Store}};
//!
//! # fn main() -> keybed::error::Result<()> {
//! let store = Store::open("/tmp/words", &StoreOptions::default())?;
//! let mut session = store.session()?;
//! let counts = session.open_state("counts", StateKind::Value, PartSize::NONE)?;
//! session.set_key(7, b"hello")?;
//! session.put(counts, b"", b"", &1u64.to_le_bytes())?;
//! let mut value = [0; 8];
//! assert_eq!(session.get(counts, b"", b"", &mut value)?, Some(8));
//! drop(session);
//! store.close()
//! # }
//! ```

pub mod block;
pub mod capi;
pub mod error;
pub mod expiry;
mod ffi;
mod jni;
pub mod key;
mod manifest;
pub mod memory;
pub mod options;
#[cfg(feature = "rocks")]
pub mod rocks;
pub mod snapshot;
pub mod store;
pub mod table;
pub mod value;

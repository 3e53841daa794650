//! The JVM door: one file per Java class of package `dev.keybed` that has native methods.
//!
//! Two kinds of natives:
//! * *hot* ([`native_session_hot`](self), two of [`native_blocks`](self)): primitives in, a number out. No `JNIEnv` call, no object, no array. They
//!   return 0 or more, -1 for absent, or `-(code)`; Java turns a negative code into the exception.
//! * *cold*: through the `jni` crate, and [`errors`] throws.
//!
//! Everything is exported as `Java_*` rather than registered: natives registered on a class of another loader jump into
//! unmapped code after unloading. No class reference is cached, because a global reference to a class of the loader
//! that owns this library would keep that loader alive.

mod blocks;
mod buffer;
mod errors;
mod jvm_session;
mod native_blocks;
mod native_keys;
mod native_library;
mod native_prepared_snapshot;
mod native_session;
mod native_session_hot;
mod native_snapshot;
mod native_snapshot_files;
mod native_snapshot_series;
mod native_store;
mod native_stored_snapshot;
mod packed_entries;
mod words;

pub(crate) use blocks::JvmBlocks;
pub(crate) use jvm_session::JvmSession;

#[cfg(feature = "failpoints")]
mod panic_injection;

//! Values that Rust writes and others read in place: rkyv archives.
//!
//! Keyed state is opaque bytes to the rest of this crate; this module is for whoever writes records from Rust, or
//! reads them field by field ([`record`] generates the Java classes that do).
//!
//! | type | what it is |
//! |---|---|
//! | [`Context`] | what a serialization needs and may be used again: arena, share map, output. Owned by whoever writes |
//! | [`Value`] | what a context serializes; every type that derives [`rkyv::Serialize`] |
//! | [`WriteError`] | [`Limit`](WriteError::Limit), which is control flow, or a failure with its cause |
//! | [`access`](fn@access) | the checked way to read, for bytes from elsewhere |
//! | [`Verified`] | bytes whose checksum was verified, and the unchecked way to read them |
//! | [`record`] | records whose fields are known by name, kind and offset |
//!
//! # Bytes
//!
//! ```text
//!  what the root points to (text, lists), depth first | root, the last size_of::<Archived<T>>() bytes
//! ```
//!
//! Little-endian, unaligned, pointers of 32 bits relative to where they stand. So a value is the same bytes wherever it
//! lies, may be copied anywhere, and may be read at any address, which is what an LSM tree or a hash table gives.
//! `format.rs` pins this at compile time: cargo unifies features, and another crate could otherwise change the bytes.
//! Bytes are stable for one schema and rkyv 0.8; another release may choose other bytes for the same value (both can be
//! read), so archives of different builds must not be compared or hashed. There is no evolution of schemas.
//!
//! # Invariants
//!
//! * A context is cleared when it is borrowed, not when it is given back, so how the last use ended (an error, a panic)
//!   cannot matter. The share map cannot be reached uncleared: `shared.rs` has no other way to it.
//! * A serialization that fails, or panics, leaves the output as long as it was.
//! * What a context keeps between uses is capped ([`Caps`]).
//! * Positions count from the start of the value, and no value is longer than [`MAX_VALUE_BYTES`]: rkyv panics on larger
//!   distances.
//! * Nothing is thread-local: in a loaded library a thread-local costs several times what the arena does.

mod access;
mod caps;
mod cause;
mod context;
mod format;
pub mod record;
mod scratch;
mod shared;
#[cfg(test)]
mod tests;
mod verified;
mod write_error;
mod writer;

pub use access::{Checked, access};
pub use caps::Caps;
pub use cause::Cause;
pub use context::{Context, Serializer, Value};
pub use format::FORMAT;
/// The archive library, in the version and with the features that this crate is built with.
pub use rkyv;
pub use scratch::Scratch;
pub use shared::Shared;
pub use verified::Verified;
pub use write_error::WriteError;
pub use writer::{BoundedWriter, MAX_VALUE_BYTES};

//! Snapshots outside the store: written, read, verified, clipped to a range of key groups.

mod entries;

pub use entries::{Change, Entries, EntryForm, OP_DELETE, OP_PUT};

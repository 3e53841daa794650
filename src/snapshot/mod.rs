//! Snapshots outside the store: written, read, verified, clipped to a range of key groups.
//!
//! Two forms, told apart by what stands at the path:
//!
//! * a **file** ([`SnapshotFile`]): all entries of some states and key groups (*full*), or what changed since an earlier
//!   snapshot (*changes*). It is written from its first byte to its last, so it may as well be a stream; it is read by its
//!   index, so a task reads its own key groups only;
//! * a **directory** ([`SnapshotDirectory`]): files that are never changed and may be shared with other snapshots by hard
//!   links (*incremental*): RocksDB's own, or of a table one full file and the changes since.
//!
//! ```text
//!  file    head | block block ... leaf | block ... leaf | root | trailer        each in a frame, see `frame`
//!
//!  head     text: version, features, id, engine, keys, key groups, states        see `head`
//!  block    entries of one state, in key groups first..=last (see `block`)
//!  leaf     where its blocks are, and their state, key groups and counts         see `index`
//!  root     the same of the leaves
//!  trailer  the last 512 bytes: version, features, where the root is, counts     see `trailer`
//! ```
//!
//! Invariants:
//! * frames begin at multiples of 512 bytes and leave no gap; every byte is covered by the checksum of a frame, which is of
//!   the bytes as stored, so nothing is decompressed or parsed that has not been checked;
//! * blocks ascend by state, then by key group; two neighbours may share a key group;
//! * writing keeps a few blocks in memory, reading one, however large the state is;
//! * a file has its name only once all of it is on disk, and is never written to again.

mod blocks;
mod compression;
mod directory;
mod encoder;
mod entries;
mod file;
mod frame;
mod head;
mod id;
mod index;
mod input;
mod load;
mod lookup;
mod options;
mod partial;
mod read_at;
mod scan;
mod stream;
mod trailer;
mod verify;
mod walk;
mod write;

pub use blocks::{Blocks, Fetch};
pub(crate) use directory::{DIRECTORY_FORMAT_VERSION, sum_file};
pub use directory::{FileEntry, SnapshotDirectory};
pub use encoder::MIN_BUFFER_BYTES;
pub use entries::{Change, Entries, EntryForm, OP_DELETE, OP_PUT};
pub use file::SnapshotFile;
pub(crate) use head::stored_states;
pub use head::{FORMAT_VERSION, MAX_CHAIN, SnapshotBase, SnapshotHead, StoredState};
pub use id::SnapshotId;
pub use index::BlockPlace;
pub(crate) use load::load;
pub use options::SnapshotOptions;
pub use partial::clean;
pub(crate) use partial::{PartialDirectory, PartialFile};
pub use read_at::ReadAt;
pub use scan::StoredScan;
pub use stream::{NextBlock, SnapshotStream, SnapshotSummary};
pub use verify::{Verified, verify, verify_source};
pub use walk::Walk;
pub(crate) use write::write_stream;

#[cfg(test)]
mod tests;

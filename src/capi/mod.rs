//! The C door: one file per C type. `include/keybed.h` is generated from here.
//!
//! Every function is a shell: check pointers, find the object by its handle under the panic guard, call, store the
//! results, return a status. [`status::run`] is the one place where an error becomes a status and keeps its message.
#![expect(non_camel_case_types, reason = "the names are C's")]

mod batch;
mod block;
mod describe;
mod library;
mod memory;
mod scan;
mod session;
mod snapshot;
mod snapshot_files;
mod snapshot_series;
mod snapshot_stream;
mod status;
mod store;
mod stored_scan;
mod stored_snapshot;
mod types;

pub use batch::*;
pub use block::*;
pub use library::*;
pub use scan::*;
pub use session::*;
pub use snapshot::*;
pub use snapshot_files::*;
pub use snapshot_series::*;
pub use snapshot_stream::*;
pub use store::*;
pub use stored_scan::*;
pub use stored_snapshot::*;
pub use types::*;

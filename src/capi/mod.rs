//! The C door: one file per C type. `include/keybed.h` is generated from here.
//!
//! Every function is a shell: check pointers, find the object by its handle under the panic guard, call, store the
//! results, return a status. [`status::run`] is the one place where an error becomes a status and keeps its message.
#![expect(non_camel_case_types, reason = "the names are C's")]

mod batch;
mod block;
mod library;
mod memory;
mod scan;
mod session;
mod status;
mod store;
mod types;

pub use batch::*;
pub use block::*;
pub use library::*;
pub use scan::*;
pub use session::*;
pub use store::*;
pub use types::*;

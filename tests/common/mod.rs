//! What the integration tests share. Each test program uses a part of it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    unused_imports,
    unused_macros,
    missing_docs,
    reason = "shared by tests"
)]

pub mod c;
pub mod child;
pub mod counts;
pub mod engines;
pub mod files;
pub mod format;
pub mod model;
pub mod random;
pub mod stored;

//! The table beside the physical limit (`floor`) and beside hashbrown, all in one process, in alternating rounds.
//!
//! ```text
//! cargo bench --no-default-features --bench table -- [points] [stalls] [snapshot] [memory] [engines] [--entries 10000,1000000]
//!     [--values 8,100] [--ops get,put] [--only floor,table] [--rounds 7] [--round-ops 500000] [--runs 3] [--seconds 5]
//! ```
//!
//! Without a part everything runs. `engines` (the table engine beside RocksDB) needs the feature `rocks`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench"
)]

mod arguments;
mod brown;
mod clock;
mod competitor;
mod floor;
mod hash;
mod keys;
mod mapped;
mod memory;
mod nothing;
mod percentiles;
mod points;
mod stalls;

use arguments::Arguments;

fn main() {
    let arguments = Arguments::from_command_line();
    if arguments.wants("points") {
        points::run(&arguments);
    }
    if arguments.wants("stalls") {
        stalls::run(&arguments);
    }
    if arguments.wants("memory") {
        memory::run(&arguments);
    }
}

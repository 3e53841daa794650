//! The table beside the physical limit (`floor`) and beside hashbrown, all in one process, in alternating rounds.
//!
//! ```text
//! cargo bench --no-default-features --bench table -- [memory] [points] [stalls] [snapshot] [blocks] [chain] [engines] [--entries 10000,1000000]
//!     [--values 8,100] [--ops get,put] [--only floor,table] [--rounds 7] [--round-ops 500000] [--runs 3]
//! ```
//!
//! Without a part everything runs. The defaults of `--entries` and `--values` are each part's own; `--runs` is for `stalls`,
//! `snapshot` and `chain`, `--rounds` for `points` and `engines`. `engines` (the table engine beside RocksDB) needs the feature `rocks`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench"
)]

mod arguments;
mod blocks;
mod brown;
mod chain;
mod clock;
mod competitor;
#[cfg(feature = "rocks")]
mod engines;
mod floor;
mod histogram;
mod keys;
mod mapped;
mod memory;
mod nothing;
mod ours;
mod percentiles;
mod points;
mod snapshot;
mod stalls;

use arguments::Arguments;

fn main() {
    let arguments = Arguments::from_command_line();
    if arguments.asked(memory::ALONE) {
        memory::run_alone(&arguments);
    }
    if arguments.wants("memory") {
        memory::run(&arguments);
    }
    if arguments.wants("points") {
        points::run(&arguments);
    }
    if arguments.wants("stalls") {
        stalls::run(&arguments);
    }
    if arguments.wants("snapshot") {
        snapshot::run(&arguments);
    }
    if arguments.wants("blocks") {
        blocks::run(&arguments);
    }
    if arguments.wants("chain") {
        chain::run(&arguments);
    }
    if arguments.wants("engines") {
        engines(&arguments);
    }
}

#[cfg(feature = "rocks")]
fn engines(arguments: &Arguments) {
    engines::run(arguments);
}

#[cfg(not(feature = "rocks"))]
fn engines(_: &Arguments) {
    println!("\nThe engines are not compared: this is built without the feature `rocks`.");
}

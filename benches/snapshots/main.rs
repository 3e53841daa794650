//! Snapshots of a whole table: written beside a plain write of the same bytes, restored, in series.
//!
//! ```text
//! cargo bench --bench snapshots -- [write] [restore] [series] [--entries 10000000] [--values 8,100] [--rounds 3]
//! ```
//!
//! Wall time, files synced, in alternating rounds of one process; the medians are compared.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench"
)]

mod arguments;
mod filled;
mod restore;
mod series;
mod write;

use std::time::{Duration, Instant};

fn main() {
    let arguments = arguments::Arguments::from_command_line();
    for value_bytes in &arguments.values {
        if arguments.wants("write") {
            write::run(&arguments, *value_bytes);
        }
        if arguments.wants("restore") {
            restore::run(&arguments, *value_bytes);
        }
        if arguments.wants("series") {
            series::run(&arguments, *value_bytes);
        }
    }
}

pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let out = work();
    (start.elapsed(), out)
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn rate(amount: u64, time: Duration) -> f64 {
    amount as f64 / time.as_secs_f64()
}

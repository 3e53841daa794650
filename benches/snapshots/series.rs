//! Incremental snapshots: what they write, and what holding the base costs the writer.

use std::time::Duration;

use keybed::snapshot::SnapshotOptions;

use crate::arguments::Arguments;
use crate::{filled, timed};

pub(crate) fn run(arguments: &Arguments, value_bytes: usize) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, state) = filled::open("table", &dir.path().join("store"));
    filled::fill(&mut session, state, arguments.entries, value_bytes);
    println!("\n## A series on {} entries, values of {value_bytes} bytes\n", arguments.entries);
    println!("| changed before | moment us | write ms | new MiB | of the full one | puts, ns each |");
    println!("|---|--:|--:|--:|--:|--:|");
    let series = store.snapshot_series(&SnapshotOptions::default()).unwrap();
    let mut value = vec![9; value_bytes];
    let (mut full, mut seed) = (0, 1u64);
    for (i, part) in [0.0, 0.0, 0.001, 0.01, 0.1].into_iter().enumerate() {
        let changes = (arguments.entries as f64 * part) as u64;
        let (puts, ()) = timed(|| {
            for _ in 0..changes {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                filled::put(&mut session, state, seed % arguments.entries, i as u64, &mut value);
            }
        });
        let to = dir.path().join(i.to_string());
        let (moment, prepared) = timed(|| series.prepare(&to).unwrap());
        let (write, snapshot) = timed(|| prepared.finish().unwrap());
        let new = snapshot.files.last().unwrap().bytes;
        full = if i == 0 { new } else { full };
        let each = if changes == 0 { Duration::ZERO } else { puts / changes as u32 };
        println!(
            "| {changes} | {:.0} | {:.0} | {:.1} | {:.4} | {} |",
            moment.as_secs_f64() * 1e6,
            write.as_secs_f64() * 1e3,
            new as f64 / f64::from(1 << 20),
            new as f64 / full as f64,
            each.as_nanos()
        );
    }
}

//! A full snapshot restored into a table.

use std::fs;

use keybed::options::Compression;
use keybed::snapshot::SnapshotOptions;
use keybed::store::Store;

use crate::arguments::Arguments;
use crate::{filled, median, rate, timed};

pub(crate) fn run(arguments: &Arguments, value_bytes: usize) {
    let dir = tempfile::tempdir().unwrap();
    println!("\n## Restoring {} entries, values of {value_bytes} bytes, into a table\n", arguments.entries);
    println!("| from | ms | entries/s |");
    println!("|---|--:|--:|");
    let mut files = Vec::new();
    {
        let (store, mut session, state) = filled::open("table", &dir.path().join("store"));
        filled::fill(&mut session, state, arguments.entries, value_bytes);
        let snapshot = store.snapshot().unwrap();
        for compression in [Compression::None, Compression::Lz4] {
            let file = dir.path().join(format!("{compression:?}"));
            let options = SnapshotOptions { compression, ..SnapshotOptions::default() };
            snapshot.write_file(&file, &options).unwrap();
            files.push((compression, file));
        }
    }
    for (compression, file) in files {
        let mut times = Vec::new();
        for _ in 0..arguments.rounds {
            let to = dir.path().join("restored");
            let (time, store) = timed(|| Store::restore(&to, &filled::options("table"), &[&file]).unwrap());
            times.push(time);
            drop(store);
            fs::remove_dir_all(&to).unwrap();
        }
        let time = median(times);
        println!("| {compression:?} | {} | {:.0} |", time.as_millis(), rate(arguments.entries, time));
    }
}

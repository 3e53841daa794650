//! RocksDB state spread over two tasks: by files, and by putting every entry in anew.

use std::fs;

use keybed::key::{KeyGroupRange, PartSize};
use keybed::options::StoreOptions;
use keybed::snapshot::SnapshotOptions;
use keybed::store::{StateKind, Store};

use crate::arguments::Arguments;
use crate::{filled, median, timed};

const VALUE_BYTES: usize = 100;

pub(crate) fn run(arguments: &Arguments) {
    let entries = arguments.entries / 5;
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, state) = filled::open("rocks", &dir.path().join("store"));
    filled::fill(&mut session, state, entries, VALUE_BYTES);
    drop(session);
    let files = dir.path().join("files");
    store.snapshot_series(&SnapshotOptions::default()).unwrap().write(&files).unwrap();
    let full = dir.path().join("full");
    let snapshot = store.snapshot().unwrap();
    snapshot.write_file(&full, &SnapshotOptions::default()).unwrap();
    println!("\n## RocksDB: {entries} entries, values of {VALUE_BYTES} bytes, from one task to two\n");
    println!("| how | ms | of putting in anew |");
    println!("|---|--:|--:|");
    let tasks = [KeyGroupRange::new(0, 63).unwrap(), KeyGroupRange::new(64, 127).unwrap()];
    let options = |task| StoreOptions { key_groups: Some(task), ..filled::options("rocks") };
    let restore = |from: &std::path::Path| {
        for (i, task) in tasks.into_iter().enumerate() {
            Store::restore(dir.path().join(format!("to {i}")), &options(task), &[from]).unwrap();
        }
    };
    let put_anew = || {
        for (i, task) in tasks.into_iter().enumerate() {
            let store = Store::open(dir.path().join(format!("to {i}")), &options(task)).unwrap();
            let mut session = store.session().unwrap();
            let state = session.open_state("state", StateKind::Value, PartSize::NONE).unwrap();
            for group in task.iter() {
                let put = |key: &[u8], value: &[u8]| {
                    session.set_key(group, &key[1..])?;
                    session.put(state, b"", b"", value)
                };
                snapshot.for_each("state", group, put).unwrap();
            }
            drop(session);
            store.close().unwrap();
        }
    };
    let ways: [(&str, &dyn Fn()); 3] = [
        ("putting in anew", &put_anew),
        ("files by hard links", &|| restore(&files)),
        ("a full snapshot", &|| restore(&full)),
    ];
    let mut times = ways.map(|_| Vec::new());
    for _ in 0..arguments.rounds {
        for ((_, way), times) in ways.iter().zip(&mut times) {
            times.push(timed(way).0);
            (0..2).for_each(|i| fs::remove_dir_all(dir.path().join(format!("to {i}"))).unwrap());
        }
    }
    let times = times.map(median);
    for ((name, _), time) in ways.iter().zip(times) {
        let share = times[0].as_secs_f64() / time.as_secs_f64();
        println!("| {name} | {} | {share:.1}x as fast |", time.as_millis());
    }
}

//! A full snapshot beside a plain sequential write of the same bytes with the same checksum.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use keybed::options::Compression;
use keybed::snapshot::{NextBlock, SnapshotOptions};

use crate::arguments::Arguments;
use crate::{filled, median, rate, timed};

const CHUNK: usize = 256 << 10;

/// Buffered, in pieces of a block, each with its checksum; synced.
fn plain(path: &Path, bytes: &[u8]) {
    let mut file = BufWriter::with_capacity(CHUNK, File::create(path).unwrap());
    let mut sum = 0;
    for chunk in bytes.chunks(CHUNK) {
        sum ^= crc32c::crc32c(chunk);
        file.write_all(chunk).unwrap();
    }
    std::hint::black_box(sum);
    file.into_inner().unwrap().sync_all().unwrap();
}

pub(crate) fn run(arguments: &Arguments, value_bytes: usize) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut session, state) = filled::open("table", &dir.path().join("store"));
    filled::fill(&mut session, state, arguments.entries, value_bytes);
    let snapshot = store.snapshot().unwrap();
    println!("\n## Writing {} entries, values of {value_bytes} bytes\n", arguments.entries);
    println!("| what | MiB | ms | MiB/s | ns an entry | of the plain write |");
    println!("|---|--:|--:|--:|--:|--:|");
    let file = dir.path().join("snapshot");
    let show = |what: &str, bytes: u64, time: Duration, of: Option<Duration>| {
        let share = of.map_or("".to_string(), |of| format!("{:.2}", of.as_secs_f64() / time.as_secs_f64()));
        println!(
            "| {what} | {} | {} | {:.0} | {:.1} | {share} |",
            bytes >> 20,
            time.as_millis(),
            rate(bytes, time) / f64::from(1 << 20),
            time.as_nanos() as f64 / arguments.entries as f64
        );
    };
    let mut whole = None;
    let blocks = |buf: &mut Vec<u8>| {
        let mut stream = snapshot.stream(&SnapshotOptions::default()).unwrap();
        while stream.next_block(buf).unwrap() != NextBlock::End {}
        stream.summary().bytes
    };
    let mut buf = vec![0; 1 << 20];
    let mut alone = Vec::new();
    for _ in 0..arguments.rounds {
        alone.push(timed(|| blocks(&mut buf)));
    }
    for compression in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let options = SnapshotOptions { compression, ..SnapshotOptions::default() };
        let (mut ours, mut theirs, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..arguments.rounds {
            let _ = fs::remove_file(&file);
            let (time, written) = timed(|| snapshot.write_file(&file, &options).unwrap());
            (bytes, _) = (written.bytes, ours.push(time));
            if compression == Compression::None {
                let content = fs::read(&file).unwrap();
                let copy = dir.path().join("copy");
                let _ = fs::remove_file(&copy);
                theirs.push(timed(|| plain(&copy, &content)).0);
                fs::remove_file(&copy).unwrap();
            }
        }
        if compression == Compression::None {
            whole = Some(median(theirs));
            show("plain write", bytes, median_of(whole), None);
            show(
                "blocks alone, not written",
                bytes,
                median(alone.iter().map(|(time, _)| *time).collect()),
                whole,
            );
        }
        show(&format!("snapshot, {compression:?}"), bytes, median(ours), whole);
    }
}

fn median_of(time: Option<Duration>) -> Duration {
    time.unwrap_or_default()
}

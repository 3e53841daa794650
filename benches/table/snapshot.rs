//! What does a snapshot cost while it is read?
//!
//! The main thread puts random keys that are there, in windows of three kinds by turns:
//! * `snapshot`: a second thread reads a snapshot, group by group, and writes its entries to a buffer with a checksum, as a
//!   writer of snapshots would; the window ends with the snapshot;
//! * `alone`: nothing else, for as long;
//! * `neighbour`: a second thread runs the checksum over memory that has nothing to do with the table. What this costs the
//!   main thread is the machine's: caches, memory and clock are shared.
//!
//! Windows without a clock around each put give the throughput, others the latencies. Every value carries the number of its
//! window, so the reader sees whether the snapshot has anything that was put after it was opened.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use keybed::table::Snapshot;

use crate::arguments::Arguments;
use crate::clock::{Span, ticks, ticks_per_nanosecond, timed};
use crate::competitor::{Competitor, head};
use crate::histogram::Histogram;
use crate::keys::{BLOCK, Block, GROUPS, KEY_BYTES, Key, Random};
use crate::ours::Ours;

const BUFFER: usize = 1 << 20;
/// Memory is looked at after so many blocks of puts.
const LOOK: u64 = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Snapshot,
    Alone,
    Neighbour,
}

const KINDS: [Kind; 3] = [Kind::Snapshot, Kind::Alone, Kind::Neighbour];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Snapshot => "snapshot",
            Kind::Alone => "alone",
            Kind::Neighbour => "neighbour",
        }
    }
}

/// What a window of one kind showed.
struct Window {
    puts: u64,
    span: Span,
    latencies: Histogram,
    /// Committed memory at the start, and the most during the window.
    committed: (u64, u64),
    /// Freeing at once what the snapshot still held when it was over; writes would have done it step by step.
    left: Duration,
    seed: u64,
}

struct Bench {
    ours: Ours,
    entries: u64,
    value_bytes: usize,
    /// Number of the window; put into every value.
    window: u64,
}

impl Bench {
    fn new(entries: u64, value_bytes: usize) -> Bench {
        let mut ours = Ours::growing(entries, value_bytes);
        // The number of window 0.
        let value = vec![0; value_bytes];
        for number in 0..entries {
            let key = Key::of(number);
            ours.put(key.group, &key.bytes, &value);
        }
        Bench { ours, entries, value_bytes, window: 0 }
    }

    /// Puts until `done`. With `clock`, each put's latency is taken.
    fn puts(&mut self, clock: bool, done: &dyn Fn() -> bool) -> Window {
        let seed = self.window + 1000;
        let mut random = Random::new(seed, self.entries);
        let mut value = vec![7; self.value_bytes];
        value[..8].copy_from_slice(&self.window.to_le_bytes());
        let mut block = Block::new();
        let mut latencies = Histogram::new();
        let start = self.ours.committed().unwrap();
        let (mut peak, mut blocks) = (start, 0u64);
        let (span, ()) = timed(|| {
            while !done() {
                block.fill(|| random.number());
                if clock {
                    let mut last = ticks();
                    for (group, key) in block.iter() {
                        self.ours.put(group, key, black_box(&value));
                        let now = ticks();
                        latencies.add(now - last);
                        last = now;
                    }
                } else {
                    for (group, key) in block.iter() {
                        self.ours.put(group, key, black_box(&value));
                    }
                }
                blocks += 1;
                if blocks.is_multiple_of(LOOK) {
                    peak = peak.max(self.ours.committed().unwrap());
                }
            }
        });
        peak = peak.max(self.ours.committed().unwrap());
        Window {
            puts: blocks * BLOCK as u64,
            span,
            latencies,
            committed: (start, peak),
            left: Duration::ZERO,
            seed,
        }
    }

    /// A window of one kind; one that is not a snapshot's lasts for `length`.
    fn window(&mut self, kind: Kind, clock: bool, length: Duration, noise: &[u8]) -> Window {
        self.window += 1;
        let start = Instant::now();
        match kind {
            Kind::Alone => self.puts(clock, &|| start.elapsed() >= length),
            Kind::Neighbour => self.beside_neighbour(clock, &|| start.elapsed() >= length, noise),
            Kind::Snapshot => self.beside_snapshot(clock),
        }
    }

    fn beside_neighbour(&mut self, clock: bool, done: &dyn Fn() -> bool, noise: &[u8]) -> Window {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    for part in noise.chunks(BUFFER) {
                        black_box(crc32c::crc32c(part));
                    }
                }
            });
            let window = self.puts(clock, done);
            over.store(true, Ordering::Relaxed);
            window
        })
    }

    fn beside_snapshot(&mut self, clock: bool) -> Window {
        let (number, entries) = (self.window, self.entries);
        let snapshot = self.ours.table.snapshot().unwrap();
        let mut window = std::thread::scope(|scope| {
            let reader = scope.spawn(move || read(snapshot, number));
            let window = self.puts(clock, &|| reader.is_finished());
            assert_eq!(reader.join().unwrap(), entries, "entries of the snapshot");
            window
        });
        let (span, _) = timed(|| self.ours.table.memory());
        window.left = span.wall;
        window
    }

    /// How many different keys a window put.
    fn distinct(&self, window: &Window) -> u64 {
        let mut random = Random::new(window.seed, self.entries);
        let mut seen = vec![0u64; self.entries.div_ceil(64) as usize];
        for _ in 0..window.puts {
            let number = random.number();
            seen[number as usize / 64] |= 1 << (number % 64);
        }
        seen.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

/// Reads a snapshot as a writer would; the number of entries.
fn read(snapshot: Snapshot, window: u64) -> u64 {
    let mut buffer = Vec::with_capacity(BUFFER + 4096);
    let (mut entries, mut checksum) = (0, 0);
    for group in 0..GROUPS {
        snapshot
            .for_each(group, |key, value| {
                assert!(head(value) < window, "the snapshot has a value that was put after it was opened");
                buffer.extend_from_slice(&(key.len() as u32).to_le_bytes());
                buffer.extend_from_slice(&(value.len() as u32).to_le_bytes());
                buffer.extend_from_slice(key);
                buffer.extend_from_slice(value);
                if buffer.len() >= BUFFER {
                    checksum = crc32c::crc32c_append(checksum, &buffer);
                    buffer.clear();
                }
                entries += 1;
            })
            .unwrap();
        snapshot.release(group);
    }
    black_box(crc32c::crc32c_append(checksum, &buffer));
    entries
}

pub(crate) fn run(arguments: &Arguments) {
    let rate = ticks_per_nanosecond();
    for entries in arguments.entries(&[10_000_000]) {
        for value_bytes in arguments.values(&[8]) {
            measure(arguments, entries, value_bytes, rate);
        }
    }
}

fn measure(arguments: &Arguments, entries: u64, value_bytes: usize, rate: f64) {
    println!("\n## Snapshot: {entries} entries, 11-byte keys, {value_bytes}-byte values\n");
    let mut bench = Bench::new(entries, value_bytes);
    opening(&mut bench);
    println!(
        "\n| window | puts | seconds | puts / s | puts / s of processor time | committed before | most | extra | different \
         keys put | their bytes | extra / their bytes | freeing the rest, ms |"
    );
    println!("|---|{}", "--:|".repeat(11));
    // Other memory than the caches hold.
    let noise = vec![1; 256 << 20];
    let mut length = Duration::from_secs(1);
    let mut latencies = KINDS.map(|_| Histogram::new());
    let mut rates = KINDS.map(|_| Vec::new());
    for turn in 0..2 * arguments.runs {
        // By turns without and with a clock.
        let clock = turn % 2 == 1;
        for (kind, (latencies, rates)) in KINDS.into_iter().zip(latencies.iter_mut().zip(&mut rates)) {
            let window = bench.window(kind, clock, length, &noise);
            if kind == Kind::Snapshot {
                length = window.span.wall;
            }
            if clock {
                latencies.merge(&window.latencies);
            } else {
                rates.push(window.puts as f64 / window.span.cpu.as_secs_f64());
                println!("{}", row(&bench, kind, &window));
            }
        }
    }
    println!(
        "\n| window | puts / s of processor time, best | of alone | p50 | p99 | p99.9 | p99.99 | max, microseconds |"
    );
    println!("|---|{}", "--:|".repeat(7));
    let best = |rates: &[f64]| rates.iter().copied().fold(0.0, f64::max);
    for ((kind, latencies), rates_of) in KINDS.iter().zip(&latencies).zip(&rates) {
        let micros = |ticks: u64| format!("{:.2}", ticks as f64 / rate / 1000.0);
        println!(
            "| {} | {:.0} | {:.2} | {} | {} | {} | {} | {} |",
            kind.name(),
            best(rates_of),
            best(rates_of) / best(&rates[1]),
            micros(latencies.at(0.5)),
            micros(latencies.at(0.99)),
            micros(latencies.at(0.999)),
            micros(latencies.at(0.9999)),
            micros(latencies.max()),
        );
    }
}

/// Opens and drops snapshots that nobody reads.
fn opening(bench: &mut Bench) {
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let start = Instant::now();
            let snapshot = bench.ours.table.snapshot().unwrap();
            let opened = start.elapsed();
            drop(snapshot);
            opened
        })
        .collect();
    times.sort_unstable();
    println!(
        "Time to open: {:?} at best, {:?} median, {:?} at worst of {}.",
        times[0],
        times[10],
        times[20],
        times.len()
    );
}

fn row(bench: &Bench, kind: Kind, window: &Window) -> String {
    let mebibytes = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let distinct = bench.distinct(window);
    let bytes = distinct * (KEY_BYTES + bench.value_bytes) as u64;
    let extra = window.committed.1 - window.committed.0;
    format!(
        "| {} | {} | {:.2} | {:.0} | {:.0} | {} | {} | {} | {} | {} | {:.2} | {:.1} |",
        kind.name(),
        window.puts,
        window.span.wall.as_secs_f64(),
        window.puts as f64 / window.span.wall.as_secs_f64(),
        window.puts as f64 / window.span.cpu.as_secs_f64(),
        mebibytes(window.committed.0),
        mebibytes(window.committed.1),
        mebibytes(extra),
        distinct,
        mebibytes(bytes),
        extra as f64 / bytes as f64,
        window.left.as_secs_f64() * 1000.0
    )
}

//! What does a chain of increments cost: a snapshot that is held until the next one is, to be compared with it?
//!
//! The same puts of keys that are there, in rounds of two kinds by turns: with no snapshot, and with one that is opened anew
//! every so many puts, the last one kept until then. The comparison itself is timed apart, on the same thread; in a stream
//! processor another one does it.

use std::hint::black_box;
use std::time::Duration;

use keybed::block::{BlockKind, BlockWriter};
use keybed::key::CompositeKey;
use keybed::store::{Engine, EngineSession, EngineSnapshot, StateKind};
use keybed::table::TableEngine;

use crate::arguments::Arguments;
use crate::blocks::{self, BLOCK_BYTES};
use crate::clock::timed;
use crate::keys::{GROUPS, Random};

/// Puts between two snapshots.
const INTERVAL: usize = 1_000_000;
/// Intervals of a round.
const INTERVALS: usize = 4;
/// Of Zipf's distribution; as in YCSB.
const EXPONENT: f64 = 0.99;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Uniform,
    Zipf,
}

/// Numbers of Zipf's distribution, by the method of Gray and others.
struct Zipf {
    count: f64,
    zeta: f64,
    eta: f64,
    random: Random,
}

impl Zipf {
    fn new(count: u64) -> Zipf {
        let zeta = |n: u64| (1..=n).map(|i| (i as f64).powf(-EXPONENT)).sum::<f64>();
        let all = zeta(count);
        let eta = (1.0 - (2.0 / count as f64).powf(1.0 - EXPONENT)) / (1.0 - zeta(2) / all);
        Zipf { count: count as f64, zeta: all, eta, random: Random::new(5, (1 << 32) - 1) }
    }

    fn number(&mut self) -> u64 {
        let u = self.random.number() as f64 / 4_294_967_296.0;
        let rank = if u * self.zeta < 1.0 {
            0.0
        } else if u * self.zeta < 1.0 + 0.5f64.powf(EXPONENT) {
            1.0
        } else {
            self.count * (self.eta * u - self.eta + 1.0).powf(1.0 / (1.0 - EXPONENT))
        };
        // Ranks that follow each other are not keys that do.
        (rank as u64).wrapping_mul(2_654_435_761) % self.count as u64
    }
}

pub(crate) fn run(arguments: &Arguments) {
    for entries in arguments.entries(&[10_000_000]) {
        for value_bytes in arguments.values(&[8]) {
            println!("\n## Chain: {entries} entries, 11-byte keys, {value_bytes}-byte values\n");
            println!(
                "| keys | ns a put alone | with the last snapshot held | puts / s of alone | different keys an interval | \
                 comparing, ns a change | ms | kept for it |\n|---|{}",
                "--:|".repeat(7)
            );
            let (engine, _dir) = blocks::engine(StateKind::Value);
            blocks::fill(&engine, StateKind::Value, entries, value_bytes);
            let mut chain =
                Chain { engine: &engine, value: vec![7; value_bytes], session: session(&engine), puts: 0 };
            for keys in [Keys::Uniform, Keys::Zipf] {
                chain.measure(keys, entries, arguments.runs);
            }
        }
    }
}

fn session(engine: &TableEngine) -> Box<dyn EngineSession> {
    let mut session = engine.session().unwrap();
    session.open_state(&blocks::state(StateKind::Value)).unwrap();
    session
}

struct Chain<'a> {
    engine: &'a TableEngine,
    session: Box<dyn EngineSession>,
    value: Vec<u8>,
    puts: u64,
}

impl Chain<'_> {
    fn measure(&mut self, keys: Keys, entries: u64, runs: usize) {
        let mut zipf = Zipf::new(entries);
        let mut uniform = Random::new(7, entries);
        let mut numbers = vec![0; INTERVAL];
        let mut fill = |numbers: &mut Vec<u64>| {
            numbers.iter_mut().for_each(|number| {
                *number = if keys == Keys::Zipf { zipf.number() } else { uniform.number() };
            });
        };
        let (mut alone, mut held) = (Vec::new(), Vec::new());
        let (mut changes, mut compared) = (Vec::new(), Vec::new());
        let mut kept = 0;
        for _ in 0..runs {
            for _ in 0..INTERVALS {
                fill(&mut numbers);
                alone.push(self.puts(&numbers));
            }
            let mut base = self.snapshot();
            for _ in 0..INTERVALS {
                fill(&mut numbers);
                held.push(self.puts(&numbers));
                kept = kept.max(self.statistic("memory.retired-bytes"));
                let later = self.snapshot();
                let (span, count) = timed(|| compare(&*base, &*later));
                changes.push(count);
                compared.push(span.cpu);
                base = later;
            }
            drop(base);
            while self.statistic("memory.retired-bytes") > 0 {}
        }
        let mean = |times: &[Duration]| times.iter().sum::<Duration>().as_nanos() as f64 / times.len() as f64;
        let count = changes.iter().sum::<u64>() as f64 / changes.len() as f64;
        let (alone, held) = (mean(&alone) / INTERVAL as f64, mean(&held) / INTERVAL as f64);
        println!(
            "| {keys:?} | {alone:.0} | {held:.0} | {:.2} | {count:.0} | {:.0} | {:.0} | {} MiB |",
            alone / held,
            mean(&compared) / count,
            mean(&compared) / 1e6,
            kept >> 20
        );
    }

    fn puts(&mut self, numbers: &[u64]) -> Duration {
        let (span, ()) = timed(|| {
            for number in numbers {
                self.puts += 1;
                self.value[..8].copy_from_slice(&self.puts.to_le_bytes());
                let bytes = blocks::key(StateKind::Value, *number);
                self.session.put(0, CompositeKey { bytes: &bytes, split: 9 }, &self.value).unwrap();
            }
        });
        span.cpu
    }

    fn snapshot(&self) -> Box<dyn EngineSnapshot> {
        self.engine.snapshot(&[blocks::state(StateKind::Value)]).unwrap()
    }

    fn statistic(&self, name: &str) -> u64 {
        let mut all = Vec::new();
        self.engine.statistics(&mut all);
        all.iter().find(|(known, _)| known == name).map_or(0, |(_, value)| value.parse().unwrap())
    }
}

/// Reads all changes into blocks; how many there are.
fn compare(base: &dyn EngineSnapshot, later: &dyn EngineSnapshot) -> u64 {
    let mut cursor = later.changes_since(base).unwrap().unwrap();
    let mut buffer = vec![0; BLOCK_BYTES];
    let mut count = 0;
    for group in 0..GROUPS as u8 {
        cursor.start(0, &[group], &blocks::form()).unwrap();
        loop {
            let mut block = BlockWriter::new(&mut buffer, BlockKind::Changes).unwrap();
            let more = cursor.fill(&mut block).unwrap();
            count += u64::from(block.count());
            black_box(block.finish(more).unwrap());
            if !more {
                break;
            }
        }
    }
    count
}

//! The table engine beside the RocksDB engine, both through a session: what a backend gets from choosing one.
//!
//! RocksDB has a write buffer that holds everything and no compression: in memory against in memory.

use std::hint::black_box;
use std::time::Duration;

use keybed::key::{KeyEncoding, PartSize};
use keybed::options::StoreOptions;
use keybed::store::{Session, StateId, StateKind, Store};
use tempfile::TempDir;

use crate::arguments::Arguments;
use crate::clock::timed;
use crate::competitor::head;
use crate::keys::{GROUPS, Key, Random};

const NAMESPACE: &[u8] = &[0];
/// Large enough that everything stays in the memtable.
const WRITE_BUFFER: &str = "2147483648";
const NAMES: [&str; 2] = ["table", "rocks"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Get,
    Miss,
    Put,
}

struct Engine {
    // Dropped in this order.
    session: Session,
    state: StateId,
    _store: Store,
    _dir: TempDir,
}

impl Engine {
    fn new(name: &str, entries: u64, value_bytes: usize) -> Engine {
        let dir = tempfile::tempdir().unwrap();
        let mut options = StoreOptions::from_pairs([
            ("engine", name),
            ("rocks.write-buffer-bytes", WRITE_BUFFER),
            ("rocks.compression", "none"),
            ("rocks.memtable-bloom-ratio", "0"),
        ])
        .unwrap();
        options.keys.encoding = KeyEncoding::Flink;
        options.keys.max_parallelism = GROUPS;
        options.keys.key_size = PartSize::Fixed(8);
        let store = Store::open(dir.path(), &options).unwrap();
        let mut session = store.session().unwrap();
        let state = session.open_state("state", StateKind::Value, PartSize::Fixed(1)).unwrap();
        let mut engine = Engine { session, state, _store: store, _dir: dir };
        let mut value = vec![7; value_bytes];
        for number in 0..entries {
            value[..8].copy_from_slice(&number.to_le_bytes());
            engine.put(number, &value);
        }
        engine
    }

    fn set_key(&mut self, number: u64) {
        self.session.set_key(Key::of(number).group, &number.to_be_bytes()).unwrap();
    }

    fn put(&mut self, number: u64, value: &[u8]) {
        self.set_key(number);
        self.session.put(self.state, NAMESPACE, &[], value).unwrap();
    }

    /// One round; a checksum of what was read.
    fn play(&mut self, op: Op, entries: u64, value_bytes: usize, ops: u64, seed: u64) -> u64 {
        let mut random = Random::new(seed, entries);
        let mut buffer = vec![7; value_bytes];
        let mut sum = 0u64;
        for _ in 0..ops {
            let number = random.number();
            match op {
                Op::Put => {
                    buffer[..8].copy_from_slice(&(number ^ seed).to_le_bytes());
                    self.put(number, &buffer);
                }
                Op::Get | Op::Miss => {
                    self.set_key(if op == Op::Miss { number + entries } else { number });
                    if self.session.get(self.state, NAMESPACE, &[], &mut buffer).unwrap().is_some() {
                        sum = sum.wrapping_add(head(&buffer));
                    }
                    black_box(&mut buffer);
                }
            }
        }
        sum
    }
}

pub(crate) fn run(arguments: &Arguments) {
    println!("\n## Engines: through a session, 8-byte keys and a namespace of 1 byte\n");
    println!("| operation | entries | value | table ns | rocks ns | rocks / table: best rounds, median |");
    println!("|---|--:|--:|--:|--:|--:|");
    for entries in arguments.entries(&[1_000_000]) {
        for value_bytes in arguments.values(&[8, 100]) {
            let mut engines = NAMES.map(|name| Engine::new(name, entries, value_bytes));
            // Puts last: each leaves another version in RocksDB's memtable.
            for op in [Op::Get, Op::Miss, Op::Put, Op::Get] {
                let times = rounds(arguments, &mut engines, op, entries, value_bytes);
                let best = times.each_ref().map(|times| times.iter().min().unwrap().as_nanos() as f64);
                let mut ratios: Vec<f64> =
                    times[0].iter().zip(&times[1]).map(|(a, b)| b.as_secs_f64() / a.as_secs_f64()).collect();
                ratios.sort_by(f64::total_cmp);
                println!(
                    "| {op:?} | {entries} | {value_bytes} | {:.0} | {:.0} | {:.2} ({:.2}) |",
                    best[0] / arguments.round_ops as f64,
                    best[1] / arguments.round_ops as f64,
                    best[1] / best[0],
                    ratios[ratios.len() / 2]
                );
            }
        }
    }
}

/// Processor time of every round, by engine; round 0 warms up.
fn rounds(
    arguments: &Arguments,
    engines: &mut [Engine; 2],
    op: Op,
    entries: u64,
    value_bytes: usize,
) -> [Vec<Duration>; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..=arguments.rounds {
        let mut checksum = None;
        for turn in 0..2 {
            let who = (turn + n) % 2;
            let (span, sum) =
                timed(|| engines[who].play(op, entries, value_bytes, arguments.round_ops, n as u64 + 1));
            assert_eq!(*checksum.get_or_insert(sum), sum, "{}: another checksum", NAMES[who]);
            if n > 0 {
                times[who].push(span.cpu);
            }
        }
    }
    times
}

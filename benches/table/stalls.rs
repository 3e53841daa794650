//! How long does a single put take while a table grows from nothing?
//!
//! On a shared machine the longest puts are the machine's. Three things tell them from the table's own:
//! * the same loop that puts nothing shows what the machine does by itself;
//! * around every long put the thread's context switches and page faults are counted;
//! * the growth is repeated with the same keys: a stall of the table comes back at the same put, an interruption does
//!   not. The row `every run` has, for each put, the shortest of its runs.

use crate::arguments::Arguments;
use crate::brown::Brown;
use crate::clock::{Disturbances, ticks, ticks_per_nanosecond};
use crate::competitor::Competitor;
use crate::floor::Floor;
use crate::keys::{BLOCK, Block};
use crate::nothing::Nothing;
use crate::percentiles::{self, micros};

/// Puts longer than this are looked into.
const LONG_MICROS: f64 = 5.0;

/// One growth.
struct Run {
    /// Of every put.
    ticks: Vec<u32>,
    /// Long puts, with what happened meanwhile.
    long: Vec<Long>,
}

#[derive(Clone, Copy)]
struct Long {
    put: usize,
    switched: bool,
    faulted: bool,
}

#[inline(never)]
fn grow<C: Competitor>(entries: u64, value_bytes: usize, ticks_per_nanosecond: f64) -> Run {
    let mut table = C::growing(entries, value_bytes);
    let limit = (LONG_MICROS * 1000.0 * ticks_per_nanosecond) as u64;
    let mut value = vec![7; value_bytes];
    // Written once before, so that its own page faults are over.
    let mut out = vec![1u32; entries as usize];
    let mut long = Vec::with_capacity(1 << 20);
    let mut block = Block::new();
    let mut before = Disturbances::now();
    let mut last = ticks();
    for (n, out) in out.chunks_mut(BLOCK).enumerate() {
        let mut number = (n * BLOCK) as u64;
        value[..8].copy_from_slice(&number.to_le_bytes());
        block.fill(|| {
            number += 1;
            number - 1
        });
        let now = ticks();
        if now - last > limit {
            // An interruption between two puts must not excuse the next.
            before = Disturbances::now();
        }
        last = ticks();
        for (i, ((group, key), out)) in block.iter().zip(out).enumerate() {
            table.put(group, key, &value);
            let now = ticks();
            *out = u32::try_from(now - last).unwrap_or(u32::MAX);
            last = now;
            if u64::from(*out) > limit {
                let after = Disturbances::now();
                long.push(Long {
                    put: n * BLOCK + i,
                    switched: after.switches != before.switches,
                    faulted: after.faults != before.faults,
                });
                before = after;
                last = ticks();
            }
        }
    }
    Run { ticks: out, long }
}

pub(crate) fn run(arguments: &Arguments) {
    let rate = ticks_per_nanosecond();
    for entries in arguments.entries(&[10_000_000]) {
        for value_bytes in arguments.values(&[8]) {
            println!(
                "\n## Stalls: puts from 0 to {entries} entries, 11-byte keys, {value_bytes}-byte values\n"
            );
            println!("Microseconds; a put is long above {LONG_MICROS}.\n");
            println!(
                "| what | run | {} | max without a switch | long puts | of these switched | of these faulted | the five \
                 longest without a switch: microseconds @ put |",
                percentiles::HEADINGS
            );
            println!("|---|---|{}---|", "--:|".repeat(9));
            let mut growths: Vec<Growth> = Vec::new();
            growths.push(Growth::of::<Nothing>());
            if arguments.plays(Floor::NAME) {
                growths.push(Growth::of::<Floor>());
            }
            if arguments.plays(Brown::NAME) {
                growths.push(Growth::of::<Brown>());
            }
            for n in 1..=arguments.runs {
                for growth in &mut growths {
                    growth.repeat(n, entries, value_bytes, rate);
                }
            }
            for growth in &growths {
                let shortest = percentiles::cells(&growth.shortest, rate);
                println!("| {} | every run | {shortest} | | | | | |", growth.name);
            }
        }
    }
}

struct Growth {
    name: &'static str,
    grow: fn(u64, usize, f64) -> Run,
    /// Of each put over all runs so far.
    shortest: Vec<u32>,
}

impl Growth {
    fn of<C: Competitor>() -> Growth {
        Growth { name: C::NAME, grow: grow::<C>, shortest: Vec::new() }
    }

    fn repeat(&mut self, n: usize, entries: u64, value_bytes: usize, rate: f64) {
        let run = (self.grow)(entries, value_bytes, rate);
        if self.shortest.is_empty() {
            self.shortest.clone_from(&run.ticks);
        }
        for (shortest, this) in self.shortest.iter_mut().zip(&run.ticks) {
            *shortest = (*shortest).min(*this);
        }
        let mut own: Vec<(u32, usize)> = run
            .long
            .iter()
            .filter(|long| !long.switched)
            .map(|long| (run.ticks[long.put], long.put))
            .collect();
        own.sort_unstable_by(|a, b| b.cmp(a));
        let longest = own.first().map_or_else(|| format!("< {LONG_MICROS}"), |(t, _)| micros(*t, rate));
        let five: Vec<String> =
            own.iter().take(5).map(|(t, put)| format!("{} @ {put}", micros(*t, rate))).collect();
        println!(
            "| {} | {n} | {} | {longest} | {} | {} | {} | {} |",
            self.name,
            percentiles::cells(&run.ticks, rate),
            run.long.len(),
            run.long.iter().filter(|long| long.switched).count(),
            run.long.iter().filter(|long| long.faulted).count(),
            five.join(", ")
        );
    }
}

//! How long does a single put take while a table grows from nothing?
//!
//! On a shared machine the longest puts are the machine's. Three things tell them from the table's own:
//! * the same loop that puts nothing shows what the machine does by itself;
//! * around every long put the thread's context switches and page faults are counted, and its processor time is read: what it
//!   had to wait for a processor is taken off (what a hypervisor took from the machine is not seen);
//! * the growth is repeated with the same keys. Row `least`: of each figure the least of the runs. Row `every run`: percentiles
//!   of the shortest time each put took in any run; a stall that depends on the keys alone comes back at the same put, an
//!   interruption does not. (The table is not in it: its hash is seeded at random, so it grows elsewhere each time.)

use std::time::Duration;

use crate::arguments::Arguments;
use crate::brown::Brown;
use crate::clock::{Disturbances, thread_cpu, ticks, ticks_per_nanosecond};
use crate::competitor::Competitor;
use crate::floor::Floor;
use crate::keys::{BLOCK, Block};
use crate::nothing::Nothing;
use crate::ours::Ours;
use crate::percentiles::{self, micros};

/// Puts longer than this are looked into.
const LONG_MICROS: f64 = 5.0;

/// Latencies are kept in four ticks, so that 32 bits hold some seconds.
const TICK_SHIFT: u32 = 2;

/// One growth.
struct Run {
    /// Of every put, shifted.
    took: Vec<u32>,
    /// Long puts, with what happened meanwhile.
    long: Vec<Long>,
}

#[derive(Clone, Copy)]
struct Long {
    put: usize,
    /// Ticks on the processor, shifted.
    own: u32,
    switched: bool,
    faulted: bool,
}

/// Where the thread stood when it was last looked at.
struct Watch {
    rate: f64,
    before: Disturbances,
    cpu: Duration,
    ticks: u64,
}

impl Watch {
    fn new(rate: f64) -> Watch {
        Watch { rate, before: Disturbances::now(), cpu: thread_cpu(), ticks: ticks() }
    }

    /// Judges the put that has just ended by what happened since the last look.
    #[cold]
    fn look(&mut self, put: usize, took: u64) -> Long {
        let now = Watch::new(self.rate);
        let passed = (now.ticks - self.ticks) as f64;
        let waited = (passed - (now.cpu - self.cpu).as_nanos() as f64 * self.rate).max(0.0);
        let long = Long {
            put,
            own: shifted((took as f64 - waited).max(0.0) as u64),
            switched: now.before.switches != self.before.switches,
            faulted: now.before.faults != self.before.faults,
        };
        *self = now;
        long
    }
}

#[inline(always)]
fn shifted(ticks: u64) -> u32 {
    u32::try_from(ticks >> TICK_SHIFT).unwrap_or(u32::MAX)
}

#[inline(never)]
fn grow<C: Competitor>(entries: u64, value_bytes: usize, rate: f64) -> Run {
    let mut table = C::growing(entries, value_bytes);
    let limit = (LONG_MICROS * 1000.0 * rate) as u64;
    let mut value = vec![7; value_bytes];
    // Written once before, so that its own page faults are over.
    let mut out = vec![1u32; entries as usize];
    let mut long = Vec::with_capacity(1 << 20);
    let mut block = Block::new();
    let mut watch = Watch::new(rate);
    let mut last = ticks();
    for (n, out) in out.chunks_mut(BLOCK).enumerate() {
        let mut number = (n * BLOCK) as u64;
        value[..8].copy_from_slice(&number.to_le_bytes());
        block.fill(|| {
            number += 1;
            number - 1
        });
        if ticks() - last > limit {
            // An interruption between two puts must not excuse the next.
            watch = Watch::new(rate);
        }
        last = ticks();
        for (i, ((group, key), out)) in block.iter().zip(out).enumerate() {
            table.put(group, key, &value);
            let now = ticks();
            let took = now - last;
            *out = shifted(took);
            last = now;
            if took > limit {
                long.push(watch.look(n * BLOCK + i, took));
                last = ticks();
            }
        }
    }
    Run { took: out, long }
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
                "| what | run | {} | max, processor time | the same, no page fault | long puts | switched | \
                 faulted | the five longest by processor time, * with a page fault: microseconds @ put |",
                percentiles::HEADINGS
            );
            println!("|---|---|{}---|", "--:|".repeat(10));
            let mut growths: Vec<Growth> = Vec::new();
            growths.push(Growth::of::<Nothing>());
            if arguments.plays(Floor::NAME) {
                growths.push(Growth::of::<Floor>());
            }
            if arguments.plays(Ours::NAME) {
                growths.push(Growth::of::<Ours>());
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
                growth.summary(rate / f64::from(1 << TICK_SHIFT));
            }
        }
    }
}

struct Growth {
    name: &'static str,
    repeats: bool,
    grow: fn(u64, usize, f64) -> Run,
    /// Of each put over all runs so far.
    shortest: Vec<u32>,
    /// Of each figure.
    least: [u32; 7],
}

impl Growth {
    fn of<C: Competitor>() -> Growth {
        Growth {
            name: C::NAME,
            repeats: C::REPEATS,
            grow: grow::<C>,
            shortest: Vec::new(),
            least: [u32::MAX; 7],
        }
    }

    fn repeat(&mut self, n: usize, entries: u64, value_bytes: usize, rate: f64) {
        let run = (self.grow)(entries, value_bytes, rate);
        if self.shortest.is_empty() {
            self.shortest.clone_from(&run.took);
        }
        for (shortest, this) in self.shortest.iter_mut().zip(&run.took) {
            *shortest = (*shortest).min(*this);
        }
        let rate = rate / f64::from(1 << TICK_SHIFT);
        let mut long = run.long;
        long.sort_unstable_by_key(|long| std::cmp::Reverse(long.own));
        let none = (LONG_MICROS * 1000.0 * rate) as u32;
        let longest = long.first().map_or(none, |long| long.own);
        let without_fault = long.iter().find(|long| !long.faulted).map_or(none, |long| long.own);
        let [p50, p99, p999, p9999, max] = percentiles::of(&run.took);
        let figures = [p50, p99, p999, p9999, max, longest, without_fault];
        for (least, this) in self.least.iter_mut().zip(figures) {
            *least = this.min(*least);
        }
        let five: Vec<String> = long
            .iter()
            .take(5)
            .map(|l| format!("{}{} @ {}", micros(l.own, rate), if l.faulted { "*" } else { "" }, l.put))
            .collect();
        println!(
            "| {} | {n} | {} | {} | {} | {} | {} |",
            self.name,
            percentiles::cells(&figures, rate),
            long.len(),
            long.iter().filter(|long| long.switched).count(),
            long.iter().filter(|long| long.faulted).count(),
            five.join(", ")
        );
    }

    fn summary(&self, rate: f64) {
        println!("| {} | least | {} | | | | |", self.name, percentiles::cells(&self.least, rate));
        if self.repeats {
            let shortest = percentiles::cells(&percentiles::of(&self.shortest), rate);
            println!("| {} | every run | {shortest} | | | | | | |", self.name);
        }
    }
}

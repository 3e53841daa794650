//! Single operations and batches: every competitor does the same operations on the same keys, in alternating rounds, and
//! must come to the same checksum. The figures are ratios within one run.

use std::hint::black_box;
use std::time::Duration;

use crate::arguments::Arguments;
use crate::brown::Brown;
use crate::clock::{Span, settle, timed};
use crate::competitor::{Competitor, head};
use crate::floor::Floor;
use crate::keys::{BLOCK, Block, Key, Random};
use crate::nothing::Nothing;
use crate::ours::Ours;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// Independent of each other: the processor overlaps their misses.
    Get,
    /// Each get waits until the one before is done: what a lookup takes from end to end. A fence sees to it; a key that
    /// depends on the value before would let the processor run ahead on a guess.
    SingleGet,
    /// Overwrites with a value of the same length.
    Put,
    /// Adds to the first 8 bytes in place.
    Update,
    /// A get of a key that is not there.
    Miss,
    /// Gets of 64 keys at a time; the figure is for one key.
    Batch,
}

impl Op {
    /// Gets come after puts and updates too (as batches), so that their checksums cover what was written.
    pub(crate) const ALL: [Op; 6] = [Op::Get, Op::SingleGet, Op::Put, Op::Update, Op::Miss, Op::Batch];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Op::Get => "get",
            Op::SingleGet => "single-get",
            Op::Put => "put",
            Op::Update => "update",
            Op::Miss => "miss",
            Op::Batch => "batch",
        }
    }

    pub(crate) fn named(name: &str) -> Op {
        Op::ALL
            .into_iter()
            .find(|op| op.name() == name)
            .unwrap_or_else(|| panic!("no operation is called '{name}'"))
    }
}

/// What is done in one round.
#[derive(Debug, Clone, Copy)]
struct Round {
    op: Op,
    entries: u64,
    value_bytes: usize,
    /// Operations, a multiple of the block.
    ops: u64,
    seed: u64,
}

/// A competitor with its entries, for rounds of any operation.
trait Player {
    fn name(&self) -> &'static str;
    fn play(&mut self, round: Round) -> u64;
}

struct Full<C>(C);

impl<C: Competitor> Full<C> {
    fn new(entries: u64, value_bytes: usize) -> Self {
        let mut table = C::with_room(entries, value_bytes);
        let mut value = vec![7; value_bytes];
        for number in 0..entries {
            let key = Key::of(number);
            value[..8].copy_from_slice(&number.to_le_bytes());
            table.put(key.group, &key.bytes, &value);
        }
        Full(table)
    }
}

impl<C: Competitor> Player for Full<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn play(&mut self, round: Round) -> u64 {
        match round.op {
            Op::Get => gets(&self.0, round, 0),
            Op::Miss => gets(&self.0, round, round.entries),
            Op::SingleGet => single_gets(&self.0, round),
            Op::Put => puts(&mut self.0, round),
            Op::Update => updates(&mut self.0, round),
            Op::Batch => batches(&self.0, round),
        }
    }
}

#[inline(never)]
fn gets<C: Competitor>(table: &C, round: Round, above: u64) -> u64 {
    let mut random = Random::new(round.seed, round.entries);
    let mut out = vec![0; round.value_bytes];
    let (mut block, mut sum) = (Block::new(), 0u64);
    for _ in 0..round.ops / BLOCK as u64 {
        block.fill(|| random.number() + above);
        for (group, key) in block.iter() {
            if table.get(group, key, &mut out).is_some() {
                sum = sum.wrapping_add(head(&out));
            }
            black_box(&mut out);
        }
    }
    sum
}

#[inline(never)]
fn single_gets<C: Competitor>(table: &C, round: Round) -> u64 {
    let mut random = Random::new(round.seed, round.entries);
    let mut out = vec![0; round.value_bytes];
    let (mut block, mut sum) = (Block::new(), 0u64);
    for _ in 0..round.ops / BLOCK as u64 {
        block.fill(|| random.number());
        for (group, key) in block.iter() {
            if table.get(group, key, &mut out).is_some() {
                sum = sum.wrapping_add(head(&out));
            }
            black_box(&mut out);
            settle();
        }
    }
    sum
}

#[inline(never)]
fn puts<C: Competitor>(table: &mut C, round: Round) -> u64 {
    let mut random = Random::new(round.seed, round.entries);
    let mut value = vec![7; round.value_bytes];
    let mut block = Block::new();
    for n in 0..round.ops / BLOCK as u64 {
        block.fill(|| random.number());
        value[..8].copy_from_slice(&(round.seed << 32 | n).to_le_bytes());
        for (group, key) in block.iter() {
            table.put(group, key, black_box(&value));
        }
    }
    0
}

#[inline(never)]
fn updates<C: Competitor>(table: &mut C, round: Round) -> u64 {
    let mut random = Random::new(round.seed, round.entries);
    let mut block = Block::new();
    for n in 0..round.ops / BLOCK as u64 {
        block.fill(|| random.number());
        for (group, key) in block.iter() {
            table.add(group, key, n);
        }
    }
    0
}

#[inline(never)]
fn batches<C: Competitor>(table: &C, round: Round) -> u64 {
    let mut random = Random::new(round.seed, round.entries);
    let mut out = vec![0; round.value_bytes * BLOCK];
    let (mut block, mut sum) = (Block::new(), 0u64);
    for _ in 0..round.ops / BLOCK as u64 {
        block.fill(|| random.number());
        let found = table.get_batch(&block.slices(), round.value_bytes, &mut out);
        for value in out.chunks(round.value_bytes).take(found) {
            sum = sum.wrapping_add(head(value));
        }
        black_box(&mut out);
    }
    sum
}

pub(crate) fn run(arguments: &Arguments) {
    println!("\n## Points\n");
    println!(
        "11-byte keys, {} rounds of {} operations; processor time. Times are the best round's; a ratio is that of the \
         best rounds, and in brackets the median of the rounds' ratios. The last columns are ratios of wall time.\n",
        arguments.rounds, arguments.round_ops
    );
    println!("| operation | entries | value | {} |", HEADINGS.join(" | "));
    println!("|---|--:|--:|{}", "--:|".repeat(HEADINGS.len()));
    for entries in arguments.entries(&[10_000, 1_000_000, 10_000_000]) {
        for value_bytes in arguments.values(&[8, 100]) {
            cell(arguments, entries, value_bytes);
        }
    }
}

const HEADINGS: [&str; 7] = [
    "loop ns",
    "floor ns",
    "table ns",
    "hashbrown ns",
    "table / floor",
    "hashbrown / table",
    "wall: table / floor, hashbrown / table",
];

/// All operations at one size.
fn cell(arguments: &Arguments, entries: u64, value_bytes: usize) {
    let mut players: Vec<Box<dyn Player>> = vec![Box::new(Full(Nothing))];
    if arguments.plays(Floor::NAME) {
        players.push(Box::new(Full::<Floor>::new(entries, value_bytes)));
    }
    if arguments.plays(Ours::NAME) {
        players.push(Box::new(Full::<Ours>::new(entries, value_bytes)));
    }
    if arguments.plays(Brown::NAME) {
        players.push(Box::new(Full::<Brown>::new(entries, value_bytes)));
    }
    for op in &arguments.ops {
        let results = rounds(arguments, &mut players, *op, entries, value_bytes);
        println!("| {} | {entries} | {value_bytes} | {} |", op.name(), results.cells());
    }
}

fn rounds(
    arguments: &Arguments,
    players: &mut [Box<dyn Player>],
    op: Op,
    entries: u64,
    value_bytes: usize,
) -> Results {
    let ops = arguments.round_ops.next_multiple_of(BLOCK as u64);
    let mut spans = vec![Vec::new(); players.len()];
    // Round 0 warms up.
    for n in 0..=arguments.rounds {
        let round = Round { op, entries, value_bytes, ops, seed: n as u64 + 1 };
        let mut checksum = None;
        for turn in 0..players.len() {
            // Whoever was first is last in the next round.
            let who = (turn + n) % players.len();
            let player = &mut players[who];
            let (span, sum) = timed(|| player.play(round));
            if n > 0 {
                spans[who].push(span);
            }
            if player.name() != Nothing::NAME {
                assert_eq!(*checksum.get_or_insert(sum), sum, "{} {op:?}: another checksum", player.name());
            }
        }
    }
    Results { names: players.iter().map(|player| player.name()).collect(), spans, ops }
}

struct Results {
    names: Vec<&'static str>,
    /// By competitor, then by round.
    spans: Vec<Vec<Span>>,
    ops: u64,
}

impl Results {
    fn of(&self, name: &str) -> Option<&[Span]> {
        let at = self.names.iter().position(|n| *n == name)?;
        Some(&self.spans[at])
    }

    fn cells(&self) -> String {
        let time = |name: &str| match self.of(name) {
            None => "-".to_string(),
            Some(spans) => format!("{:.1}", best(spans, |s| s.cpu) / self.ops as f64),
        };
        let wall = format!(
            "{}, {}",
            self.ratio(Ours::NAME, Floor::NAME, |s| s.wall),
            self.ratio(Brown::NAME, Ours::NAME, |s| s.wall)
        );
        [
            time(Nothing::NAME),
            time(Floor::NAME),
            time(Ours::NAME),
            time(Brown::NAME),
            self.ratio(Ours::NAME, Floor::NAME, |s| s.cpu),
            self.ratio(Brown::NAME, Ours::NAME, |s| s.cpu),
            wall,
        ]
        .join(" | ")
    }

    fn ratio(&self, over: &str, under: &str, of: impl Fn(&Span) -> Duration + Copy) -> String {
        let (Some(over), Some(under)) = (self.of(over), self.of(under)) else { return "-".to_string() };
        let pairs = over.iter().zip(under);
        let mut ratios: Vec<f64> = pairs.map(|(a, b)| of(a).as_secs_f64() / of(b).as_secs_f64()).collect();
        ratios.sort_by(f64::total_cmp);
        format!("{:.2} ({:.2})", best(over, of) / best(under, of), ratios[ratios.len() / 2])
    }
}

/// Nanoseconds of the best round: noise only ever adds.
fn best(spans: &[Span], of: impl Fn(&Span) -> Duration) -> f64 {
    spans.iter().map(|span| of(span).as_nanos() as f64).fold(f64::INFINITY, f64::min)
}

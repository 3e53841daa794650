//! Every allocation of a workload fails once, and nothing happens but an error.
//!
//! After each failure: the error has its kind, the table is in order, the entries are what they were, open snapshots show
//! their moments, and the same operation succeeds once there is memory.

use super::Random;
use super::script::{GROUPS, Model, Moment, Op, Scanned, Script, assert_is, table};
use crate::error::ErrorKind;
use crate::memory::Budget;
use crate::table::core::Core;
use crate::table::state::Key;

/// What is open while operations run.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Open {
    Nothing,
    Snapshots,
    /// Scans, each for a moment.
    Pins,
}

struct World {
    core: Core,
    model: Model,
    script: Script,
    open: Open,
    moments: Vec<Moment>,
    pins: Vec<Scanned>,
}

impl World {
    /// A table with a map that is about to get a second level, and one that has several.
    fn new(seed: u64, width: u64, open: Open) -> World {
        let (mut core, mut model) = (table(), Model::default());
        let script = Script { random: Random(seed), width };
        for (group, entries) in [(0, 62), (1, width * 2 / 3)] {
            for id in [1, 3] {
                for n in 0..entries {
                    let op = Op::Put(id, script.map_entry(id, group, n), vec![n as u8; 8]);
                    op.run(&mut core).unwrap();
                    op.model(&mut model);
                }
            }
        }
        World { core, model, script, open, moments: Vec::new(), pins: Vec::new() }
    }

    /// Opens and closes what this world has open.
    fn turn(&mut self) {
        match (self.open, self.script.random.below(40)) {
            (Open::Snapshots, 0) if self.moments.len() < 3 => {
                self.moments.push(Moment::open(&mut self.core, &self.model));
            }
            (Open::Snapshots, 1) if !self.moments.is_empty() => drop(self.moments.remove(0)),
            (Open::Pins, 0..=3) if self.pins.len() < 3 => {
                let (id, group) = (self.script.random.below(4), self.script.random.below(GROUPS.into()));
                self.pins.push(Scanned::open(&mut self.core, &self.model, id as usize, group as u32));
            }
            (Open::Pins, 4..=7) if !self.pins.is_empty() => drop(self.pins.remove(0)),
            _ => {}
        }
    }

    /// Runs `op` with memory for `allocations` more. Whether it succeeded; the model follows.
    fn attempt(&mut self, op: &Op, allocations: Option<u64>) -> bool {
        let before = self.core.heap.arena.failures;
        self.core.heap.arena.fail_after = allocations;
        let done = op.run(&mut self.core);
        self.core.heap.arena.fail_after = None;
        let failed = self.core.heap.arena.failures > before;
        match &done {
            Ok(()) => op.model(&mut self.model),
            Err(e) => assert_eq!(e.kind(), ErrorKind::MemoryBudget, "{op:?}"),
        }
        assert!(done.is_ok() || failed, "only a failed allocation fails {op:?}");
        if failed {
            // Also where the operation did without: what shrinks is no reason to fail.
            self.assert_all();
        }
        done.is_ok()
    }

    /// The table and everything that is open are as they should be.
    fn assert_all(&self) {
        assert_is(&self.core, &self.model);
        self.moments.iter().for_each(Moment::assert_shown);
        self.pins.iter().for_each(Scanned::assert_shown);
    }

    /// Nothing is kept when nothing is open any more.
    fn finish(mut self) {
        self.assert_all();
        self.moments.clear();
        self.pins.clear();
        let usage = self.core.usage();
        assert_eq!((usage.retired, usage.retired_blocks), (0, 0));
        assert_is(&self.core, &self.model);
    }
}

/// The n-th allocation of a workload fails, for every n; the rest of the workload goes on as if nothing had been.
fn every_allocation_fails(seed: u64, operations: usize, open: Open) -> u64 {
    for n in 0.. {
        let mut world = World::new(seed, 300, open);
        let mut left = Some(n);
        for _ in 0..operations {
            world.turn();
            let op = world.script.op();
            if left.is_none() {
                assert!(world.attempt(&op, None));
                continue;
            }
            let before = world.core.heap.arena.failures;
            // As `attempt`, but what is left is carried to the next operation.
            world.core.heap.arena.fail_after = left;
            let done = op.run(&mut world.core);
            left = world.core.heap.arena.fail_after.take();
            if done.is_ok() {
                op.model(&mut world.model);
            }
            if world.core.heap.arena.failures == before {
                done.unwrap();
                continue;
            }
            left = None;
            world.assert_all();
            if let Err(e) = done {
                assert_eq!(e.kind(), ErrorKind::MemoryBudget, "allocation {n}: {op:?}");
                assert!(world.attempt(&op, None), "with memory it succeeds");
                world.assert_all();
            }
        }
        world.finish();
        if left.is_some() {
            return n;
        }
    }
    0
}

#[test]
fn whichever_allocation_fails_nothing_changes() {
    let points = every_allocation_fails(11, 500, Open::Nothing);
    println!("{points} allocations failed");
    assert!(points > 300, "{points}");
}

#[test]
fn whichever_allocation_fails_nothing_changes_beside_snapshots() {
    let points = every_allocation_fails(12, 350, Open::Snapshots);
    println!("{points} allocations failed");
    assert!(points > 300, "{points}");
}

#[test]
fn whichever_allocation_fails_nothing_changes_beside_scans() {
    let points = every_allocation_fails(13, 350, Open::Pins);
    println!("{points} allocations failed");
    assert!(points > 300, "{points}");
}

/// Each operation is tried without memory, then with memory for one block, for two, until it succeeds: failures on top of
/// what earlier failures left behind.
fn each_operation_fails_until_it_succeeds(seed: u64, operations: usize, open: Open) -> u64 {
    let mut world = World::new(seed, 400, open);
    for _ in 0..operations {
        world.turn();
        let op = world.script.op();
        // Half of them run undisturbed, so that tables also shrink.
        if world.script.random.below(2) == 0 {
            assert!(world.attempt(&op, None));
            continue;
        }
        let mut allocations = 0;
        while !world.attempt(&op, Some(allocations)) {
            allocations += 1;
            assert!(allocations < 10_000, "{op:?}");
        }
    }
    let failures = world.core.heap.arena.failures;
    world.finish();
    failures
}

#[test]
fn an_operation_that_failed_again_and_again_succeeds_in_the_end() {
    let mut failures = 0;
    for (seed, open) in [(21, Open::Nothing), (22, Open::Snapshots), (23, Open::Pins)] {
        failures += each_operation_fails_until_it_succeeds(seed, 1500, open);
    }
    println!("{failures} allocations failed");
    assert!(failures > 2000, "{failures}");
}

/// Segments split, directories grow, segments merge and directories shrink, and every allocation on the way fails.
#[test]
fn a_table_that_splits_and_merges_survives_every_failure() {
    for open in [Open::Nothing, Open::Snapshots] {
        let mut world = World::new(31, 90, open);
        let at = |n: u32| (0, n.to_be_bytes().to_vec(), Vec::new());
        let splits = |core: &Core| core.state(0).unwrap().groups[0].root() >> 63 == 1;
        let mut most = 0;
        for n in 0..9000 {
            if open == Open::Snapshots && n % 1500 == 0 {
                world.moments = vec![Moment::open(&mut world.core, &world.model)];
            }
            let op = Op::Put(0, at(n), vec![1; 4]);
            // The entry's own block; what comes after it is the index.
            let mut allocations = 1;
            while !world.attempt_light(&op, allocations) {
                allocations += 1;
            }
            most = most.max(allocations);
        }
        assert!(splits(&world.core) && most > 2);
        for n in 0..9000 {
            if open == Open::Snapshots && n % 1500 == 0 {
                world.moments = vec![Moment::open(&mut world.core, &world.model)];
            }
            let op = Op::Delete(0, at(n));
            let mut allocations = u64::from(n % 3);
            while !world.attempt_light(&op, allocations) {
                allocations += 1;
            }
        }
        assert_is(&world.core, &world.model);
        println!("{} allocations failed", world.core.heap.arena.failures);
        assert!(world.core.heap.arena.failures > 15);
        world.finish();
    }
}

impl World {
    /// As [`attempt`](Self::attempt), for a table that is large: looks at its order only, and at the key in question.
    fn attempt_light(&mut self, op: &Op, allocations: u64) -> bool {
        let before = self.core.heap.arena.failures;
        self.core.heap.arena.fail_after = Some(allocations);
        let done = op.run(&mut self.core);
        self.core.heap.arena.fail_after = None;
        if done.is_ok() {
            op.model(&mut self.model);
        }
        if self.core.heap.arena.failures > before {
            self.core.check();
            let (Op::Put(_, at, _) | Op::Delete(_, at)) = op else { panic!("not used here") };
            let key = Key { group: at.0, key: &at.1, rest: &at.2 };
            let found = self.core.get(0, key).is_some();
            assert_eq!(found, self.model[0].contains_key(at));
            assert_eq!(self.core.state(0).unwrap().count(), self.model[0].len() as u64);
            self.moments.iter().for_each(|moment| moment.assert_group(0, 0));
        }
        if let Err(e) = &done {
            assert_eq!(e.kind(), ErrorKind::MemoryBudget);
        }
        done.is_ok()
    }
}

/// The same with a budget that is really used up, by this table and by another one.
#[test]
fn a_table_at_its_limit_refuses_and_goes_on() {
    let budget = Budget::new(6 << 20);
    let mut core = Core::new(&budget).unwrap();
    core.add_state(0, 1, false).unwrap();
    let mut model = Model::default();
    let mut random = Random(41);
    let (mut refused, mut moments) = (0, Vec::new());
    for n in 0..40_000u64 {
        if n % 1000 == 0 {
            moments = core.snapshot(&[0]).into_iter().collect();
        }
        let at = (0, (random.below(20_000) as u32).to_be_bytes().to_vec(), Vec::new());
        let op = match random.below(4) {
            0 => Op::Delete(0, at),
            _ => Op::Put(0, at, vec![n as u8; random.below(900) as usize]),
        };
        match op.run(&mut core) {
            Ok(()) => op.model(&mut model),
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::MemoryBudget);
                refused += 1;
            }
        }
        assert!(budget.used() <= budget.limit());
        if n % 2000 == 0 {
            core.check();
        }
    }
    assert!(refused > 100, "{refused}");
    drop(moments);
    assert_eq!(core.usage().retired, 0);
    core.check();
    let expected = model[0].iter().map(|((g, k, r), v)| (*g, k.clone(), r.clone(), v.clone()));
    assert!(core.entries(0).into_iter().eq(expected));
}

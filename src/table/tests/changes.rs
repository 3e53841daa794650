//! What is said to have changed between two snapshots is what changed, no more and no less.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::Random;
use super::blocks::{changes, drain, form};
use super::script::{At, GROUPS, Model, Op, Scanned, Script, assert_is, table};
use crate::block::{BlockKind, BlockReader, BlockWriter};
use crate::error::ErrorKind;
use crate::snapshot::OP_PUT;
use crate::store::{EngineCursor, EngineSnapshot};
use crate::table::core::Core;
use crate::table::slot::tag_of;
use crate::table::store_snapshot::StoreSnapshot;

/// A snapshot of all states, and what the table held.
struct Moment {
    snapshot: Arc<StoreSnapshot>,
    model: Model,
}

impl Moment {
    fn open(core: &mut Core, model: &Model) -> Moment {
        let snapshot = StoreSnapshot::new(core.snapshot(&[0, 1, 2, 3]).unwrap(), 1);
        Moment { snapshot: Arc::new(snapshot), model: model.clone() }
    }

    fn since(&self, base: &Moment) -> Box<dyn EngineCursor> {
        self.snapshot.changes_since(&*base.snapshot).unwrap().unwrap()
    }
}

/// What really changed in a group.
fn difference(base: &Model, later: &Model, id: u32, group: u32) -> BTreeMap<At, Option<Vec<u8>>> {
    let (base, later) = (&base[id as usize], &later[id as usize]);
    let put = later.iter().filter(|(at, value)| base.get(*at) != Some(value));
    let put = put.map(|(at, value)| (at.clone(), Some(value.clone())));
    let gone = base.keys().filter(|at| !later.contains_key(*at)).map(|at| (at.clone(), None));
    put.chain(gone).filter(|(at, _)| at.0 == group).collect()
}

fn assert_tells(
    cursor: &mut dyn EngineCursor,
    base: &Model,
    later: &Model,
    split: bool,
    random: &mut Random,
) -> usize {
    let mut told = 0;
    for (id, group) in (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))) {
        cursor.start(id, &[group as u8], &form(split)).unwrap();
        let most = [100, 1000, 100_000][random.below(3) as usize];
        let blocks = drain(cursor, BlockKind::Changes, || 24 + random.below(most) as usize).unwrap();
        let told_here = changes(id, split, &blocks);
        assert!(told_here == difference(base, later, id, group), "state {id}, group {group}");
        told += told_here.len();
    }
    told
}

/// Random operations, now and then without the memory for them, beside snapshots and scans that come and go.
#[test]
fn what_changed_is_told_exactly() {
    let operations =
        std::env::var("KEYBED_OPERATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000u64);
    let mut script = Script { random: Random::seeded(), width: 300 };
    let (mut core, mut model) = (table(), Model::default());
    let (mut moments, mut scans) = (Vec::<Moment>::new(), Vec::new());
    let (mut compared, mut told) = (0, 0);
    for n in 0..operations {
        let op = script.op();
        let fails = script.random.below(20) == 0;
        core.heap.arena.fail_after = fails.then(|| script.random.below(4));
        let done = op.run(&mut core);
        core.heap.arena.fail_after = None;
        match done {
            Ok(()) => op.model(&mut model),
            Err(e) => assert!(fails && e.kind() == ErrorKind::MemoryBudget),
        }
        match script.random.below(400) {
            0..=9 if moments.len() < 6 => moments.push(Moment::open(&mut core, &model)),
            10..=14 if moments.len() > 1 => {
                let which = script.random.below(moments.len() as u64) as usize;
                moments.remove(which);
            }
            15..=24 if moments.len() > 1 => {
                let later = 1 + script.random.below(moments.len() as u64 - 1) as usize;
                let base = script.random.below(later as u64) as usize;
                let (base, later) = (&moments[base], &moments[later]);
                let split = script.random.below(2) == 0;
                let mut cursor = later.since(base);
                told += assert_tells(&mut *cursor, &base.model, &later.model, split, &mut script.random);
                compared += 1;
            }
            25 => script.width = [20, 300, 1500][script.random.below(3) as usize],
            26..=29 if scans.len() < 3 => {
                let (id, group) = (script.random.below(4), script.random.below(GROUPS.into()));
                scans.push(Scanned::open(&mut core, &model, id as usize, group as u32));
            }
            30..=36 if !scans.is_empty() => drop(scans.remove(0)),
            _ => {}
        }
        if n % 5000 == 0 {
            assert_is(&core, &model);
        }
    }
    println!("{compared} comparisons told {told} changes");
    assert!(compared > operations / 200 && told > compared as usize * 50);
    moments.clear();
    scans.clear();
    assert_eq!(core.usage().retired, 0);
    assert_is(&core, &model);
}

/// A table that grows to many segments and shrinks again, with a base from every stage.
#[test]
fn what_changed_is_told_however_segments_split_and_merged_in_between() {
    let (mut core, mut last) = (table(), Model::default());
    let mut random = Random(91);
    let at = |n: u64| (1, (n as u32).to_be_bytes().to_vec(), Vec::new());
    let mut moments = vec![Moment::open(&mut core, &last)];
    for grows in [true, false] {
        for n in 0..9000u64 {
            let op = if grows { Op::Put(0, at(n), vec![1; 5]) } else { Op::Delete(0, at((n * 7919) % 9000)) };
            op.run(&mut core).unwrap();
            op.model(&mut last);
            if random.below(10) == 0 {
                let op = Op::Update(0, at(random.below(9000)));
                op.run(&mut core).unwrap();
                op.model(&mut last);
            }
            if n % 1500 == 777 || n == 8999 {
                moments.push(Moment::open(&mut core, &last));
            }
        }
    }
    let depths = moments.len();
    for later in 1..depths {
        for base in 0..later {
            let (base, later) = (&moments[base], &moments[later]);
            let mut cursor = later.since(base);
            assert_tells(&mut *cursor, &base.model, &later.model, false, &mut random);
        }
    }
    // Some are dropped, so that what they froze moves, and the others are compared again.
    while moments.len() > 2 {
        moments.remove(1 + random.below(moments.len() as u64 - 2) as usize);
        for n in 0..200 {
            let op = Op::Put(0, at(random.below(9000)), vec![n; 6]);
            op.run(&mut core).unwrap();
            op.model(&mut last);
        }
        moments.push(Moment::open(&mut core, &last));
        moments.remove(1);
        let (base, later) = (&moments[0], &moments[moments.len() - 1]);
        let mut cursor = later.since(base);
        assert_tells(&mut *cursor, &base.model, &later.model, true, &mut random);
    }
    core.check();
}

/// Blocks are freed and used again all the time: the one whose content changed is never taken for the one it was.
#[test]
fn an_address_that_is_used_again_is_not_taken_for_what_was_there() {
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random: Random(92), width: 60 };
    let mut bases: Vec<Moment> = Vec::new();
    for round in 0..200u64 {
        for n in 0..200 {
            // Values of few lengths: what one lets go of the next one gets.
            let id = [0, 1, 3][script.random.below(3) as usize];
            let at = script.at(id);
            let op = match script.random.below(3) {
                0 => Op::Delete(id, at),
                _ => Op::Put(id, at, vec![(round + n) as u8; 8]),
            };
            op.run(&mut core).unwrap();
            op.model(&mut model);
        }
        // Snapshots that go at once, so that what they kept is freed while the base stays.
        drop(Moment::open(&mut core, &model));
        if round % 20 == 0 {
            bases.push(Moment::open(&mut core, &model));
        }
        if bases.len() > 3 {
            bases.remove(script.random.below(4) as usize);
        }
        let later = Moment::open(&mut core, &model);
        for base in &bases {
            let mut cursor = later.since(base);
            assert_tells(&mut *cursor, &base.model, &later.model, false, &mut script.random);
        }
    }
    drop(bases);
    assert_eq!(core.usage().retired, 0);
    assert_is(&core, &model);
}

/// Keys whose hashes begin with the same 27 bits share a tag; only their bytes tell them apart.
#[test]
fn keys_that_share_a_tag_are_told_apart() {
    for id in [0, 1] {
        let (mut core, mut model) = (table(), Model::default());
        let mut by_tag = BTreeMap::<u32, Vec<u32>>::new();
        for n in 0..400_000u32 {
            by_tag.entry(tag_of(core.heap.hash(&n.to_be_bytes()))).or_default().push(n);
        }
        let keys: Vec<u32> = by_tag.into_values().filter(|keys| keys.len() > 1).flatten().collect();
        println!("{} keys share a tag", keys.len());
        assert!(keys.len() > 200);
        let mut random = Random(96);
        let mut base = Moment::open(&mut core, &model);
        for round in 0..300 {
            for _ in 0..[1, 10, 200][round % 3] {
                let key = keys[random.below(keys.len() as u64) as usize].to_be_bytes().to_vec();
                let at = (1, key, if id == 0 { vec![] } else { vec![random.below(3) as u8] });
                let op = match random.below(2) {
                    0 => Op::Delete(id, at),
                    _ => Op::Put(id, at, vec![random.below(2) as u8]),
                };
                op.run(&mut core).unwrap();
                op.model(&mut model);
            }
            let later = Moment::open(&mut core, &model);
            for group in 0..GROUPS {
                let mut cursor = later.since(&base);
                cursor.start(id as u32, &[group as u8], &form(false)).unwrap();
                let blocks = drain(&mut *cursor, BlockKind::Changes, || 400).unwrap();
                let told: BTreeMap<_, _> = blocks.iter().flat_map(|block| told(id, block)).collect();
                assert!(told == difference(&base.model, &later.model, id as u32, group));
            }
            if random.below(3) == 0 {
                base = later;
            }
        }
        core.check();
    }
}

/// As `changes`, for keys of four bytes.
fn told(id: usize, block: &[u8]) -> Vec<(At, Option<Vec<u8>>)> {
    let all = BlockReader::new(block).unwrap();
    let each = all.iter().map(|(key, value)| {
        let end = if id == 0 { key.len() } else { 6 };
        let at = (u32::from(key[1]), key[2..end].to_vec(), key[end..].to_vec());
        (at, (key[0] == OP_PUT).then(|| value.to_vec()))
    });
    each.collect()
}

#[test]
fn a_large_map_that_changed_is_compared_exactly() {
    let (mut core, mut last) = (table(), Model::default());
    let mut script = Script { random: Random(93), width: 60_000 };
    for n in 0..20_000 {
        let op = Op::Put(1, script.map_entry(1, 0, n * 3), vec![n as u8; 4]);
        op.run(&mut core).unwrap();
        op.model(&mut last);
    }
    let mut base = Moment::open(&mut core, &last);
    for round in 0..60u64 {
        // A few entries anywhere; a range that goes or comes; now and then nearly everything.
        for n in 0..[3, 40, 2000][round as usize % 3] {
            let anywhere = script.random.below(60_000);
            let (from, near) = ((round * 997) % 60_000, n);
            let op = match script.random.below(6) {
                0 => Op::Delete(1, script.map_entry(1, 0, anywhere)),
                1 => Op::Put(1, script.map_entry(1, 0, anywhere), vec![round as u8; 4]),
                2 => Op::Update(1, script.map_entry(1, 0, anywhere / 3 * 3)),
                _ if round % 2 == 0 => Op::Delete(1, script.map_entry(1, 0, (from + near) % 60_000)),
                _ => Op::Put(1, script.map_entry(1, 0, (from + near) % 60_000), vec![1; 4]),
            };
            op.run(&mut core).unwrap();
            op.model(&mut last);
        }
        if round == 40 {
            let (group, key, _) = script.map_entry(1, 0, 0);
            let op = Op::DeletePrefix(1, (group, key, vec![]));
            op.run(&mut core).unwrap();
            op.model(&mut last);
        }
        let later = Moment::open(&mut core, &last);
        let mut cursor = later.since(&base);
        assert_tells(&mut *cursor, &base.model, &later.model, round % 2 == 0, &mut script.random);
        if round % 4 == 3 {
            base = later;
        }
    }
    drop(base);
    assert_eq!(core.usage().retired, 0);
    assert_is(&core, &last);
}

#[test]
fn a_state_that_only_one_of_them_has_is_new_or_gone() {
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random: Random(94), width: 100 };
    let open = |core: &mut Core, ids: &[u32]| StoreSnapshot::new(core.snapshot(ids).unwrap(), 1);
    for _ in 0..2000 {
        let op = script.simple();
        op.run(&mut core).unwrap();
        op.model(&mut model);
    }
    let (without, with) = (open(&mut core, &[]), open(&mut core, &[0, 1, 2, 3]));
    let without_again = open(&mut core, &[]);
    let mut cursor = with.changes_since(&without).unwrap().unwrap();
    assert!(assert_tells(&mut *cursor, &Model::default(), &model, false, &mut script.random) > 100);
    let mut cursor = without_again.changes_since(&with).unwrap().unwrap();
    assert!(assert_tells(&mut *cursor, &model, &Model::default(), true, &mut script.random) > 100);
    let mut cursor = with.changes_since(&with).unwrap().unwrap();
    assert_eq!(assert_tells(&mut *cursor, &model, &model, true, &mut script.random), 0, "with itself");
}

#[test]
fn only_an_earlier_snapshot_of_the_same_table_is_a_base() {
    let (mut core, mut other, model) = (table(), table(), Model::default());
    let (first, second) = (Moment::open(&mut core, &model), Moment::open(&mut core, &model));
    let foreign = Moment::open(&mut other, &model);
    for (base, later) in [(&second, &first), (&foreign, &second), (&first, &foreign)] {
        let refused = later.snapshot.changes_since(&*base.snapshot);
        assert_eq!(refused.err().unwrap().kind(), ErrorKind::InvalidArgument);
    }
    assert!(second.snapshot.changes_since(&*first.snapshot).is_ok());
}

#[test]
fn a_group_that_either_has_released_is_not_compared_but_one_being_compared_is_kept() {
    for releases_base in [false, true] {
        let (mut core, mut model) = (table(), Model::default());
        let mut script = Script { random: Random(95), width: 300 };
        let mut run = |core: &mut Core, model: &mut Model| {
            for _ in 0..2000 {
                let op = script.simple();
                op.run(core).unwrap();
                op.model(model);
            }
        };
        run(&mut core, &mut model);
        let base = Moment::open(&mut core, &model);
        run(&mut core, &mut model);
        let later = Moment::open(&mut core, &model);
        let mut cursor = later.since(&base);
        cursor.start(0, &[1], &form(false)).unwrap();
        let released = if releases_base { &base } else { &later };
        released.snapshot.release(0, &[1]);
        run(&mut core, &mut model);
        let mut blocks = drain(&mut *cursor, BlockKind::Changes, || 500).unwrap();
        assert!(changes(0, false, &blocks) == difference(&base.model, &later.model, 0, 1));
        let again = cursor.start(0, &[1], &form(false));
        assert_eq!(again.unwrap_err().kind(), ErrorKind::Closed);
        let mut buffer = [0; 100];
        let mut block = BlockWriter::new(&mut buffer, BlockKind::Changes).unwrap();
        assert!(!cursor.fill(&mut block).unwrap(), "nothing was begun");
        // Other groups are still there, also when nobody holds the snapshots but the cursor.
        let [base, later] = [base, later].map(|Moment { snapshot, model }| {
            drop(snapshot);
            model
        });
        run(&mut core, &mut model);
        cursor.start(1, &[0], &form(true)).unwrap();
        blocks = drain(&mut *cursor, BlockKind::Changes, || 500).unwrap();
        assert!(changes(1, true, &blocks) == difference(&base, &later, 1, 0));
        drop(cursor);
        assert_eq!(core.usage().retired, 0);
        assert_is(&core, &model);
    }
}

#[test]
fn changes_are_told_on_other_threads_while_the_owner_writes() {
    let mut script = Script { random: Random::seeded(), width: 300 };
    let (sender, receiver) = sync_channel::<(Box<dyn EngineCursor>, Model, Model)>(2);
    let mut random = Random(script.random.0 | 1);
    let reader = thread::spawn(move || {
        let mut read = 0;
        while let Ok((mut cursor, base, later)) = receiver.recv() {
            assert_tells(&mut *cursor, &base, &later, false, &mut random);
            read += 1;
        }
        read
    });
    let (mut core, mut model) = (table(), Model::default());
    let mut base = Moment::open(&mut core, &model);
    for n in 1..=20_000 {
        let op = script.op();
        op.run(&mut core).unwrap();
        op.model(&mut model);
        if n % 200 == 0 {
            let later = Moment::open(&mut core, &model);
            sender.send((later.since(&base), base.model.clone(), later.model.clone())).unwrap();
            // A chain: each is the base of the next, unless it is skipped.
            if script.random.below(3) > 0 {
                base = later;
            }
        }
    }
    drop(sender);
    assert_eq!(reader.join().unwrap(), 100);
    drop(base);
    assert_eq!(core.usage().retired, 0);
    assert_is(&core, &model);
}

//! A transaction happens as a whole or not at all, and leaves nothing behind.

use super::Random;
use super::script::{GROUPS, Model, Moment, Script, assert_is, table};
use crate::error::{Error, ErrorKind};
use crate::table::core::Core;
use crate::table::state::Key;

/// A table with some entries, some of them in segments and nodes that were shared before.
fn filled(seed: u64) -> (Core, Model, Script) {
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random: Random(seed), width: 300 };
    for n in 0..3000 {
        let op = script.op();
        op.run(&mut core).unwrap();
        op.model(&mut model);
        if n % 500 == 0 {
            drop(Moment::open(&mut core, &model));
        }
    }
    (core, model, script)
}

/// Bytes of everything that is allocated, but for the room in lists of retired blocks: that is kept for the next time.
fn used(core: &mut Core) -> u64 {
    let usage = core.usage();
    let groups = (0..4).flat_map(|id| &core.state(id).unwrap().groups);
    usage.records + usage.index - groups.map(|group| group.retired_list_bytes(&core.heap)).sum::<u64>()
}

#[test]
fn a_transaction_without_memory_never_happened() {
    for shared in [false, true] {
        let (mut core, mut model, mut script) = filled(51);
        for _ in 0..60 {
            let moment = shared.then(|| Moment::open(&mut core, &model));
            let op = script.transaction();
            let before = used(&mut core);
            for allocations in 0.. {
                core.heap.arena.fail_after = Some(allocations);
                let done = op.run(&mut core);
                core.heap.arena.fail_after = None;
                let Err(e) = done else { break };
                assert_eq!(e.kind(), ErrorKind::MemoryBudget);
                assert_is(&core, &model);
                assert_eq!(used(&mut core), before, "what it allocated is free again");
                moment.iter().for_each(Moment::assert_shown);
            }
            op.model(&mut model);
            assert_is(&core, &model);
            moment.iter().for_each(Moment::assert_shown);
            drop(moment);
            assert_eq!(core.usage().retired, 0, "nothing is kept after it");
        }
        println!("{} allocations failed", core.heap.arena.failures);
        assert!(core.heap.arena.failures > 500);
    }
}

#[test]
fn a_transaction_that_gives_up_never_happened() {
    for shared in [false, true] {
        let (mut core, model, mut script) = filled(52);
        let moments: Vec<_> =
            (0..if shared { 3 } else { 0 }).map(|_| Moment::open(&mut core, &model)).collect();
        let before = used(&mut core);
        let all: Vec<_> = (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))).collect();
        for _ in 0..100 {
            let ops: Vec<_> = (0..40).map(|_| script.simple()).collect();
            let refused = core.transaction(&all, |core| {
                ops.iter().try_for_each(|op| op.run_inside(core))?;
                Err(Error::new(ErrorKind::InvalidArgument, "gives up"))
            });
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
            assert_is(&core, &model);
            assert_eq!(used(&mut core), before);
        }
        moments.iter().for_each(Moment::assert_shown);
        drop(moments);
        assert_eq!(core.usage().retired_blocks, 0);
        assert_is(&core, &model);
    }
}

#[test]
fn transactions_that_give_up_again_and_again_need_no_more_memory() {
    let (mut core, model, mut script) = filled(54);
    let moment = Moment::open(&mut core, &model);
    let all: Vec<_> = (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))).collect();
    let ops: Vec<_> = (0..300).map(|_| script.simple()).collect();
    let mut give_up = || {
        let refused = core.transaction(&all, |core| {
            ops.iter().try_for_each(|op| op.run_inside(core))?;
            Err(Error::new(ErrorKind::InvalidArgument, "gives up"))
        });
        assert!(refused.is_err());
        core.usage()
    };
    // The first makes room in the lists of retired blocks.
    let first = give_up();
    for _ in 0..40 {
        assert_eq!(give_up(), first);
    }
    moment.assert_shown();
}

#[test]
fn a_transaction_that_splits_segments_goes_back_to_the_one() {
    let mut core = table();
    let put = |core: &mut Core, n: u32| {
        let key = n.to_be_bytes();
        core.write_in_transaction(0, |s, heap| s.put(heap, Key { group: 0, key: &key, rest: &[] }, b"value"))
    };
    for n in 0..100 {
        put(&mut core, n).unwrap();
    }
    let before = (used(&mut core), core.entries(0));
    for entries in [200, 20_000] {
        let refused = core.transaction(&[(0, 0)], |core| {
            (0..entries).try_for_each(|n| put(core, n))?;
            core.check();
            // And half of the way back.
            (0..entries / 2).try_for_each(|n| {
                let key = n.to_be_bytes();
                let key = Key { group: 0, key: &key, rest: &[] };
                core.write_in_transaction(0, |s, heap| s.delete(heap, key).map(drop))
            })?;
            core.check();
            Err(Error::new(ErrorKind::InvalidArgument, "gives up"))
        });
        assert!(refused.is_err());
        core.check();
        assert_eq!((used(&mut core), core.entries(0)), before);
    }
    // And forward: what it replaced is free when it is done.
    core.transaction(&[(0, 0)], |core| (0..20_000).try_for_each(|n| put(core, n))).unwrap();
    assert_eq!(core.usage().retired_blocks, 0);
    core.check();
    assert_eq!(core.count(), 20_000);
}

#[test]
fn a_transaction_on_a_state_that_is_not_there_never_happened() {
    let (mut core, model, _) = filled(53);
    for wrong in [(9, 0), (0, GROUPS)] {
        let refused = core.transaction(&[(0, 0), wrong], |_| panic!("must not begin"));
        assert!(refused.is_err());
        assert_is(&core, &model);
        assert_eq!(core.usage().retired, 0);
        assert!(!core.state(0).unwrap().groups[0].is_shared(), "the groups before it are let go of");
    }
}

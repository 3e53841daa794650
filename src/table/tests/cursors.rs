//! Cursors give every entry of their snapshot once, whatever the blocks, and whatever happens meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::Random;
use super::blocks::{drain, entries, form};
use super::script::{At, GROUPS, Model, Script, assert_is, table};
use crate::block::{BlockKind, BlockWriter};
use crate::error::ErrorKind;
use crate::store::{EngineCursor, EngineSnapshot};
use crate::table::core::Core;
use crate::table::store_snapshot::StoreSnapshot;

fn open(core: &mut Core) -> StoreSnapshot {
    StoreSnapshot::new(core.snapshot(&[0, 1, 2, 3]).unwrap(), 1)
}

fn run(core: &mut Core, model: &mut Model, script: &mut Script, operations: usize) {
    for _ in 0..operations {
        let op = script.op();
        op.run(core).unwrap();
        op.model(model);
    }
}

fn of_group(model: &Model, id: u32, group: u32) -> BTreeMap<At, Vec<u8>> {
    let all = model[id as usize].iter().filter(|(at, _)| at.0 == group);
    all.map(|(at, value)| (at.clone(), value.clone())).collect()
}

fn assert_shows(cursor: &mut dyn EngineCursor, model: &Model, split: bool, mut size: impl FnMut() -> usize) {
    for id in 0..4 {
        for group in 0..GROUPS {
            cursor.start(id, &[group as u8], &form(split)).unwrap();
            let blocks = drain(cursor, BlockKind::Snapshot, &mut size).unwrap();
            assert!(entries(id, split, &blocks) == of_group(model, id, group), "state {id}, group {group}");
        }
    }
}

#[test]
fn a_cursor_gives_every_entry_once_whatever_the_blocks() {
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random: Random(71), width: 700 };
    for _ in 0..3 {
        run(&mut core, &mut model, &mut script, 3000);
        let snapshot = open(&mut core);
        let mut cursor = snapshot.cursor().unwrap();
        for split in [false, true] {
            for size in [24, 25, 33, 50, 64, 100, 257, 1000, 5000, 100_000, 1 << 20] {
                assert_shows(&mut *cursor, &model, split, || size);
            }
            assert_shows(&mut *cursor, &model, split, || 24 + script.random.below(1000) as usize);
        }
    }
}

/// Large enough that segments split and batches of records run across them.
#[test]
fn a_cursor_gives_every_entry_of_a_large_group_once() {
    let mut core = table();
    let mut expected = BTreeMap::new();
    for n in 0..30_000u32 {
        let key = n.to_be_bytes();
        let value = vec![n as u8; if n % 1000 == 0 { 3000 } else { n as usize % 40 }];
        let at = crate::table::state::Key { group: 1, key: &key, rest: &[] };
        core.put(0, at, &value).unwrap();
        expected.insert((1, key.to_vec(), Vec::new()), value);
        if [1, 2, 3, 5, 8, 13, 64, 65, 200, 1000, 5000].contains(&n) || n == 29_999 {
            let mut cursor = open(&mut core).cursor().unwrap();
            for size in [200, 4096] {
                cursor.start(0, &[1], &form(false)).unwrap();
                let blocks = drain(&mut *cursor, BlockKind::Snapshot, || size).unwrap();
                assert!(entries(0, false, &blocks) == expected);
            }
        }
    }
}

#[test]
fn a_state_or_group_that_is_not_there_is_empty() {
    let mut core = table();
    let mut cursor = open(&mut core).cursor().unwrap();
    let mut buffer = [0; 100];
    let mut block = BlockWriter::new(&mut buffer, BlockKind::Snapshot).unwrap();
    assert!(!cursor.fill(&mut block).unwrap(), "not started");
    for (id, group) in [(0, 0), (0, 100), (9, 0)] {
        cursor.start(id, &[group], &form(false)).unwrap();
        assert!(!cursor.fill(&mut block).unwrap());
        assert!(!cursor.fill(&mut block).unwrap());
    }
    assert_eq!(block.count(), 0);
}

/// The group that is being read is kept when it is released, and when the snapshot is dropped.
#[test]
fn a_cursor_finishes_a_group_that_is_released_meanwhile() {
    for drops in [false, true] {
        let (mut core, mut model) = (table(), Model::default());
        let mut script = Script { random: Random(72), width: 500 };
        run(&mut core, &mut model, &mut script, 3000);
        for id in 0..4 {
            let moment = of_group(&model, id, 1);
            let snapshot = open(&mut core);
            let mut cursor = snapshot.cursor().unwrap();
            cursor.start(id, &[1], &form(false)).unwrap();
            let mut buffer = vec![0; 64];
            let mut block = BlockWriter::new(&mut buffer, BlockKind::Snapshot).unwrap();
            let more = cursor.fill(&mut block).unwrap();
            let len = block.finish(more).unwrap();
            buffer.truncate(len);
            assert!(more);
            let snapshot = (!drops).then_some(snapshot);
            for (id, group) in (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))) {
                if let Some(snapshot) = &snapshot {
                    snapshot.release(id, &[group as u8]);
                }
                core.write(id, |s, heap| s.clear_group(heap, group)).unwrap();
            }
            model = Model::default();
            run(&mut core, &mut model, &mut script, 3000);
            let mut blocks = vec![buffer];
            blocks.extend(drain(&mut *cursor, BlockKind::Snapshot, || 2000).unwrap());
            assert!(entries(id, false, &blocks) == moment);
            // What was released cannot be begun again; what only lost its handle can.
            let again = cursor.start(id, &[1], &form(false));
            assert_eq!(again.map_err(|e| e.kind()).err(), if drops { None } else { Some(ErrorKind::Closed) });
            drop(cursor);
            drop(snapshot);
            assert_eq!(core.usage().retired, 0, "nothing is kept for it");
            assert_is(&core, &model);
        }
    }
}

#[test]
fn cursors_on_other_threads_show_their_moment_while_the_owner_writes() {
    let mut script = Script { random: Random::seeded(), width: 300 };
    let (sender, receiver) = sync_channel::<(Box<dyn EngineCursor>, Arc<StoreSnapshot>, Model)>(2);
    let receiver = Arc::new(std::sync::Mutex::new(receiver));
    let readers: Vec<_> = (0..2u64)
        .map(|n| {
            let (receiver, mut random) = (Arc::clone(&receiver), Random(script.random.0.wrapping_add(n) | 1));
            thread::spawn(move || {
                let mut read = 0;
                loop {
                    let next = receiver.lock().unwrap().recv();
                    let Ok((mut cursor, snapshot, model)) = next else { return read };
                    for (id, group) in (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))) {
                        cursor.start(id, &[group as u8], &form(true)).unwrap();
                        // Before the first block, or not at all.
                        if random.below(2) == 0 {
                            snapshot.release(id, &[group as u8]);
                        }
                        let size = || 24 + random.below(5000) as usize;
                        let blocks = drain(&mut *cursor, BlockKind::Snapshot, size).unwrap();
                        assert!(entries(id, true, &blocks) == of_group(&model, id, group));
                        read += 1;
                    }
                }
            })
        })
        .collect();
    let (mut core, mut model) = (table(), Model::default());
    for n in 0..20_000 {
        let op = script.op();
        op.run(&mut core).unwrap();
        op.model(&mut model);
        if n % 100 == 0 {
            let snapshot = Arc::new(open(&mut core));
            sender.send((snapshot.cursor().unwrap(), snapshot, model.clone())).unwrap();
        }
    }
    drop(sender);
    assert_eq!(
        readers.into_iter().map(|reader| reader.join().unwrap()).sum::<u64>(),
        200 * 4 * u64::from(GROUPS)
    );
    assert_eq!(core.usage().retired, 0);
    assert_is(&core, &model);
}

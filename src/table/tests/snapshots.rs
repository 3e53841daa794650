//! Snapshots are read, released and dropped on other threads while the owner writes.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::Random;
use super::script::{GROUPS, Model, Moment, Op, Script, assert_is, table};
use crate::error::ErrorKind;

fn operations() -> u64 {
    std::env::var("KEYBED_OPERATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(40_000)
}

/// All groups of all states, in random order.
fn places(random: &mut Random) -> Vec<(u32, u32)> {
    let mut all: Vec<_> = (0..4).flat_map(|id| (0..GROUPS).map(move |group| (id, group))).collect();
    for i in (1..all.len()).rev() {
        all.swap(i, random.below(i as u64 + 1) as usize);
    }
    all
}

/// Reads moments that it shares with other readers, releases some of their groups, and drops them at some point.
fn reader(moments: Arc<Mutex<Receiver<Arc<Moment>>>>, mut random: Random) -> u64 {
    let mut read = 0;
    loop {
        let moment = moments.lock().unwrap().recv();
        let Ok(moment) = moment else { return read };
        let gives_up = random.below(20);
        for (turn, (id, group)) in places(&mut random).into_iter().enumerate() {
            if turn as u64 == gives_up {
                break;
            }
            match moment.assert_group_unless_released(id, group) {
                Ok(()) => read += 1,
                // By another reader.
                Err(e) => assert_eq!(e.kind(), ErrorKind::Closed),
            }
            if random.below(3) == 0 {
                moment.snapshot.release(id, group);
                let closed = moment.assert_group_unless_released(id, group);
                assert!(closed.is_err(), "released for everybody");
            }
        }
    }
}

/// Readers with a channel that holds few moments: the owner waits until somebody has taken one.
fn readers(number: u64, seed: u64) -> (SyncSender<Arc<Moment>>, Vec<JoinHandle<u64>>) {
    let (sender, receiver) = sync_channel(2);
    let receiver = Arc::new(Mutex::new(receiver));
    let start = |n| {
        let receiver = Arc::clone(&receiver);
        let random = Random(seed.wrapping_add(n * 7919) | 1);
        thread::spawn(move || reader(receiver, random))
    };
    (sender, (0..number).map(start).collect())
}

#[test]
fn readers_on_other_threads_see_their_moment_while_the_owner_writes() {
    let random = Random::seeded();
    let (sender, readers) = readers(3, random.0);
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random, width: 300 };
    let mut opened = 0;
    for n in 0..operations() {
        let op = script.op();
        op.run(&mut core).unwrap();
        op.model(&mut model);
        if script.random.below(100) == 0 {
            let moment = Arc::new(Moment::open(&mut core, &model));
            // Several readers of one moment.
            for _ in 0..=script.random.below(3) {
                sender.send(Arc::clone(&moment)).unwrap();
            }
            opened += 1;
        }
        if n % 5000 == 0 {
            assert_is(&core, &model);
        }
    }
    drop(sender);
    let read: u64 = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    println!("{opened} snapshots, {read} key groups read");
    assert!(read > opened);
    let usage = core.usage();
    assert_eq!((usage.retired, usage.retired_blocks), (0, 0), "nothing is kept after the last snapshot");
    assert_eq!(core.heap.releases.outstanding(), 0, "every message has come");
    assert!((0..4).all(|id| core.state(id).unwrap().groups.iter().all(|group| !group.is_shared())));
    assert_is(&core, &model);
}

#[test]
fn a_snapshot_outlives_its_table() {
    let (sender, readers) = readers(2, 61);
    let mut script = Script { random: Random(62), width: 300 };
    for _ in 0..20 {
        let (mut core, mut model) = (table(), Model::default());
        let mut moments = Vec::new();
        for n in 0..600 {
            let op = script.op();
            op.run(&mut core).unwrap();
            op.model(&mut model);
            if n % 150 == 149 {
                moments.push(Arc::new(Moment::open(&mut core, &model)));
                let moment = &moments[script.random.below(moments.len() as u64) as usize];
                sender.send(Arc::clone(moment)).unwrap();
            }
        }
        // Some go before the table, some after; some are being read.
        moments.truncate(2);
        drop(core);
        for moment in moments {
            sender.send(moment).unwrap();
        }
    }
    drop(sender);
    assert!(readers.into_iter().map(|reader| reader.join().unwrap()).sum::<u64>() > 0);
}

/// Segments that a snapshot has frozen merge with others that were written to since, and the other way round.
#[test]
fn snapshots_show_their_moments_while_segments_merge() {
    let (mut core, mut model) = (table(), Model::default());
    let mut random = Random(65);
    let mut keys: Vec<u32> = (0..5000).collect();
    let at = |n: u32| (0, n.to_be_bytes().to_vec(), Vec::new());
    for n in &keys {
        let op = Op::Put(0, at(*n), vec![*n as u8; 4]);
        op.run(&mut core).unwrap();
        op.model(&mut model);
    }
    let mut moments = Vec::new();
    while !keys.is_empty() {
        let n = keys.swap_remove(random.below(keys.len() as u64) as usize);
        let op = Op::Delete(0, at(n));
        op.run(&mut core).unwrap();
        op.model(&mut model);
        // Often enough that most segments have not been touched since, whatever the hash.
        if keys.len().is_multiple_of(4) {
            moments.push(Moment::open(&mut core, &model));
            if moments.len() > 30 {
                let moment = moments.swap_remove(random.below(30) as usize);
                if keys.len().is_multiple_of(20) {
                    moment.assert_group(0, 0);
                    core.check();
                }
            }
        }
    }
    moments.iter().for_each(Moment::assert_shown);
    drop(moments);
    let usage = core.usage();
    assert_eq!((usage.records, usage.index, usage.retired), (0, 0, 0));
    core.check();
}

#[test]
fn opening_a_snapshot_copies_nothing() {
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random: Random(63), width: 2000 };
    let mut moments = Vec::new();
    for _ in 0..50 {
        for _ in 0..200 {
            let op = script.op();
            op.run(&mut core).unwrap();
            op.model(&mut model);
        }
        let before = core.usage();
        core.heap.arena.fail_after = Some(0);
        moments.push(Moment::open(&mut core, &model));
        core.heap.arena.fail_after = None;
        assert_eq!(core.usage(), before);
    }
    while !moments.is_empty() {
        let next = script.random.below(moments.len() as u64) as usize;
        let moment = moments.swap_remove(next);
        moment.assert_shown();
        drop(moment);
        moments.iter().take(3).for_each(Moment::assert_shown);
        let op = script.op();
        op.run(&mut core).unwrap();
        op.model(&mut model);
    }
    assert_eq!(core.usage().retired_blocks, 0);
    assert_is(&core, &model);
}

#[test]
fn a_snapshot_that_cannot_be_opened_keeps_nothing() {
    let (mut core, mut model) = (table(), Model::default());
    let mut script = Script { random: Random(64), width: 200 };
    for _ in 0..1000 {
        let op = script.op();
        op.run(&mut core).unwrap();
        op.model(&mut model);
    }
    assert_eq!(core.snapshot(&[0, 1, 9]).unwrap_err().kind(), ErrorKind::StateNotFound);
    assert_eq!(core.usage().retired, 0);
    assert!((0..4).all(|id| core.state(id).unwrap().groups.iter().all(|group| !group.is_shared())));
    assert_is(&core, &model);
}

//! What nobody needs any more is freed by the writes that follow, however these are made.

use super::script::table;
use crate::key::CompositeKey;
use crate::memory::Budget;
use crate::options::StoreOptions;
use crate::store::{BatchOp, Engine, StateInfo, StateKind, WriteBatch};
use crate::table::core::Core;
use crate::table::engine::TableEngine;
use crate::table::state::Key;

#[test]
fn snapshots_with_few_writes_between_them_keep_nothing() {
    let mut core = Core::new(&Budget::unlimited()).unwrap();
    core.add_state(0, 128, false).unwrap();
    for round in 0..5000 {
        // The first rounds fill the groups.
        let key = Key { group: round % 128, key: b"key", rest: b"" };
        core.write(0, |s, heap| s.put(heap, key, b"value")).unwrap();
        drop(core.snapshot(&[0]).unwrap());
    }
    let kept = core.heap.retired.1;
    assert!(kept < 1000, "{kept} blocks are kept for snapshots that are gone");
}

#[test]
fn a_part_of_a_map_that_is_cleared_is_freed() {
    let mut core = table();
    for _ in 0..50 {
        for n in 0..500u32 {
            let rest = [b"window".as_slice(), &n.to_be_bytes()].concat();
            let key = Key { group: 0, key: b"key", rest: &rest };
            core.write_in_transaction(1, |s, heap| s.put(heap, key, b"value")).unwrap();
        }
        core.delete_prefix(1, 0, b"key", b"window").unwrap();
    }
    let kept = core.heap.retired.1;
    assert!(kept < 1000, "{kept} blocks are kept, and nothing has shared them");
}

#[test]
fn a_batch_frees_as_much_as_its_writes_would_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let state = StateInfo {
        id: 0,
        name: "state".to_string(),
        kind: StateKind::Value,
        namespace: crate::key::PartSize::NONE,
    };
    let states = [state];
    let engine = TableEngine::open(dir.path(), &StoreOptions::default(), &[]).unwrap();
    engine.create_state(&states[0]).unwrap();
    let mut session = engine.session().unwrap();
    session.open_state(&states[0]).unwrap();
    for round in 0..50u8 {
        let snapshot = engine.snapshot(&states).unwrap();
        let mut batch = WriteBatch::new();
        for n in 0..2000u32 {
            let bytes = [&[n as u8 % 128][..], &n.to_be_bytes()].concat();
            let key = CompositeKey { bytes: &bytes, split: bytes.len() };
            batch.push(BatchOp::Put { state: 0, key, value: &[round; 100] }).unwrap();
        }
        session.write(&batch).unwrap();
        drop(snapshot);
    }
    let kept = engine.retired_blocks();
    assert!(kept < 10_000, "{kept} blocks are kept for snapshots that are gone");
}

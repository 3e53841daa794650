use std::thread;

use super::*;
use crate::block::{BlockKind, BlockReader, BlockWriter};
use crate::error::ErrorKind;
use crate::snapshot::EntryForm;
use crate::store::EngineCursor;

fn form(spec: KeySpec) -> EntryForm {
    EntryForm { keys: spec, split: false }
}

/// All entries of a key group, in blocks of this size.
fn drain(cursor: &mut dyn EngineCursor, mut block_bytes: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut entries = Vec::new();
    loop {
        let mut buf = vec![0; block_bytes];
        let mut writer = BlockWriter::new(&mut buf, BlockKind::Snapshot).unwrap();
        let more = cursor.fill(&mut writer).unwrap();
        let len = writer.finish(more).unwrap();
        let reader = BlockReader::new(&buf[..len]).unwrap();
        entries.extend(reader.iter().map(|(k, v)| (k.to_vec(), v.to_vec())));
        if !more {
            return entries;
        }
        if let Some(needed) = reader.needed() {
            block_bytes = needed;
        }
    }
}

#[test]
fn a_cursor_gives_every_entry_of_its_moment_once_and_in_order_in_blocks_of_any_size() {
    for spec in specs() {
        let dir = tempfile::tempdir().unwrap();
        let engine = open(dir.path(), &small());
        let mut session = session(&engine);
        let (mut model, mut random) = (Model::new(), Random(7));
        let groups = (spec, 0..spec.max_parallelism);
        write(&mut *session, &mut model, &mut random, groups.clone(), 8000);
        clear_much(&mut *session, &mut model, &prefix(spec, 0));
        let snapshot = engine.snapshot(&states()).unwrap();
        let moment = model.clone();
        let mut cursor = snapshot.cursor().unwrap();
        drop(snapshot);
        write(&mut *session, &mut model, &mut random, groups, 8000);
        let mut held = Model::new();
        for state in states() {
            for group in 0..spec.max_parallelism.min(300) {
                let group = prefix(spec, group);
                cursor.start(state.id, &group, &form(spec)).unwrap();
                let entries = drain(&mut *cursor, 24 + random.below(500) as usize);
                assert!(entries.is_sorted_by(|a, b| a.0 < b.0));
                assert!(entries.iter().all(|(k, _)| k.starts_with(&group)));
                held.extend(entries.into_iter().map(|(k, v)| ((state.id, k), v)));
            }
        }
        let mut expected = moment;
        expected.retain(|(_, k), _| spec.group_of(k).unwrap() < 300);
        compare(&held, &expected);
    }
}

#[test]
fn one_block_takes_several_key_groups() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut session = session(&engine);
    for group in 0..3u8 {
        session.put(VALUE, key(&[group, 1]), b"x").unwrap();
    }
    let mut cursor = engine.snapshot(&states()).unwrap().cursor().unwrap();
    let mut buf = [0; 200];
    let mut block = BlockWriter::new(&mut buf, BlockKind::Snapshot).unwrap();
    for group in 0..3u8 {
        cursor.start(VALUE, &[group], &form(spec(128))).unwrap();
        assert!(!cursor.fill(&mut block).unwrap());
        assert!(!cursor.fill(&mut block).unwrap(), "it stays at its end");
    }
    assert_eq!(block.count(), 3);
}

#[test]
fn a_cursor_refuses_released_groups_and_reads_one_that_it_has_begun() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut session = session(&engine);
    for i in 0..100u8 {
        session.put(MAP, key(&[i % 2, i]), &[i; 50]).unwrap();
    }
    let snapshot = engine.snapshot(&states()).unwrap();
    let mut cursor = snapshot.cursor().unwrap();
    let form = form(spec(128));
    let mut buf = [0; 500];
    let mut block = BlockWriter::new(&mut buf, BlockKind::Snapshot).unwrap();
    assert_eq!(cursor.fill(&mut block).unwrap_err().kind(), ErrorKind::CursorInvalid);
    assert_eq!(cursor.start(9, &[0], &form).unwrap_err().kind(), ErrorKind::StateNotFound);
    cursor.start(MAP, &[0], &form).unwrap();
    assert!(cursor.fill(&mut block).unwrap());
    let begun = block.count() as usize;
    snapshot.release(MAP, &[0]);
    assert_eq!(begun + drain(&mut *cursor, 500).len(), 50);
    assert_eq!(cursor.start(MAP, &[0], &form).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(cursor.fill(&mut block).unwrap_err().kind(), ErrorKind::CursorInvalid);
    cursor.start(MAP, &[1], &form).unwrap();
    assert_eq!(drain(&mut *cursor, 500).len(), 50);
}

#[test]
fn a_cursor_reads_on_another_thread_after_engine_and_snapshot_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    session(&engine).put(VALUE, key(&[0, 1]), b"x").unwrap();
    let mut cursor = engine.snapshot(&states()).unwrap().cursor().unwrap();
    session(&engine).put(VALUE, key(&[0, 1]), b"y").unwrap();
    drop(engine);
    let read = thread::spawn(move || {
        cursor.start(VALUE, &[0], &form(spec(128))).unwrap();
        drain(&mut *cursor, 100)
    });
    assert_eq!(read.join().unwrap(), [(vec![0, 1], b"x".to_vec())]);
}

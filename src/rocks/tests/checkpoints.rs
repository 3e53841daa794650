use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::error::ErrorKind;
use crate::store::{BatchOp, WriteBatch};

#[test]
fn linked_files_hold_what_was_there_and_stay_as_they_are() {
    for wal in [false, true] {
        let options = RocksOptions { wal, ..small() };
        let dir = tempfile::tempdir().unwrap();
        let engine = open(&dir.path().join("db"), &options);
        let mut session = session(&engine);
        let (mut model, mut random) = (Model::new(), Random(5));
        let groups = (spec(300), 0..300);
        write(&mut *session, &mut model, &mut random, groups.clone(), 6000);
        clear_much(&mut *session, &mut model, &[0, 7]);
        let linked = dir.path().join("linked");
        let listed = engine.link_files(&linked).unwrap().unwrap();
        assert_eq!(listed.len(), contents(&linked).len());
        assert!(listed.iter().any(|file| file.shared && file.keys.is_some()));
        let moment = model.clone();
        let files = contents(&linked);
        // Whatever happens to the database afterwards.
        write(&mut *session, &mut model, &mut random, groups, 20_000);
        engine.flush().unwrap();
        engine.db().compact_range_cf(&engine.column("s/of value").unwrap(), None::<&[u8]>, None::<&[u8]>);
        check(&engine, &model);
        drop((session, engine));
        std::fs::remove_dir_all(dir.path().join("db")).unwrap();
        assert_eq!(contents(&linked), files);
        check(&open(&linked, &options), &moment);
    }
}

fn put(batch: &mut WriteBatch, state: u32, bytes: &[u8], value: &[u8]) {
    batch.push(BatchOp::Put { state, key: key(bytes), value }).unwrap();
}

fn contents(dir: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn all_column_families_are_linked_at_one_moment_while_sessions_write() {
    for wal in [false, true] {
        let options = RocksOptions { wal, ..small() };
        let dir = tempfile::tempdir().unwrap();
        let engine = open(&dir.path().join("db"), &options);
        let stop = AtomicBool::new(false);
        let linked: Vec<_> = (0..8).map(|i| dir.path().join(format!("linked {i}"))).collect();
        thread::scope(|scope| {
            for writer in 0..2u8 {
                let mut session = session(&engine);
                let stop = &stop;
                scope.spawn(move || {
                    // Each batch puts one number under a key in all states: they can never differ in a moment.
                    let bytes = [writer, 1];
                    for i in 0u64.. {
                        let mut batch = WriteBatch::new();
                        for state in [VALUE, LIST, MAP] {
                            put(&mut batch, state, &bytes, &i.to_be_bytes());
                            put(&mut batch, state, &[writer, 2, i as u8], &[i as u8; 500]);
                        }
                        session.write(&batch).unwrap();
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                });
            }
            for dir in &linked {
                assert!(engine.link_files(dir).unwrap().is_some());
            }
            stop.store(true, Ordering::Relaxed);
        });
        let mut last = 0;
        for dir in &linked {
            let held = everything(&open(dir, &options));
            let numbers = |writer: u8| [VALUE, LIST, MAP].map(|state| held.get(&(state, vec![writer, 1])));
            for writer in 0..2 {
                let numbers = numbers(writer);
                assert!(numbers[0] == numbers[1] && numbers[1] == numbers[2], "{numbers:?}");
            }
            let total =
                held.get(&(VALUE, vec![0, 1])).map_or(0, |v| u64::from_be_bytes(v[..].try_into().unwrap()));
            assert!(total >= last);
            last = total;
        }
        assert!(last > 0);
    }
}

#[test]
fn files_are_not_linked_over_something_and_nothing_is_left_of_a_failure() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(&dir.path().join("db"), &small());
    session(&engine).put(VALUE, key(&[0, 1]), b"x").unwrap();
    let taken = dir.path().join("taken");
    std::fs::write(&taken, "someone's").unwrap();
    assert_eq!(engine.link_files(&taken).unwrap_err().kind(), ErrorKind::SnapshotExists);
    assert_eq!(std::fs::read(&taken).unwrap(), b"someone's");
    let nowhere = dir.path().join("no such/linked");
    assert_eq!(engine.link_files(&nowhere).unwrap_err().kind(), ErrorKind::Io);
    // Another device has no links to the files here; it gets copies.
    let elsewhere = Path::new("/dev/shm");
    if elsewhere.is_dir() {
        let elsewhere = tempfile::tempdir_in(elsewhere).unwrap();
        let linked = elsewhere.path().join("linked");
        engine.link_files(&linked).unwrap();
        assert_eq!(everything(&open(&linked, &small())).len(), 1);
    }
    let names: Vec<_> =
        std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

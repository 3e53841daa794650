use super::*;
use crate::block::{BlockKind, BlockReader, BlockWriter};
use crate::error::ErrorKind;
use crate::rocks::load::{FOLDER_NAME, Tables};
use crate::snapshot::{Entries, EntryForm, OP_DELETE, OP_PUT};
use crate::store::EngineLoader;

/// Loads entries of a state in one block.
fn load<'a>(
    loader: &mut dyn EngineLoader,
    state: u32,
    kind: BlockKind,
    spec: KeySpec,
    entries: impl Iterator<Item = (&'a [u8], &'a [u8])>,
) -> Result<()> {
    let mut buf = vec![0; 4 << 20];
    let mut block = BlockWriter::new(&mut buf, kind).unwrap();
    for (key, value) in entries {
        assert!(block.push(key, value));
    }
    let len = block.finish(false).unwrap();
    let all = crate::key::KeyGroupRange::all(spec.max_parallelism);
    let form = EntryForm { keys: spec, split: false };
    loader.load(state, Entries::new(BlockReader::new(&buf[..len]).unwrap(), form, all, all))
}

/// A model of random entries.
fn model_of(spec: KeySpec, count: usize) -> Model {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut model = Model::new();
    write(&mut *session(&engine), &mut model, &mut Random(5), (spec, 0..spec.max_parallelism), count);
    model
}

/// Loads a model, states and key groups taking turns.
fn load_model(loader: &mut dyn EngineLoader, model: &Model, spec: KeySpec) {
    for group in 0..spec.max_parallelism {
        for state in states() {
            let group = prefix(spec, group);
            let from = (state.id, group.clone());
            let entries =
                model.range(from..).take_while(|((s, k), _)| *s == state.id && k.starts_with(&group));
            let entries = entries.map(|((_, k), v)| (&k[..], &v[..]));
            load(loader, state.id, BlockKind::Snapshot, spec, entries).unwrap();
        }
    }
}

/// Closes the engine without a flush, and opens the database again.
fn again(engine: RocksEngine, dir: &Path, options: &RocksOptions) -> RocksEngine {
    drop(engine);
    open(dir, options)
}

#[test]
fn ordered_entries_are_loaded_and_on_disk() {
    for spec in [spec(128), spec(300)] {
        for wal in [false, true] {
            let options = RocksOptions { wal, ..small() };
            let model = model_of(spec, 6000);
            let dir = tempfile::tempdir().unwrap();
            let engine = open(dir.path(), &options);
            let mut loader = engine.loader(true).unwrap();
            load_model(&mut *loader, &model, spec);
            assert!(dir.path().join(FOLDER_NAME).exists());
            loader.finish().unwrap();
            check(&engine, &model);
            assert!(!dir.path().join(FOLDER_NAME).exists(), "nothing is left in between");
            let copy = tempfile::tempdir().unwrap();
            for file in std::fs::read_dir(dir.path()).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
            }
            check(&open(copy.path(), &options), &model);
            let engine = again(engine, dir.path(), &options);
            check(&engine, &model);
            // And it can be written to.
            let mut model = model;
            let mut session = session(&engine);
            write(&mut *session, &mut model, &mut Random(3), (spec, 0..spec.max_parallelism), 2000);
            check(&engine, &model);
        }
    }
}

#[test]
fn entries_in_any_order_and_changes_are_loaded_and_on_disk() {
    let spec = spec(128);
    let model = model_of(spec, 6000);
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut loader = engine.loader(false).unwrap();
    for ((state, key), value) in model.iter().rev() {
        load(&mut *loader, *state, BlockKind::Snapshot, spec, [(&key[..], &value[..])].into_iter()).unwrap();
    }
    loader.finish().unwrap();
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    check(&engine, &model);
    // What a process that is killed now would find.
    check(&open(copy.path(), &small()), &model);
}

#[test]
fn changes_replace_and_delete_what_ordered_blocks_brought() {
    let spec = spec(128);
    let mut model = model_of(spec, 3000);
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut loader = engine.loader(true).unwrap();
    load_model(&mut *loader, &model, spec);
    let keys: Vec<_> = model.keys().filter(|(s, _)| *s == LIST).map(|(_, k)| k.clone()).collect();
    for (i, key) in keys.into_iter().enumerate() {
        let (put, delete) = ([&[OP_PUT], &key[..]].concat(), [&[OP_DELETE], &key[..]].concat());
        if i % 2 == 0 {
            load(&mut *loader, LIST, BlockKind::Changes, spec, [(&delete[..], &[][..])].into_iter()).unwrap();
            model.remove(&(LIST, key));
        } else {
            load(&mut *loader, LIST, BlockKind::Changes, spec, [(&put[..], &b"new"[..])].into_iter())
                .unwrap();
            model.insert((LIST, key), b"new".to_vec());
        }
    }
    // A full block after changes is newer than they are.
    let key = [7, 7];
    load(&mut *loader, LIST, BlockKind::Snapshot, spec, [(&key[..], &b"last"[..])].into_iter()).unwrap();
    model.insert((LIST, key.to_vec()), b"last".to_vec());
    loader.finish().unwrap();
    check(&engine, &model);
    check(&again(engine, dir.path(), &small()), &model);
}

#[test]
fn a_loader_that_fails_or_is_dropped_leaves_nothing() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let before = names(dir.path());
    let mut loader = engine.loader(true).unwrap();
    load(&mut *loader, VALUE, BlockKind::Snapshot, spec, [(&[1, 2][..], &b"x"[..])].into_iter()).unwrap();
    drop(loader);
    assert_eq!(names(dir.path()), before);
    let mut loader = engine.loader(true).unwrap();
    let wrong = [(&[1, 2][..], &b"x"[..]), (&[1, 1], b"y")];
    let error = load(&mut *loader, VALUE, BlockKind::Snapshot, spec, wrong.into_iter()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corruption);
    assert!(error.message().contains("of value"), "{error}");
    drop(loader);
    assert_eq!(names(dir.path()), before);
    let mut loader = engine.loader(true).unwrap();
    let unknown = load(&mut *loader, 9, BlockKind::Snapshot, spec, [(&[1, 2][..], &b"x"[..])].into_iter())
        .and_then(|()| loader.finish());
    assert_eq!(unknown.unwrap_err().kind(), ErrorKind::StateNotFound);
    engine.loader(true).unwrap().finish().unwrap();
    engine.loader(false).unwrap().finish().unwrap();
    assert_eq!(names(dir.path()), before);
    check(&engine, &Model::new());
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_a_killed_loader_left_goes_when_the_database_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), &small()));
    let folder = dir.path().join(FOLDER_NAME);
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("0-0.sst"), "half").unwrap();
    drop(open(dir.path(), &small()));
    assert!(!folder.exists());
}

#[test]
fn tables_are_of_bounded_size_and_go_to_the_bottom_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let folder = dir.path().join("tables");
    std::fs::create_dir(&folder).unwrap();
    let mut tables = Tables::new(engine.options(), &folder, "t".to_string()).of_size(100_000);
    let mut random = Random(11);
    for i in 0..10_000u32 {
        // Of a kind that cannot be compressed.
        let value: Vec<u8> = (0..100).map(|_| random.below(256) as u8).collect();
        tables.put(&[&[1], &i.to_be_bytes()[..]].concat(), &value).unwrap();
    }
    tables.ingest(engine.db(), &engine.column("s/of value").unwrap()).unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "moved");
    let files = engine.db().live_files().unwrap();
    assert!(files.len() >= 10, "{} files", files.len());
    assert!(files.iter().all(|file| file.size < 150_000 && file.level == 6));
}

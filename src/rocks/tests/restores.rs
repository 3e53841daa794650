use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::thread;
use std::time::SystemTime;

use super::*;
use crate::error::ErrorKind;
use crate::rocks::FileSource;

/// A set of linked files and what it holds.
pub(super) struct Source {
    pub(super) dir: PathBuf,
    pub(super) has: Range<u32>,
    pub(super) model: Model,
}

impl Source {
    /// The part of it in these groups, if there is one.
    pub(super) fn wanted(&self, groups: &Range<u32>) -> Option<FileSource> {
        let wanted = self.has.start.max(groups.start)..self.has.end.min(groups.end);
        (!wanted.is_empty()).then(|| FileSource { dir: self.dir.clone(), has: self.has.clone(), wanted })
    }
}

/// The files of random entries in these groups, of several levels.
pub(super) fn source(dir: &Path, spec: KeySpec, has: Range<u32>, seed: u64) -> Source {
    source_of(dir, spec, has, seed, 15_000)
}

/// The same after so many writes.
pub(super) fn source_of(dir: &Path, spec: KeySpec, has: Range<u32>, seed: u64, writes: usize) -> Source {
    let db = dir.join(format!("db {}", has.start));
    let engine = open(&db, &small());
    let mut session = session(&engine);
    let (mut model, mut random) = (Model::new(), Random(seed));
    write(&mut *session, &mut model, &mut random, (spec, has.clone()), writes);
    clear_much(&mut *session, &mut model, &prefix(spec, has.start));
    clear_much(&mut *session, &mut model, &prefix(spec, has.end - 1));
    write(&mut *session, &mut model, &mut random, (spec, has.clone()), writes / 8);
    let linked = dir.join(format!("linked {}", has.start));
    engine.link_files(&linked).unwrap();
    Source { dir: linked, has, model }
}

fn in_groups(model: &Model, spec: KeySpec, groups: &Range<u32>) -> Model {
    let wanted = |key: &[u8]| groups.contains(&spec.group_of(key).unwrap());
    model.iter().filter(|((_, k), _)| wanted(k)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

fn restore(dir: &Path, spec: KeySpec, sources: &[Source], groups: &Range<u32>) -> (RocksEngine, Model) {
    let wanted: Vec<_> = sources.iter().filter_map(|source| source.wanted(groups)).collect();
    RocksEngine::restore(dir, &small(), &spec, &states(), &wanted).unwrap();
    let mut model = Model::new();
    for source in sources {
        model.extend(in_groups(&source.model, spec, groups));
    }
    let engine = RocksEngine::open(dir, &small(), &states()).unwrap();
    (engine, model)
}

/// What is there stays there: after writes, compactions and another opening.
fn use_on(engine: RocksEngine, dir: &Path, model: &mut Model, spec: KeySpec, groups: &Range<u32>) {
    check(&engine, model);
    write(&mut *session(&engine), model, &mut Random(77), (spec, groups.clone()), 1000);
    check(&engine, model);
    engine.flush().unwrap();
    for state in ["s/of value", "s/of list", "s/of map"] {
        engine.db().compact_range_cf(&engine.column(state).unwrap(), None::<&[u8]>, None::<&[u8]>);
    }
    check(&engine, model);
    drop(engine);
    check(&open(dir, &small()), model);
}

#[test]
fn a_source_is_cut_at_every_boundary() {
    for spec in [spec(16), spec(300)] {
        let dir = tempfile::tempdir().unwrap();
        let max = spec.max_parallelism;
        let sources = [source(dir.path(), spec, 0..max, 9)];
        let boundaries: Vec<u32> =
            if max == 16 { (1..16).collect() } else { vec![1, 2, 127, 128, 255, 256, 257, 298, 299] };
        for at in boundaries {
            for groups in [0..at, at..max] {
                let target = dir.path().join("target");
                let (engine, mut model) = restore(&target, spec, &sources, &groups);
                use_on(engine, &target, &mut model, spec, &groups);
                fs::remove_dir_all(&target).unwrap();
            }
        }
        let target = dir.path().join("target");
        let middle = max / 3..max / 2;
        let (engine, mut model) = restore(&target, spec, &sources, &middle);
        use_on(engine, &target, &mut model, spec, &middle);
    }
}

fn whole(max: u32) -> Vec<Range<u32>> {
    std::iter::once(0..max).collect()
}

#[test]
fn sources_are_joined_and_divided_anew() {
    for (max, parts, targets) in [
        (128, vec![0..64, 64..128], whole(128)),
        (128, vec![0..64, 64..128], vec![0..43, 43..86, 86..128]),
        (300, vec![0..100, 100..200, 200..300], vec![0..150, 150..300]),
        (300, vec![0..100, 100..200, 200..300], vec![0..1, 1..299, 299..300]),
        (128, vec![0..1, 1..2, 2..128], whole(128)),
    ] {
        let spec = spec(max);
        let dir = tempfile::tempdir().unwrap();
        let sources: Vec<_> = parts
            .into_iter()
            .map(|groups| source(dir.path(), spec, groups.clone(), 5 + u64::from(groups.start)))
            .collect();
        for groups in targets {
            let target = dir.path().join(format!("target {}", groups.start));
            let (engine, mut model) = restore(&target, spec, &sources, &groups);
            use_on(engine, &target, &mut model, spec, &groups);
        }
    }
}

/// Divides again and again, with writes in between, so that leftovers of earlier divisions are in the files.
#[test]
fn divisions_upon_divisions_lose_and_bring_back_nothing() {
    let spec = spec(300);
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random(0x1234_5678_9abc);
    let mut sources = vec![source(dir.path(), spec, 0..300, 3)];
    for round in 0..12 {
        let mut cuts: Vec<u32> = (0..random.below(4)).map(|_| 1 + random.below(299) as u32).collect();
        cuts.extend([0, 300]);
        cuts.sort();
        cuts.dedup();
        let mut next = Vec::new();
        for ends in cuts.windows(2) {
            let groups = ends[0]..ends[1];
            let target = dir.path().join(format!("{round} {}", groups.start));
            let (engine, mut model) = restore(&target, spec, &sources, &groups);
            check(&engine, &model);
            let mut session = session(&engine);
            let count = random.below(3000) as usize;
            write(&mut *session, &mut model, &mut random, (spec, groups.clone()), count);
            if random.below(2) == 0 {
                clear_much(&mut *session, &mut model, &prefix(spec, groups.start));
            }
            let linked = dir.path().join(format!("{round} {} linked", groups.start));
            engine.link_files(&linked).unwrap();
            next.push(Source { dir: linked, has: groups, model });
        }
        sources = next;
    }
}

/// Every file with its bytes, and when it was changed.
fn files(dir: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime, u32)> {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| {
            let meta = fs::metadata(&path).unwrap();
            let content = (fs::read(&path).unwrap(), meta.modified().unwrap(), meta.mode());
            (path, content)
        })
        .collect()
}

#[test]
fn sources_stay_as_they_are_while_several_databases_are_made_of_them() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let sources = [
        source(dir.path(), spec, 0..43, 1),
        source(dir.path(), spec, 43..86, 2),
        source(dir.path(), spec, 86..128, 3),
    ];
    let before: Vec<_> = sources.iter().map(|source| files(&source.dir)).collect();
    thread::scope(|scope| {
        for (i, groups) in [0..128, 0..64, 64..128, 0..128, 64..128].into_iter().enumerate() {
            let target = dir.path().join(format!("target {i}"));
            let sources = &sources;
            scope.spawn(move || {
                let (engine, mut model) = restore(&target, spec, sources, &groups);
                use_on(engine, &target, &mut model, spec, &groups);
            });
        }
    });
    for (source, before) in sources.iter().zip(before) {
        assert!(files(&source.dir) == before);
    }
    // And they outlive everything else.
    for i in 0..5 {
        fs::remove_dir_all(dir.path().join(format!("target {i}"))).unwrap();
    }
    let target = dir.path().join("again");
    let (engine, model) = restore(&target, spec, &sources, &(0..128));
    check(&engine, &model);
}

/// The SST files of a database, as the file system knows them.
fn inodes(dir: &Path) -> Vec<u64> {
    let tables = fs::read_dir(dir).unwrap().map(|file| file.unwrap());
    let tables = tables.filter(|file| file.path().extension().is_some_and(|e| e == "sst"));
    tables.map(|file| file.metadata().unwrap().ino()).collect()
}

/// Of two sources of many files, only those at the edges of what is wanted are written anew.
#[test]
fn of_many_files_those_that_have_nothing_else_are_links() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let sources = [0..64, 64..128].map(|has| {
        let db = dir.path().join(format!("db {}", has.start));
        let engine = open(&db, &small());
        let mut session = session(&engine);
        let (mut model, mut random) = (Model::new(), Random(3));
        for i in 0..16_000u32 {
            let bytes = [&prefix(spec, has.start + i % 64)[..], &i.to_be_bytes()].concat();
            // Of a kind that cannot be compressed.
            let value: Vec<u8> = (0..100).map(|_| random.below(256) as u8).collect();
            session.put(VALUE, key(&bytes), &value).unwrap();
            model.insert((VALUE, bytes), value);
        }
        let everywhere = None::<&[u8]>;
        engine.db().compact_range_cf(&engine.column("s/of value").unwrap(), everywhere, everywhere);
        // With something on other levels too.
        write(&mut *session, &mut model, &mut random, (spec, has.start + 10..has.end - 10), 200);
        let linked = dir.path().join(format!("linked {}", has.start));
        engine.link_files(&linked).unwrap();
        Source { dir: linked, has, model }
    });
    for groups in [20..100, 43..86, 0..65] {
        let target = dir.path().join("target");
        let (engine, mut model) = restore(&target, spec, &sources, &groups);
        let made = inodes(&target);
        for source in &sources {
            let theirs = inodes(&source.dir);
            let wanted = source.wanted(&groups).unwrap().wanted.len() as f64 / 64.0;
            let links = theirs.iter().filter(|file| made.contains(file)).count();
            assert!(links as f64 >= 0.8 * wanted * theirs.len() as f64 - 3.0, "{links} of {}", theirs.len());
        }
        use_on(engine, &target, &mut model, spec, &groups);
        fs::remove_dir_all(&target).unwrap();
    }
}

/// RocksDB orders writes by a number that it counts up, and that entries of joined files keep.
#[test]
fn joined_entries_of_a_source_with_more_writes_than_the_base_are_seen_and_written_over() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let sources = [(0..64, 100, 10_000), (64..128, 9000, 10)].map(|(has, writes, bytes)| {
        let engine = open(&dir.path().join(format!("db {}", has.start)), &small());
        let (mut session, mut model) = (session(&engine), Model::new());
        for i in 0..writes {
            let (bytes, value) = (vec![has.start as u8, i as u8], vec![i as u8; bytes]);
            session.put(VALUE, key(&bytes), &value).unwrap();
            model.insert((VALUE, bytes), value);
        }
        let linked = dir.path().join(format!("linked {}", has.start));
        engine.link_files(&linked).unwrap();
        Source { dir: linked, has, model }
    });
    let target = dir.path().join("target");
    let (engine, mut model) = restore(&target, spec, &sources, &(0..128));
    check(&engine, &model);
    let mut session = session(&engine);
    for ((state, bytes), value) in &mut model {
        *value = b"written over".to_vec();
        session.put(*state, key(bytes), value).unwrap();
    }
    check(&engine, &model);
    drop((session, engine));
    let engine = open(&target, &small());
    check(&engine, &model);
    use_on(engine, &target, &mut model, spec, &(0..128));
}

#[test]
fn files_that_are_wanted_whole_are_links() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let sources = [source(dir.path(), spec, 0..64, 1), source(dir.path(), spec, 64..128, 2)];
    let target = dir.path().join("target");
    drop(restore(&target, spec, &sources, &(0..128)));
    let made = inodes(&target);
    for source in &sources {
        assert!(inodes(&source.dir).iter().all(|file| made.contains(file)));
    }
    assert!(!target.join("source").exists());
}

#[test]
fn states_that_sources_lack_are_empty_and_those_not_asked_for_are_gone() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let all = states();
    let mut sources = Vec::new();
    for (i, has) in [(0, 0..64), (1, 64..128)] {
        let engine = RocksEngine::open(&dir.path().join(format!("db {i}")), &small(), &[]).unwrap();
        let mut session = engine.session().unwrap();
        // The first has "of value" and "of list", the second "of list" and "of map".
        for state in &all[i..i + 2] {
            engine.create_state(state).unwrap();
            session.open_state(state).unwrap();
            session.put(state.id, key(&[has.start as u8, 1]), b"x").unwrap();
        }
        let linked = dir.path().join(format!("linked {i}"));
        engine.link_files(&linked).unwrap();
        sources.push(FileSource { dir: linked, has: has.clone(), wanted: has });
    }
    let target = dir.path().join("target");
    // Not "of list".
    let asked = [all[0].clone(), all[2].clone()];
    RocksEngine::restore(&target, &small(), &spec, &asked, &sources).unwrap();
    let engine = open(&target, &small());
    let expected = [((VALUE, vec![0, 1]), b"x".to_vec()), ((MAP, vec![64, 1]), b"x".to_vec())];
    check(&engine, &expected.into());
}

#[test]
fn without_anything_wanted_the_database_is_empty() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    for (i, sources) in [vec![], vec![source(dir.path(), spec, 0..64, 1)]].into_iter().enumerate() {
        let wanted: Vec<_> = sources
            .iter()
            .map(|source| FileSource { dir: source.dir.clone(), has: 0..64, wanted: 9..9 })
            .collect();
        let target = dir.path().join(format!("target {i}"));
        RocksEngine::restore(&target, &small(), &spec, &states(), &wanted).unwrap();
        let engine = RocksEngine::open(&target, &small(), &states()).unwrap();
        check(&engine, &Model::new());
    }
}

#[test]
fn sources_that_do_not_fit_and_targets_that_are_taken_are_refused() {
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let source =
        |has: Range<u32>, wanted: Range<u32>| FileSource { dir: dir.path().join("none"), has, wanted };
    let target = dir.path().join("target");
    for sources in [
        vec![source(0..64, 0..65)],
        vec![source(5..64, 4..64)],
        vec![source(0..129, 0..129)],
        vec![source(0..64, 0..64), source(0..128, 63..128)],
    ] {
        let error = RocksEngine::restore(&target, &small(), &spec, &states(), &sources).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SnapshotMismatch);
        assert!(!target.exists());
    }
    fs::write(&target, "someone's").unwrap();
    let error = RocksEngine::restore(&target, &small(), &spec, &states(), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StoreExists);
    assert_eq!(fs::read(&target).unwrap(), b"someone's");
    fs::remove_file(&target).unwrap();
    let missing = [source(0..64, 0..64)];
    let error = RocksEngine::restore(&target, &small(), &spec, &states(), &missing).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.message().contains("none"), "{error}");
    assert!(!target.exists());
}

#[test]
fn a_source_with_a_log_is_restored_to_its_last_write() {
    let spec = spec(128);
    let options = RocksOptions { wal: true, options: "disable_auto_compactions=true".to_string(), ..small() };
    let dir = tempfile::tempdir().unwrap();
    let mut sources = Vec::new();
    let mut all = Model::new();
    for has in [0..64, 64..128] {
        let db = dir.path().join(format!("db {}", has.start));
        let engine = open(&db, &options);
        let mut model = Model::new();
        write(&mut *session(&engine), &mut model, &mut Random(4), (spec, has.clone()), 3000);
        engine.flush().unwrap();
        write(&mut *session(&engine), &mut model, &mut Random(5), (spec, has.clone()), 100);
        // A database as a crash leaves it: its last writes are in the log alone.
        let copy = dir.path().join(format!("copy {}", has.start));
        fs::create_dir(&copy).unwrap();
        for file in fs::read_dir(&db).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
        all.extend(model);
        sources.push(FileSource { dir: copy, has: has.clone(), wanted: has });
    }
    let before: Vec<_> = sources.iter().map(|source| files(&source.dir)).collect();
    for (i, options) in [small(), options].iter().enumerate() {
        let target = dir.path().join(format!("target {i}"));
        RocksEngine::restore(&target, options, &spec, &states(), &sources).unwrap();
        check(&open(&target, options), &all);
    }
    for (source, before) in sources.iter().zip(before) {
        assert!(files(&source.dir) == before);
    }
}

#[test]
fn another_device_gets_copies() {
    let elsewhere = Path::new("/dev/shm");
    if !elsewhere.is_dir() {
        return;
    }
    let spec = spec(128);
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir_in(elsewhere).unwrap();
    let sources = [source(dir.path(), spec, 0..64, 1), source(dir.path(), spec, 64..128, 2)];
    let target = elsewhere.path().join("target");
    let (engine, mut model) = restore(&target, spec, &sources, &(0..128));
    use_on(engine, &target, &mut model, spec, &(0..128));
}

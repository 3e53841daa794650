//! Damaged sources: a typed error, and nothing left.

use std::fs;
use std::path::PathBuf;

use super::restores::{Source, source_of};
use super::*;
use crate::error::ErrorKind;

/// A directory in memory where there is one: much is written and synced here, and little kept.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A copy of a source's files, to be damaged.
fn copy(of: &Source, to: &Path) -> Source {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(&of.dir).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
    Source { dir: to.to_path_buf(), has: of.has.clone(), model: of.model.clone() }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Restores with a damaged source in every role: the base whole, the base cut, a further source read, one linked whole.
/// None may give anything but what was there or a typed error, at once or when it is read. Returns how many failed at once.
fn restore(damaged: &Source, other: &Source, what: &str) -> usize {
    let target = damaged.dir.with_extension("target");
    let uses = [
        vec![(damaged, 0..64)],
        vec![(damaged, 3..30)],
        vec![(damaged, 5..50), (other, 64..128)],
        vec![(other, 64..128), (damaged, 0..64)],
    ];
    let mut failed = 0;
    for sources in uses {
        let mut model = Model::new();
        let mut wanted = Vec::new();
        for (source, groups) in sources {
            wanted.push(source.wanted(&groups).unwrap());
            let entries = source.model.iter().filter(|((_, k), _)| groups.contains(&u32::from(k[0])));
            model.extend(entries.map(|(k, v)| (k.clone(), v.clone())));
        }
        let made = RocksEngine::restore(&target, &small(), &spec(128), &states(), &wanted);
        if made.is_err() {
            assert!(!target.exists(), "nothing is left");
        }
        let held = made
            .and_then(|()| RocksEngine::open(&target, &small(), &states()))
            .inspect_err(|_| failed += 1)
            .and_then(|engine| entries(&engine));
        match held {
            Ok(held) => compare(&held, &model),
            Err(e) => assert!(matches!(e.kind(), ErrorKind::Corruption | ErrorKind::Io), "{what}: {e}"),
        }
        let _ = fs::remove_dir_all(&target);
    }
    failed
}

/// Two sources, the second of which stays whole.
fn pair(dir: &Path) -> (Source, Source) {
    (source_of(dir, spec(128), 0..64, 8, 4000), source_of(dir, spec(128), 64..128, 9, 2000))
}

fn is_table(file: &Path) -> bool {
    file.extension().is_some_and(|e| e == "sst")
}

fn is_needed(file: &Path) -> bool {
    let name = file.file_name().unwrap().to_str().unwrap();
    is_table(file) || name == "CURRENT" || name.starts_with("MANIFEST")
}

#[test]
fn sources_that_lack_a_file_or_a_part_of_one_are_refused_by_name() {
    let dir = scratch();
    let (whole, other) = pair(dir.path());
    for (i, file) in files(&whole.dir).into_iter().enumerate() {
        for cut in 0..5u64 {
            let damaged = copy(&whole, &dir.path().join(format!("damaged {i} {cut}")));
            let name = file.file_name().unwrap();
            let path = damaged.dir.join(name);
            let len = fs::metadata(&path).unwrap().len();
            match cut {
                0 => fs::remove_file(&path).unwrap(),
                _ => {
                    let len = [0, 0, 1, len / 2, len.saturating_sub(1)][cut as usize];
                    fs::File::options().write(true).open(&path).unwrap().set_len(len).unwrap();
                }
            }
            let what = format!("{name:?}, cut {cut}");
            let failed = restore(&damaged, &other, &what);
            if is_needed(&file) {
                assert_eq!(failed, 4, "{what}");
            }
            if is_needed(&file) {
                let target = dir.path().join("target");
                let wanted = [damaged.wanted(&(0..128)).unwrap()];
                let error =
                    RocksEngine::restore(&target, &small(), &spec(128), &states(), &wanted).unwrap_err();
                assert!(error.message().contains(damaged.dir.to_str().unwrap()), "{what}: {error}");
            }
            fs::remove_dir_all(&damaged.dir).unwrap();
        }
    }
}

#[test]
fn flipped_bytes_are_found_at_once_or_when_they_are_read() {
    let dir = scratch();
    let (whole, other) = pair(dir.path());
    let mut random = Random(99);
    let mut read = 0;
    for file in files(&whole.dir).into_iter().filter(|file| is_needed(file)) {
        let len = fs::metadata(&file).unwrap().len();
        // The end of a table, with its index, and the small files are tried more.
        for i in 0..if is_table(&file) { 6 } else { 30 } {
            let damaged = copy(&whole, &dir.path().join("damaged"));
            let path = damaged.dir.join(file.file_name().unwrap());
            let at = if i % 2 == 0 { random.below(len) } else { len - 1 - random.below(len.min(1000)) };
            let mut bytes = fs::read(&path).unwrap();
            bytes[at as usize] ^= 1 << random.below(8);
            fs::write(&path, bytes).unwrap();
            let failed = restore(&damaged, &other, &format!("{:?} at {at} of {len}", file.file_name()));
            read += 4 - failed;
            fs::remove_dir_all(&damaged.dir).unwrap();
        }
    }
    println!("{read} found when they were read, or without effect");
}

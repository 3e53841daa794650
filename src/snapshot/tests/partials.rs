use std::fs;
use std::path::Path;

use crate::error::ErrorKind;
use crate::snapshot::{PartialDirectory, PartialFile, clean};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_when_it_is_whole_and_is_gone_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("snapshot");
    let mut file = PartialFile::create(&target).unwrap();
    file.write(b"half").unwrap();
    assert!(!target.exists());
    drop(file);
    assert_eq!(names(dir.path()), [""; 0]);
    let mut file = PartialFile::create(&target).unwrap();
    file.write(b"who").unwrap();
    file.write(b"le").unwrap();
    assert_eq!(file.finish().unwrap(), (5, crc32c::crc32c(b"whole")));
    assert_eq!(names(dir.path()), ["snapshot"]);
    assert_eq!(PartialFile::create(&target).unwrap_err().kind(), ErrorKind::SnapshotExists);
    let mut file = PartialFile::replace(&target).unwrap();
    file.write(b"new").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"whole");
    file.finish().unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");
}

#[test]
fn a_directory_has_its_name_when_it_is_whole_and_is_gone_otherwise() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("snapshot");
    let partial = PartialDirectory::create(&target).unwrap();
    fs::write(partial.path().join("file"), "half").unwrap();
    drop(partial);
    assert_eq!(names(dir.path()), [""; 0]);
    let partial = PartialDirectory::create(&target).unwrap();
    fs::write(partial.path().join("file"), "whole").unwrap();
    partial.finish().unwrap();
    assert_eq!(names(dir.path()), ["snapshot"]);
    assert_eq!(names(&target), ["file"]);
    assert_eq!(PartialDirectory::create(&target).unwrap_err().kind(), ErrorKind::SnapshotExists);
}

#[test]
fn what_killed_writers_left_is_taken_away_and_what_somebody_writes_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("dead.keybed-partial"), "x").unwrap();
    fs::create_dir(path("dead too.keybed-partial")).unwrap();
    fs::write(path("dead too.keybed-partial/file"), "x").unwrap();
    fs::write(path("other"), "x").unwrap();
    let file = PartialFile::create(&path("a")).unwrap();
    let directory = PartialDirectory::create(&path("b")).unwrap();
    clean(dir.path()).unwrap();
    assert_eq!(names(dir.path()), ["a.keybed-partial", "b.keybed-partial", "other"]);
    assert_eq!(PartialFile::create(&path("a")).unwrap_err().kind(), ErrorKind::Locked);
    assert_eq!(PartialDirectory::create(&path("b")).unwrap_err().kind(), ErrorKind::Locked);
    file.finish().unwrap();
    directory.finish().unwrap();
    assert_eq!(names(dir.path()), ["a", "b", "other"]);
}

#[test]
fn a_path_that_names_nothing_is_refused() {
    for path in ["", "/", "..", "no/such/directory/x"] {
        let error = PartialFile::create(Path::new(path)).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::InvalidArgument | ErrorKind::Io | ErrorKind::SnapshotExists),
            "{error}"
        );
    }
}

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::thread;

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

#[test]
fn writers_of_different_names_in_one_directory_do_not_disturb_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let write = |thread: u32, i: u32| {
        let path = |what| dir.path().join(format!("{what}-{thread}-{i}"));
        let file = PartialFile::create(&path("file"))?;
        let directory = PartialDirectory::create(&path("directory"))?;
        file.finish()?;
        directory.finish()
    };
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..50).for_each(|i| write(thread, i).unwrap()));
        }
    });
    assert_eq!(names(dir.path()).len(), 400);
}

#[test]
fn what_was_left_under_names_that_are_no_text_is_taken_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &[u8]| dir.path().join(OsStr::from_bytes(name));
    fs::write(path(b"file\xff.keybed-partial"), "x").unwrap();
    fs::create_dir(path(b"directory\xff.keybed-partial")).unwrap();
    fs::write(path(b"directory\xff.keybed-partial/file"), "x").unwrap();
    PartialDirectory::create(&path(b"directory\xff")).unwrap().finish().unwrap();
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [path(b"directory\xff")]);
    assert_eq!(
        PartialFile::create(&path(b"\xff.keybed-partial")).unwrap_err().kind(),
        ErrorKind::InvalidArgument
    );
}

#[test]
fn a_cleaner_leaves_pipes_and_links_alone_and_waits_for_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    assert!(Command::new("mkfifo").arg(path("pipe.keybed-partial")).status().unwrap().success());
    fs::write(path("file"), "x").unwrap();
    std::os::unix::fs::symlink(path("file"), path("link.keybed-partial")).unwrap();
    clean(dir.path()).unwrap();
    assert_eq!(names(dir.path()), ["file", "link.keybed-partial", "pipe.keybed-partial"]);
}

#[test]
fn a_name_that_something_else_got_meanwhile_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("snapshot");
    let file = PartialFile::create(&target).unwrap();
    fs::write(&target, "another's").unwrap();
    assert_eq!(file.finish().unwrap_err().kind(), ErrorKind::SnapshotExists);
    assert_eq!(fs::read(&target).unwrap(), b"another's");
    assert_eq!(names(dir.path()), ["snapshot"]);
}

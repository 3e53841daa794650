//! Whatever is wrong is found, and named.

use std::fs;
use std::path::Path;

use crate::common::engines::on_each_engine;
use crate::common::files::content;
use crate::run::{fails, keybed};
use crate::samples::{Sample, text};

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x40;
    fs::write(path, bytes).unwrap();
}

/// A byte of every sector of a snapshot file, and every shorter length at its bounds.
#[test]
fn a_damaged_byte_of_a_file_is_found_in_its_block() {
    let sample = Sample::new("table");
    let file = sample.file("full.kbs");
    let whole = fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(509) {
        flip(&file, at);
        let run = keybed(&["verify", text(&file)]);
        let expected = if at < 4 { 4 } else { 3 };
        assert_eq!(run.code, expected, "byte {at}: {}", run.err);
        let said =
            run.err.split(", byte ").nth(1).and_then(|rest| rest.split(':').next()?.parse::<usize>().ok());
        assert!(said.is_some_and(|said| said <= at), "byte {at}: {}", run.err);
        flip(&file, at);
    }
    for length in (512..whole.len()).step_by(512) {
        fs::write(&file, &whole[..length]).unwrap();
        fails(3, "byte ", &["verify", text(&file)]);
        fails(3, "full.kbs", &["scan", text(&file), "orders"]);
    }
    fs::write(&file, b"").unwrap();
    fails(3, "empty", &["info", text(&file)]);
}

fn every_file_of_a_snapshot_counts(engine: &str) {
    let mut sample = Sample::new(engine);
    let [first, _] = sample.directories();
    for (name, bytes) in content(&first) {
        let path = Path::new(&name);
        if bytes.is_empty() {
            continue;
        }
        flip(path, bytes.len() / 2);
        let run = keybed(&["verify", text(&first)]);
        assert_eq!(run.code, 3, "{name}: {}{}", run.out, run.err);
        flip(path, bytes.len() / 2);
        if !name.ends_with("/SNAPSHOT") {
            fs::remove_file(path).unwrap();
            fails(3, "missing", &["verify", text(&first)]);
            fails(3, "missing", &["info", text(&first)]);
            fs::write(path, &bytes).unwrap();
        }
    }
    assert_eq!(keybed(&["verify", text(&first)]).code, 0);
}

fn a_damaged_store_is_found(engine: &str) {
    let (_dir, store) = Sample::new(engine).close();
    let entries =
        content(&store).into_iter().find(|(name, _)| name.ends_with("/ENTRIES") || name.ends_with(".sst"));
    let (name, bytes) = entries.unwrap();
    // Early on in an SST file are entries; at the end of it and of a snapshot file what is read to open it.
    flip(Path::new(&name), if engine == "table" { 1600 } else { 10 });
    let run = keybed(&["verify", text(&store)]);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.err.starts_with("keybed: damaged: "), "{}", run.err);
    fs::write(&name, &bytes).unwrap();
    assert_eq!(keybed(&["verify", text(&store)]).code, 0);
    fs::remove_file(&name).unwrap();
    assert_eq!(keybed(&["verify", text(&store)]).code, 3, "a file is missing");
    fs::write(&name, &bytes).unwrap();
    flip(&store.join("KEYBED"), 30);
    fails(3, "KEYBED", &["info", text(&store)]);
    fs::remove_file(store.join("KEYBED")).unwrap();
    fails(4, "neither a store", &["verify", text(&store)]);
    fs::write(store.join("RESTORING"), b"").unwrap();
    fails(3, "cut off", &["verify", text(&store)]);
}

on_each_engine!(every_file_of_a_snapshot_counts, a_damaged_store_is_found);

#[test]
fn newer_and_foreign_things_are_told_from_damage() {
    let sample = Sample::new("table");
    let (dir, store) = sample.close();
    let manifest = fs::read_to_string(store.join("KEYBED")).unwrap();
    fs::write(store.join("KEYBED"), manifest.replace("keybed-store 1", "keybed-store 9")).unwrap();
    fails(4, "newer", &["info", text(&store)]);
    let foreign = dir.path().join("foreign");
    fs::write(&foreign, b"hello").unwrap();
    fails(4, "not a Keybed snapshot", &["scan", text(&foreign), "x"]);
    fails(4, "nothing here", &["info", text(&dir.path().join("gone"))]);
    fails(4, "Not a directory", &["info", text(&foreign.join("below"))]);
}

//! The C example and the C tests: compiled with warnings as errors against the checked-in header and the library this
//! build made, and run. The header is checked from C and from C++.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::process::Command;

mod common;

use common::c::{compile, exports, library_dir, root, run};
use common::engines::on_each_engine;

fn the_example_stores_and_scans_in_key_order(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let program = compile("cc", "examples/scan.c", &["-std=c99"], dir.path());
    let output = run(Command::new(program).arg(dir.path().join("store")).arg(engine));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "apple is red\npear is green\nplum is blue\n");
}

fn the_snapshot_example_restores_a_store_into_two(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let program = compile("cc", "examples/snapshot.c", &["-std=c99"], dir.path());
    let output = run(Command::new(program).arg(dir.path().join("store")).arg(engine));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let entries: Vec<u64> =
        text.lines().skip(2).filter_map(|line| line.split(' ').nth_back(1)?.parse().ok()).collect();
    assert!(text.starts_with("1000 entries written\n1000 of them are 1\nkey groups 0 to 63: "), "{text}");
    assert_eq!((entries.len(), entries.iter().sum::<u64>()), (2, 1000), "{text}");
}

fn every_misuse_from_c_is_a_status_and_the_store_works_on(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let program = compile("cc", "tests/c/misuse.c", &["-std=c11"], dir.path());
    let file = dir.path().join("a_file");
    std::fs::write(&file, "not a directory").unwrap();
    let output = run(Command::new(program).arg(dir.path().join("store")).arg(file).arg(engine));
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

fn slices_of_a_block_go_through_writev_and_are_blocks_again(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let program = compile("cc", "tests/c/slices.c", &["-std=gnu99"], dir.path());
    run(Command::new(program).arg(dir.path().join("store")).arg(engine));
}

on_each_engine!(
    the_example_stores_and_scans_in_key_order,
    the_snapshot_example_restores_a_store_into_two,
    slices_of_a_block_go_through_writev_and_are_blocks_again,
    every_misuse_from_c_is_a_status_and_the_store_works_on,
);

#[test]
fn the_header_stands_alone_in_c() {
    let dir = tempfile::tempdir().unwrap();
    for std in ["-std=c99", "-std=c11", "-std=c17"] {
        run(&mut Command::new(compile("cc", "tests/c/header_twice.c", &[std], dir.path())));
    }
}

#[test]
fn the_header_stands_alone_in_cpp() {
    let dir = tempfile::tempdir().unwrap();
    for std in ["-std=c++11", "-std=c++20"] {
        run(&mut Command::new(compile("c++", "tests/c/header.cpp", &[std], dir.path())));
    }
}

#[test]
fn the_library_exports_only_its_two_doors() {
    let names = exports();
    let strangers: Vec<_> =
        names.iter().filter(|n| !n.starts_with("keybed_") && !n.starts_with("Java_dev_keybed_")).collect();
    assert!(strangers.is_empty(), "foreign exports: {strangers:?}");
    // Everything the header declares is there, and nothing more in the C door.
    let header = std::fs::read_to_string(root().join("include/keybed.h")).unwrap();
    for name in names.iter().filter(|n| n.starts_with("keybed_")) {
        assert!(header.contains(&format!("{name}(")), "{name} is exported but not in the header");
    }
    for name in header.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| w.starts_with("keybed_"))
    {
        if header.contains(&format!("{name}(")) {
            assert!(names.iter().any(|n| n == name), "{name} is in the header but not exported");
        }
    }
    println!("{}", names.join("\n"));
}

#[test]
fn the_library_needs_only_the_c_library() {
    let output = run(Command::new("readelf").arg("-d").arg(library_dir().join("libkeybed.so")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let needed: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split(['[', ']']).nth(1))
        .collect();
    for library in &needed {
        let known =
            ["libgcc_s.so.1", "libc.so.6", "libm.so.6"].contains(library) || library.starts_with("ld-linux-");
        assert!(known, "needs {library}; only the C library may be needed (libstdc++ is linked in)");
    }
    assert!(text.contains("NODELETE"), "must be linked with -z nodelete");
}

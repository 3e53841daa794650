//! Readers that go away.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use keybed::key::PartSize;
use keybed::store::StateKind;

use crate::common::engines::open_on;
use crate::run::command;
use crate::samples::{Sample, text};

/// Runs the tool, reads `lines` lines of what it prints, and closes the pipe; what it says of it, and its exit code.
fn cut(lines: usize, arguments: &[&str]) -> (String, i32) {
    let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..lines {
        assert!(out.read_line(&mut String::new()).unwrap() > 0);
    }
    drop(out);
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

#[test]
fn a_scan_stops_quietly_when_nobody_reads_on() {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on("table", dir.path(), &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("s", StateKind::Value, PartSize::NONE).unwrap();
    for i in 0..20_000u32 {
        session.set_key(i % 128, &i.to_be_bytes()).unwrap();
        session.put(state, b"", b"", &[b'x'; 40]).unwrap();
    }
    drop(session);
    store.close().unwrap();
    for json in [&[][..], &["--json"]] {
        assert_eq!(cut(1, &[&["scan", text(dir.path()), "s"], json].concat()), (String::new(), 0));
    }
}

#[test]
fn exit_codes_are_right_though_nobody_reads() {
    let mut sample = Sample::new("table");
    let a = sample.file("a.kbs");
    sample.change();
    let b = sample.file("b.kbs");
    assert_eq!(cut(0, &["diff", text(&a), text(&b)]), (String::new(), 1));
    assert_eq!(cut(0, &["verify", text(&a)]), (String::new(), 0));
    let mut bytes = std::fs::read(&b).unwrap();
    bytes[700] ^= 1;
    std::fs::write(&b, bytes).unwrap();
    let (said, code) = cut(0, &["verify", text(&a), text(&b)]);
    assert!(said.starts_with("keybed: damaged: ") && code == 3, "{said}");
}

#[test]
fn a_full_disk_is_an_error() {
    let sample = Sample::new("table");
    let a = sample.file("a.kbs");
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else { return };
    let output = command(&["info", text(&a)]).stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(5) && said.starts_with("keybed: standard output: "), "{said}");
}

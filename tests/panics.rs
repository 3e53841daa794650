//! A panic behind any C export is a status, and the process goes on. Needs the feature `failpoints`; `make test` runs it.
#![cfg(feature = "failpoints")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use common::c::{compile, exports};
use common::engines::on_each_engine;

/// These return a constant; there is nothing in them that could panic.
const CONSTANT: [&str; 3] = ["keybed_abi_version", "keybed_version", "keybed_features"];

/// These have the store in hand, so a panic in them may have left it half-changed.
const POISONING: [&str; 24] = [
    "keybed_session_open",
    "keybed_state_open",
    "keybed_set_key",
    "keybed_get",
    "keybed_contains",
    "keybed_put",
    "keybed_add_i64",
    "keybed_append",
    "keybed_delete",
    "keybed_clear",
    "keybed_composite_key",
    "keybed_multi_get",
    "keybed_scan_open",
    "keybed_snapshot_open",
    "keybed_snapshot_key_groups",
    "keybed_snapshot_state",
    "keybed_snapshot_count",
    "keybed_snapshot_release",
    "keybed_snapshot_write",
    "keybed_snapshot_stream_open",
    "keybed_snapshot_stream_next",
    "keybed_snapshot_series_open",
    "keybed_snapshot_series_prepare",
    "keybed_prepared_snapshot_finish",
];

fn a_panic_behind_any_c_export_is_a_status_and_the_process_goes_on(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let program = compile("cc", "tests/c/misuse.c", &["-std=c11"], dir.path());
    let file = dir.path().join("a_file");
    std::fs::write(&file, "not a directory").unwrap();
    let names: Vec<String> = exports().into_iter().filter(|n| n.starts_with("keybed_")).collect();
    assert!(names.len() > 30, "{names:?}");
    for name in names.iter().filter(|n| !CONSTANT.contains(&n.as_str())) {
        let output = Command::new(&program)
            .arg(dir.path().join(name))
            .arg(&file)
            .arg(engine)
            .env_remove("LD_LIBRARY_PATH")
            .env("KEYBED_PANIC_AT", name)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.signal(), None, "{name}: {text}");
        // The program runs to its end and counts the panic among its surprises.
        assert!(text.contains(&format!("injected panic in {name}")), "{name} was not called: {text}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(" checks, "), "{name}: {text}");
        if POISONING.contains(&name.as_str()) {
            assert!(text.contains("KEYBED_POISONED"), "{name}: later calls must be refused: {text}");
        }
    }
}

on_each_engine!(a_panic_behind_any_c_export_is_a_status_and_the_process_goes_on);

//! A file system that takes no more: a typed error, and what was flushed before is there afterwards.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::child;
use common::engines::{on_each_engine, open_on};
use keybed::error::ErrorKind;
use keybed::key::PartSize;
use keybed::store::StateKind;

/// Fills a store until the file system refuses; what was flushed before is there when it is opened again.
fn fill_until_refused(engine: &str, dir: &Path) {
    let options = [("rocks.write-buffer-bytes", "65536"), ("rocks.compression", "none")];
    let store = open_on(engine, dir, &options).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"first").unwrap();
    session.put(state, b"", b"", b"safe").unwrap();
    store.flush().unwrap();
    let mut value = vec![0u8; 4096];
    let refusal = (0..20_000u32).find_map(|i| {
        value[..4].copy_from_slice(&i.to_le_bytes());
        session.set_key(1, &i.to_be_bytes()).unwrap();
        session
            .put(state, b"", b"", &value)
            .err()
            .or_else(|| if i % 16 == 0 { store.flush().err() } else { None })
    });
    let error = refusal.unwrap();
    assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
    assert!(error.message().contains("free some space"), "{error}");
    // Reading goes on, writing is refused.
    session.set_key(0, b"first").unwrap();
    assert!(session.contains(state, b"", b"").unwrap());
    drop(session);
    let _ = store.close();
}

fn reopen_after_refusal(engine: &str, dir: &Path) {
    let store = open_on(engine, dir, &[]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"first").unwrap();
    let mut out = [0; 8];
    assert_eq!(session.get(state, b"", b"", &mut out).unwrap(), Some(4));
    assert_eq!(&out[..4], b"safe");
}

fn a_file_size_limit_is_storage_full_and_nothing_old_is_lost(engine: &str) {
    if let Some(store) = child::in_child() {
        return fill_until_refused(engine, &store);
    }
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().join("store");
    // 64 blocks of 512 bytes; the signal is ignored so that writes fail with EFBIG instead.
    child::run(
        &format!("{engine}::a_file_size_limit_is_storage_full_and_nothing_old_is_lost"),
        &store,
        "trap '' XFSZ; ulimit -f 64;",
    );
    reopen_after_refusal(engine, &store);
}

fn a_full_disk_is_storage_full_and_nothing_old_is_lost(engine: &str) {
    if let Some(disk) = child::in_child() {
        let store = disk.join("store");
        fill_until_refused(engine, &store);
        fs::remove_file(disk.join("ballast")).unwrap();
        return reopen_after_refusal(engine, &store);
    }
    let dir = tempfile::tempdir().unwrap();
    // A file system of its own in a mount namespace of its own; it needs root or user namespaces.
    let mount = |then: &str| {
        let mut command = Command::new("unshare");
        let script = format!("mount -t tmpfs -o size=12m none \"$0\" {then}");
        command.args(["-rm", "sh", "-c", &script]).arg(dir.path());
        command
    };
    if !mount("").status().is_ok_and(|status| status.success()) {
        println!("not run: this user may not mount a file system; the file size test covers the same path");
        return;
    }
    let test = format!("{engine}::a_full_disk_is_storage_full_and_nothing_old_is_lost");
    let inner = child::command(&test, dir.path(), "");
    let mut outer = mount("&& head -c 4m /dev/zero > \"$0/ballast\" && exec \"$@\"");
    outer.arg(inner.get_program()).args(inner.get_args());
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    child::passed(&outer.output().unwrap());
}

on_each_engine!(
    a_file_size_limit_is_storage_full_and_nothing_old_is_lost,
    a_full_disk_is_storage_full_and_nothing_old_is_lost,
);

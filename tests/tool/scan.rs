//! `scan`: entries, taken apart.

use keybed::key::PartSize;
use keybed::store::StateKind;
use serde_json::{Value, json};

use crate::common::engines::{on_each_engine, open_on};
use crate::run::{fails, printed};
use crate::samples::{Sample, text};

fn lines(arguments: &[&str]) -> Vec<Value> {
    let out = printed(0, &[&["scan", "--json"], arguments].concat());
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn every_entry_comes_once_with_its_parts(engine: &str) {
    let mut sample = Sample::new(engine);
    let file = sample.file_with("full.kbs", &[("compression", "lz4")]);
    let [first, second] = sample.directories();
    let (_dir, store) = sample.close();
    for (path, orders) in [(&file, 20), (&first, 20), (&second, 19), (&store, 19)] {
        let path = text(path);
        let mut keys: Vec<String> = lines(&[path, "orders"])
            .iter()
            .map(|line| line["key_text"].as_str().unwrap().to_string())
            .collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), orders);
        let clicks = lines(&[path, "clicks"]);
        assert_eq!(clicks.len(), 4);
        assert!(
            clicks
                .iter()
                .all(|line| line["key_group"] == json!(12) && line["value_text"] == json!("home,shop"))
        );
        let minus_one = clicks.iter().find(|line| line["key"] == json!("0x7fffffffffffffff")).unwrap();
        assert_eq!(minus_one["namespace"], json!("0x8000000000000000"));
        assert_eq!(minus_one["map_key"], json!(null), "only maps have map keys");
        assert!(lines(&[path, "empty"]).is_empty());
    }
}

fn entries_are_picked_out(engine: &str) {
    let sample = Sample::new(engine);
    let (_dir, store) = sample.close();
    let store = text(&store);
    let count = |arguments: &[&str]| lines(&[&[store], arguments].concat()).len();
    assert_eq!(count(&["orders", "--prefix", "customer-1"]), 10);
    assert_eq!(count(&["orders", "--prefix", "customer-1", "--limit", "3"]), 3);
    assert_eq!(count(&["orders", "--limit", "0"]), 0);
    assert_eq!(count(&["orders", "--key-groups", "1-2"]), 8);
    assert_eq!(count(&["orders", "--key-groups", "5-5"]), 0);
    assert_eq!(count(&["clicks", "--namespace", "i64:2000"]), 1);
    assert_eq!(count(&["carts", "--prefix", "customer-02", "--key-groups", "2-15"]), 2);
    fails(2, "none of 16-20", &["scan", store, "orders", "--key-groups", "16-20"]);
    fails(2, "the first and the last", &["scan", store, "orders", "--key-groups", "3"]);
    let human = printed(0, &["scan", store, "carts", "--prefix", "customer-19"]);
    assert_eq!(human, "    4  customer-19               apple             0x1300ff\n");
}

/// Where sizes tell Flink's keys apart they are taken apart, else they are shown whole.
fn flinks_keys_are_shown_as_they_are(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = open_on(engine, dir.path(), &[("key-encoding", "flink")]).unwrap();
    let mut session = store.session().unwrap();
    let plain = session.open_state("plain", StateKind::Value, PartSize::Fixed(1)).unwrap();
    let wide = session.open_state("wide", StateKind::Value, PartSize::Variable).unwrap();
    session.set_key(3, b"key").unwrap();
    session.put(plain, b"n", b"", b"value").unwrap();
    session.put(wide, b"space", b"", b"value").unwrap();
    drop(session);
    store.close().unwrap();
    let path = text(dir.path());
    let line = &lines(&[path, "plain"])[0];
    assert_eq!((&line["key_text"], &line["namespace_text"]), (&json!("key"), &json!("n")));
    let line = &lines(&[path, "wide"])[0];
    assert_eq!(
        (&line["key"], &line["composite_key"]),
        (&json!(null), &json!("0x6b6579037370616365".to_string() + "05"))
    );
    fails(2, "cannot be taken apart", &["scan", path, "wide", "--namespace", "space"]);
    assert_eq!(printed(0, &["get", path, "wide", "key", "--namespace", "space"]), "value\n");
    assert_eq!(printed(0, &["scan", path, "wide"]), "    3  0x6b657903737061636505    value\n");
}

on_each_engine!(
    every_entry_comes_once_with_its_parts,
    entries_are_picked_out,
    flinks_keys_are_shown_as_they_are
);

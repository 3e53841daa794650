//! `diff`: what two of them hold differently.

use keybed::key::PartSize;
use keybed::store::StateKind;
use serde_json::{Value, json};

use crate::common::engines::{on_each_engine, open_on};
use crate::common::random::Random;
use crate::run::{fails, json, printed};
use crate::samples::{Sample, text};

/// Removed, added, changed and the same, of a state.
fn counts(diff: &Value, name: &str) -> [u64; 4] {
    let states = diff["states"].as_array().unwrap();
    let state = states.iter().find(|state| state["name"] == json!(name)).unwrap();
    ["removed", "added", "changed", "same"].map(|name| state[name].as_u64().unwrap())
}

fn differences_are_found_between_all_kinds(engine: &str) {
    let mut sample = Sample::new(engine);
    let file = sample.file("before.kbs");
    let [first, second] = sample.directories();
    let after = sample.file_with("after.kbs", &[("compression", "zstd"), ("block-bytes", "4096")]);
    let (_dir, store) = sample.close();
    let (before, after) = ([&file, &first], [&after, &second, &store]);
    for a in before.map(|path| text(path)) {
        for b in after.map(|path| text(path)) {
            let diff = json(1, &["diff", a, b]);
            assert_eq!(counts(&diff, "orders"), [2, 1, 3, 15]);
            assert_eq!(counts(&diff, "carts"), [0, 1, 0, 19]);
            assert_eq!(counts(&diff, "clicks"), [0, 0, 0, 4]);
            let back = json(1, &["diff", b, a, "--limit", "0"]);
            assert_eq!(counts(&back, "orders"), [1, 2, 3, 15]);
            assert_eq!(back["differences"], json!([]));
        }
    }
    for [a, b] in [[&file, &first], [after[0], after[1]], [after[1], after[2]], [after[2], after[0]]] {
        let out = printed(0, &["diff", text(a), text(b)]);
        assert!(out.ends_with("\nno differences\n"), "{out}");
    }
}

fn differences_are_shown_in_the_order_of_their_keys(engine: &str) {
    let mut sample = Sample::new(engine);
    let (a, b) = (sample.file("a.kbs"), (sample.change(), sample.file("b.kbs")).1);
    let out = printed(1, &["diff", text(&a), text(&b), "--limit", "6"]);
    let expected = "
state   only in A  only in B  changed  same
orders          2          1        3    15
carts           0          1        0    19
clicks          0          0        0     4
empty           0          0        0     0

the first 6 of 7 differences: - only in A, + only in B, ~ changed
   state   group  key
~  orders      0  customer-00   0 orders -> more orders
-  orders      0  customer-05   500 orders
~  orders      1  customer-01   100 orders -> more orders
-  orders      1  customer-06   600 orders
~  orders      2  customer-02   200 orders -> more orders
+  orders     15  new customer  1 order
";
    assert!(out.ends_with(expected), "{out}");
    let diff = json(1, &["diff", text(&a), text(&b), "--key-groups", "1-15", "--state", "orders"]);
    assert_eq!(counts(&diff, "orders"), [1, 1, 2, 13]);
    assert_eq!(diff["differences"][0]["a"], json!("0x313030206f7264657273"));
    assert_eq!(diff["states"].as_array().unwrap().len(), 1);
    assert_eq!(json(0, &["diff", text(&a), text(&b), "--state", "clicks"])["differences"], json!([]));
}

/// States that only one has, and states that are something else.
fn states_differ_too(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let paths = ["a", "b"].map(|name| dir.path().join(name));
    let kinds = [("x", StateKind::Value, PartSize::NONE), ("x", StateKind::List, PartSize::NONE)];
    for (path, (name, kind, namespace)) in paths.iter().zip(kinds) {
        let store = open_on(engine, path, &[]).unwrap();
        let mut session = store.session().unwrap();
        let state = session.open_state(name, kind, namespace).unwrap();
        session.set_key(1, b"k").unwrap();
        session.append(state, b"", b"v").err();
        if kind == StateKind::Value {
            session.put(state, b"", b"", b"v").unwrap();
            session.open_state("only in a", kind, namespace).unwrap();
        }
        drop(session);
        store.close().unwrap();
    }
    let [a, b] = paths.each_ref().map(|path| text(path));
    let diff = json(1, &["diff", a, b]);
    assert_eq!(counts(&diff, "x"), [1, 1, 0, 0]);
    assert_eq!((&diff["states"][0]["redefined"], &diff["states"][1]["in_b"]), (&json!(true), &json!(false)));
    let out = printed(1, &["diff", a, b]);
    assert!(out.contains("of another kind or namespace size"), "{out}");
    assert!(out.contains("the state is only in A"), "{out}");
}

fn parts_of_a_state_are_compared_with_the_whole(engine: &str) {
    let sample = Sample::new(engine);
    let whole = sample.file("whole.kbs");
    let part = sample.file_with("part.kbs", &[("key-groups", "3-15")]);
    let diff = json(1, &["diff", text(&whole), text(&part)]);
    assert_eq!(counts(&diff, "orders"), [12, 0, 0, 8]);
    assert_eq!(
        counts(&json(0, &["diff", text(&whole), text(&part), "--key-groups", "3-99"]), "orders")[3],
        8
    );
    let out = printed(1, &["diff", text(&part), text(&whole)]);
    assert!(out.contains("compared over the key groups 0-15"), "{out}");
}

on_each_engine!(
    differences_are_found_between_all_kinds,
    differences_are_shown_in_the_order_of_their_keys,
    states_differ_too,
    parts_of_a_state_are_compared_with_the_whole,
);

#[test]
fn what_cannot_be_compared_is_refused() {
    let sample = Sample::new("table");
    let file = sample.file("a.kbs");
    let dir = tempfile::tempdir().unwrap();
    open_on("table", dir.path(), &[]).unwrap().close().unwrap();
    fails(
        2,
        "max-parallelism is 16 in the first and 128 in the second",
        &["diff", text(&file), text(dir.path())],
    );
    fails(4, "neither has a state 'nix'", &["diff", text(&file), text(&file), "--state", "nix"]);
    fails(2, "none of 20-30", &["diff", text(&file), text(&file), "--key-groups", "20-30"]);
}

/// Many blocks, many key groups in a block and empty ones, whatever the form.
#[test]
fn large_states_are_the_same_in_all_forms() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::seeded();
    let store = open_on("table", &dir.path().join("store"), &[("max-parallelism", "1000")]).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("s", StateKind::Map, PartSize::Variable).unwrap();
    for i in 0..5000u32 {
        session.set_key(random.below(40) as u32 * 25, &i.to_be_bytes()).unwrap();
        let value = random.below(200);
        session.put(state, &random.bytes(i as u64 % 3), &random.bytes(2), &random.bytes(value)).unwrap();
    }
    let snapshot = store.snapshot().unwrap();
    let forms: Vec<_> = [("none", "4096"), ("lz4", "16384"), ("zstd", "262144")]
        .into_iter()
        .map(|(compression, bytes)| {
            let pairs = [("compression", compression), ("block-bytes", bytes)];
            let path = dir.path().join(format!("{compression}.kbs"));
            let options = keybed::snapshot::SnapshotOptions::from_pairs(pairs).unwrap();
            snapshot.write_file(&path, &options).unwrap();
            path
        })
        .collect();
    session.set_key(999, b"last").unwrap();
    session.put(state, b"", b"", b"").unwrap();
    session.set_key(0, b"first").unwrap();
    session.put(state, b"", b"", b"").unwrap();
    let later = dir.path().join("later.kbs");
    store.snapshot().unwrap().write_file(&later, &Default::default()).unwrap();
    for pair in forms.windows(2) {
        let diff = json(0, &["diff", text(&pair[0]), text(&pair[1])]);
        assert_eq!(counts(&diff, "s"), [0, 0, 0, 5000]);
        let scanned = printed(0, &["scan", text(&pair[0]), "s", "--json"]);
        assert_eq!(scanned.lines().count(), 5000);
    }
    let diff = json(1, &["diff", text(&forms[2]), text(&later)]);
    assert_eq!(counts(&diff, "s"), [0, 2, 0, 5000]);
    assert_eq!(diff["differences"][1]["key_group"], json!(999));
}

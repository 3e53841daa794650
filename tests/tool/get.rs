//! `get`: values of keys.

use serde_json::json;

use crate::common::engines::on_each_engine;
use crate::run::{command, fails, json, keybed, printed};
use crate::samples::{Sample, text};

fn values_are_found_in_every_kind(engine: &str) {
    let mut sample = Sample::new(engine);
    let file = sample.file("full.kbs");
    let [first, second] = sample.directories();
    let (_dir, store) = sample.close();
    for path in [&file, &first, &second, &store].map(|path| text(path)) {
        assert_eq!(printed(0, &["get", path, "orders", "customer-07"]), "700 orders\n");
        assert_eq!(printed(0, &["get", path, "orders", "customer-07", "--group", "2"]), "700 orders\n");
        assert_eq!(printed(0, &["get", path, "clicks", "i64:-1", "--namespace", "i64:0"]), "home,shop\n");
        let cart = &["get", path, "carts", "customer-02", "--map-key", "pear"];
        let dump = "00000000  02 00 ff                                          |...|\n";
        assert_eq!(printed(0, cart), dump);
        let raw = command(&[&cart[..], &["--raw"]].concat()).output().unwrap();
        assert_eq!((raw.status.code(), raw.stdout), (Some(0), vec![2, 0, 0xff]));
        fails(1, "no such key", &["get", path, "orders", "customer-07", "--group", "3"]);
        fails(1, "no such key", &["get", path, "orders", "nobody"]);
        assert_eq!(keybed(&["get", path, "orders", "nobody", "--raw"]).code, 1);
    }
    for (path, order) in [(&file, "0 orders\n"), (&first, "0 orders\n"), (&second, "more orders\n")] {
        assert_eq!(printed(0, &["get", text(path), "orders", "customer-00"]), order);
    }
    fails(1, "no such key", &["get", text(&second), "orders", "customer-05"]);
    let binary = ["get", text(&second), "carts", "new customer", "--map-key", "0x0001", "--raw"];
    assert_eq!(printed(0, &binary), "\x00binary");
    let found = json(0, &["get", text(&second), "carts", "new customer", "--map-key", "0x0001"]);
    assert_eq!(found["values"][0]["value"], json!("0x0062696e617279"));
    assert_eq!(
        (&found["values"][0]["key_group"], &found["values"][0]["value_text"]),
        (&json!(15), &json!(null))
    );
    let found = json(1, &["get", text(&second), "orders", "nobody"]);
    assert_eq!((&found["key"], &found["values"]), (&json!("0x6e6f626f6479"), &json!([])));
}

fn a_key_in_two_key_groups_is_shown_twice(engine: &str) {
    let mut sample = Sample::new(engine);
    let states = [("orders", "one\nof two lines"), ("orders", "two")];
    let mut session = sample.store.session().unwrap();
    let orders = session
        .open_state(states[0].0, keybed::store::StateKind::Value, keybed::key::PartSize::NONE)
        .unwrap();
    for (group, (_, value)) in [7, 9].into_iter().zip(states) {
        session.set_key(group, b"twin").unwrap();
        session.put(orders, b"", b"", value.as_bytes()).unwrap();
    }
    drop(session);
    let file = sample.file("twins.kbs");
    sample.change();
    let get = ["get", text(&file), "orders", "twin"];
    assert_eq!(printed(0, &get), "key group 7:\none\nof two lines\nkey group 9:\ntwo\n");
    fails(2, "7, 9", &[&get[..], &["--raw"]].concat());
    assert_eq!(printed(0, &[&get[..], &["--raw", "--group", "9"]].concat()), "two");
}

#[test]
fn what_does_not_fit_the_state_is_wrong_usage() {
    let sample = Sample::new("table");
    let file = sample.file("full.kbs");
    let file = text(&file);
    fails(2, "--map-key", &["get", file, "carts", "customer-02"]);
    fails(2, "no map", &["get", file, "orders", "customer-02", "--map-key", "x"]);
    fails(2, "--namespace", &["get", file, "clicks", "i64:0"]);
    fails(2, "8", &["get", file, "clicks", "i64:0", "--namespace", "short"]);
    fails(2, "key groups 0-15", &["get", file, "orders", "x", "--group", "16"]);
    fails(2, "--group 99999", &["get", file, "orders", "x", "--group", "99999"]);
    fails(2, "no bytes", &["get", file, "orders", ""]);
    fails(2, "hexadecimal", &["get", file, "orders", "0xabc"]);
    fails(4, "no state 'nix'", &["get", file, "nix", "x"]);
}

on_each_engine!(values_are_found_in_every_kind, a_key_in_two_key_groups_is_shown_twice);

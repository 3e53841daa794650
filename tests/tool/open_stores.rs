//! Stores that are open meanwhile.

use serde_json::json;

use crate::common::files::content;
use crate::run::{json, printed};
use crate::samples::{Sample, text};

#[test]
fn a_table_is_read_as_it_was_flushed_while_its_store_is_open() {
    let mut sample = Sample::new("table");
    sample.store.flush().unwrap();
    sample.change();
    let store = sample.store_path();
    let get = ["get", text(&store), "orders", "customer-00"];
    assert_eq!(printed(0, &get), "0 orders\n");
    let info = json(0, &["info", text(&store)]);
    assert_eq!(info["entries"], json!(43));
    assert!(info["flushed_at"].as_u64() > Some(1_700_000_000));
    // Where the system tells who holds a lock.
    if !info["open_in_process"].is_null() {
        assert_eq!(info["open_in_process"], json!(std::process::id()));
        let human = printed(0, &["info", text(&store)]);
        assert!(human.contains(&format!("open        in process {}", std::process::id())), "{human}");
    }
    assert_eq!(json(0, &["verify", text(&store)])["results"][0]["entries"], json!(43));
    sample.store.flush().unwrap();
    assert_eq!(printed(0, &get), "more orders\n");
}

#[test]
fn a_store_before_its_first_flush_has_no_entries() {
    let sample = Sample::new("table");
    let store = sample.store_path();
    assert_eq!(json(0, &["info", text(&store)])["entries"], json!(0));
    assert_eq!(printed(0, &["scan", text(&store), "orders"]), "");
}

#[cfg(feature = "rocks")]
#[test]
fn a_store_of_rocksdb_is_read_while_it_is_closed() {
    use crate::run::{fails, keybed};
    let sample = Sample::new("rocks");
    let store = sample.store_path();
    for command in [
        &["scan", text(&store), "orders"][..],
        &["verify", text(&store)],
        &["get", text(&store), "orders", "x"],
    ] {
        fails(5, "close it first, or read a snapshot", command);
    }
    let run = keybed(&["info", text(&store)]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("entries     unknown: ") && run.out.contains("orders  value"), "{}", run.out);
    assert_eq!(json(0, &["info", text(&store)])["unread"], json!("LOCKED"));
    let (_dir, store) = sample.close();
    assert_eq!(printed(0, &["get", text(&store), "orders", "customer-00"]), "0 orders\n");
}

/// A library without RocksDB knows of its stores and snapshots what they say of themselves.
#[cfg(not(feature = "rocks"))]
#[test]
fn rocksdb_files_want_rocksdb() {
    use crate::run::fails;
    let (_dir, store) = Sample::new("table").close();
    let manifest =
        std::fs::read_to_string(store.join("KEYBED")).unwrap().replace("engine table", "engine rocks");
    let body = &manifest[..manifest.rfind("crc32c").unwrap()];
    std::fs::write(store.join("KEYBED"), format!("{body}crc32c {:08x}\n", crc32c::crc32c(body.as_bytes())))
        .unwrap();
    let info = json(0, &["info", text(&store)]);
    assert_eq!((&info["engine"], &info["unread"]), (&json!("rocks"), &json!("ENGINE_UNAVAILABLE")));
    assert_eq!(info["entries"], json!(null));
    fails(5, "built without the engine 'rocks'", &["scan", text(&store), "orders"]);
    fails(5, "built without the engine 'rocks'", &["verify", text(&store)]);
}

/// Looking changes nothing: not a byte, no new file.
#[test]
fn nothing_is_written() {
    for engine in ["table", "rocks"] {
        if engine == "rocks" && cfg!(not(feature = "rocks")) {
            continue;
        }
        let mut sample = Sample::new(engine);
        sample.file("full.kbs");
        sample.directories();
        let (dir, store) = sample.close();
        let before = content(dir.path());
        let [first, second] = ["first", "second"].map(|name| dir.path().join(name));
        printed(0, &["verify", text(&store), text(&first), text(&second)]);
        printed(1, &["diff", text(&first), text(&store)]);
        for path in [&store, &first, &second] {
            printed(0, &["info", "--key-groups", text(path)]);
            printed(0, &["scan", text(path), "carts"]);
            printed(0, &["get", text(path), "orders", "customer-09"]);
        }
        assert_eq!(content(dir.path()).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        assert!(content(dir.path()) == before, "{engine}");
    }
}

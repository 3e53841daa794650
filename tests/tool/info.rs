//! `info`: what is there, as it was made.

use serde_json::json;

use crate::common::engines::on_each_engine;
use crate::run::{json, printed};
use crate::samples::{Sample, text};

/// Ids are others in every run.
fn without_ids(out: &str) -> String {
    let line =
        |line: &str| if line.starts_with("  id ") { "  id          #" } else { line }.to_string() + "\n";
    out.lines().map(line).collect()
}

#[test]
fn a_snapshot_file_is_shown_as_it_is() {
    let sample = Sample::new("table");
    let file = sample.file("full.kbs");
    let out = printed(0, &["info", text(&file)]);
    let expected = "\
full.kbs: snapshot file
  id          #
  format      1
  engine      table
  keys        ordered, of any size
  key groups  0-15 of 16
  order       none in a key group
  size        4,608 bytes (4.5 KiB) in 3 blocks of entries
  entries     43

states
  name    kind   namespace  entries  blocks     size
  orders  value  none            20       1  1.0 KiB
  carts   map    none            19       1  1.0 KiB
  clicks  list   8 bytes          4       1    512 B
  empty   value  none             0       0      0 B
";
    let dir = format!("{}/", sample.dir.path().display());
    assert_eq!(without_ids(&out.replace(&dir, "")), expected);
}

fn every_kind_is_recognised_and_says_what_it_is_of(engine: &str) {
    let mut sample = Sample::new(engine);
    let file = sample.file("full.kbs");
    let [_, second] = sample.directories();
    let (_dir, store) = sample.close();
    for (path, kind) in [(&file, "snapshot file"), (&second, "snapshot directory"), (&store, "store")] {
        let info = json(0, &["info", text(path)]);
        assert_eq!((&info["kind"], &info["engine"]), (&json!(kind), &json!(engine)));
        assert_eq!(info["path"], json!(text(path)));
        assert_eq!(info["key_groups"], json!({ "first": 0, "last": 15 }));
        assert_eq!((&info["key_encoding"], &info["key_size"]), (&json!("ordered"), &json!("variable")));
        assert_eq!((&info["max_parallelism"], &info["format_version"]), (&json!(16), &json!(1)));
        let states = info["states"].as_array().unwrap();
        let of = |name: &str| states.iter().map(|state| state[name].clone()).collect::<Vec<_>>();
        assert_eq!(of("name"), ["orders", "carts", "clicks", "empty"]);
        assert_eq!(of("kind"), ["value", "map", "list", "value"]);
        assert_eq!(of("namespace"), [json!(0), json!(0), json!(8), json!(0)]);
        assert!(info["entries"].as_u64() >= Some(40), "{info}");
        assert!(states[0]["bytes"].as_u64() > Some(0), "{info}");
        assert_eq!(info["open_in_process"], json!(null));
        let human = printed(0, &["info", text(path)]);
        assert!(human.starts_with(&format!("{}: {kind}\n", path.display())), "{human}");
    }
    let info = json(0, &["info", text(&second)]);
    let files = info["files"].as_array().unwrap();
    assert!(!files.is_empty());
    for file in files {
        let on_disk = std::fs::metadata(second.join(file["name"].as_str().unwrap())).unwrap().len();
        assert_eq!(file["bytes"].as_u64(), Some(on_disk));
        assert_eq!(file["identity"].as_str().unwrap().len(), 32);
    }
    assert!(files.iter().any(|file| file["shared"] == json!(true)));
}

fn entries_are_counted_by_key_group(engine: &str) {
    let sample = Sample::new(engine);
    let file = sample.file_with("small.kbs", &[("block-bytes", "4096")]);
    let (_dir, store) = sample.close();
    for path in [&file, &store] {
        let info = json(0, &["info", "--key-groups", text(path)]);
        let counts = info["group_counts"].as_array().unwrap();
        let of = |state: &str| {
            let counts = counts.iter().filter(|count| count["state"] == json!(state));
            counts.map(|count| (count["key_group"].as_u64(), count["entries"].as_u64())).collect::<Vec<_>>()
        };
        assert_eq!(of("orders"), (0..5).map(|group| (Some(group), Some(4))).collect::<Vec<_>>());
        assert_eq!(of("clicks"), [(Some(12), Some(4))]);
        assert_eq!(of("empty"), []);
    }
    let info = json(0, &["info", "--key-groups", text(&file)]);
    assert_eq!(info["group_counts"][0]["at"][0]["byte"].as_u64().map(|byte| byte % 512), Some(0));
    let human = printed(0, &["info", "--key-groups", text(&file)]);
    assert!(human.contains("group  state   entries  first block at byte\n"), "{human}");
}

on_each_engine!(every_kind_is_recognised_and_says_what_it_is_of, entries_are_counted_by_key_group);

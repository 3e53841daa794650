//! `verify`: what is whole is said to be.

use serde_json::json;

use crate::common::engines::on_each_engine;
use crate::run::{json, keybed, printed};
use crate::samples::{Sample, text};

fn everything_whole_is_whole(engine: &str) {
    let mut sample = Sample::new(engine);
    let file = sample.file_with("full.kbs", &[("compression", "zstd"), ("block-bytes", "4096")]);
    let [first, second] = sample.directories();
    let (_dir, store) = sample.close();
    let paths = [&file, &first, &second, &store].map(|path| text(path));
    let found = json(0, &[&["verify"], &paths[..]].concat());
    assert_eq!(found["exit_code"], json!(0));
    for (result, path) in found["results"].as_array().unwrap().iter().zip(paths) {
        assert_eq!((&result["path"], &result["whole"]), (&json!(path), &json!(true)));
        assert!(result["entries"].as_u64() >= Some(43), "{result}");
        assert!(result["bytes"].as_u64() > Some(0) && result["files"].as_u64() > Some(0), "{result}");
    }
    let out = printed(0, &["verify", text(&file)]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[..3],
        [&format!("{}: snapshot file, whole", file.display()), "  entries  43", "  blocks   3"]
    );
    assert!(lines[4].starts_with("  time     0.") && lines[4].ends_with(" MB/s)"), "{out}");
}

on_each_engine!(everything_whole_is_whole);

/// Each path is checked, whatever came of those before; damage is the worst.
#[test]
fn several_paths_are_all_checked() {
    let sample = Sample::new("table");
    let [good, bad] = ["good.kbs", "bad.kbs"].map(|name| sample.file(name));
    let mut bytes = std::fs::read(&bad).unwrap();
    bytes[1600] ^= 1;
    std::fs::write(&bad, bytes).unwrap();
    let missing = sample.path("missing");
    let run = keybed(&["verify", text(&bad), text(&missing), text(&good)]);
    assert_eq!(run.code, 3);
    assert!(run.out.starts_with(&format!("{}: snapshot file, whole\n", good.display())), "{}", run.out);
    let errors: Vec<&str> = run.err.lines().collect();
    assert!(errors[0].starts_with(&format!("keybed: damaged: {}, byte 1536: ", bad.display())), "{errors:?}");
    assert_eq!(errors[1], format!("keybed: {}: there is nothing here", missing.display()));
    let found = json(3, &["verify", text(&missing), text(&bad), text(&good)]);
    let codes =
        found["results"].as_array().unwrap().iter().map(|result| result["error"]["exit_code"].clone());
    assert_eq!(codes.collect::<Vec<_>>(), [json!(4), json!(3), json!(null)]);
    let error = &found["results"][1]["error"];
    assert_eq!((&error["kind"], &error["byte"]), (&json!("CORRUPTION"), &json!(1536)));
    assert_eq!(error["file"], json!(text(&bad)));
}

//! The examples in `docs/tool.md` are what the tool prints. `KEYBED_BLESS=1` writes them anew.

use std::path::Path;

use crate::run::command;
use crate::samples::Sample;

/// Ids, checksums and times are others in every run.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let name = line.trim_start().split(' ').next().unwrap_or_default();
        if ["time", "flushed"].contains(&name) {
            out += name;
        } else {
            let mut rest = line;
            while let Some(c) = rest.chars().next() {
                let run =
                    rest.bytes().take_while(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b)).count();
                let len = if run == 0 { c.len_utf8() } else { run };
                out += if [8, 32].contains(&run) { "#" } else { &rest[..len] };
                rest = &rest[len..];
            }
        }
        out.push('\n');
    }
    out
}

/// What a command prints in a directory, both of its outputs.
fn output(dir: &Path, words: &str) -> String {
    let arguments: Vec<&str> = words.split(' ').collect();
    let output = command(&arguments).current_dir(dir).output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
}

#[test]
fn examples_are_what_is_printed() {
    let mut sample = Sample::new("table");
    sample.file("full.kbs");
    let damaged = sample.file("damaged.kbs");
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[1700] ^= 1;
    std::fs::write(damaged, bytes).unwrap();
    sample.directories();
    let (dir, _store) = sample.close();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tool.md");
    let found = std::fs::read_to_string(&docs).unwrap();
    let (mut expected, mut examples) = (String::new(), 0);
    let mut lines = found.lines();
    while let Some(line) = lines.next() {
        expected += &format!("{line}\n");
        if let Some(words) = line.strip_prefix("$ keybed ") {
            examples += 1;
            expected += &output(dir.path(), words);
            let end = lines.find(|line| line.starts_with("```")).unwrap();
            expected += &format!("{end}\n");
        }
    }
    assert!(examples > 5);
    if std::env::var_os("KEYBED_BLESS").is_some() {
        std::fs::write(docs, expected).unwrap();
        return;
    }
    assert_eq!(
        without_ids(&found),
        without_ids(&expected),
        "run with KEYBED_BLESS=1, and look at the change"
    );
}

//! Running the tool.

use std::process::{Command, Stdio};

use serde_json::Value;

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs the tool with these arguments.
pub fn keybed(arguments: &[&str]) -> Run {
    let output = command(arguments).output().unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keybed"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// The same, ending with `code`; what it printed.
pub fn printed(code: i32, arguments: &[&str]) -> String {
    let run = keybed(arguments);
    assert_eq!(run.code, code, "{arguments:?}\n{}{}", run.out, run.err);
    run.out
}

/// The same as JSON.
pub fn json(code: i32, arguments: &[&str]) -> Value {
    let out = printed(code, &[arguments, &["--json"]].concat());
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
}

/// Ends with `code`, and says so much on the standard error; prints nothing.
pub fn fails(code: i32, said: &str, arguments: &[&str]) {
    let run = keybed(arguments);
    assert_eq!((run.code, &run.out[..]), (code, ""), "{arguments:?}\n{}", run.err);
    assert!(run.err.contains(said), "{arguments:?}: {}", run.err);
}

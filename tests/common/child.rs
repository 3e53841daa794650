//! Tests that run themselves again in a process of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CHILD: &str = "KEYBED_TEST_CHILD";

/// The path the parent passed, in a child.
pub fn in_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

/// This test program once more, to run one test with `path` as its [`in_child`]. A shell runs `before` first.
pub fn command(test: &str, path: &Path, before: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{before} exec \"$0\" --exact {test} --nocapture")])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, path);
    command
}

/// Runs one test of this program in a child process, where it must pass.
pub fn run(test: &str, path: &Path, before: &str) {
    passed(&command(test, path, before).output().unwrap());
}

/// Whether the one test of a child passed.
pub fn passed(output: &Output) {
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

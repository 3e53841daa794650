//! Compiling and running C programs against the library that this build made.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo put the library that this very test run built: the test program's own folder. The one a folder up is
/// replaced by `cargo build` only.
pub fn library_dir() -> PathBuf {
    let dir = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    assert!(dir.join("libkeybed.so").exists(), "no libkeybed.so in {}", dir.display());
    dir
}

/// Runs a command that must succeed. Cargo's own library path is taken away: it would win over the programs' rpath.
pub fn run(command: &mut Command) -> Output {
    let output =
        command.env_remove("LD_LIBRARY_PATH").output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Compiles one source file and returns the program.
pub fn compile(compiler: &str, source: &str, flags: &[&str], into: &Path) -> PathBuf {
    let (program, lib) = (into.join("program"), library_dir());
    run(Command::new(compiler)
        .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-pthread"])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .arg(root().join(source))
        .arg("-o")
        .arg(&program)
        .arg(format!("-L{}", lib.display()))
        .arg(format!("-Wl,-rpath,{}", lib.display()))
        .arg("-lkeybed"));
    program
}

/// The names the library exports, sorted.
pub fn exports() -> Vec<String> {
    let output = run(Command::new("nm")
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(library_dir().join("libkeybed.so")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_string).collect()
}

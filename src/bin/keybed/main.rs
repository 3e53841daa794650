//! The inspection tool `keybed`: what is in a store or a snapshot, whether it is whole, and how two of them differ.
//!
//! ```text
//!  arguments ─▶ info | get | scan | verify | diff ─▶ output        tables and JSON on the standard output
//!                          │                   └──▶ progress       on the standard error, if that is a terminal
//!                          └─▶ keybed::store::DiskView              nothing is written
//! ```

mod arguments;
mod bytes;
mod columns;
mod diff;
mod exit;
mod get;
mod hexdump;
mod info;
mod numbers;
mod open;
mod output;
mod parts;
mod progress;
mod scan;
mod time;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use exit::{Code, Failure};
use output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = Output::new(arguments.json);
    let done = match &arguments.command {
        Command::Info(info) => info::run(info, &mut out),
        Command::Get(get) => get::run(get, &mut out),
        Command::Scan(scan) => scan::run(scan, &mut out),
        Command::Verify(verify) => verify::run(verify, &mut out),
        Command::Diff(diff) => diff::run(diff, &mut out),
    };
    let code = finish(done, &mut out);
    ExitCode::from(code as u8)
}

/// The exit code, once everything is written. Whoever closed the pipe has read what he wanted.
fn finish(done: Result<Code, Failure>, out: &mut Output) -> Code {
    let code = match done {
        Ok(code) => code,
        Err(_) if out.is_closed() => return Code::Fine,
        Err(failure) => {
            failure.report(out);
            failure.code()
        }
    };
    match out.flush() {
        Err(e) if !out.is_closed() => {
            let failure = Failure::from(e);
            failure.report(out);
            failure.code()
        }
        _ => code,
    }
}

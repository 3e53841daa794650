//! The standard output.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use keybed::error::{Error, ErrorKind, Result};
use serde_json::Value;

/// Where results go. Once its reader has closed the pipe, every call fails and nothing is to be said about it.
#[derive(Debug)]
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    json: bool,
    closed: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Output {
        Output { out: BufWriter::with_capacity(64 << 10, io::stdout().lock()), json, closed: false }
    }

    /// Whether JSON is asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether people look at it as it is written.
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether its reader has closed the pipe.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn line(&mut self, line: impl Display) -> Result<()> {
        let done = writeln!(self.out, "{line}");
        self.check(done)
    }

    pub(crate) fn lines(&mut self, lines: impl IntoIterator<Item = String>) -> Result<()> {
        lines.into_iter().try_for_each(|line| self.line(line))
    }

    /// An object on several lines.
    pub(crate) fn json(&mut self, value: &Value) -> Result<()> {
        self.line(format_args!("{value:#}"))
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let done = self.out.write_all(bytes);
        self.check(done)
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        let done = self.out.flush();
        self.check(done)
    }

    fn check(&mut self, done: io::Result<()>) -> Result<()> {
        done.map_err(|e| {
            self.closed |= e.kind() == io::ErrorKind::BrokenPipe;
            Error::new(ErrorKind::Io, format!("standard output: {e}"))
        })
    }
}

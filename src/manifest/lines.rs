//! The lines of a manifest, one after the other.

use std::str::FromStr;

/// Reads lines in their order. Errors are sentences about the line.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    lines: std::iter::Peekable<std::str::Lines<'a>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Lines { lines: text.lines().peekable() }
    }

    /// What follows `name` in the next line, which must start with it.
    pub(crate) fn word(&mut self, name: &str) -> Result<&'a str, String> {
        let line = self.lines.next().unwrap_or_default();
        line.strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| format!("line '{line}' should be '{name}'"))
    }

    /// The same, if the next line starts with it.
    pub(crate) fn optional(&mut self, name: &str) -> Option<&'a str> {
        let starts = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
        self.lines.next_if(starts)?.get(name.len() + 1..)
    }

    /// The value in the next line.
    pub(crate) fn parse<T: FromStr<Err = String>>(&mut self, name: &str) -> Result<T, String> {
        self.word(name)?.parse().map_err(|why| format!("{name}: {why}"))
    }

    /// The number in the next line.
    pub(crate) fn number(&mut self, name: &str, min: u64, max: u64) -> Result<u64, String> {
        let word = self.word(name)?;
        word.parse().ok().filter(|n| (min..=max).contains(n)).ok_or_else(|| format!("{name} is out of range"))
    }

    /// Fails when there are more lines.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.lines.next().map_or(Ok(()), |line| Err(format!("bad line '{line}'")))
    }
}

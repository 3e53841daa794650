//! The command line, so that one cell can be run alone.

use crate::memory;
use crate::points::Op;

pub(crate) struct Arguments {
    parts: Vec<String>,
    entries: Option<Vec<u64>>,
    values: Option<Vec<usize>>,
    only: Option<Vec<String>>,
    pub(crate) ops: Vec<Op>,
    pub(crate) rounds: usize,
    /// Operations of one competitor in one round.
    pub(crate) round_ops: u64,
    /// Repetitions of the growth in `stalls` and of the windows in `snapshot`.
    pub(crate) runs: usize,
}

const PARTS: [&str; 7] = ["memory", "points", "stalls", "snapshot", "blocks", "chain", "engines"];

impl Arguments {
    pub(crate) fn from_command_line() -> Arguments {
        let mut out = Arguments {
            parts: Vec::new(),
            entries: None,
            values: None,
            only: None,
            ops: Op::ALL.to_vec(),
            rounds: 7,
            round_ops: 500_000,
            runs: 3,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
            match word.as_str() {
                // Cargo's own.
                "--bench" => {}
                "--entries" => out.entries = Some(numbers(&value())),
                "--values" => out.values = Some(numbers(&value())),
                "--only" => out.only = Some(value().split(',').map(str::to_string).collect()),
                "--ops" => out.ops = value().split(',').map(Op::named).collect(),
                "--rounds" => out.rounds = number(&value()),
                "--round-ops" => out.round_ops = number(&value()),
                "--runs" => out.runs = number(&value()),
                part if PARTS.contains(&part) || part == memory::ALONE => out.parts.push(word),
                _ => panic!("'{word}' is none of {PARTS:?} and no option; see benches/table/main.rs"),
            }
        }
        assert!(out.rounds > 0 && out.runs > 0 && out.round_ops > 0);
        out
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.asked(part)
    }

    /// Asked for by name.
    pub(crate) fn asked(&self, part: &str) -> bool {
        self.parts.iter().any(|p| p == part)
    }

    pub(crate) fn plays(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|o| o == name))
    }

    pub(crate) fn entries(&self, default: &[u64]) -> Vec<u64> {
        self.entries.clone().unwrap_or_else(|| default.to_vec())
    }

    pub(crate) fn values(&self, default: &[usize]) -> Vec<usize> {
        self.values.clone().unwrap_or_else(|| default.to_vec())
    }
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.replace('_', "").parse().unwrap_or_else(|_| panic!("'{text}' is no number"))
}

fn numbers<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split(',').map(number).collect()
}

//! What is to be measured.

pub(crate) struct Arguments {
    parts: Vec<String>,
    pub(crate) entries: u64,
    pub(crate) values: Vec<usize>,
    pub(crate) rounds: usize,
}

impl Arguments {
    pub(crate) fn from_command_line() -> Arguments {
        let mut this = Arguments { parts: Vec::new(), entries: 10_000_000, values: vec![8, 100], rounds: 3 };
        let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("{word} needs a value"));
            match word.as_str() {
                "--entries" => this.entries = value().parse().unwrap(),
                "--rounds" => this.rounds = value().parse().unwrap(),
                "--values" => this.values = value().split(',').map(|n| n.parse().unwrap()).collect(),
                part if ["write", "restore", "series"].contains(&part) => this.parts.push(word),
                other => panic!("unknown argument '{other}'; see the top of benches/snapshots/main.rs"),
            }
        }
        this
    }

    pub(crate) fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|asked| asked == part)
    }
}

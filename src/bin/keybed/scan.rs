//! `keybed scan`: the entries of a state, as they are read.

use keybed::error::{Error, ErrorKind, Result as Fallible};
use keybed::key::PartSize;
use keybed::snapshot::Change;
use keybed::store::{DiskView, StateInfo, StateKind};
use serde_json::{Map, Value, json};

use crate::arguments::Scan;
use crate::bytes::{self, Bytes};
use crate::exit::{Code, Failure};
use crate::open;
use crate::output::Output;
use crate::parts::Parts;
use crate::progress::Progress;

/// Characters of a value that are shown.
const SHOWN: usize = 64;

pub(crate) fn run(scan: &Scan, out: &mut Output) -> Result<Code, Failure> {
    let view = open::view(&scan.path)?;
    let state = view.state(&scan.state)?.info;
    let groups = open::groups(&view, scan.key_groups)?;
    let entries = view.entries()?;
    let total = entries.size(&state.name)?.entries;
    let mut walk = entries.walk(&state.name, groups)?;
    let mut printer = Printer::new(scan, &view, &state, total, out);
    printer.heading()?;
    for group in groups.iter() {
        match walk.group(group, &mut |change| printer.entry(&change)) {
            Err(_) if printer.is_full() => break,
            other => other?,
        }
    }
    Ok(Code::Fine)
}

struct Printer<'a> {
    scan: &'a Scan,
    view: &'a DiskView,
    state: &'a StateInfo,
    out: &'a mut Output,
    progress: Progress,
    total: u64,
    seen: u64,
    printed: u64,
}

impl<'a> Printer<'a> {
    fn new(
        scan: &'a Scan,
        view: &'a DiskView,
        state: &'a StateInfo,
        total: u64,
        out: &'a mut Output,
    ) -> Printer<'a> {
        let progress = Progress::new(format!("Scanning {}", view.path().display()), out.is_terminal());
        Printer { scan, view, state, out, progress, total, seen: 0, printed: 0 }
    }

    fn is_full(&self) -> bool {
        self.scan.limit.is_some_and(|limit| self.printed >= limit)
    }

    /// For people who look at it; what is piped elsewhere is entries only.
    fn heading(&mut self) -> Fallible<()> {
        if self.out.is_json() || !self.out.is_terminal() {
            return Ok(());
        }
        let [key, namespace, map_key] = ["key", "namespace", "map key"].map(str::to_string);
        let line = self.columns("group", key, namespace, map_key, "value");
        self.out.line(line)
    }

    fn entry(&mut self, change: &Change<'_>) -> Fallible<()> {
        if self.is_full() {
            // Ends the walk; nobody sees it.
            return Err(Error::new(ErrorKind::Closed, "enough"));
        }
        self.seen += 1;
        if self.seen.is_multiple_of(1 << 12) {
            self.progress.set(self.seen, self.total);
        }
        let parts = Parts::of(self.view.keys(), self.state, change)?;
        if !self.is_wanted(&parts)? {
            return Ok(());
        }
        self.printed += 1;
        if self.out.is_json() {
            let line = as_json(self.state, &parts, change.value);
            return self.out.line(line);
        }
        let value = change.value.map_or("(deleted)".to_string(), |value| bytes::value(value, SHOWN));
        let [key, namespace, map_key] = [&*parts.key, &*parts.namespace, parts.map_key].map(bytes::part);
        let line = if parts.whole {
            format!("{:>5}  {:<24}  {value}", parts.group, bytes::hex(&parts.key))
        } else {
            self.columns(&parts.group.to_string(), key, namespace, map_key, &value)
        };
        self.out.line(line.trim_end())
    }

    fn is_wanted(&self, parts: &Parts<'_>) -> Fallible<bool> {
        let begins = |prefix: &Bytes| parts.key.starts_with(&prefix.0);
        if parts.whole && self.scan.namespace.is_some() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "the keys of this state cannot be taken apart, because their sizes are not known; leave --namespace out",
            ));
        }
        let same = |namespace: &Bytes| *parts.namespace == *namespace.0;
        Ok(self.scan.prefix.as_ref().is_none_or(begins) && self.scan.namespace.as_ref().is_none_or(same))
    }

    /// A line with the columns that the state has.
    fn columns(&self, group: &str, key: String, namespace: String, map_key: String, value: &str) -> String {
        let mut line = format!("{group:>5}  {key:<24}");
        if self.state.namespace != PartSize::NONE {
            line += &format!("  {namespace:<12}");
        }
        if self.state.kind == StateKind::Map {
            line += &format!("  {map_key:<16}");
        }
        line + "  " + value
    }
}

fn as_json(state: &StateInfo, parts: &Parts<'_>, value: Option<&[u8]>) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, bytes: &[u8]| {
        object.insert(name.to_string(), json!(bytes::hex(bytes)));
        if let Some(text) = bytes::text(bytes).filter(|text| !text.is_empty()) {
            object.insert(format!("{name}_text"), json!(text));
        }
    };
    put(if parts.whole { "composite_key" } else { "key" }, &parts.key);
    if !parts.whole && state.namespace != PartSize::NONE {
        put("namespace", &parts.namespace);
    }
    if !parts.whole && state.kind == StateKind::Map {
        put("map_key", parts.map_key);
    }
    if let Some(value) = value {
        put("value", value);
    }
    object.insert("key_group".to_string(), json!(parts.group));
    if value.is_none() {
        object.insert("deleted".to_string(), json!(true));
    }
    Value::Object(object)
}

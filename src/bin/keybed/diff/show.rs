//! Differences for people and for scripts.

use keybed::error::Result;
use keybed::key::{KeyGroupRange, PartSize};
use keybed::store::{DiskView, StateKind};
use serde_json::{Value, json};

use super::compare::StateDiff;
use super::examples::Example;
use crate::bytes;
use crate::columns::{Columns, Side};
use crate::numbers::grouped;
use crate::output::Output;

/// Characters of a value that are shown.
const SHOWN: usize = 32;

pub(crate) fn text(
    a: &DiskView,
    b: &DiskView,
    groups: KeyGroupRange,
    states: &[StateDiff],
    examples: &[Example],
    out: &mut Output,
) -> Result<()> {
    let mut list = Columns::list();
    for (name, view) in [("A", a), ("B", b)] {
        let what = format!(
            "{}  ({} of engine {}, key groups {})",
            view.path().display(),
            view.kind(),
            view.engine().name(),
            view.groups()
        );
        list.pair(name, what);
    }
    out.lines(list.lines(""))?;
    if a.groups() != b.groups() {
        out.line(format_args!("   compared over the key groups {groups}"))?;
    }
    out.line("")?;
    let [left, right] = [Side::Left, Side::Right];
    let mut table = Columns::new(&[
        ("state", left),
        ("only in A", right),
        ("only in B", right),
        ("changed", right),
        ("same", right),
        ("", left),
    ]);
    for state in states {
        let numbers = [state.removed, state.added, state.changed, state.same].map(grouped);
        let cells = [state.name.clone()].into_iter().chain(numbers).chain([remark(state).to_string()]);
        table.row(cells);
    }
    out.lines(table.lines(""))?;
    let differing: u64 = states.iter().map(|state| state.removed + state.added + state.changed).sum();
    if states.iter().all(StateDiff::is_same) {
        out.line("\nno differences")?;
    }
    if examples.is_empty() {
        return Ok(());
    }
    out.line(format_args!(
        "\nthe first {} of {} differences: - only in A, + only in B, ~ changed",
        grouped(examples.len() as u64),
        grouped(differing)
    ))?;
    let headings = [("", left), ("state", left), ("group", right), ("key", left), ("", left)];
    let mut table = Columns::new(&headings);
    for example in examples {
        table.row(example_row(a, example)?);
    }
    out.lines(table.lines(""))
}

fn remark(state: &StateDiff) -> &'static str {
    match (state.there, state.redefined) {
        (_, true) => "of another kind or namespace size",
        ([true, false], _) => "the state is only in A",
        ([false, true], _) => "the state is only in B",
        _ => "",
    }
}

fn example_row(view: &DiskView, example: &Example) -> Result<[String; 5]> {
    let value = |bytes: &[u8]| bytes::value(bytes, SHOWN);
    let (sign, values) = match (&example.before, &example.after) {
        (Some(before), None) => ("-", value(before)),
        (None, Some(after)) => ("+", value(after)),
        (before, after) => {
            let [before, after] = [before, after].map(|bytes| value(bytes.as_deref().unwrap_or_default()));
            ("~", format!("{before} -> {after}"))
        }
    };
    let parts = example.parts(view)?;
    let mut key = if parts.whole { bytes::hex(&parts.key) } else { bytes::part(&parts.key) };
    if !parts.whole && example.state.namespace != PartSize::NONE {
        key += &format!(" / {}", bytes::part(&parts.namespace));
    }
    if !parts.whole && example.state.kind == StateKind::Map {
        key += &format!(" / {}", bytes::part(parts.map_key));
    }
    Ok([sign.to_string(), example.state.name.clone(), parts.group.to_string(), key, values])
}

pub(crate) fn as_json(a: &DiskView, b: &DiskView, states: &[StateDiff], examples: &[Example]) -> Value {
    let states: Vec<Value> = states
        .iter()
        .map(|state| {
            json!({
                "name": state.name,
                "in_a": state.there.first(),
                "in_b": state.there.last(),
                "redefined": state.redefined,
                "removed": state.removed,
                "added": state.added,
                "changed": state.changed,
                "same": state.same,
            })
        })
        .collect();
    let examples: Vec<Value> = examples.iter().map(|example| example_json(a, example)).collect();
    json!({
        "a": a.path().display().to_string(),
        "b": b.path().display().to_string(),
        "states": states,
        "differences": examples,
    })
}

fn example_json(view: &DiskView, example: &Example) -> Value {
    let hex = |value: &Option<Vec<u8>>| value.as_deref().map(bytes::hex);
    let mut object = json!({
        "state": example.state.name,
        "composite_key": bytes::hex(&example.bytes),
        "a": hex(&example.before),
        "b": hex(&example.after),
    });
    if let (Ok(parts), Some(object)) = (example.parts(view), object.as_object_mut()) {
        object.insert("key_group".to_string(), json!(parts.group));
        if !parts.whole {
            object.insert("key".to_string(), json!(bytes::hex(&parts.key)));
            object.insert("namespace".to_string(), json!(bytes::hex(&parts.namespace)));
            object.insert("map_key".to_string(), json!(bytes::hex(parts.map_key)));
        }
    }
    object
}

//! `keybed diff`: what two stores or snapshots hold differently.
//!
//! State by state and key group by key group: the entries of a key group of A are kept in memory, those of B are compared as they
//! are read. So the order of entries, which a table has not, does not matter, and a key group has to fit into memory.

mod compare;
mod examples;
mod show;

use keybed::key::KeyGroupRange;
use keybed::store::{DiskView, StateInfo};

use crate::arguments::Diff;
use crate::exit::{Code, Failure};
use crate::open;
use crate::output::Output;
use compare::{Compare, StateDiff};

pub(crate) fn run(diff: &Diff, out: &mut Output) -> Result<Code, Failure> {
    let (a, b) = (open::view(&diff.before)?, open::view(&diff.after)?);
    for view in [&a, &b] {
        if view.are_changes() {
            return Err(Failure::usage(format!(
                "{}: the file has only what changed since another snapshot; compare the directory it belongs to",
                view.path().display()
            )));
        }
    }
    check_keys(&a, &b)?;
    let groups = groups(diff, &a, &b)?;
    let states = states(diff, &a, &b)?;
    let mut compare = Compare::new(&a, &b, groups, diff.limit)?;
    let states = states.into_iter().map(|state| compare.state(state)).collect::<Result<Vec<_>, _>>()?;
    let examples = compare.finish();
    let same = states.iter().all(StateDiff::is_same);
    let code = if same { Code::Fine } else { Code::Different };
    let shown = if out.is_json() {
        out.json(&show::as_json(&a, &b, &states, &examples))
    } else {
        show::text(&a, &b, groups, &states, &examples, out)
    };
    match shown {
        Err(e) if !out.is_closed() => Err(e.into()),
        _ => Ok(code),
    }
}

/// A state by its name, as each of them has it.
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) before: Option<StateInfo>,
    pub(crate) after: Option<StateInfo>,
}

fn check_keys(a: &DiskView, b: &DiskView) -> Result<(), Failure> {
    let pairs = |view: &DiskView| {
        let keys = view.keys();
        [
            ("key-encoding", keys.encoding.name().to_string()),
            ("max-parallelism", keys.max_parallelism.to_string()),
            ("key-size", keys.key_size.to_string()),
        ]
    };
    match pairs(a).into_iter().zip(pairs(b)).find(|(a, b)| a != b) {
        Some(((name, a), (_, b))) => Err(Failure::usage(format!(
            "they cannot be compared: {name} is {a} in the first and {b} in the second"
        ))),
        None => Ok(()),
    }
}

/// The key groups of both.
fn groups(diff: &Diff, a: &DiskView, b: &DiskView) -> Result<KeyGroupRange, Failure> {
    let (a, b) = (a.groups(), b.groups());
    let both = KeyGroupRange { first: a.first.min(b.first), last: a.last.max(b.last) };
    let Some(asked) = diff.key_groups else { return Ok(both) };
    asked
        .intersection(&both)
        .ok_or_else(|| Failure::usage(format!("they have the key groups {a} and {b}, none of {asked}")))
}

/// Those of the first, then those that only the second has.
fn states(diff: &Diff, a: &DiskView, b: &DiskView) -> Result<Vec<Pair>, Failure> {
    let (before, after) = (a.states(), b.states());
    let find = |states: &[keybed::snapshot::StoredState], name: &str| {
        states.iter().find(|state| state.info.name == name).map(|state| state.info.clone())
    };
    let mut pairs: Vec<Pair> = Vec::new();
    for state in before.iter().chain(&after) {
        let name = &state.info.name;
        let wanted = diff.state.as_ref().is_none_or(|wanted| wanted == name);
        if wanted && !pairs.iter().any(|pair| pair.name == *name) {
            pairs.push(Pair { name: name.clone(), before: find(&before, name), after: find(&after, name) });
        }
    }
    match &diff.state {
        Some(state) if pairs.is_empty() => Err(Failure::from(keybed::error::Error::new(
            keybed::error::ErrorKind::StateNotFound,
            format!("neither has a state '{state}'"),
        ))),
        _ => Ok(pairs),
    }
}

//! `keybed get`: the value of a key.

use std::collections::BTreeMap;

use keybed::error::Result as Fallible;
use keybed::key::{KeyBuilder, KeyGroupRange, PartSize};
use keybed::options::MAX_KEY_BYTES_LIMIT;
use keybed::store::{DiskView, StateInfo, StateKind};
use serde_json::{Value, json};

use crate::arguments::Get;
use crate::bytes::{self, Bytes};
use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::{hexdump, open};

/// Values by the key groups in which they were found; none where the key was deleted.
type Found = BTreeMap<u32, Option<Vec<u8>>>;

pub(crate) fn run(get: &Get, out: &mut Output) -> Result<Code, Failure> {
    let view = open::view(&get.path)?;
    let state = view.state(&get.state)?.info;
    let groups = match get.group {
        None => view.groups(),
        Some(group) => {
            open::groups(&view, Some(KeyGroupRange::new(group, group).ok_or_else(no_group(group))?))?
        }
    };
    let key = composite(get, &view, &state, groups.first)?;
    let found = view.entries()?.find(&state.name, groups, &key)?;
    if out.is_json() {
        out.json(&as_json(get, &found))?;
    } else if get.raw {
        raw(&found, out)?;
    } else {
        show(&found, out)?;
    }
    let there = found.values().any(Option::is_some);
    if !there && !out.is_json() {
        let known = if found.is_empty() { "there is no such key" } else { "the key was deleted" };
        eprintln!("keybed: {}: {known} in state '{}'", get.path.display(), state.name);
    }
    Ok(if there { Code::Fine } else { Code::Different })
}

fn no_group(group: u32) -> impl FnOnce() -> Failure {
    move || Failure::usage(format!("--group {group}: there is no such key group"))
}

/// The composite key behind its key group.
fn composite(get: &Get, view: &DiskView, state: &StateInfo, group: u32) -> Result<Vec<u8>, Failure> {
    let name = &state.name;
    if get.namespace.is_none() && state.namespace != PartSize::NONE {
        return Err(Failure::usage(format!("state '{name}' has namespaces; name one with --namespace")));
    }
    if get.map_key.is_none() && state.kind == StateKind::Map {
        return Err(Failure::usage(format!(
            "state '{name}' is a map; name an entry with --map-key, or see all of them with scan --prefix"
        )));
    }
    if get.map_key.is_some() && state.kind != StateKind::Map {
        return Err(Failure::usage(format!("state '{name}' is no map; leave --map-key out")));
    }
    let part = |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| bytes.0.clone()).unwrap_or_default();
    let mut keys = KeyBuilder::new(*view.keys(), vec![0; MAX_KEY_BYTES_LIMIT as usize]);
    keys.set_key(group, &get.key.0)?;
    let key = keys.compose(state.namespace, &part(&get.namespace), &part(&get.map_key))?;
    Ok(key.bytes.get(view.keys().group_bytes()..).unwrap_or_default().to_vec())
}

fn show(found: &Found, out: &mut Output) -> Fallible<()> {
    for (group, value) in found {
        let Some(value) = value else { continue };
        if found.len() > 1 {
            out.line(format_args!("key group {group}:"))?;
        }
        match text(value) {
            Some(text) => out.line(text)?,
            None => out.lines(hexdump::lines(value))?,
        }
    }
    Ok(())
}

/// As text of several lines, too.
fn text(value: &[u8]) -> Option<&str> {
    let seen = |c: char| c == '\n' || c == '\t' || !bytes::is_unseen(c);
    std::str::from_utf8(value).ok().filter(|text| !text.is_empty() && text.chars().all(seen))
}

fn raw(found: &Found, out: &mut Output) -> Result<(), Failure> {
    let mut values = found.values().flatten();
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => {
            let groups: Vec<String> = found.keys().map(u32::to_string).collect();
            let groups = groups.join(", ");
            Err(Failure::usage(format!("the key is in the key groups {groups}; choose one with --group")))
        }
        (Some(value), None) => Ok(out.bytes(value)?),
        (None, _) => Ok(()),
    }
}

fn as_json(get: &Get, found: &Found) -> Value {
    let values: Vec<Value> = found
        .iter()
        .map(|(group, value)| match value {
            Some(value) => {
                json!({ "key_group": group, "value": bytes::hex(value), "value_text": text(value) })
            }
            None => json!({ "key_group": group, "deleted": true }),
        })
        .collect();
    json!({ "state": get.state, "key": bytes::hex(&get.key.0), "values": values })
}

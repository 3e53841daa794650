//! For scripts.

use keybed::key::{KeyGroupRange, PartSize};
use keybed::store::DiskView;
use serde_json::{Map, Value, json};

use super::facts::{Facts, FileFacts};
use super::groups::GroupCount;

pub(super) fn object(view: &DiskView, facts: &Facts, groups: Option<&[GroupCount]>) -> Value {
    let (head, keys) = (view.head(), view.keys());
    let id = head.map(|head| head.id).or(view.directory().map(|directory| directory.id));
    let base = head.and_then(|head| head.base);
    let mut object = json!({
        "path": view.path().display().to_string(),
        "kind": view.kind().to_string(),
        "format_version": view.format_version(),
        "engine": view.engine().name(),
        "key_encoding": keys.encoding.name(),
        "key_size": size(keys.key_size),
        "max_parallelism": keys.max_parallelism,
        "key_groups": range(view.groups()),
        "id": id.map(|id| id.to_string()),
        "base": base.map(|base| json!({ "id": base.id.to_string(), "chain": base.chain })),
        "ordered": head.map(|head| head.ordered),
        "bytes": facts.files.iter().map(|file| file.bytes).sum::<u64>(),
        "entries": facts.entries().map(|(entries, _)| entries),
        "entries_exact": facts.entries().map(|(_, exact)| exact),
        "unread": facts.unread.as_ref().map(|e| e.kind().constant_name()),
        "open_in_process": facts.open_in,
        "flushed_at": facts.flushed,
        "states": states(view, facts),
        "files": facts.files.iter().map(file).collect::<Vec<_>>(),
    });
    if let Some(object) = object.as_object_mut() {
        let pairs = facts.statistics.iter();
        let statistics: Map<String, Value> = pairs
            .map(|(name, value)| {
                (name.clone(), value.parse::<u64>().map_or_else(|_| json!(value), |n| json!(n)))
            })
            .collect();
        object.insert("statistics".to_string(), Value::Object(statistics));
        if let Some(groups) = groups {
            object.insert("group_counts".to_string(), groups.iter().map(group).collect());
        }
    }
    object
}

fn size(size: PartSize) -> Value {
    match size {
        PartSize::Fixed(n) => json!(n),
        PartSize::Variable => json!("variable"),
        PartSize::Delimited => json!("delimited"),
    }
}

fn range(groups: KeyGroupRange) -> Value {
    json!({ "first": groups.first, "last": groups.last })
}

fn states(view: &DiskView, facts: &Facts) -> Value {
    let states = view.states();
    let of = |(state, found): (&keybed::snapshot::StoredState, &Option<keybed::store::StateSize>)| {
        json!({
            "name": state.info.name,
            "kind": state.info.kind.name(),
            "namespace": size(state.info.namespace),
            "entries": found.map(|found| found.entries),
            "entries_exact": found.map(|found| found.exact),
            "blocks": found.and_then(|found| found.blocks),
            "bytes": found.map(|found| found.bytes),
        })
    };
    states.iter().zip(&facts.sizes).map(of).collect()
}

fn file(file: &FileFacts) -> Value {
    json!({
        "name": file.name,
        "bytes": file.bytes,
        "identity": file.identity.map(|id| id.to_string()),
        "crc32c": file.crc32c.map(|crc| format!("{crc:08x}")),
        "shared": file.shared,
        "key_groups": file.groups.map(range),
        "blocks": file.blocks,
        "entries": file.entries,
        "chain": file.chain,
    })
}

fn group(count: &GroupCount) -> Value {
    let at: Vec<Value> = count.at.iter().map(|(file, byte)| json!({ "file": file, "byte": byte })).collect();
    json!({ "key_group": count.group, "state": count.state, "entries": count.entries, "at": at })
}

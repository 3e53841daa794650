//! For people.

use keybed::error::Result;
use keybed::key::PartSize;
use keybed::store::{DiskKind, DiskView};

use super::facts::Facts;
use super::groups::GroupCount;
use crate::columns::{Columns, Side};
use crate::numbers::{counted, exact_size, grouped, size};
use crate::output::Output;
use crate::time;

pub(super) fn show(
    view: &DiskView,
    facts: &Facts,
    groups: Option<&[GroupCount]>,
    out: &mut Output,
) -> Result<()> {
    out.line(format_args!("{}: {}", view.path().display(), view.kind()))?;
    out.lines(summary(view, facts).lines("  "))?;
    section(out, "states", &states(view, facts), !view.states().is_empty())?;
    let has_files = view.kind() == DiskKind::SnapshotDirectory;
    section(out, "files", &files(facts), has_files)?;
    section(out, "statistics", &statistics(facts), !facts.statistics.is_empty())?;
    if let Some(groups) = groups {
        section(out, "key groups with entries", &key_groups(groups, facts), true)?;
    }
    Ok(())
}

fn section(out: &mut Output, title: &str, table: &Columns, there: bool) -> Result<()> {
    if !there {
        return Ok(());
    }
    out.line(format_args!("\n{title}"))?;
    out.lines(table.lines("  "))
}

fn summary(view: &DiskView, facts: &Facts) -> Columns {
    let mut list = Columns::list();
    if let Some(pid) = facts.open_in {
        list.pair("open", format!("in process {pid}"));
    }
    let head = view.head();
    if let Some(id) = head.map(|head| head.id).or(view.directory().map(|directory| directory.id)) {
        list.pair("id", id.to_string());
    }
    if let Some(base) = head.and_then(|head| head.base) {
        list.pair("changes since", format!("{} (number {} since a full one)", base.id, base.chain));
    }
    list.pair("format", view.format_version().to_string());
    list.pair("engine", view.engine().name());
    let keys = view.keys();
    list.pair("keys", format!("{}, {}", keys.encoding.name(), key_size(keys.key_size)));
    list.pair("key groups", format!("{} of {}", view.groups(), keys.max_parallelism));
    if let Some(head) = head {
        list.pair("order", if head.ordered { "by key in each key group" } else { "none in a key group" });
    }
    if let Some(flushed) = facts.flushed {
        list.pair("flushed", time::utc(flushed));
    }
    let bytes: u64 = facts.files.iter().map(|file| file.bytes).sum();
    if !facts.files.is_empty() {
        let blocks: Option<u64> = facts.files.iter().map(|file| file.blocks).sum();
        let what = match blocks {
            Some(blocks) => counted(blocks, "block of entries", "blocks of entries"),
            None => counted(facts.files.len() as u64, "file", "files"),
        };
        list.pair("size", format!("{} in {what}", exact_size(bytes)));
    }
    match (facts.entries(), &facts.unread) {
        (Some((entries, exact)), _) => list.pair("entries", about(entries, exact)),
        (None, Some(e)) => list.pair("entries", format!("unknown: {}", e.message())),
        (None, None) => {}
    }
    list
}

fn about(entries: u64, exact: bool) -> String {
    if exact { grouped(entries) } else { format!("about {}", grouped(entries)) }
}

fn key_size(size: PartSize) -> String {
    match size {
        PartSize::Fixed(n) => counted(u64::from(n), "byte", "bytes"),
        PartSize::Variable => "of any size".to_string(),
        PartSize::Delimited => "delimited".to_string(),
    }
}

fn states(view: &DiskView, facts: &Facts) -> Columns {
    let mut table = Columns::new(&[
        ("name", Side::Left),
        ("kind", Side::Left),
        ("namespace", Side::Left),
        ("entries", Side::Right),
        ("blocks", Side::Right),
        ("size", Side::Right),
    ]);
    for (state, found) in view.states().iter().zip(&facts.sizes) {
        let namespace = match state.info.namespace {
            PartSize::NONE => "none".to_string(),
            known => key_size(known),
        };
        let unknown = || "?".to_string();
        table.row([
            state.info.name.clone(),
            state.info.kind.to_string(),
            namespace,
            found.map_or_else(unknown, |found| about(found.entries, found.exact)),
            found.map_or_else(unknown, |found| found.blocks.map_or("-".to_string(), grouped)),
            found.map_or_else(unknown, |found| size(found.bytes)),
        ]);
    }
    table
}

fn files(facts: &Facts) -> Columns {
    let mut table = Columns::new(&[
        ("identity", Side::Left),
        ("crc32c", Side::Left),
        ("size", Side::Right),
        ("entries", Side::Right),
        ("key groups", Side::Left),
        ("", Side::Left),
        ("name", Side::Left),
    ]);
    for file in &facts.files {
        table.row([
            file.identity.map_or("-".to_string(), |id| id.to_string()),
            file.crc32c.map_or("-".to_string(), |crc| format!("{crc:08x}")),
            size(file.bytes),
            file.entries.map_or("-".to_string(), grouped),
            file.groups.map_or("-".to_string(), |groups| groups.to_string()),
            if file.shared { "shared" } else { "private" }.to_string(),
            file.name.clone(),
        ]);
    }
    table
}

fn statistics(facts: &Facts) -> Columns {
    let mut list = Columns::list();
    for (name, value) in &facts.statistics {
        list.pair(name, value.parse().map_or_else(|_| value.clone(), grouped));
    }
    list
}

fn key_groups(groups: &[GroupCount], facts: &Facts) -> Columns {
    let mut headings = vec![("group", Side::Right), ("state", Side::Left), ("entries", Side::Right)];
    let (one, several) = (facts.files.len() == 1, facts.files.len() > 1);
    let with_places = groups.iter().any(|count| !count.at.is_empty());
    if with_places {
        headings.push((if one { "first block at byte" } else { "first block at file:byte" }, Side::Right));
    }
    let mut table = Columns::new(&headings);
    for count in groups {
        let place = |(file, byte): &(usize, u64)| match several {
            true => format!("{}:{}", file + 1, grouped(*byte)),
            false => grouped(*byte),
        };
        let at: Vec<String> = count.at.iter().map(place).collect();
        let mut row = vec![count.group.to_string(), count.state.clone(), grouped(count.entries)];
        if with_places {
            row.push(at.join(" "));
        }
        table.row(row);
    }
    table
}

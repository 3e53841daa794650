//! What an entry takes beside its key and its value.

use std::process::Command;

use crate::arguments::Arguments;
use crate::brown::Brown;
use crate::clock::resident;
use crate::competitor::Competitor;
use crate::floor::Floor;
use crate::keys::{KEY_BYTES, Key};
use crate::ours::Ours;

/// The part of the command line that measures one competitor.
pub(crate) const ALONE: &str = "memory-alone";

pub(crate) fn run(arguments: &Arguments) {
    println!("\n## Memory\n");
    println!(
        "Bytes of an entry beside its {KEY_BYTES}-byte key and its value, grown from nothing: as the competitor counts \
         itself, and by resident memory of the process.\n"
    );
    println!("| what | entries | value | committed, overhead | resident, overhead |");
    println!("|---|--:|--:|--:|--:|");
    for entries in arguments.entries(&[10_000_000]) {
        for value_bytes in arguments.values(&[8]) {
            for name in [Floor::NAME, Ours::NAME, Brown::NAME] {
                if arguments.plays(name) {
                    alone(name, entries, value_bytes);
                }
            }
        }
    }
}

/// In a process of its own, where nobody else's memory comes or goes.
fn alone(name: &str, entries: u64, value_bytes: usize) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args([
            ALONE,
            "--only",
            name,
            "--entries",
            &entries.to_string(),
            "--values",
            &value_bytes.to_string(),
        ])
        .status()
        .unwrap();
    assert!(status.success());
}

/// What such a process does.
pub(crate) fn run_alone(arguments: &Arguments) {
    let (entries, value_bytes) = (arguments.entries(&[])[0], arguments.values(&[])[0]);
    if arguments.plays(Floor::NAME) {
        measure::<Floor>(entries, value_bytes);
    } else if arguments.plays(Ours::NAME) {
        measure::<Ours>(entries, value_bytes);
    } else {
        measure::<Brown>(entries, value_bytes);
    }
}

fn measure<C: Competitor>(entries: u64, value_bytes: usize) {
    let before = resident();
    let mut table = C::growing(entries, value_bytes);
    let mut value = vec![7; value_bytes];
    for number in 0..entries {
        let key = Key::of(number);
        value[..8].copy_from_slice(&number.to_le_bytes());
        table.put(key.group, &key.bytes, &value);
    }
    let resident = resident().saturating_sub(before);
    let data = entries * (KEY_BYTES + value_bytes) as u64;
    let overhead = |bytes: u64| format!("{:.1}", (bytes as f64 - data as f64) / entries as f64);
    println!(
        "| {} | {entries} | {value_bytes} | {} | {} |",
        C::NAME,
        table.committed().map_or_else(|| "-".to_string(), overhead),
        overhead(resident)
    );
}

//! Entries by key group.

use keybed::store::DiskView;

use crate::exit::Failure;
use crate::progress::Progress;

/// What a key group has of a state.
#[derive(Debug)]
pub(super) struct GroupCount {
    pub(super) group: u32,
    pub(super) state: String,
    pub(super) entries: u64,
    /// In which files, by position, and where in them the first block is that has entries of it.
    pub(super) at: Vec<(usize, u64)>,
}

/// Counts the entries of each key group, reading all of them. Key groups without entries are left out.
pub(super) fn count(view: &DiskView) -> Result<Vec<GroupCount>, Failure> {
    let (entries, files) = (view.entries()?, view.files()?.unwrap_or_default());
    let states = view.states();
    let progress = Progress::new("Counting".to_string(), false);
    let (mut total, mut done) = (0, 0);
    for state in &states {
        total += entries.size(&state.info.name)?.entries;
    }
    let mut counts = Vec::new();
    for state in &states {
        let name = &state.info.name;
        let mut walk = entries.walk(name, view.groups())?;
        let mut places: Vec<Places> = Vec::new();
        for (number, file) in files.iter().enumerate() {
            if let Some(stored) = file.head().state(name) {
                places.push(Places { number, blocks: file.blocks_of(stored, view.groups()), next: None });
            }
        }
        for group in view.groups().iter() {
            let mut count = GroupCount { group, state: name.clone(), entries: 0, at: Vec::new() };
            walk.group(group, &mut |_| {
                count.entries += 1;
                Ok(())
            })?;
            done += count.entries;
            progress.set(done, total);
            for place in &mut places {
                if let Some(position) = place.first_of(group)? {
                    count.at.push((place.number, position));
                }
            }
            if count.entries > 0 {
                counts.push(count);
            }
        }
    }
    Ok(counts)
}

/// The blocks of a state in a file.
struct Places {
    number: usize,
    blocks: keybed::snapshot::Blocks,
    next: Option<keybed::snapshot::BlockPlace>,
}

impl Places {
    /// Where the first block is that may have entries of a key group; the groups ascend.
    fn first_of(&mut self, group: u32) -> keybed::error::Result<Option<u64>> {
        while self.next.is_none_or(|place| place.groups.last < group) {
            match self.blocks.next() {
                Some(place) => self.next = Some(place?),
                None => return Ok(None),
            }
        }
        Ok(self.next.filter(|place| place.groups.contains(group)).map(|place| place.position))
    }
}

//! What there is to say about a store or a snapshot.

use std::path::PathBuf;

use keybed::error::{Error, ErrorKind, Result};
use keybed::options::EngineKind;
use keybed::snapshot::{SnapshotFile, SnapshotId};
use keybed::store::{DiskKind, DiskView, StateSize};

use crate::exit::Failure;
use crate::time;

/// What is read besides what the view says of itself.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) files: Vec<FileFacts>,
    /// How much of each state there is; `None` when it cannot be told.
    pub(super) sizes: Vec<Option<StateSize>>,
    /// Why the sizes cannot be told.
    pub(super) unread: Option<Error>,
    pub(super) statistics: Vec<(String, String)>,
    /// The process in which the store is open.
    pub(super) open_in: Option<u32>,
    /// Seconds since 1970 at which a table was flushed.
    pub(super) flushed: Option<u64>,
}

/// A file of entries, or another one of a snapshot.
#[derive(Debug)]
pub(super) struct FileFacts {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) identity: Option<SnapshotId>,
    pub(super) crc32c: Option<u32>,
    pub(super) shared: bool,
    pub(super) groups: Option<keybed::key::KeyGroupRange>,
    /// Of snapshot files.
    pub(super) blocks: Option<u64>,
    pub(super) entries: Option<u64>,
    /// Of changes, how many there are up to this one.
    pub(super) chain: Option<u32>,
}

impl Facts {
    pub(super) fn of(view: &DiskView) -> std::result::Result<Facts, Failure> {
        let opened = view.files()?;
        let is_table = view.kind() == DiskKind::Store && view.engine() == EngineKind::Table;
        let path = opened.iter().flatten().next().map(|file| file.path().to_path_buf());
        let mut facts = Facts {
            files: files(view, opened.as_deref().unwrap_or_default()),
            sizes: Vec::new(),
            unread: None,
            statistics: Vec::new(),
            open_in: view.open_in(),
            flushed: path.filter(|_| is_table).as_ref().and_then(|path: &PathBuf| time::written(path)),
        };
        match facts.read(view) {
            // What the files say of themselves is of use all the same.
            Err(e) if matches!(e.kind(), ErrorKind::Locked | ErrorKind::EngineUnavailable) => {
                facts.sizes = view.states().iter().map(|_| None).collect();
                facts.unread = Some(e);
            }
            other => other?,
        }
        Ok(facts)
    }

    fn read(&mut self, view: &DiskView) -> Result<()> {
        let entries = view.entries()?;
        for state in view.states() {
            self.sizes.push(Some(entries.size(&state.info.name)?));
        }
        self.statistics = entries.statistics();
        Ok(())
    }

    /// Entries of all states, and whether that is their number.
    pub(super) fn entries(&self) -> Option<(u64, bool)> {
        let known: Vec<&StateSize> = self.sizes.iter().flatten().collect();
        let all = known.len() == self.sizes.len();
        all.then(|| (known.iter().map(|size| size.entries).sum(), known.iter().all(|size| size.exact)))
    }
}

fn files(view: &DiskView, opened: &[SnapshotFile]) -> Vec<FileFacts> {
    let of_file = |file: &SnapshotFile| FileFacts {
        name: file.path().file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes: file.bytes(),
        identity: Some(file.head().id),
        crc32c: None,
        shared: false,
        groups: Some(file.head().groups),
        blocks: Some(file.blocks()),
        entries: Some(file.entries()),
        chain: file.head().base.map(|base| base.chain),
    };
    let Some(snapshot) = view.directory() else { return opened.iter().map(of_file).collect() };
    let listed = snapshot.files.iter().map(|entry| {
        let file = opened.iter().find(|file| file.head().id == entry.identity);
        FileFacts {
            name: entry.name.clone(),
            bytes: entry.bytes,
            identity: Some(entry.identity),
            crc32c: Some(entry.crc32c),
            shared: entry.shared,
            groups: entry.groups,
            blocks: file.map(SnapshotFile::blocks),
            entries: file.map(SnapshotFile::entries),
            chain: file.and_then(|file| file.head().base).map(|base| base.chain),
        }
    });
    listed.collect()
}

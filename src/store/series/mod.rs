//! Incremental snapshots.
//!
//! Each is a directory ([`SnapshotDirectory`]) that is complete by itself. Of its files, those that earlier snapshots of the
//! series have are the same files, by hard link (where the file system has none, copies), and have the same identity.
//!
//! ```text
//!             RocksDB                               a table
//!  first      SST files, and what goes with them    full.kbs
//!  second     the old SST files, new ones           the same full.kbs, changes.kbs since the first
//!  third      ...                                   the same two, changes.kbs since the second
//!             ...                                   a new full.kbs, once there are max-chain changes, or as many bytes
//! ```
//!
//! A table can tell what changed because the series holds the snapshot before: until the next is written, the table keeps what
//! is overwritten meanwhile. The series keeps links of its own to the files, in `SERIES` in the store's directory, so the
//! directories it wrote may be removed.
//!
//! The base of a snapshot is the newest one before it that is written when it is itself written. A store that was made from
//! snapshots can go on from their files (`follow`).

mod follow;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyGroupRange;
use crate::snapshot::{
    FileEntry, PartialDirectory, PartialFile, SnapshotBase, SnapshotDirectory, SnapshotId, SnapshotOptions,
    SnapshotStream, stored_states, sum_file, write_stream,
};
use crate::store::core::StoreCore;
use crate::store::engine::LinkedFile;
use crate::store::snapshot::Snapshot;
use crate::store::state::StateInfo;

/// Where series keep their links, in a store's directory.
const KEPT: &str = "SERIES";

/// Takes away what series of an earlier process kept.
pub(super) fn clean(dir: &Path) {
    let _ = fs::remove_dir_all(dir.join(KEPT));
}

/// Writes incremental snapshots of a store, one after the other. May be used from any thread.
#[derive(Debug)]
pub struct SnapshotSeries {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    core: Arc<StoreCore>,
    options: SnapshotOptions,
    last: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Snapshots that were begun.
    begun: u64,
    last: Option<Arc<Last>>,
}

/// The newest snapshot that was written.
#[derive(Debug)]
struct Last {
    number: u64,
    /// Of a table: the frozen state.
    snapshot: Option<Snapshot>,
    files: Vec<FileEntry>,
}

/// A snapshot of a series whose moment has come, and which is still to be written. Dropped, it is as if it had never been.
///
/// May be moved to another thread; the store goes on meanwhile.
#[derive(Debug)]
pub struct PreparedSnapshot {
    shared: Arc<Shared>,
    number: u64,
    /// The states that the store has.
    states: Vec<StateInfo>,
    content: Content,
    place: PartialDirectory,
}

/// What the store holds at that moment.
#[derive(Debug)]
enum Content {
    /// A table, frozen.
    Frozen(Snapshot),
    /// The engine's own files, which lie in the directory already. No snapshot of the engine beside them: RocksDB needs none, and
    /// would compact files when it is released.
    Linked(Vec<LinkedFile>),
}

impl SnapshotSeries {
    pub(super) fn new(core: Arc<StoreCore>, options: &SnapshotOptions) -> SnapshotSeries {
        // The base of the next must not be given up piece by piece.
        let options = SnapshotOptions { key_groups: None, release_key_groups: false, ..options.clone() };
        SnapshotSeries { shared: Arc::new(Shared { core, options, last: Mutex::default() }) }
    }

    /// The same, whose first snapshot shares files with those that the store was made from.
    pub(super) fn following(
        core: Arc<StoreCore>,
        options: &SnapshotOptions,
        dirs: &[PathBuf],
    ) -> Result<SnapshotSeries> {
        let series = SnapshotSeries::new(core, options);
        series.shared.follow(dirs)?;
        Ok(series)
    }

    /// Fixes the moment of a snapshot in the new directory `dir`. RocksDB writes its memtables to files and links its files
    /// here; of a table this takes microseconds.
    ///
    /// Errors: [`ErrorKind::SnapshotExists`], [`ErrorKind::Locked`], `Closed`, `Io`, `StorageFull`, the engine's.
    pub fn prepare(&self, dir: impl AsRef<Path>) -> Result<PreparedSnapshot> {
        let core = &self.shared.core;
        core.check()?;
        let place = PartialDirectory::create(dir.as_ref())?;
        let number = {
            let mut state = self.shared.state();
            state.begun += 1;
            state.begun
        };
        let links = place.path().join("links");
        // The states first: one made in between has files that nobody asks for.
        let states = core.states();
        let linked = core.engine.link_files(&links)?;
        for file in linked.iter().flatten() {
            let (from, to) = (links.join(&file.name), place.path().join(&file.name));
            fs::rename(&from, &to).map_err(|e| Error::io(to.display(), &e))?;
        }
        let (states, content) = match linked {
            Some(files) => {
                fs::remove_dir_all(&links).map_err(|e| Error::io(links.display(), &e))?;
                (states, Content::Linked(files))
            }
            None => {
                let frozen = Snapshot::new(Arc::clone(core))?;
                (frozen.states().to_vec(), Content::Frozen(frozen))
            }
        };
        Ok(PreparedSnapshot { shared: Arc::clone(&self.shared), number, states, content, place })
    }

    /// For the doors' panic guard.
    pub(crate) fn core(&self) -> &Arc<StoreCore> {
        &self.shared.core
    }

    /// [`prepare`](Self::prepare) and [`finish`](PreparedSnapshot::finish).
    pub fn write(&self, dir: impl AsRef<Path>) -> Result<SnapshotDirectory> {
        self.prepare(dir)?.finish()
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Replaced as a whole; a panic cannot leave it half-changed.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> PathBuf {
        self.core.dir.join(KEPT)
    }

    /// Where the series keeps a file of its own.
    fn kept_file(&self, file: &FileEntry) -> PathBuf {
        self.kept().join(file.identity.to_string())
    }

    /// Makes `last` the base of the snapshots to come, unless there is a newer one.
    fn advance(&self, last: Last) {
        let mut state = self.state();
        let last = Arc::new(last);
        // The one that nothing will follow any more.
        let before = match &state.last {
            Some(known) if known.number > last.number => Some(last),
            _ => state.last.replace(last),
        };
        let is_used = |file: &FileEntry| {
            state.last.iter().flat_map(|last| &last.files).any(|used| used.identity == file.identity)
        };
        self.discard(before.iter().flat_map(|before| &before.files).filter(|file| !is_used(file)));
    }

    /// Takes away the links to files.
    fn discard<'f>(&self, files: impl IntoIterator<Item = &'f FileEntry>) {
        for file in files {
            let _ = fs::remove_file(self.kept_file(file));
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.discard(self.state().last.iter().flat_map(|last| &last.files));
        // Another series may have files there.
        let _ = fs::remove_dir(self.kept());
    }
}

impl PreparedSnapshot {
    /// Writes what is to be written, and gives the directory its name. Returns what it has.
    ///
    /// Errors: `Io`, `StorageFull`, `Corruption`, the engine's; then there is no directory, and the series is as it was.
    pub fn finish(self) -> Result<SnapshotDirectory> {
        let shared = Arc::clone(&self.shared);
        let mut made = None;
        self.write(&mut made).inspect_err(|_| {
            if let Some(id) = made {
                // Nothing will ever be based on it.
                let _ = fs::remove_file(shared.kept().join(id.to_string()));
                let _ = fs::remove_dir(shared.kept());
            }
        })
    }

    /// Sets `made` to the id of the snapshot file that it writes, if it does.
    fn write(self, made: &mut Option<SnapshotId>) -> Result<SnapshotDirectory> {
        let newest = self.shared.state().last.clone();
        let files = match &self.content {
            // A file is the same, whichever snapshot came first.
            Content::Linked(linked) => self.describe(linked, newest.as_deref())?,
            Content::Frozen(frozen) => {
                let base = newest.as_deref().filter(|newest| newest.number < self.number);
                self.write_changes(frozen, base, made)?
            }
        };
        let core = &self.shared.core;
        let keys = core.options.keys;
        let snapshot = SnapshotDirectory {
            id: SnapshotId::random(),
            engine: core.options.engine,
            keys,
            groups: core.key_groups,
            states: stored_states(&self.states, &keys, matches!(self.content, Content::Frozen(_))),
            files,
        };
        snapshot.write(self.place.path())?;
        self.place.finish()?;
        let frozen = match self.content {
            Content::Frozen(frozen) => Some(frozen),
            Content::Linked(_) => None,
        };
        let last = Last { number: self.number, snapshot: frozen, files: snapshot.files.clone() };
        self.shared.advance(last);
        Ok(snapshot)
    }

    /// The engine's files, with the identities that they had before.
    fn describe(&self, linked: &[LinkedFile], base: Option<&Last>) -> Result<Vec<FileEntry>> {
        let keys = self.shared.core.options.keys;
        let mut files = Vec::with_capacity(linked.len());
        for file in linked {
            let path = self.place.path().join(&file.name);
            let failed = |e: std::io::Error| Error::io(path.display(), &e);
            let bytes = fs::metadata(&path).map_err(failed)?.len();
            let before = base.iter().flat_map(|base| &base.files).find(|before| {
                before.shared && file.shared && (&before.name, before.bytes) == (&file.name, bytes)
            });
            if let Some(before) = before {
                files.push(before.clone());
                continue;
            }
            fs::File::open(&path).and_then(|file| file.sync_all()).map_err(failed)?;
            let (bytes, crc32c) = sum_file(&path, &mut |_| true)?;
            let group = |key: &[u8]| keys.group_of(key);
            let groups =
                file.keys.as_ref().and_then(|(first, last)| KeyGroupRange::new(group(first)?, group(last)?));
            files.push(FileEntry {
                identity: SnapshotId::random(),
                bytes,
                crc32c,
                shared: file.shared,
                groups,
                name: file.name.clone(),
            });
        }
        Ok(files)
    }

    /// A table's files: those of the base and one of changes, or a full one.
    fn write_changes(
        &self,
        frozen: &Snapshot,
        base: Option<&Last>,
        made: &mut Option<SnapshotId>,
    ) -> Result<Vec<FileEntry>> {
        let base = base.filter(|base| self.may_follow(&base.files));
        if let Some(base) = base
            && let Some(snapshot) = &base.snapshot
            && let Some(last) = base.files.last()
        {
            let of = SnapshotBase { id: last.identity, chain: base.files.len() as u32 };
            if let Some(stream) = frozen.changes_since(snapshot, of, &self.shared.options)?
                && self.link_kept(&base.files)
            {
                let mut files = base.files.clone();
                files.push(self.write_stream(stream, "changes", made)?);
                return Ok(files);
            }
        }
        let stream = frozen.stream(&self.shared.options)?;
        Ok(vec![self.write_stream(stream, "full", made)?])
    }

    /// Links the files that the series keeps into the directory. False, and none of them there, when one cannot be: a later
    /// snapshot may have begun a new chain meanwhile.
    fn link_kept(&self, files: &[FileEntry]) -> bool {
        let place = |file: &FileEntry| self.place.path().join(&file.name);
        let linked =
            files.iter().all(|file| link_or_copy(&self.shared.kept_file(file), &place(file)).is_ok());
        if !linked {
            files.iter().for_each(|file| {
                let _ = fs::remove_file(place(file));
            });
        }
        linked
    }

    /// Whether changes may follow these files: there are not too many, and they are smaller than the first.
    fn may_follow(&self, files: &[FileEntry]) -> bool {
        let Some((full, changes)) = files.split_first() else { return false };
        let bytes: u64 = changes.iter().map(|file| file.bytes).sum();
        changes.len() < self.shared.options.max_chain as usize && bytes < full.bytes
    }

    fn write_stream(
        &self,
        stream: SnapshotStream,
        what: &str,
        made: &mut Option<SnapshotId>,
    ) -> Result<FileEntry> {
        let id = stream.head().id;
        *made = Some(id);
        let name = format!("{what}-{id}.kbs");
        let path = self.place.path().join(&name);
        let (summary, crc32c) = write_stream(stream, PartialFile::create(&path)?)?;
        let file = FileEntry {
            identity: id,
            bytes: summary.bytes,
            crc32c,
            shared: true,
            groups: Some(self.shared.core.key_groups),
            name,
        };
        let kept = self.shared.kept();
        fs::create_dir_all(&kept).map_err(|e| Error::io(kept.display(), &e))?;
        link_or_copy(&path, &self.shared.kept_file(&file))?;
        Ok(file)
    }
}

/// A hard link, or a copy where there can be none.
fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    let linked = fs::hard_link(from, to);
    let copied = match linked {
        Err(e) if !matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::AlreadyExists) => {
            fs::copy(from, to).and_then(|_| fs::File::open(to)?.sync_all())
        }
        other => other,
    };
    copied.map_err(|e| {
        let error = Error::io(to.display(), &e);
        Error::new(
            if error.kind() == ErrorKind::NotADirectory { ErrorKind::Io } else { error.kind() },
            format!("{}: link to {}: {e}", to.display(), from.display()),
        )
    })
}

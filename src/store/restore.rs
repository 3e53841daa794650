//! A new store from snapshots.
//!
//! ```text
//!  dir/LOCK        taken first
//!  dir/RESTORING   while the store is made: what is here is of no use yet
//!  dir/ENGINE/     filled by the engine
//!  dir/KEYBED      written last: from now on there is a store
//! ```
//!
//! A restore that fails takes away what it made. One that is killed leaves the directory with the file `RESTORING`: it opens as
//! no store, and the next restore into it begins anew.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::options::{EngineKind, MAX_STATES, StoreOptions};
use crate::snapshot::{SnapshotFile, StoredState, load};
use crate::store::core::StoreCore;
use crate::store::engine::{Engine, EngineLoader};
use crate::store::lock::DirLock;
use crate::store::manifest::{self, Manifest};
use crate::store::open::{self, RESTORING};
use crate::store::source::Source;
use crate::store::state::StateInfo;

/// Makes the store in `dir` with what the snapshots hold of the key groups that the options ask for.
pub(crate) fn restore(dir: &Path, options: &StoreOptions, snapshots: &[PathBuf]) -> Result<StoreCore> {
    if dir.as_os_str().is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "the path is empty; name a directory"));
    }
    open::check_engine(options)?;
    let groups = open::key_groups(options)?;
    let mut sources = snapshots.iter().map(|path| Source::open(path)).collect::<Result<Vec<_>>>()?;
    sources.sort_by_key(|source| source.groups().first);
    check_keys(&sources, &options.keys)?;
    check_groups(&sources, groups)?;
    // Those of the groups in question.
    sources.retain(|source| source.groups().intersection(&groups).is_some());
    let states = merge_states(&sources)?;
    for source in &sources {
        source.check_engine(options.engine)?;
    }
    let manifest = Manifest { engine: options.engine, keys: options.keys, groups, states };
    let place = Place::take(dir)?;
    let engine = build(dir, options, &manifest, &sources)?;
    manifest.write(dir)?;
    let lock = place.keep()?;
    let ids = sources.iter().map(Source::id).collect();
    Ok(StoreCore::new(dir, options.clone(), manifest, engine, lock).made_from(ids))
}

/// The engine with everything in it.
fn build(
    dir: &Path,
    options: &StoreOptions,
    manifest: &Manifest,
    sources: &[Source],
) -> Result<Box<dyn Engine>> {
    let path = open::engine_dir(dir, manifest.engine);
    let engine: Box<dyn Engine> = match manifest.engine {
        EngineKind::Table => Box::new(crate::table::TableEngine::create(&path, options, &manifest.states)?),
        #[cfg(feature = "rocks")]
        EngineKind::Rocks => Box::new(rocks(&path, options, manifest, sources)?),
        #[cfg(not(feature = "rocks"))]
        EngineKind::Rocks => return Err(open::no_rocks()),
    };
    let id_of = |stored: &StoredState| manifest.state(&stored.info.name).map(|state| state.id);
    {
        let mut loading: Option<Loading<'_>> = None;
        for source in sources {
            let Some(groups) = source.groups().intersection(&manifest.groups) else { continue };
            for file in source.entry_files()? {
                let full = file.head().base.is_none();
                let ordered = file.head().ordered && full;
                let mut current = match loading.take() {
                    Some(current) if current.may_go_on(manifest.engine, ordered) => current,
                    before => {
                        before.map_or(Ok(()), Loading::finish)?;
                        Loading { loader: engine.loader(ordered)?, ordered, file: file.clone() }
                    }
                };
                if full {
                    current.loader.expect_new()?;
                }
                load(&file, groups, &id_of, &mut *current.loader)?;
                loading = Some(current);
            }
        }
        loading.map_or(Ok(()), Loading::finish)?;
    }
    Ok(engine)
}

/// Files on their way into the engine.
struct Loading<'e> {
    loader: Box<dyn EngineLoader + 'e>,
    ordered: bool,
    /// The first of them.
    file: SnapshotFile,
}

impl Loading<'_> {
    /// Whether the next file can go the same way. With RocksDB that spares it files and flushes: of many small snapshots, which
    /// come in the order of their key groups, these take most of the time. A table says what is wrong when one file is at its
    /// end.
    fn may_go_on(&self, engine: EngineKind, ordered: bool) -> bool {
        engine == EngineKind::Rocks && self.ordered == ordered
    }

    fn finish(self) -> Result<()> {
        self.loader.finish().map_err(|e| match e.kind() {
            ErrorKind::Corruption => self.file.input().damaged(0, e.message()),
            _ => e,
        })
    }
}

/// A database made of the files of those snapshots that are RocksDB's, if there are such.
#[cfg(feature = "rocks")]
fn rocks(
    path: &Path,
    options: &StoreOptions,
    manifest: &Manifest,
    sources: &[Source],
) -> Result<crate::rocks::RocksEngine> {
    use crate::rocks::{FileSource, RocksEngine, SlotCache};
    let mut wanted = Vec::new();
    for source in sources {
        let Some((dir, snapshot)) = source.rocks_files() else { continue };
        let Some(groups) = snapshot.groups.intersection(&manifest.groups) else { continue };
        refuse_others(dir, snapshot)?;
        // RocksDB would find damage only when it reads there.
        snapshot.check_files(dir, groups, &mut |_, _| true)?;
        let range = |groups: KeyGroupRange| groups.first..groups.last + 1;
        wanted.push(FileSource {
            dir: dir.to_path_buf(),
            has: range(snapshot.groups),
            wanted: range(groups),
        });
    }
    let (slot, rocks) = (SlotCache::of(options)?, &options.rocks);
    if wanted.is_empty() {
        return RocksEngine::create_in(slot, path, rocks, &manifest.states);
    }
    RocksEngine::restore_in(slot.as_ref(), path, rocks, &manifest.keys, &manifest.states, &wanted)?;
    RocksEngine::open_in(slot, path, rocks, &manifest.states)
}

/// Refuses files that RocksDB would take for the database's, and that are not the snapshot's: a log would be replayed.
#[cfg(feature = "rocks")]
fn refuse_others(dir: &Path, snapshot: &crate::snapshot::SnapshotDirectory) -> Result<()> {
    let names: std::collections::HashSet<&str> =
        snapshot.files.iter().map(|file| file.name.as_str()).collect();
    let is_rocks = |name: &str| {
        name == "CURRENT"
            || name.starts_with("MANIFEST-")
            || [".sst", ".blob", ".log"].iter().any(|ending| name.ends_with(ending))
    };
    for entry in fs::read_dir(dir).map_err(|e| Error::io(dir.display(), &e))? {
        let entry = entry.map_err(|e| Error::io(dir.display(), &e))?;
        if entry.file_name().to_str().is_some_and(|name| is_rocks(name) && !names.contains(name)) {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("{}: this file is none of the snapshot's; take it away", entry.path().display()),
            ));
        }
    }
    Ok(())
}

/// Whether all snapshots are of stores with these keys.
fn check_keys(sources: &[Source], keys: &KeySpec) -> Result<()> {
    for source in sources {
        let has = source.keys();
        let pairs = [
            ("key-encoding", keys.encoding.name().to_string(), has.encoding.name().to_string()),
            ("max-parallelism", keys.max_parallelism.to_string(), has.max_parallelism.to_string()),
            ("key-size", keys.key_size.to_string(), has.key_size.to_string()),
        ];
        if let Some((name, asked, has)) = pairs.into_iter().find(|(_, asked, has)| asked != has) {
            return Err(Error::new(
                ErrorKind::SnapshotMismatch,
                format!(
                    "{}: the snapshot is of a store with {name}={has}, not {asked}; restore with that",
                    source.path().display()
                ),
            ));
        }
    }
    Ok(())
}

/// Whether each of the key groups is in exactly one of the snapshots, which are sorted.
fn check_groups(sources: &[Source], wanted: KeyGroupRange) -> Result<()> {
    if sources.is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "no snapshot is named to restore from"));
    }
    for pair in sources.windows(2) {
        let [a, b] = pair else { continue };
        if let Some(both) = a.groups().intersection(&b.groups()) {
            return Err(Error::new(
                ErrorKind::SnapshotMismatch,
                format!(
                    "key groups {both} are in two snapshots, {} and {}",
                    a.path().display(),
                    b.path().display()
                ),
            ));
        }
    }
    let mut next = wanted.first;
    for source in sources {
        let has = source.groups();
        if has.contains(next) {
            next = has.last + 1;
        }
    }
    if next > wanted.last {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::SnapshotMismatch,
        format!("key group {next} of the wanted {wanted} is in none of the {} snapshots", sources.len()),
    ))
}

/// The states of all snapshots; a state is known by its name.
fn merge_states(sources: &[Source]) -> Result<Vec<StateInfo>> {
    let mut states: Vec<StateInfo> = Vec::new();
    for source in sources {
        for StoredState { info, .. } in source.states() {
            match states.iter().find(|known| known.name == info.name) {
                Some(known) if (known.kind, known.namespace) != (info.kind, info.namespace) => {
                    return Err(Error::new(
                        ErrorKind::SnapshotMismatch,
                        format!(
                            "{}: state '{}' is of another kind or namespace size than in another snapshot",
                            source.path().display(),
                            info.name
                        ),
                    ));
                }
                Some(_) => {}
                None => states.push(StateInfo { id: states.len() as u32, ..info.clone() }),
            }
        }
    }
    if states.len() > MAX_STATES {
        return Err(Error::new(
            ErrorKind::SnapshotMismatch,
            format!("the snapshots have {} states; a store has at most {MAX_STATES}", states.len()),
        ));
    }
    Ok(states)
}

/// The directory while a store is made in it. Dropped before [`keep`](Self::keep), it is as it was.
struct Place<'a> {
    dir: &'a Path,
    /// The directory was made for this.
    made: bool,
    lock: Option<DirLock>,
}

impl Place<'_> {
    fn take(dir: &Path) -> Result<Place<'_>> {
        refuse_used(dir)?;
        let made = !dir.exists();
        fs::create_dir_all(dir).map_err(|e| Error::io(dir.display(), &e))?;
        let lock = DirLock::take(dir).inspect_err(|_| {
            if made {
                // Only while it is empty: somebody else may have taken it.
                let _ = fs::remove_dir(dir);
            }
        })?;
        // Again under the lock: somebody may have made a store in between, and then nothing here is ours.
        refuse_used(dir)?;
        let place = Place { dir, made, lock: Some(lock) };
        let marker = dir.join(RESTORING);
        File::create(&marker)
            .and_then(|file| file.sync_all())
            .map_err(|e| Error::io(marker.display(), &e))?;
        place.clear_engines()?;
        Ok(place)
    }

    /// Takes away what an earlier restore left.
    fn clear_engines(&self) -> Result<()> {
        for engine in [EngineKind::Table, EngineKind::Rocks] {
            let path = open::engine_dir(self.dir, engine);
            match fs::remove_dir_all(&path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(path.display(), &e));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The store is complete.
    fn keep(mut self) -> Result<DirLock> {
        let marker = self.dir.join(RESTORING);
        fs::remove_file(&marker).map_err(|e| Error::io(marker.display(), &e))?;
        File::open(self.dir).and_then(|dir| dir.sync_all()).map_err(|e| Error::io(self.dir.display(), &e))?;
        self.lock.take().ok_or_else(|| Error::new(ErrorKind::Locked, "the lock was let go"))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.lock.is_none() {
            return;
        }
        let _ = self.clear_engines();
        for name in [manifest::FILE_NAME, manifest::TEMPORARY_NAME, RESTORING, DirLock::FILE_NAME] {
            let _ = fs::remove_file(self.dir.join(name));
        }
        if self.made {
            let _ = fs::remove_dir(self.dir);
        }
    }
}

/// Refuses a directory with anything in it but the remains of a restore.
fn refuse_used(dir: &Path) -> Result<()> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Error::io(dir.display(), &e)),
    };
    if dir.join(manifest::FILE_NAME).exists() {
        return Err(Error::new(
            ErrorKind::StoreExists,
            format!("{}: a store exists here; restore into a new directory", dir.display()),
        ));
    }
    let unfinished = dir.join(RESTORING).exists();
    for entry in entries {
        let name = entry.map_err(|e| Error::io(dir.display(), &e))?.file_name();
        let engine = name == EngineKind::Table.name() || name == EngineKind::Rocks.name();
        let ours = name == DirLock::FILE_NAME
            || name == manifest::TEMPORARY_NAME
            || name == RESTORING
            || (unfinished && engine);
        if !ours {
            return Err(Error::new(
                ErrorKind::ForeignFormat,
                format!(
                    "{}: the directory is not empty ('{}' is there); restore into a new one",
                    dir.display(),
                    name.to_string_lossy()
                ),
            ));
        }
    }
    Ok(())
}

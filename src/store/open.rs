//! Opening a directory: what is there is recognised before anything is written.

use std::fs;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::key::KeyGroupRange;
use crate::options::{EngineKind, StoreOptions};
use crate::store::core::StoreCore;
use crate::store::engine::Engine;
use crate::store::lock::DirLock;
use crate::store::manifest::{self, Manifest};
use crate::store::series;

/// Where an engine keeps its files: a folder named like it.
pub(super) fn engine_dir(dir: &Path, engine: EngineKind) -> std::path::PathBuf {
    dir.join(engine.name())
}

/// The file that is in a directory while a store is restored into it.
pub(super) const RESTORING: &str = "RESTORING";

/// Opens or makes the store in `dir`.
pub(crate) fn open(dir: &Path, options: &StoreOptions) -> Result<StoreCore> {
    if dir.as_os_str().is_empty() {
        return Err(Error::new(ErrorKind::InvalidArgument, "the path is empty; name a directory"));
    }
    check_engine(options)?;
    key_groups(options)?;
    let found = recognise(dir, options)?;
    if found.is_none() {
        fs::create_dir_all(dir).map_err(|e| Error::io(dir.display(), &e))?;
    }
    let lock = DirLock::take(dir)?;
    let mut fresh = false;
    // Again under the lock: another process may have made the store in between.
    let manifest = match recognise(dir, options)? {
        Some(manifest) => {
            // A restore that was cut off when it had written the manifest was complete.
            let _ = fs::remove_file(dir.join(RESTORING));
            // What would have become the next manifest.
            let _ = fs::remove_file(dir.join(manifest::TEMPORARY_NAME));
            series::clean(dir);
            manifest
        }
        None => {
            let groups = key_groups(options)?;
            let manifest =
                Manifest { engine: options.engine, keys: options.keys, groups, states: Vec::new() };
            fresh = true;
            manifest.write(dir)?;
            manifest
        }
    };
    let engine = open_engine(dir, options, &manifest).inspect_err(|_| {
        if fresh {
            unmake(dir, options.engine);
        }
    })?;
    Ok(StoreCore::new(dir, options.clone(), manifest, engine, lock))
}

/// Takes away what a failed opening made, so that the next attempt may choose other fixed options. Under the lock.
fn unmake(dir: &Path, engine: EngineKind) {
    let _ = fs::remove_dir_all(engine_dir(dir, engine));
    let _ = fs::remove_file(dir.join(manifest::FILE_NAME));
    let _ = fs::remove_file(dir.join(DirLock::FILE_NAME));
}

/// The manifest of the store in `dir`, `None` when there is none and one may be made. Writes nothing.
fn recognise(dir: &Path, options: &StoreOptions) -> Result<Option<Manifest>> {
    let missing = match fs::metadata(dir) {
        Ok(meta) if !meta.is_dir() => {
            return Err(Error::new(
                ErrorKind::NotADirectory,
                format!("{}: a store is a directory, this is a file", dir.display()),
            ));
        }
        Ok(_) => false,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => true,
        Err(e) => return Err(Error::io(dir.display(), &e)),
    };
    if let Some(manifest) = if missing { None } else { Manifest::read(dir)? } {
        if options.error_if_exists {
            return Err(Error::new(
                ErrorKind::StoreExists,
                format!("{}: a store exists here, and error-if-exists is set", dir.display()),
            ));
        }
        check_fixed_options(dir, options, &manifest)?;
        return Ok(Some(manifest));
    }
    if !missing {
        refuse_unfinished(dir)?;
        refuse_foreign_files(dir)?;
    }
    if !options.create_if_missing {
        return Err(Error::new(
            ErrorKind::StoreMissing,
            format!("{}: there is no store here, and create-if-missing is not set", dir.display()),
        ));
    }
    Ok(None)
}

/// Refuses what a restore left that was cut off.
fn refuse_unfinished(dir: &Path) -> Result<()> {
    if !dir.join(RESTORING).exists() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Corruption,
        format!("{}: a restore into this directory was cut off; restore again, or remove it", dir.display()),
    ))
}

fn refuse_foreign_files(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(|e| Error::io(dir.display(), &e))? {
        let name = entry.map_err(|e| Error::io(dir.display(), &e))?.file_name();
        // A store that was cut off while it was made leaves these two.
        if name != DirLock::FILE_NAME && name != manifest::TEMPORARY_NAME {
            return Err(Error::new(
                ErrorKind::ForeignFormat,
                format!(
                    "{}: the directory is not empty and has no {} file ('{}' is there); choose another directory",
                    dir.display(),
                    manifest::FILE_NAME,
                    name.to_string_lossy()
                ),
            ));
        }
    }
    Ok(())
}

fn check_fixed_options(dir: &Path, options: &StoreOptions, manifest: &Manifest) -> Result<()> {
    let (asked, has) = (&options.keys, &manifest.keys);
    let pairs = [
        ("engine", options.engine.name().to_string(), manifest.engine.name().to_string()),
        ("key-encoding", asked.encoding.name().to_string(), has.encoding.name().to_string()),
        ("max-parallelism", asked.max_parallelism.to_string(), has.max_parallelism.to_string()),
        ("key-size", asked.key_size.to_string(), has.key_size.to_string()),
    ];
    let groups =
        options.key_groups.map(|groups| ("key-groups", groups.to_string(), manifest.groups.to_string()));
    for (name, asked, has) in pairs.into_iter().chain(groups) {
        if asked != has {
            return Err(Error::new(
                ErrorKind::OptionsMismatch,
                format!(
                    "{}: the store was created with {name}={has}, not {asked}; open it with that",
                    dir.display()
                ),
            ));
        }
    }
    Ok(())
}

/// The key groups of a new store.
pub(super) fn key_groups(options: &StoreOptions) -> Result<KeyGroupRange> {
    let max_parallelism = options.keys.max_parallelism;
    let groups = options.key_groups.unwrap_or(KeyGroupRange::all(max_parallelism));
    if groups.first <= groups.last && groups.last < max_parallelism {
        return Ok(groups);
    }
    Err(Error::new(
        ErrorKind::InvalidOption,
        format!("option key-groups={groups}: the key groups are 0-{}", max_parallelism - 1),
    ))
}

/// Whether this library has the engine and the engine takes its options. Before anything is written.
pub(super) fn check_engine(options: &StoreOptions) -> Result<()> {
    match options.engine {
        EngineKind::Table => {
            crate::memory::slot_budget(&options.memory_slot, options.memory_limit_bytes).map(drop)
        }
        #[cfg(feature = "rocks")]
        EngineKind::Rocks => crate::rocks::RocksEngine::check(options),
        #[cfg(not(feature = "rocks"))]
        EngineKind::Rocks => Err(no_rocks()),
    }
}

fn open_engine(dir: &Path, options: &StoreOptions, manifest: &Manifest) -> Result<Box<dyn Engine>> {
    let path = engine_dir(dir, manifest.engine);
    match manifest.engine {
        EngineKind::Table => Ok(Box::new(crate::table::TableEngine::open(&path, options, &manifest.states)?)),
        #[cfg(feature = "rocks")]
        EngineKind::Rocks => {
            let slot = crate::rocks::SlotCache::of(options)?;
            let engine = crate::rocks::RocksEngine::open_in(slot, &path, &options.rocks, &manifest.states)?;
            Ok(Box::new(engine))
        }
        #[cfg(not(feature = "rocks"))]
        EngineKind::Rocks => Err(no_rocks()),
    }
}

#[cfg(not(feature = "rocks"))]
pub(super) fn no_rocks() -> Error {
    Error::new(
        ErrorKind::EngineUnavailable,
        "this library was built without the engine 'rocks'; build it with the cargo feature 'rocks'",
    )
}

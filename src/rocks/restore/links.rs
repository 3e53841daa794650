//! A database made of another one's files.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// What a source has.
#[derive(Debug, Default)]
pub(super) struct Linked {
    /// Names of its SST files.
    pub(super) tables: Vec<String>,
    /// Whether it has values in files of their own.
    pub(super) has_values: bool,
}

/// Whether the file of this name holds entries, and is never changed.
fn has_entries(name: &str) -> bool {
    name.ends_with(".sst") || has_values(name)
}

/// Whether it holds values alone, which another file refers to.
fn has_values(name: &str) -> bool {
    name.ends_with(".blob")
}

/// Bytes of the files that hold entries.
pub(super) fn bytes(dir: &Path) -> Result<u64> {
    let failed = |e: io::Error| Error::io(dir.display(), &e);
    let mut bytes = 0;
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_str().is_some_and(has_entries) {
            bytes += entry.metadata().map_err(failed)?.len();
        }
    }
    Ok(bytes)
}

/// Makes `to`, an empty directory, the same database as `from`.
///
/// Files that RocksDB never changes become hard links, or copies where links cannot be; those that it replaces or appends
/// to (the manifest, the log) are copied; what it makes anew (options, info logs, locks) is left out.
pub(super) fn link(from: &Path, to: &Path) -> Result<Linked> {
    let mut linked = Linked::default();
    let failed = |e: io::Error| Error::io(from.display(), &e);
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (source, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        let target = to.join(name);
        if name.ends_with(".sst") {
            linked.tables.push(name.to_string());
        }
        linked.has_values |= has_values(name);
        if has_entries(name) && fs::hard_link(&source, &target).is_ok() {
            continue;
        }
        if has_entries(name) || name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".log") {
            copy(&source, &target).map_err(|e| Error::io(source.display(), &e))?;
        }
    }
    if !to.join("CURRENT").exists() {
        return Err(Error::new(
            ErrorKind::Corruption,
            format!("{}: the file CURRENT is missing", from.display()),
        ));
    }
    Ok(linked)
}

/// A copy that can be written to, whatever may be done with the original, and is on disk.
fn copy(source: &Path, target: &Path) -> io::Result<()> {
    let mut target = File::options().write(true).create_new(true).open(target)?;
    io::copy(&mut File::open(source)?, &mut target)?;
    target.sync_all()
}

//! Files and directories that appear whole or not at all.
//!
//! They are written under another name (`NAME.keybed-partial`, beside), synced, renamed, and the directory is synced. While
//! one is written its writer holds a lock on it, so what a killed process left behind can be told from what somebody is
//! writing, and is taken away by the next writer in that directory.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

const SUFFIX: &str = ".keybed-partial";
/// How long a name is waited for that somebody holds: a cleaner that looks whether it was left behind holds it for a moment.
const PATIENCE: Duration = Duration::from_millis(200);

/// Takes away what killed writers left in `dir`: partial files and directories that nobody holds.
///
/// Errors: `Io` when `dir` cannot be read.
pub fn clean(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(|e| Error::io(dir.display(), &e))? {
        let entry = entry.map_err(|e| Error::io(dir.display(), &e))?;
        // What is linked to is somewhere else, and nobody here has pipes.
        let of_ours = entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir());
        if of_ours && is_partial(&entry.file_name()) {
            remove_left(&entry.path());
        }
    }
    Ok(())
}

/// Takes a partial file or directory away unless somebody holds it.
fn remove_left(path: &Path) {
    // A directory can be locked like a file.
    let Ok(file) = File::open(path) else { return };
    if lock(&file, path).unwrap_or(false) {
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        let _ = file.unlock();
    }
}

/// Whether a name, of whatever bytes, is that of something partial.
fn is_partial(name: &OsStr) -> bool {
    name.as_bytes().ends_with(SUFFIX.as_bytes())
}

/// The directory that `target` is in, and the name of the partial one.
fn places(target: &Path) -> Result<(PathBuf, PathBuf)> {
    let Some(name) = target.file_name() else {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("'{}' is no path for a snapshot; name a new file or directory", target.display()),
        ));
    };
    let dir = match target.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_path_buf(),
        _ => PathBuf::from("."),
    };
    if is_partial(name) {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("'{}': this ending is for what is not whole yet; choose another name", target.display()),
        ));
    }
    let mut partial = name.to_os_string();
    partial.push(SUFFIX);
    let partial = dir.join(partial);
    Ok((dir, partial))
}

fn refuse_existing(target: &Path) -> Result<()> {
    match fs::symlink_metadata(target) {
        Ok(_) => Err(Error::new(
            ErrorKind::SnapshotExists,
            format!("{}: there is something here already; choose another name", target.display()),
        )),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(Error::io(target.display(), &e)),
    }
}

#[cold]
fn busy(path: &Path) -> Error {
    Error::new(
        ErrorKind::Locked,
        format!("{}: another snapshot of this name is being written", path.display()),
    )
}

/// Locks a file or directory; false when somebody else holds it, or it is not at that path any more: then there is no lock.
fn lock(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(false),
        Err(fs::TryLockError::Error(e)) => return Err(Error::io(path.display(), &e)),
    }
    let held = file.metadata().map_err(|e| Error::io(path.display(), &e))?;
    let is_at =
        fs::symlink_metadata(path).is_ok_and(|named| (held.dev(), held.ino()) == (named.dev(), named.ino()));
    if !is_at {
        // Closing it is not enough: see `Drop` of `PartialFile`.
        let _ = file.unlock();
    }
    Ok(is_at)
}

/// Tries to take a partial name until it is somebody else's for longer than a cleaner would need.
fn take(partial: &Path, mut attempt: impl FnMut() -> Result<Option<File>>) -> Result<File> {
    let begun = Instant::now();
    loop {
        if let Some(file) = attempt()? {
            return Ok(file);
        }
        if begun.elapsed() > PATIENCE {
            return Err(busy(partial));
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| Error::io(dir.display(), &e))
}

/// A file that is being written. Dropped unfinished, it is taken away.
#[derive(Debug)]
pub(crate) struct PartialFile {
    file: File,
    partial: PathBuf,
    target: PathBuf,
    dir: PathBuf,
    written: u64,
    crc: u32,
    /// There may be an older file of this name.
    replaces: bool,
    done: bool,
}

impl PartialFile {
    /// Begins the file that will be `target`. Cleans its directory ([`clean`]).
    ///
    /// Errors: [`ErrorKind::SnapshotExists`], [`ErrorKind::Locked`], `Io`, `StorageFull`.
    pub(crate) fn create(target: &Path) -> Result<PartialFile> {
        refuse_existing(target)?;
        let mut file = Self::replace(target)?;
        file.replaces = false;
        // Again under the lock: another writer of the name may have finished in between.
        refuse_existing(target)?;
        Ok(file)
    }

    /// Begins the file that will take the place of `target`, if there is one.
    ///
    /// Errors: [`ErrorKind::Locked`], `Io`, `StorageFull`.
    pub(crate) fn replace(target: &Path) -> Result<PartialFile> {
        let (dir, partial) = places(target)?;
        clean(&dir)?;
        let failed = |e: std::io::Error| Error::io(partial.display(), &e);
        let file = take(&partial, || {
            let file =
                File::options().create(true).truncate(false).write(true).open(&partial).map_err(failed)?;
            Ok(lock(&file, &partial)?.then_some(file))
        })?;
        let target = target.to_path_buf();
        let file =
            PartialFile { file, partial, target, dir, written: 0, crc: 0, replaces: true, done: false };
        file.file.set_len(0).map_err(|e| Error::io(file.partial.display(), &e))?;
        Ok(file)
    }

    /// Appends bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| {
            let error = Error::io(self.target.display(), &e);
            Error::new(
                error.kind(),
                format!("{}, byte {}: {}", self.target.display(), self.written, error.message()),
            )
        })?;
        self.written += bytes.len() as u64;
        self.crc = crc32c::crc32c_append(self.crc, bytes);
        Ok(())
    }

    /// Syncs the file and gives it its name. Returns its length and the crc32c of all of it.
    ///
    /// Errors: `Io`, `StorageFull`, [`ErrorKind::SnapshotExists`] when something else got the name meanwhile.
    pub(crate) fn finish(mut self) -> Result<(u64, u32)> {
        self.file.sync_all().map_err(|e| Error::io(self.target.display(), &e))?;
        if !self.replaces {
            refuse_existing(&self.target)?;
        }
        fs::rename(&self.partial, &self.target).map_err(|e| Error::io(self.target.display(), &e))?;
        self.done = true;
        if let Err(e) = sync_dir(&self.dir) {
            // It may not outlast a crash, so it is not there; unless it took the place of an older one, which is gone.
            if !self.replaces {
                let _ = fs::remove_file(&self.target);
            }
            return Err(e);
        }
        Ok((self.written, self.crc))
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.partial);
        }
        // A process that was just forked may have the file open, too.
        let _ = self.file.unlock();
    }
}

/// A directory that is being written. Dropped unfinished, it is taken away with everything in it.
#[derive(Debug)]
pub(crate) struct PartialDirectory {
    lock: File,
    partial: PathBuf,
    target: PathBuf,
    dir: PathBuf,
    done: bool,
}

impl PartialDirectory {
    /// Begins the directory that will be `target`. Cleans the directory it is in ([`clean`]).
    ///
    /// Errors: as [`PartialFile::create`].
    pub(crate) fn create(target: &Path) -> Result<PartialDirectory> {
        let (dir, partial) = places(target)?;
        refuse_existing(target)?;
        clean(&dir)?;
        // A cleaner may take the directory away before it is locked.
        let lock = take(&partial, || {
            match fs::create_dir(&partial) {
                Ok(()) => {}
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                    remove_left(&partial);
                    return Ok(None);
                }
                Err(e) => return Err(Error::io(partial.display(), &e)),
            }
            match File::open(&partial) {
                Ok(file) => Ok(lock(&file, &partial)?.then_some(file)),
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(e) => Err(Error::io(partial.display(), &e)),
            }
        })?;
        Ok(PartialDirectory { lock, partial, target: target.to_path_buf(), dir, done: false })
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.partial
    }

    /// Syncs the directory and gives it its name. The files in it have been synced.
    pub(crate) fn finish(mut self) -> Result<()> {
        let failed = |e: std::io::Error| Error::io(self.target.display(), &e);
        sync_dir(&self.partial)?;
        // Onto an empty directory, rename would succeed.
        refuse_existing(&self.target)?;
        fs::rename(&self.partial, &self.target).map_err(failed)?;
        self.done = true;
        sync_dir(&self.dir).inspect_err(|_| {
            let _ = fs::remove_dir_all(&self.target);
        })
    }
}

impl Drop for PartialDirectory {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_dir_all(&self.partial);
        }
        let _ = self.lock.unlock();
    }
}

//! The file `LOCK` in a store's directory.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The lock file of a directory; the lock is let go when this is dropped.
#[derive(Debug)]
pub(crate) struct DirLock {
    file: File,
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that another thread has just forked has it open too, until it
        // becomes the program it was forked for.
        let _ = self.file.unlock();
    }
}

impl DirLock {
    /// Name of the file.
    pub(crate) const FILE_NAME: &str = "LOCK";

    /// Takes the lock together with other readers: no store can open the directory meanwhile. `None` where there is no lock
    /// file, or none that can be opened: such a directory is not in use. Writes nothing.
    ///
    /// Fails with [`ErrorKind::Locked`] while a store holds it.
    #[cfg(any(test, feature = "rocks"))]
    pub(crate) fn share(dir: &Path) -> Result<Option<DirLock>> {
        let path = dir.join(Self::FILE_NAME);
        let Ok(file) = File::open(&path) else { return Ok(None) };
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(DirLock { file })),
            Err(fs::TryLockError::WouldBlock) => Err(Error::new(ErrorKind::Locked, {
                let holder = Self::holder(dir).map(|pid| format!(" in process {pid}")).unwrap_or_default();
                format!(
                    "{}: the store is open{holder}; close it first, or read a snapshot of it",
                    dir.display()
                )
            })),
            Err(fs::TryLockError::Error(e)) => Err(Error::io(path.display(), &e)),
        }
    }

    /// The process that holds the lock, as far as the system tells. Takes nothing.
    pub(crate) fn holder(dir: &Path) -> Option<u32> {
        let meta = fs::metadata(dir.join(Self::FILE_NAME)).ok()?;
        let (major, minor) = (libc::major(meta.dev()), libc::minor(meta.dev()));
        let file = format!("{major:02x}:{minor:02x}:{}", meta.ino());
        // `1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF`, of the processes that this one can see.
        let locks = fs::read_to_string("/proc/locks").ok()?;
        let held = locks.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>());
        held.into_iter().find_map(|words| match words[..] {
            [_, "FLOCK", _, "WRITE", pid, of, ..] if of == file => pid.parse().ok(),
            _ => None,
        })
    }

    /// Takes the lock. Fails with [`ErrorKind::Locked`] while another store, here or in another process, holds it.
    pub(crate) fn take(dir: &Path) -> Result<DirLock> {
        let path = dir.join(Self::FILE_NAME);
        let failed = |e: std::io::Error| Error::io(path.display(), &e);
        loop {
            let file =
                File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(Error::new(
                        ErrorKind::Locked,
                        format!("{}: another store has this directory open; close it first", dir.display()),
                    ));
                }
                Err(fs::TryLockError::Error(e)) => return Err(failed(e)),
            }
            // A failed first open takes its LOCK away: a file opened before that and locked after it guards nothing.
            if is_at(&file, &path).map_err(failed)? {
                return Ok(DirLock { file });
            }
        }
    }
}

/// Whether the path still names this very file.
fn is_at(file: &File, path: &Path) -> std::io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_locked_once() {
        let dir = tempfile::tempdir().unwrap();
        let lock = DirLock::take(dir.path()).unwrap();
        assert_eq!(DirLock::take(dir.path()).unwrap_err().kind(), ErrorKind::Locked);
        drop(lock);
        DirLock::take(dir.path()).unwrap();
    }

    #[test]
    fn readers_share_a_lock_that_no_store_can_take_meanwhile() {
        let dir = tempfile::tempdir().unwrap();
        assert!(DirLock::share(dir.path()).unwrap().is_none());
        let lock = DirLock::take(dir.path()).unwrap();
        assert_eq!(DirLock::share(dir.path()).unwrap_err().kind(), ErrorKind::Locked);
        assert!(DirLock::holder(dir.path()).is_none_or(|pid| pid == std::process::id()));
        drop(lock);
        assert_eq!(DirLock::holder(dir.path()), None);
        let readers = [DirLock::share(dir.path()).unwrap(), DirLock::share(dir.path()).unwrap()];
        assert!(readers.iter().all(Option::is_some));
        assert_eq!(DirLock::take(dir.path()).unwrap_err().kind(), ErrorKind::Locked);
        drop(readers);
        DirLock::take(dir.path()).unwrap();
    }

    #[test]
    fn a_lock_is_let_go_even_while_a_forked_process_has_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let lock = DirLock::take(dir.path()).unwrap();
        let forked = lock.file.try_clone().unwrap();
        drop(lock);
        DirLock::take(dir.path()).unwrap();
        drop(forked);
    }

    #[test]
    fn a_lock_file_that_was_taken_away_guards_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(DirLock::FILE_NAME);
        let lock = DirLock::take(dir.path()).unwrap();
        assert!(is_at(&lock.file, &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&lock.file, &path).unwrap());
        let second = DirLock::take(dir.path()).unwrap();
        assert!(is_at(&second.file, &path).unwrap() && !is_at(&lock.file, &path).unwrap());
    }
}

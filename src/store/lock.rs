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

//! The file `LOCK` in a store's directory.

use std::fs::{self, File};
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// The lock file of a directory; the lock is let go when this is dropped.
#[derive(Debug)]
pub(crate) struct DirLock {
    _file: File,
}

impl DirLock {
    /// Name of the file.
    pub(crate) const FILE_NAME: &str = "LOCK";

    /// Takes the lock. Fails with [`ErrorKind::Locked`] while another store, here or in another process, holds it.
    pub(crate) fn take(dir: &Path) -> Result<DirLock> {
        let path = dir.join(Self::FILE_NAME);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| Error::io(path.display(), &e))?;
        match file.try_lock() {
            Ok(()) => Ok(DirLock { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(Error::new(
                ErrorKind::Locked,
                format!("{}: another store has this directory open; close it first", dir.display()),
            )),
            Err(fs::TryLockError::Error(e)) => Err(Error::io(path.display(), &e)),
        }
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
}

//! A folder for files on their way into a database.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A folder that goes with everything in it when this is dropped.
pub(in crate::rocks) struct Folder {
    path: PathBuf,
    stays: bool,
}

impl Folder {
    /// An empty folder; what was there, left by a process that ended in between, is removed.
    pub(in crate::rocks) fn make(path: PathBuf) -> Result<Folder> {
        remove(&path)?;
        fs::create_dir(&path).map_err(|e| Error::io(path.display(), &e))?;
        Ok(Folder { path, stays: false })
    }

    /// It is to stay.
    pub(in crate::rocks) fn keep(mut self) {
        self.stays = true;
    }

    pub(in crate::rocks) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.stays {
            let _ = remove(&self.path);
        }
    }
}

/// Removes a folder and everything in it, if it is there.
pub(in crate::rocks) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io(path.display(), &e)),
        _ => Ok(()),
    }
}

//! Hard links to a database's files.

use std::fs;
use std::path::Path;

use rocksdb::DB;
use rocksdb::checkpoint::Checkpoint;

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::status::crate_error;

/// Makes `dir`, which must not be there, a database that holds what `db` holds now, of all column families at one
/// moment. It shares the SST files with `db` by hard links; RocksDB never changes one. Nothing is left on an error.
///
/// Everything in memory is flushed. Without the write-ahead log all column families are flushed as one (`atomic_flush`),
/// and their files are listed under one lock. With the log each is flushed by itself, and the part of the log that is
/// needed to bring them to one moment is copied as well.
pub(super) fn link_files(db: &DB, dir: &Path) -> Result<()> {
    match fs::symlink_metadata(dir) {
        Ok(_) => {
            return Err(Error::new(
                ErrorKind::SnapshotExists,
                format!("{}: there is something at this path already", dir.display()),
            ));
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(Error::io(dir.display(), &e)),
    }
    // Until it is whole it has another name: RocksDB appends `.tmp`, and cleans up there.
    let made = Checkpoint::new(db).and_then(|checkpoint| checkpoint.create_checkpoint(dir));
    made.map_err(|e| {
        let _ = fs::remove_dir_all(dir);
        crate_error(e)
    })
}

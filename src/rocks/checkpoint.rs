//! Hard links to a database's files.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use rocksdb::DB;
use rocksdb::checkpoint::Checkpoint;

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::status::crate_error;
use crate::store::LinkedFile;

/// The size of a log that has to be flushed, when nothing has to be.
const NO_FLUSH: u64 = u64::MAX;

/// Makes `dir`, which must not be there, a database that holds what `db` holds now, of all column families at one
/// moment. It shares the SST files with `db` by hard links; RocksDB never changes one. Nothing is left on an error.
///
/// Without the write-ahead log everything in memory has been flushed, of all column families as one (`atomic_flush`), and
/// their files are listed under one lock. RocksDB would flush by itself here, but not wait for it reliably
/// ([`flush`](super::flush)). With the log each is flushed by itself, and the part of the log that is needed to bring them to
/// one moment is copied as well.
///
/// Returns the files in `dir`. Of an SST file that a compaction took away in between, the keys are not known.
pub(super) fn link_files(db: &DB, dir: &Path, wal: bool) -> Result<Vec<LinkedFile>> {
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
    let mut keys = HashMap::new();
    note_keys(db, &mut keys)?;
    // Until it is whole it has another name: RocksDB appends `.tmp`, and cleans up there.
    let flush_from = if wal { 0 } else { NO_FLUSH };
    let made = Checkpoint::new(db)
        .and_then(|checkpoint| checkpoint.create_checkpoint_with_log_size(dir, flush_from));
    let mut files = || {
        made.clone().map_err(crate_error)?;
        note_keys(db, &mut keys)?;
        list(dir, &mut keys)
    };
    files().inspect_err(|_| {
        let _ = fs::remove_dir_all(dir);
    })
}

fn note_keys(db: &DB, keys: &mut HashMap<String, Option<Keys>>) -> Result<()> {
    for file in db.live_files().map_err(crate_error)? {
        keys.insert(file.name.trim_start_matches('/').to_string(), file.start_key.zip(file.end_key));
    }
    Ok(())
}

fn list(dir: &Path, keys: &mut HashMap<String, Option<Keys>>) -> Result<Vec<LinkedFile>> {
    let failed = |e: std::io::Error| Error::io(dir.display(), &e);
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let keys = keys.remove(&name).flatten();
        files.push(LinkedFile { shared: name.ends_with(".sst"), keys, name });
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// The smallest and the largest key of a file.
type Keys = (Vec<u8>, Vec<u8>);

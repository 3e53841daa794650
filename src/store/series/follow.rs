//! The first base of a series, of a store that was made from snapshots: what it still has of their files need not be written
//! again.
//!
//! * RocksDB's files are linked by a restore. A file of the database that is one of the snapshot's, by its inode, is the same.
//!   What a restore cut or wrote anew, and what was compacted since, is another.
//! * A table was filled from one chain of files. As long as nobody has written to it, it is what they say, and changes
//!   may follow them; if they are of the table's key groups exactly, and of no others.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Last, Shared, link_or_copy};
use crate::error::{Error, ErrorKind, Result};
use crate::options::EngineKind;
use crate::snapshot::{FileEntry, SnapshotDirectory};
use crate::store::open;
use crate::store::snapshot::Snapshot;

/// What a file is, whatever its name: device and inode.
type Inode = (u64, u64);

impl Shared {
    /// Makes what the store has of the snapshots in `dirs` the base of the first snapshot.
    pub(super) fn follow(&self, dirs: &[PathBuf]) -> Result<()> {
        let mut sources = Vec::with_capacity(dirs.len());
        for dir in dirs {
            let snapshot = SnapshotDirectory::open(dir)?;
            if !self.core.sources.contains(&snapshot.id) {
                return Err(Error::new(
                    ErrorKind::InvalidArgument,
                    format!("{}: the store was not made from this snapshot", dir.display()),
                ));
            }
            sources.push((dir.as_path(), snapshot));
        }
        let last = match self.core.options.engine {
            EngineKind::Table => self.follow_chain(&sources)?,
            EngineKind::Rocks => Some(self.follow_files(&sources)?),
        };
        self.state().last = last.map(Arc::new);
        Ok(())
    }

    fn follow_chain(&self, sources: &[(&Path, SnapshotDirectory)]) -> Result<Option<Last>> {
        let [(dir, source)] = sources else { return Ok(None) };
        let core = &self.core;
        if source.engine != EngineKind::Table || source.groups != core.key_groups || core.sources.len() != 1 {
            return Ok(None);
        }
        if core.has_had_sessions() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "a series follows the snapshot that a table was made from before the table has its first session",
            ));
        }
        let kept = self.kept();
        fs::create_dir_all(&kept).map_err(|e| Error::io(kept.display(), &e))?;
        let last =
            Last { number: 0, snapshot: Some(Snapshot::new(Arc::clone(core))?), files: source.files.clone() };
        let linked =
            last.files.iter().try_for_each(|file| link_or_copy(&dir.join(&file.name), &self.kept_file(file)));
        linked.inspect_err(|_| self.discard(&last.files)).map(|()| Some(last))
    }

    fn follow_files(&self, sources: &[(&Path, SnapshotDirectory)]) -> Result<Last> {
        let mut lent: HashMap<Inode, &FileEntry> = HashMap::new();
        for (dir, source) in sources.iter().filter(|(_, source)| source.engine == EngineKind::Rocks) {
            for file in source.files.iter().filter(|file| file.shared) {
                lent.insert(inode(&dir.join(&file.name))?, file);
            }
        }
        let engine = open::engine_dir(&self.core.dir, EngineKind::Rocks);
        let failed = |e: std::io::Error| Error::io(engine.display(), &e);
        let mut files = Vec::new();
        for entry in fs::read_dir(&engine).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            // A compaction may take a file away meanwhile.
            let Some(file) = inode(&engine.join(&name)).ok().and_then(|inode| lent.get(&inode)) else {
                continue;
            };
            files.push(FileEntry { name, ..(*file).clone() });
        }
        Ok(Last { number: 0, snapshot: None, files })
    }
}

fn inode(path: &Path) -> Result<Inode> {
    let found = fs::metadata(path).map_err(|e| Error::io(path.display(), &e))?;
    Ok((found.dev(), found.ino()))
}

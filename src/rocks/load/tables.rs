//! Entries into SST files.

use std::path::{Path, PathBuf};

use rocksdb::{AsColumnFamilyRef, DB, IngestExternalFileOptions, Options, SstFileWriter};

use crate::error::{Error, ErrorKind, Result};
use crate::rocks::status::{crate_error, error};

/// The size from which on a file is closed and the next one begun.
const FILE_BYTES: u64 = 64 << 20;

/// The entries of one column family in SST files of bounded size, to become part of a database all at once.
///
/// Keys come in ascending order, each once.
pub(in crate::rocks) struct Tables<'o> {
    options: &'o Options,
    folder: PathBuf,
    /// Names the files, so that several may share a folder.
    name: String,
    file_bytes: u64,
    /// The file being written is the last of `files`.
    writer: Option<SstFileWriter<'o>>,
    files: Vec<PathBuf>,
}

impl<'o> Tables<'o> {
    /// Files in `folder` that start with `name`; they are written when there is something to write.
    pub(in crate::rocks) fn new(options: &'o Options, folder: &Path, name: String) -> Tables<'o> {
        let folder = folder.to_path_buf();
        Tables { options, folder, name, file_bytes: FILE_BYTES, writer: None, files: Vec::new() }
    }

    /// The same with files of another size.
    #[cfg(test)]
    pub(in crate::rocks) fn of_size(mut self, file_bytes: u64) -> Tables<'o> {
        self.file_bytes = file_bytes;
        self
    }

    /// Adds an entry.
    ///
    /// Fails with [`ErrorKind::Corruption`] when its key is not behind all those before, and with RocksDB's errors.
    pub(in crate::rocks) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.next_file()?,
        };
        writer.put(key, value).map_err(|e| misplaced(e.as_ref()))?;
        if writer.file_size() < self.file_bytes {
            self.writer = Some(writer);
            return Ok(());
        }
        writer.finish().map_err(crate_error)
    }

    fn next_file(&mut self) -> Result<SstFileWriter<'o>> {
        let path = self.folder.join(format!("{}-{}.sst", self.name, self.files.len()));
        let writer = SstFileWriter::create(self.options);
        writer.open(&path).map_err(crate_error)?;
        self.files.push(path);
        Ok(writer)
    }

    /// Moves the files into a column family of `db`: all or none, and on disk when this returns.
    pub(in crate::rocks) fn ingest(mut self, db: &DB, family: &impl AsColumnFamilyRef) -> Result<()> {
        if let Some(mut writer) = self.writer.take() {
            writer.finish().map_err(crate_error)?;
        }
        if self.files.is_empty() {
            return Ok(());
        }
        let mut options = IngestExternalFileOptions::default();
        options.set_move_files(true);
        db.ingest_external_file_cf_opts(family, &options, self.files).map_err(crate_error)
    }
}

#[cold]
fn misplaced(text: &str) -> Error {
    if text.contains("strict ascending order") {
        Error::new(ErrorKind::Corruption, "the entries are not in the order of their keys")
    } else {
        error(text)
    }
}

//! RocksDB's error texts as our errors.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// The error for a status text such as `IO error: No space left on device: ...`.
///
/// RocksDB's C API gives no code, only this text; its first words are `Status::ToString`'s names of the codes.
#[cold]
pub(super) fn error(text: &str) -> Error {
    let kind = if ["No space left on device", "Disk quota exceeded", "File too large"]
        .iter()
        .any(|t| text.contains(t))
    {
        ErrorKind::StorageFull
    } else if text.starts_with("Corruption") {
        ErrorKind::Corruption
    } else if text.starts_with("IO error") || text.starts_with("Failed to create RocksDB directory") {
        ErrorKind::Io
    } else if text.starts_with("Operation failed. Try again.: Memory limit")
        || text.starts_with("Memory limit")
    {
        ErrorKind::MemoryBudget
    } else {
        ErrorKind::Engine
    };
    let hint = match kind {
        ErrorKind::StorageFull => "; free some space, then close the store and open it again",
        ErrorKind::Corruption => "; restore from a snapshot",
        _ => "",
    };
    Error::new(kind, format!("RocksDB: {text}{hint}"))
}

/// The error of a call through the safe crate.
#[cold]
pub(super) fn crate_error(e: rocksdb::Error) -> Error {
    error(e.as_ref())
}

/// The same error about the database in `dir`. RocksDB does not always name a file.
#[cold]
pub(super) fn at(dir: &Path, e: Error) -> Error {
    let dir = dir.to_string_lossy();
    if e.message().contains(&*dir) {
        return e;
    }
    Error::new(e.kind(), format!("{dir}: {}", e.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_texts_find_their_kind() {
        for (text, kind) in [
            (
                "IO error: No space left on device: While appending to file: /x/000001.sst",
                ErrorKind::StorageFull,
            ),
            ("IO error: While fsync: /x/1.sst: Input/output error", ErrorKind::Io),
            ("Corruption: block checksum mismatch", ErrorKind::Corruption),
            ("Failed to create RocksDB directory: `Os { code: 5 }`.", ErrorKind::Io),
            ("Invalid argument: x", ErrorKind::Engine),
        ] {
            assert_eq!(error(text).kind(), kind);
        }
    }
}

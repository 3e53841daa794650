//! A snapshot that is a directory of files which are never changed.
//!
//! Its file `SNAPSHOT` says what they are (text, see [`crate::manifest`]):
//!
//! ```text
//! keybed-snapshot-files 1
//! compatible-features 0
//! incompatible-features 0
//! id 00112233445566778899aabbccddeeff
//! engine rocks
//! key-encoding ordered
//! max-parallelism 128
//! key-size variable
//! key-groups 0-63
//! state value 0 word%20counts plain
//! file 0f1e2d3c4b5a69788796a5b4c3d2e1f0 1048576 9e6b1f2c shared 0-31 000012.sst    identity, bytes, crc32c, key groups, name
//! file 1f1e2d3c4b5a69788796a5b4c3d2e1f1 300 0e6b1f2d private - MANIFEST-000004
//! crc32c 9e6b1f2c
//! ```
//!
//! Two files of one identity are the same, in whatever snapshots they are: who has one need not copy the other. *Private*
//! files belong to one snapshot only. Of a table the files are snapshot files, to be read in this order: one full, then the
//! changes, each since the one before; their identities are the ids of the snapshot files.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::file::open_file;
use super::head::StoredState;
use super::id::SnapshotId;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::manifest::{self, Format, Lines, Located};
use crate::options::EngineKind;

/// Name of the file that says what the others are.
pub(super) const DIRECTORY_MANIFEST: &str = "SNAPSHOT";
/// The version of the form of snapshot directories that this library reads and writes.
pub(crate) const DIRECTORY_FORMAT_VERSION: u32 = 1;
/// Longer ones are not read to their end: several hundred thousand files have room in it.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;
const FORMAT: Format =
    Format { name: "keybed-snapshot-files", version: DIRECTORY_FORMAT_VERSION, what: "a Keybed snapshot" };

/// A snapshot in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotDirectory {
    /// Its id.
    pub id: SnapshotId,
    /// The engine whose files these are.
    pub engine: EngineKind,
    /// How its keys are written.
    pub keys: KeySpec,
    /// The key groups that it holds.
    pub groups: KeyGroupRange,
    /// The states, by position.
    pub states: Vec<StoredState>,
    /// The files.
    pub files: Vec<FileEntry>,
}

/// A file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Files of the same identity are the same.
    pub identity: SnapshotId,
    /// Its length.
    pub bytes: u64,
    /// The checksum of all its bytes.
    pub crc32c: u32,
    /// Other snapshots may have it, too.
    pub shared: bool,
    /// The key groups that have entries in it, if it has entries.
    pub groups: Option<KeyGroupRange>,
    /// Its name in the directory.
    pub name: String,
}

impl SnapshotDirectory {
    /// Reads what is in a directory. Of the files, only whether they are there and how long they are.
    ///
    /// Errors: `Io`, [`ErrorKind::ForeignFormat`], [`ErrorKind::NewerFormat`], [`ErrorKind::Corruption`].
    pub fn open(dir: impl AsRef<Path>) -> Result<SnapshotDirectory> {
        let dir = dir.as_ref();
        let path = dir.join(DIRECTORY_MANIFEST);
        if dir.is_dir()
            && fs::symlink_metadata(&path).is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
        {
            return Err(Error::new(
                ErrorKind::ForeignFormat,
                format!(
                    "{}: the directory has no file {DIRECTORY_MANIFEST}; it is no snapshot",
                    dir.display()
                ),
            ));
        }
        let mut bytes = Vec::new();
        open_file(&path)?
            .take(MAX_MANIFEST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|e| Error::io(path.display(), &e))?;
        let snapshot = Self::parse(&bytes, &path)?;
        for file in &snapshot.files {
            let path = dir.join(&file.name);
            let found = fs::metadata(&path).map_err(|e| match e.kind() {
                std::io::ErrorKind::NotFound => Error::new(
                    ErrorKind::Corruption,
                    format!("{}: this file of the snapshot is missing", path.display()),
                ),
                _ => Error::io(path.display(), &e),
            })?;
            if !found.is_file() {
                return Err(Error::new(
                    ErrorKind::Corruption,
                    format!("{}: this should be a file of the snapshot", path.display()),
                ));
            }
            if found.len() != file.bytes {
                let at = found.len().min(file.bytes);
                return Err(Error::new(
                    ErrorKind::Corruption,
                    format!(
                        "{}, byte {at}: the file has {} bytes; it should have {}",
                        path.display(),
                        found.len(),
                        file.bytes
                    ),
                ));
            }
        }
        Ok(snapshot)
    }

    /// Reads the files that have entries of these key groups, and those that have none at all, from their first byte to their
    /// last, and checks their checksums. `progress` as for [`verify`](super::verify), over all these files.
    pub fn check_files(
        &self,
        dir: &Path,
        groups: KeyGroupRange,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<()> {
        let files = || {
            self.files.iter().filter(|file| file.groups.is_none_or(|has| has.intersection(&groups).is_some()))
        };
        let total = files().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
        let mut before = 0;
        for file in files() {
            let path = dir.join(&file.name);
            let (bytes, crc) = sum_file(&path, &mut |at| progress(before + at, total))?;
            if (bytes, crc) != (file.bytes, file.crc32c) {
                return Err(Error::new(
                    ErrorKind::Corruption,
                    format!(
                        "{}: its checksum is {crc:08x} over {bytes} bytes; it should be {:08x} over {}",
                        path.display(),
                        file.crc32c,
                        file.bytes
                    ),
                ));
            }
            before += bytes;
        }
        Ok(())
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes))
    }

    /// Writes the manifest, and syncs it.
    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        let path = dir.join(DIRECTORY_MANIFEST);
        let write = || -> std::io::Result<()> {
            let mut file = File::create_new(&path)?;
            std::io::Write::write_all(&mut file, self.to_text().as_bytes())?;
            file.sync_all()
        };
        write().map_err(|e| Error::io(path.display(), &e))
    }

    fn to_text(&self) -> String {
        let mut text = FORMAT.begin();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "id {}", self.id);
        manifest::write_keys(&mut text, self.engine, &self.keys);
        manifest::write_groups(&mut text, self.groups);
        for state in &self.states {
            state.write(&mut text);
        }
        for file in &self.files {
            let shared = if file.shared { "shared" } else { "private" };
            let _ = writeln!(
                text,
                "file {} {} {:08x} {shared} {} {}",
                file.identity,
                file.bytes,
                file.crc32c,
                file.groups.map_or_else(|| "-".to_string(), |groups| groups.to_string()),
                manifest::encode(&file.name)
            );
        }
        manifest::sealed(text)
    }

    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<SnapshotDirectory> {
        let at = Located { path };
        let mut lines = FORMAT.open_sealed(bytes, &at)?;
        Self::parse_lines(&mut lines).map_err(|why| at.error(ErrorKind::Corruption, &why))
    }

    fn parse_lines(lines: &mut Lines<'_>) -> std::result::Result<SnapshotDirectory, String> {
        let id = lines.parse("id")?;
        let (engine, keys) = manifest::read_keys(lines)?;
        let groups = manifest::read_groups(lines, &keys)?;
        let states = StoredState::read_all(lines)?;
        let (mut files, mut names) = (Vec::new(), HashSet::new());
        while let Some(words) = lines.optional("file") {
            let file = parse_file(words).ok_or_else(|| format!("bad line 'file {words}'"))?;
            if !names.insert(file.name.clone()) {
                return Err(format!("file '{}' is there twice", file.name));
            }
            files.push(file);
        }
        lines.end()?;
        Ok(SnapshotDirectory { id, engine, keys, groups, states, files })
    }

    /// Paths of the files, in their order.
    pub fn paths<'a>(&'a self, dir: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
        self.files.iter().map(|file| dir.join(&file.name))
    }
}

fn parse_file(words: &str) -> Option<FileEntry> {
    let mut words = words.split(' ');
    let identity = words.next()?.parse().ok()?;
    let bytes = words.next()?.parse().ok()?;
    let crc32c = u32::from_str_radix(words.next()?, 16).ok()?;
    let shared = match words.next()? {
        "shared" => true,
        "private" => false,
        _ => return None,
    };
    let groups = match words.next()? {
        "-" => None,
        groups => Some(groups.parse().ok()?),
    };
    let name = manifest::decode(words.next()?)?;
    // A name is a name: nothing outside the directory.
    let plain =
        !name.is_empty() && !name.contains('/') && name != "." && name != ".." && name != DIRECTORY_MANIFEST;
    (plain && words.next().is_none()).then_some(FileEntry { identity, bytes, crc32c, shared, groups, name })
}

/// Length and crc32c of a file. `progress` is told the bytes read; false gives up.
pub(crate) fn sum_file(path: &Path, progress: &mut dyn FnMut(u64) -> bool) -> Result<(u64, u32)> {
    let failed = |e: std::io::Error| Error::io(path.display(), &e);
    let mut file = File::open(path).map_err(failed)?;
    let (mut buf, mut bytes, mut crc) = (vec![0; 256 << 10], 0u64, 0);
    loop {
        let n = match file.read(&mut buf) {
            Ok(0) => return Ok((bytes, crc)),
            Ok(n) => n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(failed(e)),
        };
        crc = crc32c::crc32c_append(crc, buf.get(..n).unwrap_or_default());
        bytes += n as u64;
        if !progress(bytes) {
            return Err(Error::new(ErrorKind::Closed, "the check was given up"));
        }
    }
}

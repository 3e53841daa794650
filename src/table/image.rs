//! The file in which a table's entries outlast their process.
//!
//! ```text
//!  "KEYBED-TABLE 1\n\0"                                       16 bytes
//!  frame*     u32 "KBF1" | u32 state | u32 key group | u32 length | u32 crc32c of the payload | u32 crc32c of these 20
//!             payload: a block (see `block`); keys of nested states are u32 length of the key | key | rest
//!  last frame state FFFFFFFF, payload u64 number of entries
//! ```
//!
//! Numbers are little-endian. The file is written beside, synced, renamed and the directory synced, so that there is
//! always a whole one; it is read into an empty table or not at all. A store has one before it has its first state, so
//! that a lost file is not taken for an empty table.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use super::core::Core;
use super::snapshot::TableSnapshot;
use super::state::Key;
use crate::block::{BlockKind, BlockReader, BlockWriter, MAX_BLOCK_BYTES};
use crate::error::{Error, ErrorKind, Result};

const FILE_NAME: &str = "IMAGE";
const TEMPORARY_NAME: &str = "IMAGE.new";
const MAGIC: &[u8; 16] = b"KEYBED-TABLE 1\n\0";
const FRAME_MAGIC: u32 = u32::from_le_bytes(*b"KBF1");
const FRAME_BYTES: usize = 24;
const LAST: u32 = u32::MAX;
/// Payload of a frame, unless one entry needs more.
const BLOCK_BYTES: usize = 256 << 10;

/// Writes what a snapshot holds, and releases its groups one by one.
pub(super) fn write(dir: &Path, snapshot: &TableSnapshot, ids: &[u32], groups: u32) -> Result<()> {
    let temporary = dir.join(TEMPORARY_NAME);
    let failed = |e: std::io::Error| Error::io(temporary.display(), &e);
    fs::create_dir_all(dir).map_err(|e| Error::io(dir.display(), &e))?;
    let written = || -> Result<()> {
        let mut file = BufWriter::with_capacity(BLOCK_BYTES, File::create(&temporary).map_err(failed)?);
        file.write_all(MAGIC).map_err(failed)?;
        let mut frames =
            Frames { file: &mut file, buffer: vec![0; BLOCK_BYTES], entries: 0, path: &temporary };
        for id in ids {
            for group in 0..groups {
                frames.group(snapshot, *id, group)?;
                snapshot.release(*id, group);
            }
        }
        let entries = frames.entries.to_le_bytes();
        frames.frame(LAST, 0, &entries)?;
        let file = file.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(failed)?;
        fs::rename(&temporary, dir.join(FILE_NAME)).map_err(failed)?;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|e| Error::io(dir.display(), &e))
    };
    written().inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

struct Frames<'a> {
    file: &'a mut BufWriter<File>,
    buffer: Vec<u8>,
    entries: u64,
    path: &'a Path,
}

impl Frames<'_> {
    /// All entries of a key group.
    fn group(&mut self, snapshot: &TableSnapshot, id: u32, group: u32) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut state = Pending { keys: Vec::new(), entries: Vec::new(), bytes: 0 };
        let done = snapshot.for_each(id, group, |key, rest, value| {
            self.entries += 1;
            state.add(key, rest, value);
            if state.bytes >= BLOCK_BYTES / 2 {
                self.block(&mut state, id, group, &mut buffer)
            } else {
                Ok(())
            }
        });
        let done = done.and_then(|()| self.block(&mut state, id, group, &mut buffer));
        self.buffer = buffer;
        done
    }

    fn block(&mut self, state: &mut Pending, id: u32, group: u32, buffer: &mut Vec<u8>) -> Result<()> {
        if state.entries.is_empty() {
            return Ok(());
        }
        let needed = state.bytes + 64 + 8 * state.entries.len();
        if needed > MAX_BLOCK_BYTES {
            return Err(Error::new(
                ErrorKind::ValueTooLarge,
                format!("{}: an entry of {} bytes does not fit the file", self.path.display(), state.bytes),
            ));
        }
        if buffer.len() < needed {
            buffer.resize(needed, 0);
        }
        let mut block = BlockWriter::new(buffer, BlockKind::Scan)?;
        let mut at = 0;
        for (key_len, value_len) in &state.entries {
            let (key, value) =
                state.keys.get(at..at + key_len + value_len).unwrap_or_default().split_at(*key_len);
            block.push(key, value);
            at += key_len + value_len;
        }
        let len = block.finish(false)?;
        state.clear();
        self.frame(id, group, buffer.get(..len).unwrap_or_default())
    }

    fn frame(&mut self, state: u32, group: u32, payload: &[u8]) -> Result<()> {
        let failed = |e: std::io::Error| Error::io(self.path.display(), &e);
        let numbers = [FRAME_MAGIC, state, group, payload.len() as u32, crc32c::crc32c(payload)];
        let mut header = Vec::with_capacity(FRAME_BYTES);
        numbers.iter().for_each(|n| header.extend_from_slice(&n.to_le_bytes()));
        header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
        self.file.write_all(&header).and_then(|()| self.file.write_all(payload)).map_err(failed)
    }
}

/// Entries of the next block.
struct Pending {
    keys: Vec<u8>,
    entries: Vec<(usize, usize)>,
    bytes: usize,
}

impl Pending {
    fn add(&mut self, key: &[u8], rest: &[u8], value: &[u8]) {
        self.keys.extend_from_slice(&(key.len() as u32).to_le_bytes());
        self.keys.extend_from_slice(key);
        self.keys.extend_from_slice(rest);
        self.keys.extend_from_slice(value);
        self.entries.push((4 + key.len() + rest.len(), value.len()));
        self.bytes = self.keys.len();
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.entries.clear();
        self.bytes = 0;
    }
}

/// Puts what the file holds into an empty table. Makes the file when there is none and the table has no states yet.
pub(super) fn read(dir: &Path, core: &mut Core) -> Result<()> {
    // What a flush that was cut off left behind.
    let _ = fs::remove_file(dir.join(TEMPORARY_NAME));
    let path = dir.join(FILE_NAME);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            if core.ids().next().is_none() {
                return write(dir, &core.snapshot(&[])?, &[], 0);
            }
            return Err(Error::new(
                ErrorKind::Corruption,
                format!(
                    "{}: the file of the store's entries is missing; restore from a snapshot",
                    path.display()
                ),
            ));
        }
        Err(e) => return Err(Error::io(path.display(), &e)),
    };
    let len = file.metadata().map_err(|e| Error::io(path.display(), &e))?.len();
    Input { file: BufReader::with_capacity(BLOCK_BYTES, file), path: &path, at: 0, frame: 0, len }
        .read_all(core)
}

struct Input<'a> {
    file: BufReader<File>,
    path: &'a Path,
    at: u64,
    /// Where the frame begins that is being read.
    frame: u64,
    len: u64,
}

impl Input<'_> {
    fn damaged(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::Corruption,
            format!("{}, byte {}: {why}; restore from a snapshot", self.path.display(), self.frame),
        )
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        match self.file.read_exact(bytes) {
            Ok(()) => {
                self.at += bytes.len() as u64;
                Ok(())
            }
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(self.damaged("the file is cut short"))
            }
            Err(e) => Err(Error::io(self.path.display(), &e)),
        }
    }

    fn read_all(mut self, core: &mut Core) -> Result<()> {
        let mut magic = [0; MAGIC.len()];
        self.fill(&mut magic)?;
        if &magic != MAGIC {
            return Err(self.damaged("this is not a table's file, or one of another version"));
        }
        let (mut payload, mut entries) = (Vec::new(), 0u64);
        loop {
            let (state, group) = self.frame(&mut payload)?;
            if state == LAST {
                let count = payload.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
                if count != Some(entries) || self.at != self.len {
                    return Err(self.damaged("entries are missing, or bytes follow the last"));
                }
                return Ok(());
            }
            let block =
                BlockReader::new(&payload).map_err(|_| self.damaged("the payload of a frame is no block"))?;
            let known = core.state(state).ok().filter(|known| (group as usize) < known.groups.len());
            let Some(nested) = known.map(|known| known.nested) else {
                return Err(self.damaged("a frame is of a state or key group that the store does not have"));
            };
            for i in 0..block.len() {
                let entry = block.get(i).and_then(|(key, value)| {
                    let (len, key) = key.split_first_chunk::<4>()?;
                    let (key, rest) = key.split_at_checked(u32::from_le_bytes(*len) as usize)?;
                    (nested || rest.is_empty()).then_some((Key { group, key, rest }, value))
                });
                let Some((key, value)) = entry else { return Err(self.damaged("an entry is out of range")) };
                core.write(state, |state, heap| state.put(heap, key, value))?;
                entries += 1;
            }
        }
    }

    /// The next frame's state and group; its payload goes to `payload`.
    fn frame(&mut self, payload: &mut Vec<u8>) -> Result<(u32, u32)> {
        let mut header = [0; FRAME_BYTES];
        self.frame = self.at;
        self.fill(&mut header)?;
        let number = |i: usize| {
            let bytes = header.get(4 * i..).and_then(<[u8]>::first_chunk::<4>);
            bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
        };
        let sum = crc32c::crc32c(header.get(..FRAME_BYTES - 4).unwrap_or_default());
        if number(0) != FRAME_MAGIC || number(5) != sum {
            return Err(self.damaged("the header of a frame is damaged"));
        }
        let len = number(3) as usize;
        if len as u64 > self.len - self.at {
            return Err(self.damaged("the file is cut short"));
        }
        payload.clear();
        payload.try_reserve(len).map_err(super::arena::out_of_memory)?;
        payload.resize(len, 0);
        self.fill(payload)?;
        if crc32c::crc32c(payload) != number(4) {
            return Err(self.damaged("the checksum of a frame does not match"));
        }
        Ok((number(1), number(2)))
    }
}

//! Reads frames of a snapshot, checked.

use std::path::{Path, PathBuf};

use super::frame::{FRAME_BYTES, Frame, FrameKind};
use super::read_at::ReadAt;
use crate::block::MAX_BLOCK_BYTES;
use crate::error::{Error, ErrorKind, Result};

/// A snapshot's bytes, their number when it was opened, and what errors call them.
pub(crate) struct Input {
    source: Box<dyn ReadAt>,
    path: PathBuf,
    pub(crate) len: u64,
}

impl Input {
    pub(crate) fn new(source: Box<dyn ReadAt>, path: &Path) -> Result<Input> {
        let len = source.size().map_err(|e| Error::io(path.display(), &e))?;
        Ok(Input { source, path: path.to_path_buf(), len })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Damage at a position.
    #[cold]
    pub(crate) fn damaged(&self, position: u64, why: impl std::fmt::Display) -> Error {
        self.error(ErrorKind::Corruption, position, why)
    }

    /// An error about a position.
    #[cold]
    pub(crate) fn error(&self, kind: ErrorKind, position: u64, why: impl std::fmt::Display) -> Error {
        Error::new(kind, format!("{}, byte {position}: {why}", self.path.display()))
    }

    /// Fills `buf`.
    pub(crate) fn read(&self, buf: &mut [u8], position: u64) -> Result<()> {
        self.source.read_exact_at(buf, position).map_err(|e| match e.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                let len = self.source.size().unwrap_or(0);
                self.damaged(position, format_args!("the file ends here or soon after, at byte {len}"))
            }
            _ => {
                let error = Error::io(self.path.display(), &e);
                self.error(error.kind(), position, e)
            }
        })
    }

    /// Fails when the file has not the length any more that it had.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        let len = self.source.size().map_err(|e| Error::io(self.path.display(), &e))?;
        if len == self.len {
            return Ok(());
        }
        let why = format_args!("the file had {} bytes when it was opened, now it has {len}", self.len);
        Err(self.damaged(self.len.min(len), why))
    }

    /// Reads the whole frame at a position into `buf`, of a length that is known.
    ///
    /// `expect` names what should be there.
    pub(crate) fn frame<'a>(
        &self,
        buf: &'a mut Vec<u8>,
        position: u64,
        len: u64,
        expect: &Expect,
    ) -> Result<(Frame, &'a [u8])> {
        let fits = position.checked_add(len).is_some_and(|end| end <= self.len);
        if !fits || len < FRAME_BYTES as u64 || len > (MAX_BLOCK_BYTES + (1 << 20)) as u64 {
            return Err(self.damaged(position, "a block of this length cannot be here"));
        }
        let len = len as usize;
        if buf.len() < len {
            buf.try_reserve_exact(len - buf.len()).map_err(|_| {
                Error::new(ErrorKind::OutOfMemory, format!("no memory for a block of {len} bytes"))
            })?;
            buf.resize(len, 0);
        }
        let bytes = buf.get_mut(..len).unwrap_or_default();
        self.read(bytes, position)?;
        let (frame, payload) = Frame::open(bytes).map_err(|why| self.damaged(position, why))?;
        expect.check(&frame, position).map_err(|why| self.damaged(position, why))?;
        Ok((frame, payload))
    }
}

/// Which frame should be somewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expect {
    pub(crate) kind: FrameKind,
    /// First half of the snapshot's id, once it is known.
    pub(crate) snapshot: Option<u64>,
}

impl Expect {
    fn check(&self, frame: &Frame, position: u64) -> std::result::Result<(), &'static str> {
        if self.snapshot.is_some_and(|id| id != frame.snapshot) {
            Err("this block is of another snapshot")
        } else if frame.position != position {
            Err("this block belongs elsewhere in the file")
        } else if frame.kind != self.kind {
            Err("this is a block of another kind")
        } else {
            Ok(())
        }
    }
}

//! What gives blocks to Java, one a call, in a buffer that Java registered for it.

use crate::error::{Error, ErrorKind, Result};
use crate::jni::buffer::RegisteredBuffer;
use crate::snapshot::{NextBlock, SnapshotStream, SnapshotSummary, StoredScan};

/// Enough for a stored block of the usual size.
const SCAN_BUFFER_BYTES: usize = 320 << 10;

/// A stream or a scan, with its buffer.
pub(crate) struct JvmBlocks {
    source: Source,
    buffer: Option<RegisteredBuffer>,
    /// The length of buffer that the next block needs, as far as is known.
    needed: usize,
}

/// Where the blocks come from.
enum Source {
    /// A snapshot on its way out.
    Stream(SnapshotStream),
    /// Entries of a stored one.
    Scan(StoredScan),
}

impl JvmBlocks {
    pub(super) fn of_stream(stream: SnapshotStream) -> JvmBlocks {
        JvmBlocks { needed: stream.buffer_bytes(), source: Source::Stream(stream), buffer: None }
    }

    pub(super) fn of_scan(scan: StoredScan) -> JvmBlocks {
        JvmBlocks { needed: SCAN_BUFFER_BYTES, source: Source::Scan(scan), buffer: None }
    }

    /// Puts a buffer in the place of the one there was.
    pub(super) fn set_buffer(&mut self, buffer: RegisteredBuffer) {
        self.buffer = Some(buffer);
    }

    /// The length of buffer that the next block needs, as far as is known.
    pub(super) fn needed(&self) -> usize {
        self.needed
    }

    /// Writes the next block to the start of the buffer.
    pub(super) fn next(&mut self) -> Result<NextBlock> {
        let buffer = self.buffer.as_mut().ok_or_else(|| {
            Error::new(ErrorKind::InvalidArgument, "no buffer is registered for the blocks")
        })?;
        let next = match &mut self.source {
            Source::Stream(stream) => stream.next_block(buffer.bytes_mut()),
            Source::Scan(scan) => scan.next_block(buffer.bytes_mut()),
        }?;
        if let NextBlock::Needs(len) = next {
            self.needed = len;
        }
        Ok(next)
    }

    /// What a stream has written so far.
    pub(super) fn summary(&self) -> Result<SnapshotSummary> {
        match &self.source {
            Source::Stream(stream) => Ok(stream.summary()),
            Source::Scan(_) => {
                Err(Error::new(ErrorKind::ForeignHandle, "this is a scan, not the stream of a snapshot"))
            }
        }
    }
}

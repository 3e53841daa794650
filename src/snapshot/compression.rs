//! How payloads are compressed, and back.

use crate::block::MAX_BLOCK_BYTES;
use crate::error::{Error, ErrorKind, Result};
use crate::options::Compression;

/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// Compresses blocks; keeps what it needs for that.
pub(crate) struct Compressor {
    kind: Compression,
    zstd: Option<zstd::bulk::Compressor<'static>>,
}

impl std::fmt::Debug for Compressor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compressor").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Compressor {
    pub(crate) fn new(kind: Compression) -> Result<Compressor> {
        let zstd = match kind {
            Compression::Zstd => {
                Some(zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(|e| Error::io("zstd", &e))?)
            }
            _ => None,
        };
        Ok(Compressor { kind, zstd })
    }

    /// Compresses `plain` into `out`; the length, or `None` when it does not become shorter than `plain` or than `out`, or
    /// is not to be compressed at all: then it is stored as it is.
    pub(crate) fn compress(&mut self, plain: &[u8], out: &mut [u8]) -> Option<usize> {
        let len = match (self.kind, &mut self.zstd) {
            (Compression::None, _) => return None,
            (Compression::Zstd, Some(zstd)) => zstd.compress_to_buffer(plain, out).ok()?,
            _ => lz4_flex::block::compress_into(plain, out).ok()?,
        };
        (len < plain.len()).then_some(len)
    }

    /// How many bytes `out` needs so that every block that becomes shorter fits.
    pub(crate) fn room(&self, plain: usize) -> usize {
        match self.kind {
            Compression::None => 0,
            // lz4 refuses shorter ones, whatever it would write.
            Compression::Lz4 => lz4_flex::block::get_maximum_output_size(plain),
            Compression::Zstd => plain,
        }
    }

    /// The kind of a block that became shorter.
    pub(crate) fn kind(&self) -> Compression {
        self.kind
    }
}

/// The most bytes that a payload of so many can become.
fn longest(compression: Compression, stored: usize) -> usize {
    let most = match compression {
        Compression::None => stored,
        // A byte makes a match at most 255 longer.
        Compression::Lz4 => stored.saturating_mul(255),
        // A run of 128 KiB takes four bytes.
        Compression::Zstd => stored.saturating_mul((128 << 10) / 4),
    };
    most.min(MAX_BLOCK_BYTES)
}

/// Decompresses blocks; keeps what it needs for that.
pub(crate) struct Decompressor {
    zstd: Option<zstd::bulk::Decompressor<'static>>,
    plain: Vec<u8>,
}

impl std::fmt::Debug for Decompressor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decompressor").finish_non_exhaustive()
    }
}

impl Decompressor {
    pub(crate) fn new() -> Decompressor {
        Decompressor { zstd: None, plain: Vec::new() }
    }

    /// The payload without compression: `stored` itself if it has none.
    ///
    /// Fails with [`ErrorKind::Corruption`] when it is not `len` bytes, and with [`ErrorKind::OutOfMemory`].
    pub(crate) fn plain<'a>(
        &'a mut self,
        compression: Compression,
        stored: &'a [u8],
        len: usize,
    ) -> Result<&'a [u8]> {
        let damaged = || Error::new(ErrorKind::Corruption, "a block cannot be decompressed");
        if compression == Compression::None {
            return if stored.len() == len { Ok(stored) } else { Err(damaged()) };
        }
        // Before memory is taken for it: a length that no such payload can have is a lie.
        if len > longest(compression, stored.len()) {
            return Err(damaged());
        }
        if self.plain.len() < len {
            let more = len - self.plain.len();
            self.plain.try_reserve_exact(more).map_err(|_| {
                Error::new(ErrorKind::OutOfMemory, format!("no memory for a block of {len} bytes"))
            })?;
            self.plain.resize(len, 0);
        }
        let out = self.plain.get_mut(..len).unwrap_or_default();
        let found = match compression {
            Compression::Zstd => {
                if self.zstd.is_none() {
                    self.zstd = Some(zstd::bulk::Decompressor::new().map_err(|e| Error::io("zstd", &e))?);
                }
                self.zstd.as_mut().and_then(|zstd| zstd.decompress_to_buffer(stored, out).ok())
            }
            _ => lz4_flex::block::decompress_into(stored, out).ok(),
        };
        if found == Some(len) { Ok(out) } else { Err(damaged()) }
    }

    /// The payload that was decompressed last, of that length.
    pub(crate) fn last(&self, len: usize) -> &[u8] {
        self.plain.get(..len).unwrap_or_default()
    }
}

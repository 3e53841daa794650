//! Reading own bytes, whose checksum was verified.
#![expect(unsafe_code, reason = "unchecked access; the promises are at its door")]

use std::ops::Range;

use rkyv::Archive;

use crate::error::{Error, ErrorKind, Result};

/// Bytes whose checksum was verified: they are what was written.
///
/// That is half of what unchecked access needs; the other half, that what was written is a `T`, only the caller knows.
#[derive(Debug, Clone, Copy)]
pub struct Verified<'a>(&'a [u8]);

impl<'a> Verified<'a> {
    /// Verifies that `bytes` have the CRC-32C `checksum`.
    pub fn check(bytes: &'a [u8], checksum: u32) -> Result<Self> {
        let found = Self::checksum(bytes);
        if found == checksum {
            Ok(Verified(bytes))
        } else {
            Err(Error::new(
                ErrorKind::Corruption,
                format!("checksum {found:08x} instead of {checksum:08x} over {} bytes", bytes.len()),
            ))
        }
    }

    /// The checksum that [`check`](Self::check) asks for.
    pub fn checksum(bytes: &[u8]) -> u32 {
        crc32c::crc32c(bytes)
    }

    /// The bytes.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// One value of a block that was verified as a whole.
    pub fn get(self, range: Range<usize>) -> Option<Verified<'a>> {
        self.0.get(range).map(Verified)
    }

    /// The value that is all of these bytes, without another check than that of the length.
    ///
    /// # Safety
    ///
    /// The bytes must have been written by a [`Context`](super::Context), in this [`FORMAT`](super::FORMAT), as a `T`:
    /// exactly one value.
    #[inline]
    pub unsafe fn access<T: Archive>(self) -> Result<&'a T::Archived> {
        if self.0.len() < size_of::<T::Archived>() {
            return Err(Error::new(
                ErrorKind::Corruption,
                format!("{} bytes are less than the root of such a value", self.0.len()),
            ));
        }
        // SAFETY: the root lies within the bytes, by the check above, at any address, by `format`; that it and all it
        // points to are valid is the caller's promise, and that nothing has changed since is the checksum's.
        Ok(unsafe { rkyv::access_unchecked::<T::Archived>(self.0) })
    }
}

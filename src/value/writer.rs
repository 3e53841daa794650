//! Where a value goes: the end of a buffer, up to a limit.
#![expect(unsafe_code, reason = "the root is resolved in the buffer itself")]

use std::fmt;

use rkyv::rancor::Source;
use rkyv::ser::{Positional, Writer};
use rkyv::{Archive, Place};

use super::write_error::WriteError;

/// The longest value: what a relative pointer of 32 bits can cross. rkyv panics on longer distances.
pub const MAX_VALUE_BYTES: usize = i32::MAX as usize;

/// Appends one value to a buffer.
///
/// ```text
///  out:  what was there | value ...   | room |
///                       ^ start        ^ len  ^ limit, or start + MAX_VALUE_BYTES if that is less
/// ```
///
/// Invariants: `out.len() + room` does not change; positions count from `start`. Unless it is kept, the
/// value is taken off again when the writer is dropped, by whatever way.
#[derive(Debug)]
pub struct BoundedWriter<'a> {
    out: &'a mut Vec<u8>,
    start: usize,
    room: usize,
    /// Whether the room ends at the limit: else it ends at the longest value, and more room would not help.
    at_limit: bool,
    kept: bool,
}

impl<'a> BoundedWriter<'a> {
    #[inline]
    pub(super) fn new(out: &'a mut Vec<u8>, limit: usize) -> Self {
        Self::with_longest(out, limit, MAX_VALUE_BYTES)
    }

    #[inline]
    pub(super) fn with_longest(out: &'a mut Vec<u8>, limit: usize, longest: usize) -> Self {
        let start = out.len();
        let room = limit.saturating_sub(start);
        BoundedWriter { out, start, room: room.min(longest), at_limit: room <= longest, kept: false }
    }

    /// Writes the root, where it will be: rkyv would make it on the stack and copy it, and the copy waits for every small
    /// store to reach the cache.
    #[inline(always)]
    pub(super) fn write_root<T: Archive>(
        &mut self,
        value: &T,
        resolver: T::Resolver,
    ) -> Result<(), WriteError> {
        const { assert!(align_of::<T::Archived>() == 1, "an archived type must be valid at any address") };
        let size = size_of::<T::Archived>();
        self.room_for(size)?;
        let (pos, len) = (self.pos(), self.out.len());
        let target = self.out.spare_capacity_mut().as_mut_ptr().cast::<T::Archived>();
        // SAFETY: `room_for` has made the spare capacity at least `size` long, and any address will do for the type, by the
        // assertion. Zeroed, all its bytes are initialized; `resolve` only writes to them.
        unsafe {
            target.write_bytes(0, 1);
            value.resolve(resolver, Place::new_unchecked(pos, target));
            self.out.set_len(len + size);
        }
        Ok(())
    }

    /// Takes `more` bytes of the room, and makes the spare capacity at least that long.
    #[inline(always)]
    fn room_for(&mut self, more: usize) -> Result<(), WriteError> {
        let Some(room) = self.room.checked_sub(more) else {
            return Err(refuse(self.at_limit));
        };
        if self.out.capacity() - self.out.len() < more {
            grow(self.out, more)?;
        }
        self.room = room;
        Ok(())
    }

    /// The value is whole: it stays.
    #[inline]
    pub(super) fn keep(&mut self) {
        self.kept = true;
    }
}

// The cold paths take what they need and not the writer, whose fields can then be in registers.

#[cold]
#[inline(never)]
fn refuse(at_limit: bool) -> WriteError {
    if at_limit { WriteError::Limit } else { WriteError::new(TooLong) }
}

#[cold]
#[inline(never)]
fn grow(out: &mut Vec<u8>, more: usize) -> Result<(), WriteError> {
    out.try_reserve(more).map_err(WriteError::new)
}

impl Drop for BoundedWriter<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.kept {
            self.out.truncate(self.start);
        }
    }
}

impl Positional for BoundedWriter<'_> {
    #[inline]
    fn pos(&self) -> usize {
        self.out.len() - self.start
    }
}

impl Writer<WriteError> for BoundedWriter<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.room_for(bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }
}

/// Longer than [`MAX_VALUE_BYTES`].
#[derive(Debug)]
struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is longer than {MAX_VALUE_BYTES} bytes")
    }
}

impl std::error::Error for TooLong {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_from_the_start_of_the_value() {
        let mut out = vec![1, 2, 3];
        let mut writer = BoundedWriter::new(&mut out, 10);
        assert_eq!(writer.pos(), 0);
        writer.write(&[4, 5]).unwrap();
        assert_eq!(writer.pos(), 2);
        writer.keep();
        drop(writer);
        assert_eq!(out, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn what_is_not_kept_is_taken_off() {
        let mut out = vec![1, 2, 3];
        BoundedWriter::new(&mut out, 10).write(&[4, 5]).unwrap();
        assert_eq!(out, [1, 2, 3]);
    }

    #[test]
    fn the_limit_is_a_length_of_the_buffer() {
        let mut out = vec![1, 2, 3];
        let mut writer = BoundedWriter::new(&mut out, 5);
        writer.write(&[4, 5]).unwrap();
        assert!(writer.write(&[6]).unwrap_err().is_limit());
        writer.write(&[]).unwrap();
        drop(writer);
        let mut writer = BoundedWriter::new(&mut out, 2);
        assert!(writer.write(&[6]).unwrap_err().is_limit(), "the buffer is longer than the limit");
    }

    #[test]
    fn a_value_that_pointers_cannot_cross_is_not_a_matter_of_room() {
        let mut out = vec![1, 2, 3];
        let mut writer = BoundedWriter::with_longest(&mut out, 1000, 4);
        writer.write(&[1, 2, 3, 4]).unwrap();
        let error = writer.write(&[5]).unwrap_err();
        assert!(!error.is_limit());
        assert!(error.to_string().contains("longer than 2147483647 bytes"), "{error}");
        drop(writer);
        let mut writer = BoundedWriter::with_longest(&mut out, 7, 4);
        assert!(writer.write(&[0; 5]).unwrap_err().is_limit(), "the limit comes first");
    }
}

//! Flink's composite keys, byte for byte (its `SerializedCompositeKeyBuilder`, Flink 1.20 to 2.3).
//!
//! ```text
//!  group BE | key | [len(key)] | namespace | [len(namespace)] | map key
//! ```
//!
//! The lengths in brackets stand there only when key *and* namespace are of variable size: little-endian base 256,
//! without leading zeros, at least one byte. Being a suffix, a length cannot be found from the front, so for opaque
//! bytes two different tuples can give the same key. Flink's serializers are self-delimiting, which is why it works
//! there; other callers use [`crate::key::ordered`].

use crate::error::Result;
use crate::key::builder::copy_at;

/// Writes a length as Flink's `writeVariableIntBytes` does; returns the position behind it.
#[inline]
pub(crate) fn put_length(buf: &mut [u8], mut at: usize, len: usize) -> Result<usize> {
    let mut rest = len as u32;
    loop {
        at = copy_at(buf, at, &[(rest & 0xff) as u8])?;
        rest >>= 8;
        if rest == 0 {
            return Ok(at);
        }
    }
}

/// Writes a timer's key: group, timestamp (big-endian, sign bit flipped, so that byte order is time order), key,
/// namespace, with no lengths. Returns the number of bytes.
///
/// Fails with [`crate::error::ErrorKind::KeyTooLarge`] when `buf` is too short.
pub fn timer_key(
    buf: &mut [u8],
    group_bytes: usize,
    group: u32,
    timestamp_millis: i64,
    key: &[u8],
    namespace: &[u8],
) -> Result<usize> {
    let at = put_group(buf, group_bytes, group)?;
    let at = copy_at(buf, at, &super::ordered::i64_bytes(timestamp_millis))?;
    let at = copy_at(buf, at, key)?;
    copy_at(buf, at, namespace)
}

/// Writes the key group big-endian in one or two bytes; returns the position behind it.
#[inline]
pub(crate) fn put_group(buf: &mut [u8], group_bytes: usize, group: u32) -> Result<usize> {
    if group_bytes == 1 {
        copy_at(buf, 0, &[group as u8])
    } else {
        copy_at(buf, 0, &(group as u16).to_be_bytes())
    }
}

//! The encoding for opaque bytes: equal bytes mean equal tuples, byte order means tuple order.
//!
//! ```text
//!  fixed size     raw
//!  variable size  00 -> 00 FF, every other byte as it is, then 00 00
//!  map key        raw (it is last)
//! ```
//!
//! The end mark has two bytes because the part behind it may start with FF: with a single 00 the end of one key
//! followed by such a byte would read as an escaped 00 of a longer key. 00 00 sorts before 00 FF and before every
//! other byte, so a key sorts before its extensions.
//!
//! Integers inside a part keep their order when written with [`i64_bytes`] or [`i32_bytes`].

use std::borrow::Cow;

use crate::error::{Error, ErrorKind, Result};
use crate::key::builder::copy_at;
use crate::key::spec::{KeySpec, PartSize};

/// An `i64` as eight bytes whose byte order is numeric order: big-endian, sign bit flipped.
#[inline]
pub fn i64_bytes(value: i64) -> [u8; 8] {
    (value as u64 ^ (1 << 63)).to_be_bytes()
}

/// An `i32` as four bytes whose byte order is numeric order: big-endian, sign bit flipped.
#[inline]
pub fn i32_bytes(value: i32) -> [u8; 4] {
    (value as u32 ^ (1 << 31)).to_be_bytes()
}

/// Writes one part; returns the position behind it.
#[inline]
pub(crate) fn put_part(buf: &mut [u8], at: usize, size: PartSize, part: &[u8]) -> Result<usize> {
    match size {
        PartSize::Fixed(_) => copy_at(buf, at, part),
        PartSize::Variable | PartSize::Delimited => put_escaped(buf, at, part),
    }
}

fn put_escaped(buf: &mut [u8], mut at: usize, mut rest: &[u8]) -> Result<usize> {
    while let Some(zero) = memchr::memchr(0, rest) {
        let (head, tail) = rest.split_at(zero + 1);
        at = copy_at(buf, at, head)?;
        at = copy_at(buf, at, &[0xff])?;
        rest = tail;
    }
    at = copy_at(buf, at, rest)?;
    copy_at(buf, at, &[0, 0])
}

/// The parts of a composite key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyParts<'a> {
    /// Key group.
    pub group: u32,
    /// Key bytes, unescaped.
    pub key: Cow<'a, [u8]>,
    /// Namespace bytes, unescaped.
    pub namespace: Cow<'a, [u8]>,
    /// Map key bytes (empty for other states).
    pub map_key: &'a [u8],
}

/// Splits a composite key written in this encoding.
///
/// Fails with [`ErrorKind::Corruption`] when the bytes are not such a key.
pub fn split<'a>(spec: &KeySpec, namespace_size: PartSize, bytes: &'a [u8]) -> Result<KeyParts<'a>> {
    let (group, rest) = match (spec.group_bytes(), bytes) {
        (1, [g, rest @ ..]) => (u32::from(*g), rest),
        (2, [high, low, rest @ ..]) => (u32::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return Err(damaged("key group")),
    };
    let (key, rest) = take_part(spec.key_size, rest).ok_or_else(|| damaged("key"))?;
    let (namespace, map_key) = take_part(namespace_size, rest).ok_or_else(|| damaged("namespace"))?;
    Ok(KeyParts { group, key, namespace, map_key })
}

fn damaged(part: &str) -> Error {
    Error::new(ErrorKind::Corruption, format!("composite key: the {part} is cut short or badly escaped"))
}

/// Where the escaped part that starts at `at` ends, with its end mark.
#[inline]
pub(crate) fn end_of_part(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(0, bytes.get(at..)?)? + 2;
        match bytes.get(at - 1)? {
            0xff => {}
            0 => return Some(at),
            _ => return None,
        }
    }
}

/// One part off the front, and what follows it.
fn take_part(size: PartSize, bytes: &[u8]) -> Option<(Cow<'_, [u8]>, &[u8])> {
    if let PartSize::Fixed(n) = size {
        let (part, rest) = bytes.split_at_checked(n as usize)?;
        return Some((Cow::Borrowed(part), rest));
    }
    let mut plain: Option<Vec<u8>> = None;
    let mut rest = bytes;
    loop {
        let zero = memchr::memchr(0, rest)?;
        let (run, tail) = rest.split_at_checked(zero)?;
        match tail {
            [0, 0xff, after @ ..] => {
                let plain = plain.get_or_insert_default();
                plain.extend_from_slice(run);
                plain.push(0);
                rest = after;
            }
            [0, 0, after @ ..] => {
                let part = match plain {
                    None => Cow::Borrowed(run),
                    Some(mut plain) => {
                        plain.extend_from_slice(run);
                        Cow::Owned(plain)
                    }
                };
                return Some((part, after));
            }
            _ => return None,
        }
    }
}

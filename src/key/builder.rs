//! The composite-key builder.

use crate::error::{Error, ErrorKind, Result};
use crate::key::range::KeyGroupRange;
use crate::key::spec::{KeyEncoding, KeySpec, PartSize, Scope};
use crate::key::{flink, ordered};

/// Builds composite keys in a buffer it was given; allocates nothing.
///
/// Invariant: `buf[..key_end]` is the group and key part of the current key whenever `key_end > 0`; everything behind
/// it belongs to the last composed key and is overwritten by the next.
///
/// A failed [`set_key`](Self::set_key) leaves no current key.
#[derive(Debug)]
pub struct KeyBuilder<B> {
    spec: KeySpec,
    groups: KeyGroupRange,
    buf: B,
    /// End of the kept part; 0 = no current key.
    key_end: usize,
    /// Length of the current key's own bytes (Flink's length suffix).
    key_len: usize,
}

/// A composite key or a prefix of one, as an engine gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompositeKey<'a> {
    /// All bytes, the key group first.
    pub bytes: &'a [u8],
    /// Where the key group and the key end, with what the encoding puts behind the key: the same for all entries of a
    /// key in a state.
    pub split: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> KeyBuilder<B> {
    /// A builder over `buf`; the longest composite key it can build is `buf`'s length.
    pub fn new(spec: KeySpec, buf: B) -> Self {
        Self::within(spec, KeyGroupRange::all(spec.max_parallelism), buf)
    }

    /// A builder of keys in these key groups only.
    pub fn within(spec: KeySpec, groups: KeyGroupRange, buf: B) -> Self {
        KeyBuilder { spec, groups, buf, key_end: 0, key_len: 0 }
    }

    /// The spec it builds for.
    pub fn spec(&self) -> &KeySpec {
        &self.spec
    }

    /// Whether a current key is set.
    #[inline]
    pub fn has_key(&self) -> bool {
        self.key_end != 0
    }

    /// The group and key bytes of the current key, empty when none is set.
    pub fn key_part(&self) -> &[u8] {
        self.buf.as_ref().get(..self.key_end).unwrap_or_default()
    }

    /// Makes `key` in `group` the current key.
    ///
    /// Errors: [`ErrorKind::EmptyKey`], [`ErrorKind::KeyPartLength`], [`ErrorKind::KeyGroupOutOfRange`],
    /// [`ErrorKind::KeyTooLarge`].
    #[inline]
    pub fn set_key(&mut self, group: u32, key: &[u8]) -> Result<()> {
        self.key_end = 0;
        self.check_group(group)?;
        if key.is_empty() {
            return Err(Error::new(ErrorKind::EmptyKey, "the key has no bytes; write at least one"));
        }
        if !self.spec.key_size.accepts(key.len()) {
            return Err(part_length("key", self.spec.key_size, key.len()));
        }
        let buf = self.buf.as_mut();
        let at = flink::put_group(buf, self.spec.group_bytes(), group)?;
        let at = match self.spec.encoding {
            KeyEncoding::Flink => copy_at(buf, at, key)?,
            KeyEncoding::Ordered => ordered::put_part(buf, at, self.spec.key_size, key)?,
        };
        self.key_len = key.len();
        self.key_end = at;
        Ok(())
    }

    /// The composite key of the current key with this namespace and map key.
    ///
    /// Errors: [`ErrorKind::NoKey`], [`ErrorKind::KeyPartLength`], [`ErrorKind::KeyTooLarge`].
    #[inline]
    pub fn compose(
        &mut self,
        namespace_size: PartSize,
        namespace: &[u8],
        map_key: &[u8],
    ) -> Result<CompositeKey<'_>> {
        if namespace_size == PartSize::NONE && namespace.is_empty() && map_key.is_empty() {
            // The usual case of a value state: nothing to write.
            self.check_has_key()?;
            return Ok(self.composed(self.key_end, self.key_end));
        }
        let (split, at) = self.put_namespace(namespace_size, namespace)?;
        let end = copy_at(self.buf.as_mut(), at, map_key)?;
        Ok(self.composed(split, end))
    }

    #[inline]
    fn composed(&self, split: usize, end: usize) -> CompositeKey<'_> {
        CompositeKey { bytes: self.buf.as_ref().get(..end).unwrap_or_default(), split }
    }

    /// The prefix that selects all entries of `scope` in a state with namespaces of this size.
    ///
    /// A group's prefix is written over the kept key, so there is no current key afterwards.
    ///
    /// Errors: [`ErrorKind::KeyGroupOutOfRange`], and those of [`compose`](Self::compose).
    pub fn prefix(&mut self, scope: Scope<'_>, namespace_size: PartSize) -> Result<CompositeKey<'_>> {
        let (split, end) = match scope {
            Scope::Group(group) => {
                self.check_group(group)?;
                self.key_end = 0;
                let end = flink::put_group(self.buf.as_mut(), self.spec.group_bytes(), group)?;
                (end, end)
            }
            Scope::Key => {
                self.check_has_key()?;
                let end = self.put_key_length(namespace_size)?;
                (end, end)
            }
            Scope::Namespace(namespace) => self.put_namespace(namespace_size, namespace)?,
        };
        Ok(self.composed(split, end))
    }

    /// Writes the namespace behind the key; the positions before and behind it.
    #[inline]
    fn put_namespace(&mut self, size: PartSize, namespace: &[u8]) -> Result<(usize, usize)> {
        self.check_has_key()?;
        if !size.accepts(namespace.len()) {
            return Err(part_length("namespace", size, namespace.len()));
        }
        let split = self.put_key_length(size)?;
        let lengths = self.has_lengths(size);
        let buf = self.buf.as_mut();
        let end = match self.spec.encoding {
            KeyEncoding::Ordered => ordered::put_part(buf, split, size, namespace)?,
            KeyEncoding::Flink => {
                let at = copy_at(buf, split, namespace)?;
                if lengths { flink::put_length(buf, at, namespace.len())? } else { at }
            }
        };
        Ok((split, end))
    }

    /// Flink's length of the key, where it writes one; returns the position behind the key.
    #[inline]
    fn put_key_length(&mut self, namespace_size: PartSize) -> Result<usize> {
        if self.has_lengths(namespace_size) {
            flink::put_length(self.buf.as_mut(), self.key_end, self.key_len)
        } else {
            Ok(self.key_end)
        }
    }

    #[inline]
    fn has_lengths(&self, namespace_size: PartSize) -> bool {
        self.spec.encoding == KeyEncoding::Flink
            && self.spec.key_size == PartSize::Variable
            && namespace_size == PartSize::Variable
    }

    /// Whether `group` may be used; a typed error that says which may if not.
    #[inline]
    fn check_group(&self, group: u32) -> Result<()> {
        if self.groups.contains(group) { Ok(()) } else { Err(out_of_range(&self.spec, self.groups, group)) }
    }

    #[inline]
    fn check_has_key(&self) -> Result<()> {
        if self.key_end == 0 {
            return Err(Error::new(ErrorKind::NoKey, "no current key; set one before using a state"));
        }
        Ok(())
    }
}

#[cold]
fn out_of_range(spec: &KeySpec, groups: KeyGroupRange, group: u32) -> Error {
    let why = if group >= spec.max_parallelism {
        format!("is not below max-parallelism {}", spec.max_parallelism)
    } else {
        format!("is not one of this store's, {groups}")
    };
    Error::new(ErrorKind::KeyGroupOutOfRange, format!("key group {group} {why}"))
}

#[cold]
fn part_length(part: &str, size: PartSize, len: usize) -> Error {
    Error::new(
        ErrorKind::KeyPartLength,
        format!("the {part} has {len} bytes, but its size is fixed at {size}"),
    )
}

/// Copies `bytes` to `buf[at..]`; returns the position behind them.
#[inline]
pub(crate) fn copy_at(buf: &mut [u8], at: usize, bytes: &[u8]) -> Result<usize> {
    let end = at + bytes.len();
    let limit = buf.len();
    match buf.get_mut(at..end) {
        Some(target) => {
            copy(bytes, target);
            Ok(end)
        }
        None => Err(too_large(limit)),
    }
}

/// Copies bytes to a place of their length. Short ones are copied as two words that may overlap, without a call.
#[inline(always)]
pub(crate) fn copy(from: &[u8], to: &mut [u8]) {
    if from.len() == to.len()
        && from.len() <= 16
        && let (Some(a), Some(b)) = (from.first_chunk::<8>().copied(), from.last_chunk::<8>().copied())
    {
        if let Some(first) = to.first_chunk_mut::<8>() {
            *first = a;
        }
        if let Some(last) = to.last_chunk_mut::<8>() {
            *last = b;
        }
        return;
    }
    to.copy_from_slice(from);
}

/// As [`copy`], for what is mostly longer: up to 64 bytes without a call.
#[inline(always)]
pub(crate) fn copy_short(from: &[u8], to: &mut [u8]) {
    let done = match from.len() {
        17..=32 => copy_ends::<16>(from, to),
        8..=16 => copy_ends::<8>(from, to),
        33..=64 => copy_ends::<32>(from, to),
        4..=7 => copy_ends::<4>(from, to),
        _ => false,
    };
    if !done {
        to.copy_from_slice(from);
    }
}

/// Copies `N` to `2 N` bytes to a place of their length: the first and the last `N`, which may overlap.
#[inline(always)]
fn copy_ends<const N: usize>(from: &[u8], to: &mut [u8]) -> bool {
    if from.len() != to.len() {
        return false;
    }
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if let Some(target) = to.first_chunk_mut::<N>() {
        *target = *first;
    }
    if let Some(target) = to.last_chunk_mut::<N>() {
        *target = *last;
    }
    true
}

#[cold]
fn too_large(limit: usize) -> Error {
    Error::new(
        ErrorKind::KeyTooLarge,
        format!("the composite key is longer than {limit} bytes (max-key-bytes)"),
    )
}

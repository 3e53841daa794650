//! A session as the JVM door holds it: with the buffers, scans and batches that Java names by small numbers.

use crate::error::{Error, ErrorKind, Result};
use crate::jni::buffer::RegisteredBuffer;
use crate::jni::errors::size;
use crate::store::{KeyRequest, Scan, Session, StateId, Walk, WriteBatch};

/// Number of the value buffer; the key buffer is number 0.
pub(super) const VALUE: usize = 1;
/// Buffers a session can have.
pub(super) const MAX_BUFFERS: usize = 64;
/// Write batches a session can have at a time.
const MAX_BATCHES: usize = 64;
/// Walks a session can have at a time: one for each state that a store can have.
const MAX_WALKS: usize = 256;

/// A buffer's place, and the scan that fills it.
#[derive(Default)]
pub(super) struct BufferSlot {
    pub(super) buffer: Option<RegisteredBuffer>,
    pub(super) scan: Option<Scan>,
}

/// A session with its registered buffers.
pub(crate) struct JvmSession {
    pub(crate) session: Session,
    pub(super) slots: Vec<BufferSlot>,
    batches: Vec<Option<WriteBatch>>,
    walks: Vec<Option<Walk>>,
}

/// The key arguments of a hot native.
///
/// The key lies at `[0, key_len)` of the key buffer, namespace and map key behind it. `key_len < 0`: the current key is
/// unchanged and has `!key_len` bytes, which need not be read.
#[derive(Clone, Copy)]
pub(super) struct KeyArgs {
    pub(super) group: i32,
    pub(super) key_len: i32,
    pub(super) namespace_len: i32,
    pub(super) map_key_len: i32,
}

/// A session with its current key set, and the other parts where Java wrote them.
pub(super) struct Keyed<'a> {
    pub(super) session: &'a mut Session,
    pub(super) namespace: &'a [u8],
    pub(super) map_key: &'a [u8],
    pub(super) slots: &'a mut [BufferSlot],
    pub(super) batches: &'a mut [Option<WriteBatch>],
}

impl JvmSession {
    pub(super) fn new(session: Session) -> JvmSession {
        JvmSession { session, slots: Vec::new(), batches: Vec::new(), walks: Vec::new() }
    }

    /// Sets the current key if it is a new one, and finds namespace and map key.
    #[inline]
    pub(super) fn keyed(&mut self, args: KeyArgs) -> Result<Keyed<'_>> {
        let (key_slot, slots) = self.slots.split_first_mut().ok_or_else(no_buffer)?;
        let bytes = key_slot.buffer.as_ref().ok_or_else(no_buffer)?.bytes();
        let key_len = if args.key_len < 0 { !args.key_len } else { args.key_len };
        let parts = split(bytes, [key_len, args.namespace_len, args.map_key_len]);
        let ([key, namespace, map_key], _) = parts.ok_or_else(|| outside("key", bytes.len()))?;
        if args.key_len >= 0 {
            self.session.set_key(args.group as u32, key)?;
        }
        Ok(Keyed { session: &mut self.session, namespace, map_key, slots, batches: &mut self.batches })
    }

    /// Puts a buffer under a number, or takes it away. Ends the scan that filled the old one if none follows.
    pub(super) fn set_buffer(&mut self, index: i32, buffer: Option<RegisteredBuffer>) -> Result<()> {
        let index = size("buffer number", index)?;
        if index >= MAX_BUFFERS {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("a session has at most {MAX_BUFFERS} buffers; close cursors that are not needed"),
            ));
        }
        if let Some(new) = &buffer {
            let others = self.slots.iter().enumerate().filter(|(i, _)| *i != index);
            if others.filter_map(|(_, slot)| slot.buffer.as_ref()).any(|old| old.overlaps(new)) {
                return Err(Error::new(
                    ErrorKind::InvalidArgument,
                    "the buffer shares memory with another one of this session",
                ));
            }
        }
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, BufferSlot::default);
        }
        if let Some(slot) = self.slots.get_mut(index) {
            if buffer.is_none() {
                slot.scan = None;
            }
            slot.buffer = buffer;
        }
        Ok(())
    }

    /// Session and slot of a block buffer.
    #[inline]
    pub(super) fn slot(&mut self, index: i32) -> Result<(&mut Session, &mut BufferSlot)> {
        let slot = size("buffer number", index)
            .ok()
            .filter(|i| *i > VALUE)
            .and_then(|i| self.slots.get_mut(i))
            .ok_or_else(no_buffer)?;
        Ok((&mut self.session, slot))
    }

    /// Answers the requests in buffer `request` into buffer `block`.
    pub(super) fn multi_get(
        &mut self,
        block: i32,
        state: StateId,
        request: i32,
        request_len: i32,
        from: i32,
    ) -> Result<usize> {
        let (block, request) = (size("buffer number", block)?, size("buffer number", request)?);
        let from = size("from", from)?;
        if block <= VALUE || request == block {
            return Err(no_buffer());
        }
        let Ok([block, request]) = self.slots.get_disjoint_mut([block, request]) else {
            return Err(no_buffer());
        };
        let out = block.buffer.as_mut().ok_or_else(no_buffer)?.bytes_mut();
        let bytes = request.buffer.as_ref().ok_or_else(no_buffer)?.bytes();
        let request = bytes
            .get(..size("request length", request_len)?)
            .ok_or_else(|| outside("request", bytes.len()))?;
        self.session.multi_get(state, Requests { rest: request }, from, out)
    }

    /// A new batch's number.
    pub(super) fn new_batch(&mut self) -> Result<usize> {
        self.session.core().check()?;
        let free = self.batches.iter().position(Option::is_none);
        let index = free.unwrap_or(self.batches.len());
        if index >= MAX_BATCHES {
            return Err(Error::new(
                ErrorKind::TooManyHandles,
                format!("a session has at most {MAX_BATCHES} write batches; close some"),
            ));
        }
        match self.batches.get_mut(index) {
            Some(slot) => *slot = Some(WriteBatch::new()),
            None => self.batches.push(Some(WriteBatch::new())),
        }
        Ok(index)
    }

    /// Session and batch.
    pub(super) fn batch(&mut self, index: i32) -> Result<(&mut Session, &mut WriteBatch)> {
        Ok((&mut self.session, batch(&mut self.batches, index)?))
    }

    /// Drops a batch; nothing happens when it is gone.
    pub(super) fn free_batch(&mut self, index: i32) {
        if let Some(slot) = usize::try_from(index).ok().and_then(|i| self.batches.get_mut(i)) {
            *slot = None;
        }
    }
}

impl JvmSession {
    /// A new walk's number.
    pub(super) fn new_walk(&mut self, state: StateId) -> Result<usize> {
        let free = self.walks.iter().position(Option::is_none);
        let index = free.unwrap_or(self.walks.len());
        if index >= MAX_WALKS {
            return Err(Error::new(
                ErrorKind::TooManyHandles,
                format!("a session has at most {MAX_WALKS} walks; close some"),
            ));
        }
        let walk = Some(self.session.new_walk(state)?);
        match self.walks.get_mut(index) {
            Some(slot) => *slot = walk,
            None => self.walks.push(walk),
        }
        Ok(index)
    }

    /// Does a walk's next step, into a block buffer.
    pub(super) fn step(&mut self, walk: i32, most: i32, buffer: i32) -> Result<usize> {
        self.session.core().check()?;
        let walk = usize::try_from(walk).ok().and_then(|i| self.walks.get_mut(i)).and_then(Option::as_mut);
        let walk =
            walk.ok_or_else(|| Error::new(ErrorKind::ForeignHandle, "the session has no such walk"))?;
        let slot = size("buffer number", buffer)?;
        let slot = if slot > VALUE { self.slots.get_mut(slot) } else { None };
        let buffer = slot.and_then(|slot| slot.buffer.as_mut()).ok_or_else(no_buffer)?;
        walk.step(size("number of entries", most)?, buffer.bytes_mut())
    }

    /// Drops a walk; nothing happens when it is gone.
    pub(super) fn free_walk(&mut self, index: i32) {
        if let Some(slot) = usize::try_from(index).ok().and_then(|i| self.walks.get_mut(i)) {
            *slot = None;
        }
    }
}

/// The batch of that number.
pub(super) fn batch(batches: &mut [Option<WriteBatch>], index: i32) -> Result<&mut WriteBatch> {
    usize::try_from(index)
        .ok()
        .and_then(|i| batches.get_mut(i))
        .and_then(Option::as_mut)
        .ok_or_else(|| Error::new(ErrorKind::ForeignHandle, "the session has no such write batch"))
}

impl Keyed<'_> {
    /// The value buffer, to be filled. Buffer 0 has been split off, so it is the first of the rest.
    #[inline]
    pub(super) fn value_out(slots: &mut [BufferSlot]) -> Result<&mut [u8]> {
        let slot = slots.first_mut().ok_or_else(no_buffer)?;
        Ok(slot.buffer.as_mut().ok_or_else(no_buffer)?.bytes_mut())
    }

    /// A block buffer, to be filled. Buffer 0 has been split off.
    pub(super) fn block_out(slots: &mut [BufferSlot], index: i32) -> Result<&mut [u8]> {
        let slot = usize::try_from(index - 1).ok().filter(|i| *i >= VALUE).and_then(|i| slots.get_mut(i));
        Ok(slot.and_then(|slot| slot.buffer.as_mut()).ok_or_else(no_buffer)?.bytes_mut())
    }

    /// The value that Java wrote.
    #[inline]
    pub(super) fn value(slots: &[BufferSlot], len: i32) -> Result<&[u8]> {
        let bytes = slots.first().and_then(|slot| slot.buffer.as_ref()).ok_or_else(no_buffer)?.bytes();
        usize::try_from(len)
            .ok()
            .and_then(|len| bytes.get(..len))
            .ok_or_else(|| outside("value", bytes.len()))
    }
}

/// Cuts parts of these lengths off the front.
#[inline]
fn split<const N: usize>(mut bytes: &[u8], lengths: [i32; N]) -> Option<([&[u8]; N], &[u8])> {
    let mut parts = [&[][..]; N];
    for (part, len) in parts.iter_mut().zip(lengths) {
        let (head, tail) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
        *part = head;
        bytes = tail;
    }
    Some((parts, bytes))
}

#[cold]
fn no_buffer() -> Error {
    Error::new(ErrorKind::InvalidArgument, "no buffer is registered under that number")
}

#[cold]
fn outside(what: &str, capacity: usize) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!("the {what} lengths are not in a buffer of {capacity} bytes"),
    )
}

/// The requests of a multi-get as Java packs them:
/// `u32 group | u32 key length | u32 namespace length | u32 map key length | key | namespace | map key`, little-endian.
struct Requests<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Requests<'a> {
    type Item = Result<KeyRequest<'a>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let parsed = self.rest.split_first_chunk::<16>().and_then(|(header, rest)| {
            let &[g0, g1, g2, g3, k0, k1, k2, k3, n0, n1, n2, n3, m0, m1, m2, m3] = header;
            let group = u32::from_le_bytes([g0, g1, g2, g3]);
            let lengths = [[k0, k1, k2, k3], [n0, n1, n2, n3], [m0, m1, m2, m3]].map(i32::from_le_bytes);
            let ([key, namespace, map_key], rest) = split(rest, lengths)?;
            self.rest = rest;
            Some(KeyRequest { group, key, namespace, map_key })
        });
        if parsed.is_none() {
            self.rest = &[];
        }
        Some(
            parsed.ok_or_else(|| Error::new(ErrorKind::InvalidArgument, "the packed requests are cut short")),
        )
    }
}

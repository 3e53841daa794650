//! Records: key and value in one block.
//!
//! ```text
//!  small   0  u8  size class of the block         up to 255 bytes of key and 65,535 of value
//!          1  u8  key length
//!          2  u16 value length
//!          4      key | value | room to grow
//!
//!  large   0  u8  FF
//!          1  u24 key length
//!          4  u32 size of the block, in units of 8 bytes
//!          8  u64 value length
//!         16      key | value | room to grow
//! ```
//!
//! Numbers are of the machine's byte order: records never leave the process.

use super::arena::{Addr, Memory, UNIT_BYTES, class_bytes, class_of};
use super::heap::Heap;
use crate::error::{Error, ErrorKind, Result};
use crate::key::copy;

const LARGE: u8 = 0xff;
const SMALL_HEADER: usize = 4;
const LARGE_HEADER: usize = 16;
const SMALL_KEY: usize = 0xff;
const SMALL_VALUE: usize = 0xffff;
/// The longest key whose length fits a header.
const LARGE_KEY: usize = 0xff_ffff;

/// What a record's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Where the key begins.
    pub(super) key_at: usize,
    pub(super) key_len: usize,
    pub(super) value_len: usize,
    class: u8,
    /// Size of a large record's block.
    large_bytes: usize,
}

impl Header {
    #[inline(always)]
    pub(super) fn read(memory: &Memory, record: Addr) -> Header {
        let word = memory.word(record, 0);
        let class = word as u8;
        if class != LARGE {
            return Header {
                key_at: SMALL_HEADER,
                key_len: (word >> 8) as usize & 0xff,
                value_len: (word >> 16) as usize & 0xffff,
                class,
                large_bytes: 0,
            };
        }
        Header::read_large(memory, record, word)
    }

    #[cold]
    fn read_large(memory: &Memory, record: Addr, word: u64) -> Header {
        Header {
            key_at: LARGE_HEADER,
            key_len: (word >> 8) as usize & 0xff_ffff,
            value_len: memory.word(record, 1) as usize,
            class: LARGE,
            large_bytes: (word >> 32) as usize * UNIT_BYTES,
        }
    }

    /// Size of the record's block.
    #[inline(always)]
    pub(super) fn block_bytes(self) -> usize {
        if self.class == LARGE { self.large_bytes } else { class_bytes(self.class) }
    }

    #[inline(always)]
    pub(super) fn value_at(self) -> usize {
        self.key_at + self.key_len
    }

    /// The longest value that the block and the header's format hold.
    #[inline(always)]
    pub(super) fn value_room(self) -> usize {
        let room = self.block_bytes() - self.value_at();
        if self.class == LARGE { room } else { room.min(SMALL_VALUE) }
    }

    fn write(self, heap: &mut Heap, record: Addr) {
        let key_len = self.key_len as u64;
        if self.class == LARGE {
            let units = (self.large_bytes / UNIT_BYTES) as u64;
            heap.arena.set_word(record, 0, u64::from(LARGE) | key_len << 8 | units << 32);
            heap.arena.set_word(record, 1, self.value_len as u64);
        } else {
            let word = u32::from(self.class) | (key_len as u32) << 8 | (self.value_len as u32) << 16;
            heap.arena.bytes_mut(record, 0, 4).copy_from_slice(&word.to_ne_bytes());
        }
    }
}

/// Bytes that a record of this key and value needs.
#[inline]
fn needed(key_len: usize, value_len: usize) -> usize {
    let small = SMALL_HEADER + key_len + value_len;
    if key_len <= SMALL_KEY && value_len <= SMALL_VALUE && class_of(small).is_some() {
        small
    } else {
        LARGE_HEADER + key_len + value_len
    }
}

/// A new record without its key yet: a value of `value_len` bytes, whatever they are, and room for one of `room`.
#[inline]
fn create_blank(heap: &mut Heap, key_len: usize, value_len: usize, room: usize) -> Result<(Addr, Header)> {
    if key_len > LARGE_KEY {
        return Err(key_too_large(key_len));
    }
    let room = room.max(value_len);
    let (record, size) = heap.alloc_record(needed(key_len, room))?;
    let class = class_of(size)
        .filter(|_| key_len <= SMALL_KEY && room <= SMALL_VALUE)
        .map_or(LARGE, |(class, _)| class);
    let key_at = if class == LARGE { LARGE_HEADER } else { SMALL_HEADER };
    let header = Header { key_at, key_len, value_len, class, large_bytes: size };
    header.write(heap, record);
    Ok((record, header))
}

#[cold]
fn key_too_large(len: usize) -> Error {
    Error::new(ErrorKind::KeyTooLarge, format!("the key has {len} bytes; a table's has at most {LARGE_KEY}"))
}

/// A new record with `key`, a value of `value_len` bytes, whatever they are, and room for one of `room`.
#[inline]
pub(super) fn create(heap: &mut Heap, key: &[u8], value_len: usize, room: usize) -> Result<Addr> {
    let (record, header) = create_blank(heap, key.len(), value_len, room)?;
    heap.arena.bytes_mut(record, header.key_at, key.len()).copy_from_slice(key);
    Ok(record)
}

/// A record like a small one, with another value of the same length; `None` when it is not of that kind.
#[inline(always)]
pub(super) fn create_alike(heap: &mut Heap, old: Addr, header: Header, value: &[u8]) -> Option<Result<Addr>> {
    if header.class == LARGE || header.value_len != value.len() || value.len() > 64 {
        return None;
    }
    let record = match heap.alloc_record_class(header.class) {
        Ok(record) => record,
        Err(e) => return Some(Err(e)),
    };
    heap.arena.copy((old, 0), (record, 0), header.value_at());
    copy(value, heap.arena.bytes_mut(record, header.value_at(), value.len()));
    Some(Ok(record))
}

/// A copy of a record whose value is `value_len` bytes long with room for `room`; as much of the old value as fits is
/// copied.
pub(super) fn recreate(heap: &mut Heap, old: Addr, value_len: usize, room: usize) -> Result<Addr> {
    let from = Header::read(heap.memory(), old);
    let (record, header) = create_blank(heap, from.key_len, value_len, room)?;
    let copied = from.key_len + from.value_len.min(value_len);
    heap.arena.copy((old, from.key_at), (record, header.key_at), copied);
    Ok(record)
}

/// Overwrites a record's value in place; false when that needs another block (too small, or far too large).
#[inline(always)]
pub(super) fn overwrite(heap: &mut Heap, record: Addr, value: &[u8]) -> bool {
    let header = Header::read(heap.memory(), record);
    if value.len() != header.value_len && !resize(heap, record, header, value.len()) {
        return false;
    }
    copy(value, heap.arena.bytes_mut(record, header.value_at(), value.len()));
    true
}

#[inline(never)]
fn resize(heap: &mut Heap, record: Addr, header: Header, value_len: usize) -> bool {
    if value_len > header.value_room() || header.block_bytes() > 64 + 2 * (header.value_at() + value_len) {
        return false;
    }
    Header { value_len, ..header }.write(heap, record);
    true
}

/// Sets the length of a value whose block has room for it.
#[inline]
pub(super) fn set_value_len(heap: &mut Heap, record: Addr, value_len: usize) {
    let header = Header::read(heap.memory(), record);
    debug_assert!(value_len <= header.value_room());
    Header { value_len, ..header }.write(heap, record);
}

#[inline(always)]
pub(super) fn key(memory: &Memory, record: Addr) -> &[u8] {
    let header = Header::read(memory, record);
    memory.bytes(record, header.key_at, header.key_len)
}

#[inline(always)]
pub(super) fn value(memory: &Memory, record: Addr) -> &[u8] {
    let header = Header::read(memory, record);
    memory.bytes(record, header.value_at(), header.value_len)
}

/// The value of a record with a key of that length: of a small record without waiting for its header.
#[inline(always)]
pub(super) fn value_behind(memory: &Memory, record: Addr, key_len: usize) -> &[u8] {
    let word = memory.word(record, 0);
    if word as u8 == LARGE {
        return value(memory, record);
    }
    memory.bytes(record, SMALL_HEADER + key_len, (word >> 16) as usize & 0xffff)
}

/// Key and value.
#[inline(always)]
pub(super) fn parts(memory: &Memory, record: Addr) -> (&[u8], &[u8]) {
    let header = Header::read(memory, record);
    memory.bytes(record, header.key_at, header.key_len + header.value_len).split_at(header.key_len)
}

/// The value, to be changed. The record must not be shared with a snapshot.
#[inline(always)]
pub(super) fn value_mut(heap: &mut Heap, record: Addr) -> &mut [u8] {
    let header = Header::read(heap.memory(), record);
    heap.arena.bytes_mut(record, header.value_at(), header.value_len)
}

/// Whether the record's key is `key`. Short keys are compared as two words that may overlap, without a call.
#[inline(always)]
pub(super) fn has_key(memory: &Memory, record: Addr, key: &[u8]) -> bool {
    if let (Some(first), Some(last)) = (key.first_chunk::<8>(), key.last_chunk::<8>())
        && key.len() <= 16
    {
        // A large record's key length may end in the same byte.
        let word = memory.word(record, 0);
        return word as u8 != LARGE
            && (word >> 8) as u8 as usize == key.len()
            && memory.number(record, SMALL_HEADER) == u64::from_ne_bytes(*first)
            && memory.number(record, SMALL_HEADER + key.len() - 8) == u64::from_ne_bytes(*last)
            || (word as u8 == LARGE && self::key(memory, record) == key);
    }
    self::key(memory, record) == key
}

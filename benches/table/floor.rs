//! The physical limit: what a hash table in memory must do at least, and nothing else.
//!
//! ```text
//!  index   Bucket[2^n]   8 slots in a cache line: tag and offset of a record; at most 60 % of the slots taken
//!  arena   records       key length u32 | value length u32 | key | value; 8-byte aligned, in as few cache lines as possible
//! ```
//!
//! Open addressing, bucket after bucket; both parts in huge pages. A hit touches one line of the index (now and then two) and the lines
//! of the record. Capacity is fixed, nothing is deleted, a value keeps its length, and there are no snapshots. It has no
//! shortcut that a real table could not take: keys and values of any length, whole hashes and whole comparisons.
#![allow(unsafe_code, reason = "raw memory is the point")]

mod bucket;
mod bytes;

use bucket::{Bucket, SLOTS, tag};
use bytes::{copy, equal};

use rapidhash::v3::{RapidSecrets, rapidhash_v3_micro_inline};

use crate::competitor::Competitor;
use crate::mapped::Mapped;

const SEED: u64 = 0x2545_F491_4F6C_DD1D;
const HEADER: usize = 8;
const LINE: usize = 64;
/// Keys of a batch that are on their way at a time: about as many as a core has buffers for outstanding misses.
const FLIGHT: usize = 16;
/// Bytes of key beside a value for which room is made.
const KEY_ROOM: usize = 16;

pub(crate) struct Floor {
    index: Mapped,
    mask: usize,
    arena: Mapped,
    arena_bytes: usize,
    /// End of the last record.
    end: usize,
    len: usize,
    capacity: usize,
    secrets: RapidSecrets,
}

/// The value of a record that is there.
#[derive(Clone, Copy)]
struct Value {
    start: *mut u8,
    len: usize,
}

impl Floor {
    /// The table's own.
    #[inline(always)]
    fn hash(&self, key: &[u8]) -> u64 {
        rapidhash_v3_micro_inline::<true, false>(key, &self.secrets)
    }

    #[inline(always)]
    fn bucket(&self, at: u64) -> *mut Bucket {
        // SAFETY: the mask keeps the position inside the index.
        unsafe { self.index.start().cast::<Bucket>().add(at as usize & self.mask) }
    }

    #[inline(always)]
    fn find(&self, hash: u64, key: &[u8]) -> Option<Value> {
        let mut at = hash;
        loop {
            // SAFETY: buckets are inside the index, and whoever changes one has the floor to itself.
            let bucket = unsafe { &*self.bucket(at) };
            for slot in bucket.matches(tag(hash)) {
                if let Some(value) = self.value_of(bucket.offset(slot), key) {
                    return Some(value);
                }
            }
            if !bucket.full() {
                return None;
            }
            at = at.wrapping_add(1);
        }
    }

    /// The value of the record at an offset, when it has this key.
    #[inline(always)]
    fn value_of(&self, offset: usize, key: &[u8]) -> Option<Value> {
        // SAFETY: slots hold offsets of records that were written, and a record's lengths say what follows.
        unsafe {
            let record = self.arena.start().add(offset);
            let header = record.cast::<u64>().read();
            if header as u32 as usize != key.len() || !equal(record.add(HEADER), key) {
                return None;
            }
            // The caller's length, so that the value's address waits for nothing.
            Some(Value { start: record.add(HEADER + key.len()), len: (header >> 32) as usize })
        }
    }

    #[inline(always)]
    fn copy_out(value: Value, out: &mut [u8]) -> usize {
        if out.len() >= value.len {
            // SAFETY: the value is as long as its record says, and fits.
            unsafe { copy(value.start, out.as_mut_ptr(), value.len) };
        }
        value.len
    }

    #[cold]
    #[inline(never)]
    fn insert(&mut self, hash: u64, key: &[u8], value: &[u8]) {
        assert!(self.len < self.capacity, "the floor does not grow");
        let bytes = HEADER + value.len() + key.len();
        let mut start = self.end.next_multiple_of(8);
        if (start + bytes - 1) / LINE - start / LINE > (bytes - 1) / LINE {
            start = start.next_multiple_of(LINE);
        }
        assert!(start + bytes <= self.arena_bytes, "the floor's arena is full");
        // SAFETY: the record's bytes are inside the arena and behind all others.
        unsafe {
            let record = self.arena.start().add(start);
            record.cast::<u64>().write(key.len() as u64 | (value.len() as u64) << 32);
            copy(key.as_ptr(), record.add(HEADER), key.len());
            copy(value.as_ptr(), record.add(HEADER + key.len()), value.len());
        }
        let mut at = hash;
        // SAFETY: the bucket is inside the index, and the floor is borrowed alone.
        while unsafe { !(*self.bucket(at)).push(tag(hash), start) } {
            at = at.wrapping_add(1);
        }
        self.end = start + bytes;
        self.len += 1;
    }

    /// At most `FLIGHT` keys in three passes: each pass asks for the memory of the next.
    #[inline(always)]
    fn get_flight(&self, keys: &[(u32, &[u8])], stride: usize, out: &mut [u8]) -> usize {
        let mut hashes = [0u64; FLIGHT];
        let mut offsets = [0usize; FLIGHT];
        for (hash_of, (_, key)) in hashes.iter_mut().zip(keys) {
            *hash_of = self.hash(key);
            prefetch(self.bucket(*hash_of));
        }
        for (offset, hash) in offsets.iter_mut().zip(&hashes[..keys.len()]) {
            // SAFETY: buckets are inside the index, and whoever changes one has the floor to itself.
            let bucket = unsafe { &*self.bucket(*hash) };
            if let Some(slot) = bucket.matches(tag(*hash)).next() {
                *offset = bucket.offset(slot);
                let record = self.arena.start().wrapping_add(*offset);
                prefetch(record);
                if stride > LINE / 2 {
                    prefetch(record.wrapping_add(LINE));
                }
            }
        }
        let mut found = 0;
        for (i, ((_, key), out)) in keys.iter().zip(out.chunks_mut(stride)).enumerate() {
            // A tag that lied, a next bucket, a miss: looked up in full.
            let value = match offsets[i] {
                0 => None,
                offset => self.value_of(offset, key),
            };
            if let Some(value) = value.or_else(|| self.find(hashes[i], key)) {
                Self::copy_out(value, out);
                found += 1;
            }
        }
        found
    }
}

impl Competitor for Floor {
    const NAME: &'static str = "floor";

    fn with_room(entries: u64, value_bytes: usize) -> Self {
        let capacity = entries as usize;
        let slots = (capacity * 10).div_ceil(6).next_power_of_two().max(SLOTS);
        // Records take their share of a line or whole lines.
        let record = (HEADER + KEY_ROOM + value_bytes).next_multiple_of(8);
        let record =
            if record > LINE / 2 { record.next_multiple_of(LINE) } else { record.next_power_of_two() };
        let arena_bytes = LINE + capacity * record;
        Floor {
            index: Mapped::new(slots * 8),
            mask: slots / SLOTS - 1,
            arena: Mapped::new(arena_bytes),
            arena_bytes,
            // Offset 0 is the empty slot's.
            end: LINE,
            len: 0,
            capacity,
            secrets: RapidSecrets::seed_cpp(SEED),
        }
    }

    #[inline(always)]
    fn get(&self, _: u32, key: &[u8], out: &mut [u8]) -> Option<usize> {
        self.find(self.hash(key), key).map(|value| Self::copy_out(value, out))
    }

    #[inline(always)]
    fn put(&mut self, _: u32, key: &[u8], value: &[u8]) {
        let hash = self.hash(key);
        match self.find(hash, key) {
            Some(old) => {
                assert_eq!(old.len, value.len(), "the floor's values keep their length");
                // SAFETY: the old value has this length.
                unsafe { copy(value.as_ptr(), old.start, value.len()) };
            }
            None => self.insert(hash, key, value),
        }
    }

    #[inline(always)]
    fn add(&mut self, _: u32, key: &[u8], amount: u64) {
        let value = self.find(self.hash(key), key).unwrap();
        assert!(value.len >= 8);
        let head = value.start.cast::<u64>();
        // SAFETY: the value has 8 bytes at least.
        unsafe { head.write_unaligned(head.read_unaligned().wrapping_add(amount)) };
    }

    #[inline(always)]
    fn get_batch(&self, keys: &[(u32, &[u8])], stride: usize, out: &mut [u8]) -> usize {
        let flights = keys.chunks(FLIGHT).zip(out.chunks_mut(FLIGHT * stride));
        flights.map(|(keys, out)| self.get_flight(keys, stride, out)).sum()
    }

    fn committed(&self) -> Option<u64> {
        Some(((self.mask + 1) * size_of::<Bucket>() + self.end) as u64)
    }
}

#[inline(always)]
fn prefetch<T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

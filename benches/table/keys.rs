//! Keys of 11 bytes (key group, number, one byte of namespace), and the order in which they are asked for.
//!
//! Keys are made in blocks of 64 that stay in the first cache: a key made and hashed at once would be read while its
//! bytes still wait in the store buffer, and a list of millions of them would compete with the tables for the caches.

pub(crate) const KEY_BYTES: usize = 11;
pub(crate) const GROUPS: u32 = 128;
pub(crate) const BLOCK: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    pub(crate) bytes: [u8; KEY_BYTES],
    pub(crate) group: u32,
}

impl Key {
    #[inline(always)]
    pub(crate) fn of(number: u64) -> Key {
        let group = (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 57) as u32 % GROUPS;
        let mut bytes = [0; KEY_BYTES];
        bytes[..2].copy_from_slice(&(group as u16).to_be_bytes());
        bytes[2..10].copy_from_slice(&number.to_be_bytes());
        Key { bytes, group }
    }
}

/// Random numbers below a bound, about a nanosecond each.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
    bound: u64,
}

impl Random {
    pub(crate) fn new(seed: u64, bound: u64) -> Random {
        assert!(bound > 0 && bound < 1 << 32);
        Random { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03, bound }
    }

    #[inline(always)]
    pub(crate) fn number(&mut self) -> u64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.state >> 32) * self.bound) >> 32
    }
}

/// A block of keys, filled again and again.
pub(crate) struct Block {
    keys: [Key; BLOCK],
    /// Of every key. The compiler must not know it, or it would compile competitors it can see into for 11 bytes.
    len: usize,
}

impl Block {
    pub(crate) fn new() -> Block {
        Block { keys: [Key::of(0); BLOCK], len: std::hint::black_box(KEY_BYTES) }
    }

    #[inline(always)]
    pub(crate) fn fill(&mut self, mut number: impl FnMut() -> u64) {
        for key in &mut self.keys {
            *key = Key::of(number());
        }
    }

    /// Key groups and keys.
    #[inline(always)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.keys.iter().map(|key| (key.group, &key.bytes[..self.len]))
    }

    /// As a batch is passed.
    #[inline(always)]
    pub(crate) fn slices(&self) -> [(u32, &[u8]); BLOCK] {
        self.keys.each_ref().map(|key| (key.group, &key.bytes[..self.len]))
    }
}

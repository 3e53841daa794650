//! The floor's hash: wyhash's way of two overlapping reads and one folded multiplication for up to 16 bytes.

#[inline(always)]
fn read8(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

#[inline(always)]
fn read4(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()))
}

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    wide as u64 ^ (wide >> 64) as u64
}

const A: u64 = 0xA076_1D64_78BD_642F;
const B: u64 = 0xE703_7ED1_A0B4_28DB;

#[inline(always)]
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let len = bytes.len();
    let (mut seed, mut rest) = (seed, bytes);
    if len > 16 {
        while rest.len() > 16 {
            seed = fold(read8(rest, 0) ^ A, read8(rest, 8) ^ seed);
            rest = &rest[16..];
        }
        // The tail overlaps what was already read.
        rest = &bytes[len - 16..];
    }
    let (first, last) = match rest.len() {
        8.. => (read8(rest, 0), read8(rest, rest.len() - 8)),
        4.. => (read4(rest, 0), read4(rest, rest.len() - 4)),
        0 => (0, 0),
        n => (u64::from(rest[0]) | u64::from(rest[n / 2]) << 8 | u64::from(rest[n - 1]) << 16, 0),
    };
    fold(A ^ len as u64, fold(first ^ B, last ^ seed))
}

//! The key group of a Java hash code, as Flink assigns it.

use crate::error::{Error, ErrorKind, Result};
use crate::options::MAX_PARALLELISM_LIMIT;

/// Flink's `MathUtils.murmurHash`: MurmurHash3's finalised 32-bit hash of one `int`, made non-negative.
///
/// Source: Flink 2.x, `org.apache.flink.util.MathUtils`.
pub fn murmur_hash(code: i32) -> i32 {
    let mut h = (code as u32).wrapping_mul(0xcc9e_2d51);
    h = h.rotate_left(15).wrapping_mul(0x1b87_3593);
    h = h.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    h ^= 4; // the length in bytes
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^= h >> 16;
    match h as i32 {
        i32::MIN => 0,
        h => h.abs(),
    }
}

/// The key group of an object with this Java `hashCode()`: `murmur_hash(hash) % max_parallelism`.
///
/// Fails with [`ErrorKind::InvalidArgument`] unless `max_parallelism` is 1 to 32768.
pub fn key_group(java_hash: i32, max_parallelism: u32) -> Result<u32> {
    if max_parallelism == 0 || max_parallelism > MAX_PARALLELISM_LIMIT {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            format!("max-parallelism must be 1 to {MAX_PARALLELISM_LIMIT}, not {max_parallelism}"),
        ));
    }
    Ok(murmur_hash(java_hash) as u32 % max_parallelism)
}

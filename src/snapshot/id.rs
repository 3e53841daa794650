//! What tells snapshots apart.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;

/// The id of a snapshot, or of a file of one: 128 random bits, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SnapshotId(pub u128);

impl SnapshotId {
    /// A new one.
    pub fn random() -> SnapshotId {
        // Its keys come from the system's random numbers; the counter and time make each call another.
        let half = |n: u8| {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u8(n);
            if let Ok(now) = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
                hasher.write_u128(now.as_nanos());
            }
            hasher.write_u32(std::process::id());
            hasher.finish()
        };
        SnapshotId(u128::from(half(0)) << 64 | u128::from(half(1)))
    }

    /// The first half, which every block carries.
    pub(crate) fn half(self) -> u64 {
        (self.0 >> 64) as u64
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SnapshotId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            u128::from_str_radix(text, 16).map(SnapshotId).map_err(|e| e.to_string())
        } else {
            Err(format!("'{text}' is no id"))
        }
    }
}

//! Several composite keys in one allocation.

/// Composite keys packed back to back; reused, so that a multi-get allocates nothing once warm.
#[derive(Debug, Default)]
pub struct PackedKeys {
    bytes: Vec<u8>,
    /// End of each key in `bytes`.
    ends: Vec<usize>,
}

impl PackedKeys {
    /// Forgets all keys, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds a key.
    pub fn push(&mut self, key: &[u8]) {
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The keys from number `from` on.
    pub fn iter_from(&self, from: usize) -> impl Iterator<Item = &[u8]> {
        let start = from.checked_sub(1).and_then(|i| self.ends.get(i)).copied().unwrap_or(0);
        self.ends.get(from..).unwrap_or_default().iter().scan(start, |start, end| {
            let key = self.bytes.get(*start..*end);
            *start = *end;
            key
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_order_from_any_position() {
        let mut keys = PackedKeys::default();
        for key in [&b"a"[..], b"", b"ccc"] {
            keys.push(key);
        }
        assert_eq!(keys.iter_from(0).collect::<Vec<_>>(), [&b"a"[..], b"", b"ccc"]);
        assert_eq!(keys.iter_from(2).collect::<Vec<_>>(), [&b"ccc"[..]]);
        assert_eq!(keys.iter_from(3).count() + keys.iter_from(99).count(), 0);
        keys.clear();
        assert!(keys.is_empty() && keys.iter_from(0).next().is_none());
    }
}

//! Several composite keys in one allocation.

use crate::key::CompositeKey;

/// Composite keys packed back to back; reused, so that a multi-get allocates nothing once warm.
#[derive(Debug, Default)]
pub struct PackedKeys {
    bytes: Vec<u8>,
    /// Split of each key, and its end in `bytes`.
    ends: Vec<(usize, usize)>,
}

impl PackedKeys {
    /// Forgets all keys, keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds a key.
    pub fn push(&mut self, key: CompositeKey<'_>) {
        self.bytes.extend_from_slice(key.bytes);
        self.ends.push((key.split, self.bytes.len()));
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
    pub fn iter_from(&self, from: usize) -> impl Iterator<Item = CompositeKey<'_>> + Clone {
        let start = from.checked_sub(1).and_then(|i| self.ends.get(i)).map_or(0, |(_, end)| *end);
        self.ends.get(from..).unwrap_or_default().iter().scan(start, |start, (split, end)| {
            let bytes = self.bytes.get(*start..*end)?;
            *start = *end;
            Some(CompositeKey { bytes, split: *split })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_order_from_any_position() {
        let all = [(&b"a"[..], 1), (b"", 0), (b"ccc", 2)].map(|(bytes, split)| CompositeKey { bytes, split });
        let mut keys = PackedKeys::default();
        for key in all {
            keys.push(key);
        }
        assert_eq!(keys.iter_from(0).collect::<Vec<_>>(), all);
        assert_eq!(keys.iter_from(2).collect::<Vec<_>>(), &all[2..]);
        assert_eq!(keys.iter_from(3).count() + keys.iter_from(99).count(), 0);
        keys.clear();
        assert!(keys.is_empty() && keys.iter_from(0).next().is_none());
    }
}

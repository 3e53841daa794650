//! hashbrown with its default hasher (foldhash), as one would write it in Rust. Its answers are the oracle.

use hashbrown::HashMap;

use crate::competitor::{Competitor, head};

pub(crate) struct Brown(HashMap<Box<[u8]>, Box<[u8]>>);

impl Competitor for Brown {
    const NAME: &'static str = "hashbrown";

    fn with_room(entries: u64, _: usize) -> Self {
        Brown(HashMap::with_capacity(entries as usize))
    }

    fn growing(_: u64, _: usize) -> Self {
        Brown(HashMap::new())
    }

    #[inline(always)]
    fn get(&self, _: u32, key: &[u8], out: &mut [u8]) -> Option<usize> {
        let value = self.0.get(key)?;
        if let Some(out) = out.get_mut(..value.len()) {
            out.copy_from_slice(value);
        }
        Some(value.len())
    }

    #[inline(always)]
    fn put(&mut self, _: u32, key: &[u8], value: &[u8]) {
        match self.0.get_mut(key) {
            Some(old) if old.len() == value.len() => old.copy_from_slice(value),
            Some(old) => *old = value.into(),
            None => {
                self.0.insert(key.into(), value.into());
            }
        }
    }

    #[inline(always)]
    fn add(&mut self, _: u32, key: &[u8], amount: u64) {
        let value = self.0.get_mut(key).unwrap();
        let sum = head(value).wrapping_add(amount);
        value[..8].copy_from_slice(&sum.to_le_bytes());
    }

    /// It has no batches: one get after the other.
    #[inline(always)]
    fn get_batch(&self, keys: &[(u32, &[u8])], stride: usize, out: &mut [u8]) -> usize {
        let mut found = 0;
        for ((group, key), out) in keys.iter().zip(out.chunks_mut(stride)) {
            found += usize::from(self.get(*group, key, out).is_some());
        }
        found
    }
}

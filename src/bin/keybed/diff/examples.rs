//! The differences that are shown.

use std::collections::BTreeMap;

use keybed::error::Result;
use keybed::key::CompositeKey;
use keybed::snapshot::Change;
use keybed::store::{DiskView, StateInfo};

use crate::parts::Parts;

/// An entry that differs.
pub(crate) struct Example {
    pub(crate) state: StateInfo,
    pub(crate) bytes: Vec<u8>,
    split: usize,
    /// Its value in A and in B, where it is there.
    pub(crate) before: Option<Vec<u8>>,
    pub(crate) after: Option<Vec<u8>>,
}

impl Example {
    pub(crate) fn parts(&self, view: &DiskView) -> Result<Parts<'_>> {
        let key = CompositeKey { bytes: &self.bytes, split: self.split };
        Parts::of(view.keys(), &self.state, &Change { key, value: None })
    }
}

/// The differences of a key group that come first in the order of their keys, in whatever order they are found.
pub(super) struct First {
    room: usize,
    found: BTreeMap<Vec<u8>, Found>,
}

/// Split, and the two values.
type Found = (usize, Option<Vec<u8>>, Option<Vec<u8>>);

impl First {
    pub(super) fn new(room: usize) -> First {
        First { room, found: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, key: CompositeKey<'_>, before: Option<&[u8]>, after: Option<&[u8]>) {
        let is_late = self.found.len() >= self.room
            && self.found.last_key_value().is_none_or(|(last, _)| last.as_slice() < key.bytes);
        if is_late {
            return;
        }
        let values = (key.split, before.map(<[u8]>::to_vec), after.map(<[u8]>::to_vec));
        self.found.insert(key.bytes.to_vec(), values);
        if self.found.len() > self.room {
            self.found.pop_last();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    pub(super) fn examples(self, state: &StateInfo) -> impl Iterator<Item = Example> {
        self.found.into_iter().map(|(bytes, (split, before, after))| Example {
            state: state.clone(),
            bytes,
            split,
            before,
            after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keys_stay_whatever_comes_first() {
        for order in [[1u8, 2, 3, 4], [4, 3, 2, 1], [3, 1, 4, 2]] {
            let mut first = First::new(2);
            order.iter().for_each(|n| first.add(CompositeKey { bytes: &[*n], split: 1 }, None, Some(&[*n])));
            assert_eq!(first.found.into_keys().collect::<Vec<_>>(), [[1], [2]]);
        }
        let mut none = First::new(0);
        none.add(CompositeKey { bytes: &[1], split: 1 }, None, None);
        assert_eq!(none.len(), 0);
    }
}

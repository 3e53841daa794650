//! Ranges of keys.

use std::ops::Range;

use crate::key::KeySpec;

/// The keys from `start` up to but not including `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyRange {
    pub(super) start: Vec<u8>,
    pub(super) end: Vec<u8>,
}

impl KeyRange {
    /// The keys of these key groups. Both ends are shorter than any key, so neither is one.
    pub(super) fn of_groups(spec: &KeySpec, groups: &Range<u32>) -> KeyRange {
        KeyRange { start: first_key(spec, groups.start), end: first_key(spec, groups.end) }
    }

    /// The key groups below and above these, without ranges of no groups.
    pub(super) fn outside_groups(spec: &KeySpec, groups: &Range<u32>) -> Vec<KeyRange> {
        [0..groups.start, groups.end..spec.max_parallelism]
            .iter()
            .filter(|groups| !groups.is_empty())
            .map(|groups| KeyRange::of_groups(spec, groups))
            .collect()
    }

    /// Whether a file from its first to its last key has something of this range. The last key of a file can be the end of
    /// a range tombstone, which is not in the file.
    pub(super) fn overlaps(&self, first: &[u8], last: &[u8]) -> bool {
        first < &self.end[..] && last > &self.start[..]
    }
}

/// Behind all keys of lower key groups and before all others.
fn first_key(spec: &KeySpec, group: u32) -> Vec<u8> {
    let [_, _, high, low] = group.to_be_bytes();
    if spec.group_bytes() == 1 { vec![low] } else { vec![high, low] }
}

/// Puts into `out` the first key behind all keys with this prefix; false, and `out` empty, when there is none (the
/// prefix is empty or all FF).
pub(super) fn successor(prefix: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    if let Some(last) = prefix.iter().rposition(|b| *b != 0xff) {
        out.extend(prefix.iter().take(last + 1));
        if let Some(byte) = out.last_mut() {
            *byte += 1;
        }
    }
    !out.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyEncoding, PartSize};

    #[test]
    fn the_successor_is_behind_every_key_with_the_prefix_and_no_other() {
        let mut out = vec![9];
        for (prefix, behind) in
            [(&b"ab"[..], &b"ac"[..]), (&[1, 0xff, 0xff], &[2]), (&[0xff, 0xff], &[]), (&[], &[])]
        {
            assert_eq!(successor(prefix, &mut out), !behind.is_empty());
            assert_eq!(out, behind);
        }
    }

    fn range(start: &[u8], end: &[u8]) -> KeyRange {
        KeyRange { start: start.to_vec(), end: end.to_vec() }
    }

    #[test]
    fn what_is_outside_of_some_key_groups_is_all_the_others() {
        let spec = |max_parallelism| KeySpec {
            encoding: KeyEncoding::Ordered,
            max_parallelism,
            key_size: PartSize::Variable,
        };
        for (max, groups, outside) in [
            (128, 0..128, vec![]),
            (128, 0..64, vec![range(&[64], &[128])]),
            (128, 64..128, vec![range(&[0], &[64])]),
            (300, 255..256, vec![range(&[0, 0], &[0, 255]), range(&[1, 0], &[1, 44])]),
            (32_768, 1..32_768, vec![range(&[0, 0], &[0, 1])]),
        ] {
            assert_eq!(KeyRange::outside_groups(&spec(max), &groups), outside);
        }
        assert_eq!(KeyRange::of_groups(&spec(32_768), &(3..32_768)), range(&[0, 3], &[0x80, 0]));
    }

    #[test]
    fn a_file_that_ends_where_a_range_begins_has_nothing_of_it() {
        let range = range(&[3], &[5]);
        assert!(!range.overlaps(&[2, 9], &[3]));
        assert!(range.overlaps(&[2, 9], &[3, 0]));
        assert!(range.overlaps(&[4, 9], &[9, 0]));
        assert!(!range.overlaps(&[5, 0], &[9, 0]));
    }
}

//! A range of key groups: what one task keeps.

use std::fmt;
use std::str::FromStr;

use crate::options::MAX_PARALLELISM_LIMIT;

/// Key groups from `first` to `last`, both included, as Flink's `KeyGroupRange`. Written `0-127`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyGroupRange {
    /// The first key group.
    pub first: u32,
    /// The last one; not below `first`.
    pub last: u32,
}

impl KeyGroupRange {
    /// Key groups from `first` to `last`; `None` when `last` is below `first` or no key group.
    pub fn new(first: u32, last: u32) -> Option<KeyGroupRange> {
        (first <= last && last < MAX_PARALLELISM_LIMIT).then_some(KeyGroupRange { first, last })
    }

    /// All key groups of a maximum parallelism, which is at least 1.
    pub fn all(max_parallelism: u32) -> KeyGroupRange {
        KeyGroupRange { first: 0, last: max_parallelism.max(1) - 1 }
    }

    /// What task `index` of `parallelism` keeps: Flink's `KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex`.
    /// `None` when there is no such task, or there are more tasks than key groups.
    pub fn of_task(max_parallelism: u32, parallelism: u32, index: u32) -> Option<KeyGroupRange> {
        if index >= parallelism || parallelism > max_parallelism || max_parallelism > MAX_PARALLELISM_LIMIT {
            return None;
        }
        let first = (index * max_parallelism).div_ceil(parallelism);
        let last = ((index + 1) * max_parallelism - 1) / parallelism;
        KeyGroupRange::new(first, last)
    }

    /// Whether the group is one of them.
    #[inline]
    pub fn contains(&self, group: u32) -> bool {
        (self.first..=self.last).contains(&group)
    }

    /// How many there are: at least one.
    #[allow(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub fn len(&self) -> u32 {
        self.last - self.first + 1
    }

    /// The key groups that are in both.
    pub fn intersection(&self, other: &KeyGroupRange) -> Option<KeyGroupRange> {
        KeyGroupRange::new(self.first.max(other.first), self.last.min(other.last))
    }

    /// The key groups, in order.
    pub fn iter(&self) -> std::ops::RangeInclusive<u32> {
        self.first..=self.last
    }
}

impl fmt::Display for KeyGroupRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl FromStr for KeyGroupRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split_once('-')
            .and_then(|(first, last)| KeyGroupRange::new(first.parse().ok()?, last.parse().ok()?))
            .ok_or_else(|| "use two key groups, the first and the last, as in '0-127'".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_share_all_key_groups() {
        for max in [1, 2, 7, 128, 300, 32_768] {
            for parallelism in [1, 2, 3, 5, 128].into_iter().filter(|n| *n <= max) {
                let mut next = 0;
                for index in 0..parallelism {
                    let range = KeyGroupRange::of_task(max, parallelism, index).unwrap();
                    assert_eq!(range.first, next, "{max} {parallelism} {index}");
                    next = range.last + 1;
                    // Flink's inverse: computeOperatorIndexForKeyGroup.
                    assert!(range.iter().all(|group| group * parallelism / max == index));
                }
                assert_eq!(next, max);
            }
        }
        assert_eq!(KeyGroupRange::of_task(4, 5, 0), None);
        assert_eq!(KeyGroupRange::of_task(4, 2, 2), None);
    }

    #[test]
    fn a_range_is_read_as_it_is_written() {
        assert_eq!("0-63".parse(), Ok(KeyGroupRange { first: 0, last: 63 }));
        for bad in ["", "-", "3-2", "0-32768", "1", "a-b", "-1-2"] {
            assert!(bad.parse::<KeyGroupRange>().is_err(), "{bad}");
        }
    }
}

//! Entries of one map as Java packs them: `key | value` of each, then of each `u32 key length | u32 value length`, big-endian.

use crate::error::{Error, ErrorKind, Result};

/// Bytes of the lengths of an entry.
const LENGTHS: usize = 8;

/// Checked when it is made: the lengths cover exactly what lies before them.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackedEntries<'a> {
    payload: &'a [u8],
    lengths: &'a [[u8; LENGTHS]],
}

impl<'a> PackedEntries<'a> {
    pub(super) fn new(bytes: &'a [u8], count: i32) -> Result<PackedEntries<'a>> {
        let entries = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(LENGTHS))
            .and_then(|index| bytes.split_at_checked(bytes.len().checked_sub(index)?))
            .map(|(payload, index)| PackedEntries { payload, lengths: index.as_chunks().0 });
        match entries {
            Some(entries) if entries.covered() == entries.payload.len() as u64 => Ok(entries),
            _ => {
                Err(Error::new(ErrorKind::InvalidArgument, "the packed entries are not as long as they say"))
            }
        }
    }

    /// Cannot overflow: a buffer has less than 2 GiB.
    fn covered(&self) -> u64 {
        self.lengths
            .iter()
            .map(|lengths| {
                let (key, value) = lengths_of(*lengths);
                key as u64 + value as u64
            })
            .sum()
    }

    /// Key and value of each entry.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone {
        let mut rest = self.payload;
        self.lengths.iter().map_while(move |lengths| {
            let (key_len, value_len) = lengths_of(*lengths);
            let (key, tail) = rest.split_at_checked(key_len)?;
            let (value, tail) = tail.split_at_checked(value_len)?;
            rest = tail;
            Some((key, value))
        })
    }
}

fn lengths_of([k0, k1, k2, k3, v0, v1, v2, v3]: [u8; LENGTHS]) -> (usize, usize) {
    (u32::from_be_bytes([k0, k1, k2, k3]) as usize, u32::from_be_bytes([v0, v1, v2, v3]) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_were_packed() {
        let bytes = b"ab1c22\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0\0";
        let entries = PackedEntries::new(bytes, 3).unwrap();
        let expected: [(&[u8], &[u8]); 3] = [(b"ab", b"1"), (b"c", b"22"), (b"", b"")];
        assert_eq!(entries.iter().collect::<Vec<_>>(), expected);
        assert_eq!(PackedEntries::new(b"", 0).unwrap().iter().count(), 0);
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let bytes = b"ab\0\0\0\x01\0\0\0\x01";
        assert!(PackedEntries::new(bytes, 1).is_ok());
        for (bytes, count) in [
            (&bytes[..], -1),
            (bytes, 0),
            (bytes, 2),
            (bytes, i32::MAX),
            (&bytes[1..], 1),
            (b"ab\xff\xff\xff\xff\0\0\0\x03", 1),
            (b"ab\0\0\0\x01\0\0\0\0", 1),
        ] {
            assert_eq!(PackedEntries::new(bytes, count).unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
    }
}

//! How a snapshot is written.

use crate::error::Result;
use crate::key::KeyGroupRange;
use crate::options::{Compression, Named};
use crate::snapshot::head::MAX_CHAIN;

/// Options of writing a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// `compression`: none, lz4 or zstd. Default none. A block that does not become shorter is stored as it is.
    pub compression: Compression,
    /// `key-groups`: the key groups to write, as in `0-63`. Default those of the store.
    pub key_groups: Option<KeyGroupRange>,
    /// `block-bytes`: payload of a block without compression, unless one entry needs more; 4 KiB to 16 MiB. Default 256 KiB.
    pub block_bytes: usize,
    /// `release-key-groups`: a key group is released as soon as it has been written, so that the store need not keep what it
    /// overwrites there; the snapshot can be read only once then. Default false.
    pub release_key_groups: bool,
    /// `max-chain`: how many snapshots of changes may follow a full one in a series ([`crate::store::SnapshotSeries`]); 0 to 64.
    /// A full one is also written when the changes have become as large as it would be. Default 8.
    pub max_chain: u32,
}

impl Default for SnapshotOptions {
    fn default() -> Self {
        SnapshotOptions {
            compression: Compression::None,
            key_groups: None,
            block_bytes: 256 << 10,
            release_key_groups: false,
            max_chain: 8,
        }
    }
}

impl SnapshotOptions {
    /// Options from name and value pairs over the defaults.
    ///
    /// Fails with [`InvalidOption`](crate::error::ErrorKind::InvalidOption) for an unknown name or a value out of range.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut options = SnapshotOptions::default();
        for (name, value) in pairs {
            options.set(name, value)?;
        }
        Ok(options)
    }

    /// Sets one option by name. Fails with [`InvalidOption`](crate::error::ErrorKind::InvalidOption) and changes nothing.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let option = Named { name, value };
        match name {
            "compression" => self.compression = option.parse()?,
            "key-groups" => self.key_groups = Some(option.parse()?),
            "block-bytes" => self.block_bytes = option.number(4 << 10, 16 << 20)? as usize,
            "release-key-groups" => self.release_key_groups = option.flag()?,
            "max-chain" => self.max_chain = option.number(0, u64::from(MAX_CHAIN))? as u32,
            _ => return Err(option.bad("there is no such option")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn every_option_is_read_by_its_name() {
        let options = SnapshotOptions::from_pairs([
            ("compression", "zstd"),
            ("key-groups", "3-9"),
            ("block-bytes", "4096"),
            ("release-key-groups", "true"),
            ("max-chain", "0"),
        ]);
        let expected = SnapshotOptions {
            compression: Compression::Zstd,
            key_groups: KeyGroupRange::new(3, 9),
            block_bytes: 4096,
            release_key_groups: true,
            max_chain: 0,
        };
        assert_eq!(options.unwrap(), expected);
        for (name, value) in
            [("compression", "snappy"), ("key-groups", "9-3"), ("block-bytes", "1"), ("x", "")]
        {
            let error = SnapshotOptions::from_pairs([(name, value)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidOption);
            assert!(error.message().contains(&format!("{name}={value}")), "{error}");
        }
    }
}

//! What databases and their column families are opened with.

use std::sync::Arc;

use rocksdb::{ColumnFamilyDescriptor, Options};

use crate::error::Result;
use crate::options::RocksOptions;
use crate::rocks::memory::{Share, SlotCache};
use crate::rocks::options;

/// The least of a memtable's arena that RocksDB takes at once.
const LEAST_ARENA_BLOCK: u64 = 4 << 10;
/// The most, unless it is told otherwise.
const MOST_ARENA_BLOCK: u64 = 1 << 20;

/// RocksDB's own column family, which nobody writes to.
pub(super) const DEFAULT_FAMILY: &str = "default";

/// Options of one database, and its part in a slot. Lives as long as the database is open.
pub(super) struct Template {
    options: Options,
    memtable_bloom_ratio: f64,
    write_buffer_bytes: u64,
    share: Option<Share>,
}

impl Template {
    /// Fails with [`InvalidOption`](crate::error::ErrorKind::InvalidOption).
    pub(super) fn new(rocks: &RocksOptions, slot: Option<Arc<SlotCache>>) -> Result<Template> {
        Ok(Template {
            options: options::build(rocks, slot.as_deref())?,
            memtable_bloom_ratio: rocks.memtable_bloom_ratio,
            write_buffer_bytes: options::write_buffer_bytes(rocks, slot.as_deref()),
            share: slot.map(Share::new),
        })
    }

    /// As [`new`](Self::new), for a database that compacts nothing by itself.
    pub(super) fn without_compactions(
        rocks: &RocksOptions,
        slot: Option<Arc<SlotCache>>,
    ) -> Result<Template> {
        let mut template = Template::new(rocks, slot)?;
        template.options.set_disable_auto_compactions(true);
        Ok(template)
    }

    /// Options of the database.
    pub(super) fn database(&self) -> &Options {
        &self.options
    }

    /// The slot, if there is a budget.
    pub(super) fn slot(&self) -> Option<&Arc<SlotCache>> {
        self.share.as_ref().map(Share::slot)
    }

    /// Options of one more column family.
    pub(super) fn family(&self, name: &str) -> Options {
        let mut options = self.options.clone();
        // A column family must not ask for a database to be made.
        options.create_if_missing(false);
        let Some(share) = &self.share else { return options };
        if name == DEFAULT_FAMILY {
            options.set_memtable_prefix_bloom_ratio(0.0);
        } else {
            let bytes = share.next_family();
            let ratio = bytes as f64 / self.write_buffer_bytes as f64;
            options.set_memtable_prefix_bloom_ratio(self.memtable_bloom_ratio.min(ratio));
            let most = MOST_ARENA_BLOCK.min(self.write_buffer_bytes / 8);
            options.set_arena_block_size(bytes.clamp(LEAST_ARENA_BLOCK, most) as usize);
        }
        options
    }

    /// The same of all that are there.
    pub(super) fn families(&self, names: &[String]) -> Vec<ColumnFamilyDescriptor> {
        names.iter().map(|name| ColumnFamilyDescriptor::new(name, self.family(name))).collect()
    }
}

//! What all states of a store share: the arena, the epoch, the hash, and the accounts.

use std::sync::Arc;

use rapidhash::v3::{RapidSecrets, rapidhash_v3_nano_inline};

use super::arena::{Addr, Arena, Memory};
use super::release::Releases;
use crate::error::Result;
use crate::memory::{Budget, MemoryUse};

/// The shared part of a store's tables.
pub(super) struct Heap {
    pub(super) arena: Arena,
    /// Number of the newest snapshot or scan. What is made now was made after it was opened.
    pub(super) epoch: u64,
    secrets: RapidSecrets,
    /// Bytes of records and of index blocks, including those retired.
    records: u64,
    index: u64,
    /// Bytes and number of blocks that only snapshots and scans need.
    pub(super) retired: (u64, u64),
    pub(super) releases: Arc<Releases>,
    /// Counts changes, so that a flush knows whether there is anything to write.
    pub(super) changes: u64,
}

/// What a block is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Record,
    Index,
}

impl Heap {
    pub(super) fn new(budget: &Arc<Budget>) -> Result<Heap> {
        Ok(Heap {
            arena: Arena::new(budget)?,
            epoch: 0,
            secrets: RapidSecrets::seed_cpp(random_seed()),
            records: 0,
            index: 0,
            retired: (0, 0),
            releases: Arc::default(),
            changes: 0,
        })
    }

    #[inline(always)]
    pub(super) fn memory(&self) -> &Memory {
        self.arena.memory()
    }

    /// The hash of a key. Seeded at random, so that nobody can choose keys that collide.
    #[inline(always)]
    pub(super) fn hash(&self, key: &[u8]) -> u64 {
        rapidhash_v3_nano_inline::<true, false>(key, &self.secrets)
    }

    #[inline]
    pub(super) fn alloc_record(&mut self, bytes: usize) -> Result<(Addr, usize)> {
        let (addr, size) = self.arena.alloc(bytes)?;
        self.records += size as u64;
        Ok((addr, size))
    }

    #[inline(always)]
    pub(super) fn alloc_record_class(&mut self, class: u8) -> Result<Addr> {
        let addr = self.arena.alloc_class(class)?;
        self.records += super::arena::class_bytes(class) as u64;
        Ok(addr)
    }

    pub(super) fn alloc_index(&mut self, bytes: usize) -> Result<(Addr, usize)> {
        let (addr, size) = self.arena.alloc(bytes)?;
        self.index += size as u64;
        Ok((addr, size))
    }

    #[inline]
    pub(super) fn free(&mut self, addr: Addr, size: usize, used: Use) {
        match used {
            Use::Record => self.records -= size as u64,
            Use::Index => self.index -= size as u64,
        }
        self.arena.free(addr, size);
    }

    /// Frees a record that no snapshot shares.
    #[inline]
    pub(super) fn free_record(&mut self, record: Addr) {
        let size = super::record::Header::read(self.memory(), record).block_bytes();
        self.free(record, size, Use::Record);
    }

    /// Bytes by owner.
    pub(super) fn usage(&self) -> MemoryUse {
        MemoryUse {
            committed: self.arena.committed_bytes(),
            records: self.records,
            index: self.index,
            retired: self.retired.0,
            retired_blocks: self.retired.1,
            metadata: self.arena.metadata_bytes(),
        }
    }
}

/// From the system's randomness, by way of the standard library's hash map.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0u64)
}

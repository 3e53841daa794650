//! What cursors give, taken apart for the tests.

use std::collections::BTreeMap;

use super::script::{At, NESTED};
use crate::block::{BlockKind, BlockReader, BlockWriter};
use crate::error::Result;
use crate::key::{KeyEncoding, KeySpec, PartSize};
use crate::snapshot::{EntryForm, OP_PUT};
use crate::store::EngineCursor;

/// A form of keys in a group of one byte.
pub(super) fn form(split: bool) -> EntryForm {
    let keys = KeySpec { encoding: KeyEncoding::Flink, max_parallelism: 128, key_size: PartSize::Variable };
    EntryForm { keys, split }
}

/// Fills blocks of `size`, or as long as an entry needs, until the group is at its end.
pub(super) fn drain(
    cursor: &mut dyn EngineCursor,
    kind: BlockKind,
    mut size: impl FnMut() -> usize,
) -> Result<Vec<Vec<u8>>> {
    let (mut blocks, mut needed) = (Vec::new(), 0);
    loop {
        let mut buffer = vec![0xaa; size().max(needed)];
        let mut block = BlockWriter::new(&mut buffer, kind)?;
        let more = cursor.fill(&mut block)?;
        let count = block.count();
        let len = block.finish(more)?;
        buffer.truncate(len);
        let reader = BlockReader::new(&buffer)?;
        assert_eq!(reader.more(), more);
        assert!(needed == 0 || count > 0, "what it said it needs is enough");
        needed = reader.needed().unwrap_or(0);
        assert_eq!(needed > 0, more && count == 0);
        blocks.push(buffer);
        if !more {
            return Ok(blocks);
        }
    }
}

/// Where an entry of a state of the script is, from its key in a block.
fn at(id: u32, mut key: &[u8], split: bool) -> At {
    let mut end = None;
    if split {
        let (bytes, rest) = key.split_first_chunk::<4>().unwrap();
        end = Some(u32::from_le_bytes(*bytes) as usize);
        key = rest;
    }
    let group = u32::from(key[0]);
    if !NESTED[id as usize] {
        assert!(end.is_none_or(|end| end == key.len()));
        return (group, key[1..].to_vec(), Vec::new());
    }
    // The script's maps have keys of one byte.
    assert!(end.is_none_or(|end| end == 2));
    (group, key[1..2].to_vec(), key[2..].to_vec())
}

/// The entries of blocks; each comes once.
pub(super) fn entries(id: u32, split: bool, blocks: &[Vec<u8>]) -> BTreeMap<At, Vec<u8>> {
    let mut all = BTreeMap::new();
    for block in blocks {
        for (key, value) in BlockReader::new(block).unwrap().iter() {
            assert!(all.insert(at(id, key, split), value.to_vec()).is_none(), "an entry comes once");
        }
    }
    all
}

/// The changes of blocks, `None` = deleted; each key comes once.
pub(super) fn changes(id: u32, split: bool, blocks: &[Vec<u8>]) -> BTreeMap<At, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for block in blocks {
        for (key, value) in BlockReader::new(block).unwrap().iter() {
            let (op, key) = key.split_first().unwrap();
            assert!(*op == OP_PUT || value.is_empty());
            let value = (*op == OP_PUT).then(|| value.to_vec());
            assert!(all.insert(at(id, key, split), value).is_none(), "a key comes once");
        }
    }
    all
}

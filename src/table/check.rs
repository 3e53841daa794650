//! Whether everything in a table is as its comments say. For tests.

use super::arena::{Addr, Memory};
use super::core::Core;
use super::group;
use super::map;
use super::record::{self, Header};
use super::segment;
use super::slot::{Slot, tag_of};

impl Core {
    /// Checks order, homes, counts, that every record is where its key leads, and that every block in use is either
    /// reachable or retired.
    pub(super) fn check(&self) {
        self.heap.arena.check();
        let (mut blocks, mut bytes) = (0u64, 0u64);
        for id in self.ids() {
            let state = self.state(id).unwrap();
            for group in &state.groups {
                let mut entries = 0;
                group.check(&self.heap, &mut bytes);
                for (prefix, entry) in group::segments(self.memory(), group.root()) {
                    segment::check(self.memory(), entry, prefix);
                    bytes += segment::size(entry) as u64;
                    for word in segment::slots(self.memory(), entry).iter().filter(|word| **word != 0) {
                        let record = Slot(*word).addr();
                        bytes += Header::read(self.memory(), record).block_bytes() as u64;
                        let hash = self.heap.hash(record::key(self.memory(), record));
                        assert_eq!(Slot(*word).tag(), tag_of(hash), "a record is where its key leads");
                        if state.nested {
                            entries += map::check(self.memory(), record, &mut bytes);
                        } else {
                            entries += 1;
                        }
                        blocks += 1;
                    }
                }
                assert_eq!(entries, group.count, "the count of a group");
            }
        }
        assert!(blocks == 0 || bytes > 0);
        let (retired, _) = self.heap.retired;
        assert_eq!(bytes + retired, self.heap.arena.used_bytes(), "every block is reachable or retired");
        let usage = self.heap.usage();
        assert_eq!(usage.records + usage.index, self.heap.arena.used_bytes(), "bytes by owner");
    }

    /// All entries of a state, sorted: group, key, rest, value.
    pub(super) fn entries(&self, id: u32) -> Vec<Entry> {
        let state = self.state(id).unwrap();
        let mut all = Vec::new();
        for (number, group) in state.groups.iter().enumerate() {
            super::snapshot::walk(self.memory(), group.root(), state.nested, &mut |key, rest, value| {
                all.push((number as u32, key.to_vec(), rest.to_vec(), value.to_vec()));
                Ok(())
            })
            .unwrap();
        }
        all.sort();
        all
    }
}

pub(super) type Entry = (u32, Vec<u8>, Vec<u8>, Vec<u8>);

/// Whether a node's slots are in order and their heads right; entries below it, and the bytes of all blocks below.
pub(super) fn check_node(memory: &Memory, node: map::Node, is_root: bool, bytes: &mut u64) -> u64 {
    let (level, count) = node.shape(memory);
    assert!(count > 0 || is_root);
    let mut entries = 0;
    for i in 0..count {
        assert_eq!(node.head_at(memory, i), map::head_of(node.least(memory, i)), "the head of a slot");
        if i > 0 {
            assert!(node.least(memory, i - 1) < node.least(memory, i), "keys rise");
        }
        let addr: Addr = node.slot_at(memory, i).addr();
        if level == 0 {
            *bytes += Header::read(memory, addr).block_bytes() as u64;
            entries += 1;
        } else {
            *bytes += map::node_bytes() as u64;
            entries += check_node(memory, map::Node::of_block(addr), false, bytes);
        }
    }
    entries
}

//! Room in the list of retired blocks, to the last block.

use crate::error::ErrorKind;
use crate::memory::Budget;
use crate::table::core::Core;
use crate::table::heap::Use;
use crate::table::record;
use crate::table::snapshot::TableSnapshot;
use crate::table::state::Key;

/// A key group with a directory of segments, in which one map is a tree of two levels.
fn table() -> Core {
    let mut core = Core::new(&Budget::unlimited()).unwrap();
    core.add_state(0, 1, true).unwrap();
    for n in 0..3000u32 {
        let key = Key { group: 0, key: &n.to_be_bytes(), rest: b"" };
        core.write(0, |s, heap| s.put(heap, key, b"value")).unwrap();
    }
    for n in 0..200u32 {
        let key = Key { group: 0, key: b"tree", rest: &n.to_be_bytes() };
        core.write(0, |s, heap| s.put(heap, key, b"old")).unwrap();
    }
    core
}

/// The table, a snapshot of it, and so many blocks in its list of retired ones.
fn shared(retired: usize) -> (Core, TableSnapshot) {
    let mut core = table();
    let snapshot = core.snapshot(&[0]).unwrap();
    core.write(0, |s, heap| {
        let group = s.group_mut(0)?;
        (0..retired).try_for_each(|_| {
            let (block, size) = heap.alloc_index(16)?;
            group.discard(heap, block, size, Use::Index, false)
        })
    })
    .unwrap();
    (core, snapshot)
}

#[test]
fn a_put_over_an_entry_of_a_shared_tree_fails_before_anything_is_changed() {
    let key = Key { group: 0, key: b"tree", rest: &7u32.to_be_bytes() };
    // A chunk of the list has room for 170 blocks.
    for retired in 160..172 {
        for allocations in 0.. {
            let (mut core, _snapshot) = shared(retired);
            core.heap.arena.fail_after = Some(allocations);
            let done = core.write(0, |s, heap| s.put(heap, key, b"new and longer"));
            core.heap.arena.fail_after = None;
            let Err(e) = done else { break };
            assert_eq!(e.kind(), ErrorKind::MemoryBudget);
            let found = core.get(0, key).map(|found| record::value(core.memory(), found).to_vec());
            assert_eq!(found.as_deref(), Some(&b"old"[..]), "{retired} retired, {allocations} allocations");
            core.check();
        }
    }
}

//! Segments by themselves.

use crate::error::ErrorKind;
use crate::memory::Budget;
use crate::table::heap::Heap;
use crate::table::segment::{self, MAX_DEPTH, Part};

/// The count of slots in use has no bits for more: a segment that cannot be split any more stops growing before.
#[test]
fn a_segment_of_more_slots_than_it_can_count_is_refused() {
    let mut heap = Heap::new(&Budget::unlimited()).unwrap();
    let full = segment::create(&mut heap, 1, MAX_DEPTH).unwrap();
    let before = heap.arena.used_bytes();
    for (least, fits) in [(1000, true), (100_000, true), (110_000, false), (1_000_000, false)] {
        let all = Part::all(heap.memory(), full, false);
        match segment::gather(&mut heap, &[all], MAX_DEPTH, least) {
            Ok(larger) => {
                assert!(fits, "{least} lines");
                assert!(larger.lines() >= least && larger.depth() == MAX_DEPTH);
                segment::check(heap.memory(), larger, 0);
                segment::free(&mut heap, larger);
            }
            Err(e) => {
                assert!(!fits, "{least} lines");
                assert_eq!(e.kind(), ErrorKind::MemoryBudget);
            }
        }
        assert_eq!(heap.arena.used_bytes(), before);
    }
}

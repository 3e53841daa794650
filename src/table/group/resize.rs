//! Growing and shrinking: one segment at a time.

use super::Group;
use super::directory::{DIRECTORY, locate};
use crate::error::Result;
use crate::table::arena::Addr;
use crate::table::heap::Heap;
use crate::table::segment::{self, Entry, Part};

impl Group {
    /// Makes room in a full segment, which is writable: a larger one in its place, or two.
    #[cold]
    pub(super) fn grow(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<()> {
        if segment::is_largest(entry) && entry.depth() < segment::MAX_DEPTH {
            return self.split(heap, hash, entry);
        }
        self.reserve_retired(heap, 2)?;
        self.thaw_directory(heap)?;
        let all = Part::all(heap.memory(), entry, false);
        let larger = segment::gather(heap, &[all], entry.depth(), entry.lines() + 1)?;
        self.set_entry(heap, hash, larger);
        self.discard_segment(heap, entry, true)
    }

    pub(super) fn split(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<()> {
        self.reserve_retired(heap, 2)?;
        if entry.depth() == self.depth() {
            self.rebuild_directory(heap, entry.depth() + 1)?;
        } else {
            self.thaw_directory(heap)?;
        }
        let depth = entry.depth() + 1;
        let [low, high] = Part::halves(heap.memory(), entry, false);
        let low = segment::gather(heap, &[low], depth, 0)?;
        let high = match segment::gather(heap, &[high], depth, 0) {
            Ok(high) => high,
            Err(e) => {
                segment::free(heap, low);
                return Err(e);
            }
        };
        let bit = 1u64 << (64 - depth);
        self.set_entry(heap, hash & !bit, low);
        self.set_entry(heap, hash | bit, high);
        if depth == self.depth() {
            self.add_deepest(heap, 2);
        }
        self.discard_segment(heap, entry, true)
    }

    /// Gives a sparse segment, which is writable, a smaller size, or merges it with its neighbour.
    #[cold]
    pub(super) fn shrink(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<()> {
        if self.root & DIRECTORY == 0 && segment::used(heap.memory(), entry.addr()) == 0 {
            self.root = 0;
            return self.discard_segment(heap, entry, true);
        }
        self.reserve_retired(heap, 3)?;
        self.thaw_directory(heap)?;
        if entry.depth() > 0 && self.merge(heap, hash, entry)? {
            return Ok(());
        }
        if segment::is_sparse(heap.memory(), entry) {
            let all = Part::all(heap.memory(), entry, false);
            let smaller = segment::gather(heap, &[all], entry.depth(), 0)?;
            self.set_entry(heap, hash, smaller);
            self.discard_segment(heap, entry, true)?;
        }
        Ok(())
    }

    /// Merges a segment with the other half of what was once one, if both fit.
    pub(super) fn merge(&mut self, heap: &mut Heap, hash: u64, entry: Entry) -> Result<bool> {
        let bit = 1u64 << (64 - entry.depth());
        let Some(other) = locate(heap.memory(), self.root, hash ^ bit) else { return Ok(false) };
        if other.depth() != entry.depth() {
            return Ok(false);
        }
        let frozen = self.newest != 0 && self.is_frozen(heap.memory(), other.addr());
        let mut parts = [Part::all(heap.memory(), entry, false), Part::all(heap.memory(), other, frozen)];
        if !segment::can_merge(parts.iter().map(|part| part.used()).sum()) {
            return Ok(false);
        }
        if hash & bit != 0 {
            parts.swap(0, 1);
        }
        let depth = entry.depth() - 1;
        let merged = segment::gather(heap, &parts, depth, 0)?;
        self.set_entry(heap, hash, merged);
        self.discard_segment(heap, entry, true)?;
        self.discard_segment(heap, other, !frozen)?;
        if entry.depth() == self.depth() {
            let mut deepest = self.add_deepest(heap, -2);
            while deepest == 0 {
                deepest = match self.depth() {
                    0 => break,
                    1 => {
                        let directory = std::mem::replace(&mut self.root, merged.0);
                        self.discard_directory(heap, directory)?;
                        break;
                    }
                    depth => {
                        self.reserve_retired(heap, 1)?;
                        self.rebuild_directory(heap, depth - 1)?;
                        segment::used(heap.memory(), Addr::of_bits(self.root))
                    }
                };
            }
        }
        Ok(true)
    }
}

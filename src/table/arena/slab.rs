//! Slabs: blocks of one class in one or more pages, and which of them are free.
//!
//! The bits lie outside of the slab, so that neither taking nor giving a block touches its memory.

#[cfg(test)]
use super::class::class_of;
use super::class::{CLASSES, slab_pages};
use super::pages::Pages;
use super::{PAGE_BYTES, out_of_memory};
use crate::error::Result;

const NONE: u32 = u32::MAX;

/// Blocks of one size.
#[derive(Debug)]
struct Slab {
    /// First page.
    page: u32,
    block_bytes: u32,
    /// 2^32 / block_bytes, rounded up: divides an offset in the slab exactly.
    reciprocal: u64,
    class: u8,
    /// Free blocks.
    free: u32,
    blocks: u32,
    /// A bit a block, set = free.
    bits: Vec<u64>,
    /// No word below this one has a set bit.
    lowest: u32,
    /// Neighbours in the list of slabs of this class that have free blocks.
    next: u32,
    previous: u32,
}

/// All slabs of an arena.
///
/// Invariant: a slab is in its class's list exactly while it has a free block.
#[derive(Debug)]
pub(super) struct Slabs {
    slabs: SlabList,
    /// First of the slabs that are no more; they are linked by `next`.
    unused: u32,
    /// The slab a page belongs to.
    by_page: Vec<u32>,
    /// First slab with a free block, by class.
    partial: [u32; CLASSES],
}

/// Slabs by number, in parts, so that adding one never moves the others.
#[derive(Debug, Default)]
struct SlabList {
    parts: Vec<Vec<Slab>>,
}

const PART: usize = 64;

impl SlabList {
    #[inline(always)]
    fn get(&self, number: u32) -> Option<&Slab> {
        self.parts.get(number as usize / PART)?.get(number as usize % PART)
    }

    #[inline(always)]
    fn get_mut(&mut self, number: u32) -> Option<&mut Slab> {
        self.parts.get_mut(number as usize / PART)?.get_mut(number as usize % PART)
    }

    fn len(&self) -> usize {
        self.parts.last().map_or(0, |last| (self.parts.len() - 1) * PART + last.len())
    }

    /// Makes room for one more.
    fn reserve(&mut self) -> Result<()> {
        if self.parts.last().is_none_or(|last| last.len() == PART) {
            self.parts.try_reserve(1).map_err(out_of_memory)?;
            let mut part = Vec::new();
            part.try_reserve_exact(PART).map_err(out_of_memory)?;
            self.parts.push(part);
        }
        Ok(())
    }

    fn push(&mut self, slab: Slab) {
        if let Some(last) = self.parts.last_mut() {
            last.push(slab);
        }
    }

    #[cfg(test)]
    fn iter(&self) -> impl Iterator<Item = &Slab> {
        self.parts.iter().flatten()
    }
}

impl Slabs {
    pub(super) fn new() -> Slabs {
        Slabs { slabs: SlabList::default(), unused: NONE, by_page: Vec::new(), partial: [NONE; CLASSES] }
    }

    /// Takes a block of a class; its offset in the reservation.
    #[inline]
    pub(super) fn take(&mut self, pages: &mut Pages, class: u8, block_bytes: usize) -> Result<usize> {
        let mut number = self.partial.get(usize::from(class)).copied().unwrap_or(NONE);
        if number == NONE {
            number = self.add(pages, class, block_bytes)?;
        }
        let Some(slab) = self.slabs.get_mut(number) else { return Err(out_of_memory(())) };
        let index = slab.take();
        let offset = slab.page as usize * PAGE_BYTES + index as usize * block_bytes;
        if slab.free == 0 {
            self.unlink(number);
        }
        Ok(offset)
    }

    /// Returns a block.
    #[inline]
    pub(super) fn give(&mut self, pages: &mut Pages, offset: usize) {
        let number = self.by_page.get(offset / PAGE_BYTES).copied().unwrap_or(NONE);
        let Some(slab) = self.slabs.get_mut(number) else { return };
        slab.give(offset - slab.page as usize * PAGE_BYTES);
        if slab.free == 1 {
            self.link(number);
        }
        if self.slabs.get(number).is_some_and(|slab| slab.free == slab.blocks) {
            self.empty(pages, number);
        }
    }

    /// A slab without a block in use: its pages go back, unless it is the only one of its class that has free blocks.
    fn empty(&mut self, pages: &mut Pages, number: u32) {
        let Some(slab) = self.slabs.get(number) else { return };
        let small = slab_pages(slab.block_bytes as usize) == 1;
        if small && slab.next == NONE && slab.previous == NONE {
            return;
        }
        let (page, count) = (slab.page, slab_pages(slab.block_bytes as usize));
        self.unlink(number);
        for p in page..page + count {
            if let Some(owner) = self.by_page.get_mut(p as usize) {
                *owner = NONE;
            }
        }
        if let Some(slab) = self.slabs.get_mut(number) {
            pages.uncharge_heap(slab.heap_bytes());
            slab.bits = Vec::new();
            slab.blocks = 0;
            slab.next = std::mem::replace(&mut self.unused, number);
        }
        pages.give(page, count);
    }

    #[cold]
    fn add(&mut self, pages: &mut Pages, class: u8, block_bytes: usize) -> Result<u32> {
        let count = slab_pages(block_bytes);
        let blocks = count as usize * PAGE_BYTES / block_bytes;
        let mut bits = Vec::new();
        bits.try_reserve_exact(blocks.div_ceil(64)).map_err(out_of_memory)?;
        self.slabs.reserve()?;
        bits.resize(blocks.div_ceil(64), u64::MAX);
        if let (Some(last), rest @ 1..) = (bits.last_mut(), blocks % 64) {
            *last = (1 << rest) - 1;
        }
        let mut slab = Slab {
            page: 0,
            block_bytes: block_bytes as u32,
            reciprocal: (1u64 << 32).div_ceil(block_bytes as u64),
            class,
            free: blocks as u32,
            blocks: blocks as u32,
            bits,
            lowest: 0,
            next: NONE,
            previous: NONE,
        };
        pages.charge_heap(slab.heap_bytes())?;
        let page = self.take_pages(pages, count).inspect_err(|_| pages.uncharge_heap(slab.heap_bytes()))?;
        slab.page = page;
        let number = self.unused;
        let number = match self.slabs.get_mut(number) {
            Some(unused) => {
                self.unused = unused.next;
                *unused = slab;
                number
            }
            None => {
                self.slabs.push(slab);
                self.slabs.len() as u32 - 1
            }
        };
        for p in page..page + count {
            if let Some(owner) = self.by_page.get_mut(p as usize) {
                *owner = number;
            }
        }
        self.link(number);
        Ok(number)
    }

    /// Pages for a slab, which the table of pages has room for.
    fn take_pages(&mut self, pages: &mut Pages, count: u32) -> Result<u32> {
        let page = pages.take(count)?;
        let end = (page + count) as usize;
        if self.by_page.len() < end {
            if let Err(e) = self.by_page.try_reserve(end - self.by_page.len()) {
                pages.give(page, count);
                return Err(out_of_memory(e));
            }
            self.by_page.resize(end, NONE);
        }
        Ok(page)
    }

    fn link(&mut self, number: u32) {
        let Some(class) = self.slabs.get(number).map(|slab| usize::from(slab.class)) else { return };
        let Some(head) = self.partial.get_mut(class) else { return };
        let next = std::mem::replace(head, number);
        if let Some(slab) = self.slabs.get_mut(next) {
            slab.previous = number;
        }
        if let Some(slab) = self.slabs.get_mut(number) {
            slab.next = next;
            slab.previous = NONE;
        }
    }

    fn unlink(&mut self, number: u32) {
        let Some(slab) = self.slabs.get_mut(number) else { return };
        let (next, previous, class) = (slab.next, slab.previous, usize::from(slab.class));
        slab.next = NONE;
        slab.previous = NONE;
        match self.slabs.get_mut(previous) {
            Some(slab) => slab.next = next,
            None => {
                if let Some(head) = self.partial.get_mut(class) {
                    *head = next;
                }
            }
        }
        if let Some(slab) = self.slabs.get_mut(next) {
            slab.previous = previous;
        }
    }
}

impl Slab {
    /// Heap bytes of the slab's own data, with its place in the table of pages.
    fn heap_bytes(&self) -> usize {
        self.bits.capacity() * 8 + size_of::<Slab>() + slab_pages(self.block_bytes as usize) as usize * 4
    }

    /// A free block's number; it is in use now. The slab has one.
    #[inline]
    fn take(&mut self) -> u32 {
        while let Some(word) = self.bits.get_mut(self.lowest as usize) {
            if *word != 0 {
                let bit = word.trailing_zeros();
                *word &= *word - 1;
                self.free -= 1;
                return self.lowest * 64 + bit;
            }
            self.lowest += 1;
        }
        0
    }

    /// The block at an offset in the slab is free again.
    #[inline]
    fn give(&mut self, offset: usize) {
        let index = ((offset as u64 * self.reciprocal) >> 32) as u32;
        debug_assert_eq!(index as usize * self.block_bytes as usize, offset, "a block's own offset");
        if let Some(word) = self.bits.get_mut(index as usize / 64) {
            debug_assert_eq!(*word >> (index % 64) & 1, 0, "a block is given back once");
            *word |= 1 << (index % 64);
            self.free += 1;
            self.lowest = self.lowest.min(index / 64);
        }
    }
}

/// What the tests compare with what a table says it uses.
#[cfg(test)]
impl Slabs {
    /// Bytes of blocks in use.
    pub(super) fn used_bytes(&self) -> u64 {
        self.slabs.iter().map(|s| u64::from(s.blocks - s.free.min(s.blocks)) * u64::from(s.block_bytes)).sum()
    }

    /// Pages held by slabs.
    pub(super) fn pages(&self) -> u64 {
        self.by_page.iter().filter(|number| **number != NONE).count() as u64
    }

    /// Whether lists, bits and counts agree.
    pub(super) fn check(&self) {
        let mut listed = vec![false; self.slabs.len()];
        for (class, first) in self.partial.iter().enumerate() {
            let (mut at, mut previous) = (*first, NONE);
            while at != NONE {
                let slab = self.slabs.get(at).unwrap();
                assert_eq!((slab.previous, usize::from(slab.class)), (previous, class));
                assert!(!std::mem::replace(&mut listed[at as usize], true));
                (previous, at) = (at, slab.next);
            }
        }
        let mut unused = 0;
        let mut at = self.unused;
        while let Some(slab) = self.slabs.get(at) {
            assert_eq!(slab.blocks, 0);
            (unused, at) = (unused + 1, slab.next);
        }
        assert_eq!(unused, self.slabs.iter().filter(|slab| slab.blocks == 0).count());
        for (number, slab) in self.slabs.iter().enumerate().filter(|(_, slab)| slab.blocks > 0) {
            let ones: u32 = slab.bits.iter().map(|word| word.count_ones()).sum();
            assert_eq!(ones, slab.free);
            assert_eq!(listed[number], slab.free > 0, "listed exactly while a block is free");
            assert_eq!(class_of(slab.block_bytes as usize), Some((slab.class, slab.block_bytes as usize)));
        }
    }
}

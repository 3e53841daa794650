//! Which shared pointers of a value have been written, and where.
//!
//! A share map that is used for two values is corruption: the second would point to where the first had what was at the
//! same address. Here the map cannot be reached without clearing it: [`SharedPositions`] keeps it private to this file, and
//! [`SharedPositions::start`], the only way to a [`Shared`], clears it first.

use rkyv::rancor::Source;
use rkyv::ser::Sharing;
use rkyv::ser::sharing::{Share, SharingState};

/// The map, between uses.
#[derive(Debug, Default)]
pub(super) struct SharedPositions {
    map: Share,
    /// Entries since it was last cleared.
    entries: usize,
}

impl SharedPositions {
    /// The map for the next value, empty.
    #[inline]
    pub(super) fn start(&mut self) -> Shared<'_> {
        if self.entries > 0 {
            self.map.clear();
            self.entries = 0;
        }
        Shared(self)
    }

    /// Gives back the memory of a map that holds more entries than `cap`.
    #[inline]
    pub(super) fn trim(&mut self, cap: usize) {
        if self.entries > cap {
            *self = SharedPositions::default();
        }
    }
}

/// The map for one value: empty when it was made.
#[derive(Debug)]
pub struct Shared<'a>(&'a mut SharedPositions);

impl<E: Source> Sharing<E> for Shared<'_> {
    fn start_sharing(&mut self, address: usize) -> SharingState {
        // Counted first: if the map panics for lack of memory, it is not taken for empty.
        self.0.entries += 1;
        Sharing::<E>::start_sharing(&mut self.0.map, address)
    }

    fn finish_sharing(&mut self, address: usize, pos: usize) -> Result<(), E> {
        self.0.map.finish_sharing(address, pos)
    }
}

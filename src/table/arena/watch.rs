//! Tells the address sanitizer which parts of a reservation are nobody's, so that it reports who reads a block that is
//! free. By itself it knows only the ordinary heap. Compiled to nothing unless built with `--cfg keybed_asan` (see
//! `scripts/sanitize.sh`).

#[cfg(keybed_asan)]
#[expect(unsafe_code, reason = "calls the sanitizer")]
mod asan {
    use std::sync::atomic::{AtomicUsize, Ordering};

    unsafe extern "C" {
        fn __asan_poison_memory_region(start: *const u8, len: usize);
        fn __asan_unpoison_memory_region(start: *const u8, len: usize);
    }

    /// What is watched of one reservation: its bytes up to here.
    #[derive(Debug)]
    pub(in crate::table::arena) struct Watch(AtomicUsize);

    impl Watch {
        pub(in crate::table::arena) fn new() -> Watch {
            Watch(AtomicUsize::new(0))
        }

        pub(in crate::table::arena) fn free(&self, base: *const u8, offset: usize, len: usize) {
            self.0.fetch_max(offset + len, Ordering::Relaxed);
            // SAFETY: marks a part of the reservation, which nobody else marks.
            unsafe { __asan_poison_memory_region(base.wrapping_add(offset), len) };
        }

        pub(in crate::table::arena) fn used(&self, base: *const u8, offset: usize, len: usize) {
            // SAFETY: as above.
            unsafe { __asan_unpoison_memory_region(base.wrapping_add(offset), len) };
        }

        /// The addresses will be somebody else's.
        pub(in crate::table::arena) fn unmapped(&self, base: *const u8) {
            self.used(base, 0, self.0.load(Ordering::Relaxed));
        }
    }
}

#[cfg(not(keybed_asan))]
mod asan {
    #[derive(Debug)]
    pub(in crate::table::arena) struct Watch;

    impl Watch {
        pub(in crate::table::arena) fn new() -> Watch {
            Watch
        }

        #[inline(always)]
        pub(in crate::table::arena) fn free(&self, _: *const u8, _: usize, _: usize) {}

        #[inline(always)]
        pub(in crate::table::arena) fn used(&self, _: *const u8, _: usize, _: usize) {}

        #[inline(always)]
        pub(in crate::table::arena) fn unmapped(&self, _: *const u8) {}
    }
}

pub(super) use asan::Watch;

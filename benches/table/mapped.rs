//! Zeroed memory straight from the system, in huge pages where it has them.
#![allow(unsafe_code, reason = "mmap")]

pub(crate) struct Mapped {
    start: *mut u8,
    len: usize,
}

const HUGE: usize = 2 << 20;

impl Mapped {
    pub(crate) fn new(len: usize) -> Mapped {
        // Room to begin at a huge page: the system does not align for us.
        let len = len.next_multiple_of(HUGE) + HUGE;
        let (protection, flags) =
            (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping at an address of the system's choice touches nothing that exists.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, -1, 0) };
        assert_ne!(start, libc::MAP_FAILED, "no memory for {len} bytes");
        // SAFETY: advice on the mapping just made. A refusal (a system without huge pages) changes nothing.
        unsafe { libc::madvise(start, len, libc::MADV_HUGEPAGE) };
        Mapped { start: start.cast(), len }
    }

    /// The first byte, at a huge page's boundary.
    pub(crate) fn start(&self) -> *mut u8 {
        self.start.map_addr(|address| address.next_multiple_of(HUGE))
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and what borrowed from it is gone with its owner.
        unsafe { libc::munmap(self.start.cast(), self.len) };
    }
}

//! How much a context keeps.

/// How much of its memory a [`Context`](super::Context) keeps between uses. What a large value needed beyond that is
/// given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Bytes of the arena, where the positions of what lists point to wait while a value is written.
    pub arena_bytes: usize,
    /// Entries of the share map: one for each `Rc` or `Arc`.
    pub shared_entries: usize,
    /// Bytes of the context's own output.
    pub output_bytes: usize,
}

impl Default for Caps {
    /// 64 KiB of arena, 1,024 shared pointers, 1 MiB of output.
    fn default() -> Self {
        Caps { arena_bytes: 64 << 10, shared_entries: 1024, output_bytes: 1 << 20 }
    }
}

//! What every competitor does. Calls are direct; only whole rounds go through a vtable (`points`).

pub(crate) trait Competitor: Sized {
    const NAME: &'static str;
    /// Whether the same puts meet the same stalls again. Not where the hash is seeded at random and decides what grows when.
    const REPEATS: bool = true;

    /// Empty, with room for what is to come where it can be asked for.
    fn with_room(entries: u64, value_bytes: usize) -> Self;

    /// Empty and without room, where the competitor can grow.
    fn growing(entries: u64, value_bytes: usize) -> Self {
        Self::with_room(entries, value_bytes)
    }

    /// Copies the value out.
    fn get(&self, group: u32, key: &[u8], out: &mut [u8]) -> Option<usize>;

    fn put(&mut self, group: u32, key: &[u8], value: &[u8]);

    /// Adds to the first 8 bytes of a value that is there.
    fn add(&mut self, group: u32, key: &[u8], amount: u64);

    /// Copies the values of all keys out, `stride` bytes apart; how many were found.
    fn get_batch(&self, keys: &[(u32, &[u8])], stride: usize, out: &mut [u8]) -> usize;

    /// Bytes the competitor says it holds, where it can say so.
    fn committed(&self) -> Option<u64> {
        None
    }
}

/// The first 8 bytes, which carry what is checked.
#[inline(always)]
pub(crate) fn head(value: &[u8]) -> u64 {
    u64::from_le_bytes(value[..8].try_into().unwrap())
}

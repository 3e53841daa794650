//! What a serialization borrows.

use rkyv::Serialize;
use rkyv::rancor::Strategy;
use rkyv::ser::Positional;

use super::caps::Caps;
use super::scratch::{CappedArena, Scratch};
use super::shared::{Shared, SharedPositions};
use super::write_error::WriteError;
use super::writer::BoundedWriter;

/// What a value is written with.
pub type Serializer<'a> =
    Strategy<rkyv::ser::Serializer<BoundedWriter<'a>, Scratch<'a>, Shared<'a>>, WriteError>;

/// What a [`Context`] can write. Derive [`rkyv::Archive`] and [`rkyv::Serialize`], or declare a
/// [`record!`](crate::record).
pub trait Value: for<'a> Serialize<Serializer<'a>> {}

impl<T: for<'a> Serialize<Serializer<'a>>> Value for T {}

/// Arena, share map and output of serializations, one after the other.
///
/// Owned by whoever writes, and borrowed for each value; it never crosses threads by itself and hides in no
/// thread-local. It is cleared when it is borrowed. Every way out of a serialization, a panic too, gives back what is
/// above the [`Caps`].
///
/// ```
/// use keybed::value::{Context, access};
///
/// let mut context = Context::new();
/// let bytes = context.serialize(&vec![String::from("one"), String::from("another, which is longer")])?;
/// let list = access::<Vec<String>>(bytes)?;
/// assert_eq!(list.len(), 2);
/// # Ok::<_, keybed::error::Error>(())
/// ```
#[derive(Debug)]
pub struct Context {
    arena: CappedArena,
    shared: SharedPositions,
    output: Vec<u8>,
    caps: Caps,
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Context {
    /// A context with the usual caps.
    pub fn new() -> Self {
        Self::with_caps(Caps::default())
    }

    /// A context that keeps no more than `caps` (and a first block of 2 KiB) between uses.
    pub fn with_caps(caps: Caps) -> Self {
        Context { arena: CappedArena::new(), shared: SharedPositions::default(), output: Vec::new(), caps }
    }

    /// Writes a value to the context's own output, and lends it until the next use.
    #[inline]
    pub fn serialize<T: Value>(&mut self, value: &T) -> Result<&[u8], WriteError> {
        self.serialize_within(usize::MAX, value)
    }

    /// As [`serialize`](Self::serialize); a value of more than `limit` bytes is refused with [`WriteError::Limit`].
    #[inline]
    pub fn serialize_within<T: Value>(&mut self, limit: usize, value: &T) -> Result<&[u8], WriteError> {
        self.output.clear();
        if self.output.capacity() > self.caps.output_bytes {
            self.give_back_output();
        }
        let len = write(&mut self.arena, &mut self.shared, &self.caps, &mut self.output, limit, value)?;
        // All of it; by its own length, because the vector's has just been stored and would be waited for.
        Ok(self.output.get(..len).unwrap_or_default())
    }

    /// Appends a value to `out`, whose length must not exceed `limit` with it. Returns how many bytes it took. After an
    /// error or a panic `out` is as long as it was.
    #[inline]
    pub fn append<T: Value>(
        &mut self,
        out: &mut Vec<u8>,
        limit: usize,
        value: &T,
    ) -> Result<usize, WriteError> {
        write(&mut self.arena, &mut self.shared, &self.caps, out, limit, value)
    }

    /// Gives back what the own output has above its cap. The next [`serialize`](Self::serialize) does this too; for
    /// contexts that will be idle.
    pub fn trim(&mut self) {
        self.output.clear();
        self.give_back_output();
    }

    #[cold]
    fn give_back_output(&mut self) {
        self.output.shrink_to(self.caps.output_bytes);
    }
}

// Always: for a number nothing of all this is left but the copy.
#[inline(always)]
fn write<T: Value>(
    arena: &mut CappedArena,
    shared: &mut SharedPositions,
    caps: &Caps,
    out: &mut Vec<u8>,
    limit: usize,
    value: &T,
) -> Result<usize, WriteError> {
    let mut lent = Lent { arena, shared, caps };
    let Lent { arena, shared, .. } = &mut lent;
    let mut serializer =
        rkyv::ser::Serializer::new(BoundedWriter::new(out, limit), arena.start(), shared.start());
    let resolver = value.serialize(Strategy::wrap(&mut serializer))?;
    serializer.writer.write_root(value, resolver)?;
    let len = serializer.writer.pos();
    serializer.writer.keep();
    Ok(len)
}

/// Trims when the serialization is over, however it ends.
struct Lent<'a> {
    arena: &'a mut CappedArena,
    shared: &'a mut SharedPositions,
    caps: &'a Caps,
}

impl Drop for Lent<'_> {
    #[inline]
    fn drop(&mut self) {
        self.arena.trim(self.caps.arena_bytes);
        self.shared.trim(self.caps.shared_entries);
    }
}

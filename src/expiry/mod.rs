//! State whose time is over: what values say about when they were last used, and what is to be dropped of them.
//!
//! ```text
//!  value          i64 time | value                                      time in ms, big-endian
//!  entry of a map u8 0 | i64 time | value        u8 1: null, has no time and stays
//!  list           i64 time | element | ',' | i64 time | element | ...   joined: see `store::Session::append`
//! ```
//!
//! Of a list the elements at the start are dropped whose time is over, up to the first whose time is not: lists are appended to, so
//! those that are older stand before those that are newer. Where one ends is known if all have the same size, or are of a form
//! known here ([`ElementForm`]). Of any other list nothing is dropped but the whole, as soon as every `,` in it that could end
//! an element is followed by a time that is over: then the last element's is, wherever it begins.
//!
//! Nothing here trusts the bytes: what does not look as it should stays as it is.

mod clock;
mod list;

#[cfg(test)]
mod tests;

pub use clock::Clock;

/// Bytes of a time.
const TIME_BYTES: usize = 8;

/// When the entries of a state are over, and how they say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Milliseconds from its time on that an entry lives.
    pub ttl_millis: i64,
    /// Where the time is.
    pub form: ValueForm,
    /// After how many entries the clock is read anew.
    pub entries_a_clock: u64,
    /// Files that have not been rewritten for so many seconds are, for the sake of what is over in them; 0: never for that.
    pub rewrite_seconds: u64,
}

/// Where a value has its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    /// At its start.
    Value,
    /// Behind the byte that says whether it is null.
    MapEntry,
    /// At the start of each element.
    List(ElementForm),
}

/// What is behind the time of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementForm {
    /// So many bytes.
    Fixed(usize),
    /// A string as Flink's `StringValue` writes it.
    Text,
    /// A length of four bytes, big-endian, and so many bytes.
    Bytes,
    /// Nobody knows.
    Unknown,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It stays as it is.
    Keep,
    /// The entry goes.
    Drop,
    /// All but the first so many bytes stay.
    DropFirst(usize),
}

impl Expiry {
    /// What becomes of a value at a time.
    #[inline]
    pub fn verdict(&self, value: &[u8], now: i64) -> Verdict {
        match self.form {
            ValueForm::Value => self.whole(value, now),
            ValueForm::MapEntry => match value.split_first() {
                Some((0, value)) => self.whole(value, now),
                _ => Verdict::Keep,
            },
            ValueForm::List(form) => list::verdict(self, form, value, now),
        }
    }

    fn whole(&self, value: &[u8], now: i64) -> Verdict {
        if self.is_over_at_start(value, now).unwrap_or(false) { Verdict::Drop } else { Verdict::Keep }
    }

    /// Whether the time at the start of `bytes` is over; `None` if there is none.
    fn is_over_at_start(&self, bytes: &[u8], now: i64) -> Option<bool> {
        let time = i64::from_be_bytes(*bytes.first_chunk::<TIME_BYTES>()?);
        // As Flink counts: a time to live that would lead beyond the end of time leads to it.
        let ttl = if time > 0 { self.ttl_millis.min(i64::MAX - time) } else { self.ttl_millis };
        Some(time.wrapping_add(ttl) <= now)
    }
}

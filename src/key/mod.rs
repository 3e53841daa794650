//! Composite keys: `key group | key | namespace | map key`.
//!
//! [`KeyBuilder`] writes them into a buffer it is given, without allocating, and keeps the part for the current key
//! and group between calls, so that three states touched for one record encode the key once.
//!
//! ```text
//!            group          key                    namespace            map key
//!  flink     1 or 2 B BE    bytes                  bytes                bytes        both variable: + length suffixes
//!  ordered   1 or 2 B BE    fixed: raw             fixed: raw           raw
//!                           variable: escaped      variable: escaped
//!            |--- kept between calls ---|
//! ```
//!
//! The group takes one byte up to a maximum parallelism of 128 and two above, as in Flink.
//!
//! * [`KeyEncoding::Flink`] is byte for byte what Flink's RocksDB backend writes, see [`flink`]. It is exact only for
//!   the self-delimiting bytes of Flink's serializers.
//! * [`KeyEncoding::Ordered`] is for everybody else, see [`ordered`]: equal bytes mean equal tuples, byte order means
//!   tuple order, and the prefixes (group), (group, key), (group, key, namespace) select exactly their entries.

mod builder;
pub mod flink;
mod group;
pub mod ordered;
mod range;
mod spec;

pub use builder::{CompositeKey, KeyBuilder};
pub(crate) use builder::{copy, copy_short};
pub use group::{key_group, murmur_hash};
pub use range::KeyGroupRange;
pub use spec::{KeyEncoding, KeySpec, PartSize, Scope};

#[cfg(test)]
mod tests;

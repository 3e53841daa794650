//! The format of archives, pinned at compile time.
//!
//! rkyv's format is chosen by cargo features, and cargo unifies the features of all crates of a program: another crate
//! that asks for `big_endian` or `pointer_width_64` would change the bytes that this one writes. rkyv 0.8.18 refuses such
//! a pair itself; the assertions below hold whatever it does, and whatever this crate's manifest says.

use std::mem::{align_of, size_of};

use rkyv::Archived;
use rkyv::rend::unaligned::{f64_ule, i64_ule, u16_ule, u32_ule, u64_ule};
use rkyv::string::ArchivedString;
use rkyv::vec::ArchivedVec;

/// Names the format in files that hold archives: rkyv 0.8, little-endian, unaligned, pointers of 32 bits.
pub const FORMAT: u8 = 1;

const _: () = {
    assert!(size_of::<Archived<usize>>() == 4, "rkyv must be built with pointer_width_32");
    assert!(size_of::<Archived<isize>>() == 4, "rkyv must be built with pointer_width_32");
    assert!(align_of::<Archived<u64>>() == 1, "rkyv must be built with unaligned");
    assert!(align_of::<Archived<u128>>() == 1, "rkyv must be built with unaligned");
    assert!(size_of::<ArchivedString>() == 8 && align_of::<ArchivedString>() == 1, "strings are 8 bytes");
    assert!(size_of::<ArchivedVec<u8>>() == 8 && align_of::<ArchivedVec<u8>>() == 1, "lists are 8 bytes");
};

// Little-endian: each of these is a type error when rkyv is built with big_endian.
const _: fn(Archived<u16>) -> u16_ule = |archived| archived;
const _: fn(Archived<u32>) -> u32_ule = |archived| archived;
const _: fn(Archived<u64>) -> u64_ule = |archived| archived;
const _: fn(Archived<i64>) -> i64_ule = |archived| archived;
const _: fn(Archived<f64>) -> f64_ule = |archived| archived;
const _: fn(Archived<usize>) -> u32_ule = |archived| archived;

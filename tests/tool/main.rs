//! The inspection tool, run as a program on real stores and snapshots.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, unreachable_pub, reason = "a test")]

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod diff;
mod documented;
mod get;
mod info;
mod open_stores;
mod pipes;
mod run;
mod samples;
mod scan;
mod usage;
mod verify;

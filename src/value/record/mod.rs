//! Records: archives whose fields Java reads where they lie.
//!
//! A record is declared once, in Rust:
//!
//! ```
//! keybed::record! {
//!     /// A point of a path.
//!     #[derive(Debug, Clone, PartialEq)]
//!     pub struct Point {
//!         pub x: i32,
//!         pub y: i32,
//!         pub kind: PointKind,
//!         pub label: Option<String>,
//!     }
//! }
//! keybed::record_enum! {
//!     /// How the path goes on.
//!     pub enum PointKind { Corner, Smooth }
//! }
//! # fn main() {}
//! ```
//!
//! The macros derive the archive and say what is in it as a [`Schema`]: names, kinds and offsets of the fields, asked of
//! the *compiled archived type* (`offset_of!`, `size_of`). Nothing works out a layout a second time, so what is generated
//! cannot drift from what is written. [`java`] generates a Java class from a schema: a view (`dev.keybed.RecordView`) whose
//! accessors are loads at constant offsets.
//!
//! | type | what it is |
//! |---|---|
//! | [`Record`], [`Choice`] | what the macros implement |
//! | [`Schema`], [`FieldSchema`], [`ChoiceSchema`], [`Kind`] | what a record consists of |
//! | [`Field`], [`Plain`], [`Element`] | which types may be fields, optional, and in lists |
//! | [`java::generate`] | the Java classes |
//!
//! # Generating when a program is built
//!
//! The schema comes from compiled types, so it takes a program: a small one of yours that calls the generator, run by
//! hand, by `make` or by a test that compares what is checked in. `examples/records/main.rs` is one, whole:
//!
//! ```no_run
//! # keybed::record! { pub struct Point { pub x: i32 } }
//! # fn main() -> keybed::error::Result<()> {
//! use keybed::value::record::{Record, java};
//!
//! for file in java::generate("com.example.records", &[Point::schema()])? {
//!     file.write_below("src/main/java".as_ref())?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Cargo's `build.rs` can do it too, if the records are in a crate of their own that is a build dependency.
//!
//! # Changing a record
//!
//! There is no evolution: another field, kind or order is another layout. Write the old records anew, or put a version
//! in front of the bytes.

mod choice_macro;
mod field;
pub mod java;
mod kind;
mod record_macro;
mod schema;
#[cfg(test)]
mod tests;

pub use field::{Element, Field, Plain};
pub use kind::Kind;
pub use schema::{Choice, ChoiceSchema, FieldSchema, Record, Schema};

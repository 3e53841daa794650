//! What a record consists of.

use super::field::Field;
use super::kind::Kind;

/// A struct declared with [`record!`](crate::record).
pub trait Record: Field {
    /// What it consists of.
    fn schema() -> Schema;
}

/// An enum declared with [`record_enum!`](crate::record_enum).
pub trait Choice: Field {
    /// Its variants and their tags.
    fn choices() -> ChoiceSchema;
}

/// What a record consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The name of the Rust struct, and of the Java class.
    pub name: String,
    /// Bytes of the record itself, without what it points to.
    pub size: usize,
    /// In the order of declaration.
    pub fields: Vec<FieldSchema>,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSchema {
    /// As in Rust, without `r#`.
    pub name: String,
    /// From the start of the record.
    pub offset: usize,
    /// What it is.
    pub kind: Kind,
}

impl FieldSchema {
    /// A field by its Rust name.
    pub fn new(name: &str, offset: usize, kind: Kind) -> Self {
        FieldSchema { name: name.trim_start_matches("r#").to_owned(), offset, kind }
    }
}

/// The variants of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceSchema {
    /// The name of the Rust enum, and of the Java enum.
    pub name: String,
    /// Names as in Rust, and tags, in the order of declaration.
    pub variants: Vec<(String, u8)>,
}

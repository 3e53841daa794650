//! What a field is.

use super::schema::{ChoiceSchema, Schema};

/// What a field is, and how its archived form is read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the numbers are what they are called")]
pub enum Kind {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
    /// One byte, 0 or 1.
    Bool,
    /// One byte, the tag of a variant.
    Choice(ChoiceSchema),
    /// 8 bytes: up to 8 bytes of UTF-8, or a length and a distance.
    Text,
    /// A list of bytes.
    Bytes,
    /// A tag byte, 0 or 1, and a value.
    Optional {
        /// Of the value, from the tag.
        value_offset: usize,
        /// What the value is.
        of: Box<Kind>,
    },
    /// A distance and a number of elements.
    List {
        /// Bytes of an element.
        stride: usize,
        /// What an element is.
        of: Box<Kind>,
    },
    /// Another record, in place.
    Record(Schema),
}

impl Kind {
    /// The Rust type, for people.
    pub fn rust_name(&self) -> String {
        match self {
            Kind::U8 => "u8".into(),
            Kind::U16 => "u16".into(),
            Kind::U32 => "u32".into(),
            Kind::U64 => "u64".into(),
            Kind::I8 => "i8".into(),
            Kind::I16 => "i16".into(),
            Kind::I32 => "i32".into(),
            Kind::I64 => "i64".into(),
            Kind::F32 => "f32".into(),
            Kind::F64 => "f64".into(),
            Kind::Bool => "bool".into(),
            Kind::Choice(choice) => choice.name.clone(),
            Kind::Text => "String".into(),
            Kind::Bytes => "Vec<u8>".into(),
            Kind::Optional { of, .. } => format!("Option<{}>", of.rust_name()),
            Kind::List { of, .. } => format!("Vec<{}>", of.rust_name()),
            Kind::Record(schema) => schema.name.clone(),
        }
    }
}

//! Which types may be fields of a record.

use rkyv::{Archive, Archived};

use super::kind::Kind;

/// What may be a field of a record.
pub trait Field: Archive {
    /// What it is.
    fn kind() -> Kind;
}

/// What may be optional: neither optional itself nor a list, except of bytes.
pub trait Plain: Field {}

/// What may be in a list. Bytes may not: a list of them is [`Kind::Bytes`].
pub trait Element: Plain {}

macro_rules! plain_fields {
    ($($kind:ident $($type:ty),+;)+) => {
        $($(
            impl Field for $type {
                fn kind() -> Kind {
                    Kind::$kind
                }
            }
            impl Plain for $type {}
        )+)+
    };
}

plain_fields! {
    U8 u8;
    U16 u16;
    U32 u32;
    U64 u64;
    I8 i8;
    I16 i16;
    I32 i32;
    I64 i64;
    F32 f32;
    F64 f64;
    Bool bool;
    Text String;
    Bytes Vec<u8>;
}

macro_rules! elements {
    ($($type:ty),+ $(,)?) => {
        $(impl Element for $type {})+
    };
}

elements!(u16, u32, u64, i8, i16, i32, i64, f32, f64, bool, String, Vec<u8>);

impl<T: Plain> Field for Option<T> {
    fn kind() -> Kind {
        // The tag comes first and nothing is aligned (`value::format`), so the value is what is left.
        let value_offset = size_of::<Archived<Option<T>>>() - size_of::<Archived<T>>();
        Kind::Optional { value_offset, of: Box::new(T::kind()) }
    }
}

impl<T: Element> Field for Vec<T> {
    fn kind() -> Kind {
        Kind::List { stride: size_of::<Archived<T>>(), of: Box::new(T::kind()) }
    }
}

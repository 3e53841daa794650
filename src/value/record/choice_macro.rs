//! The macro that declares an enum for records.

/// Declares an enum without data as a [`Choice`](crate::value::record::Choice): one byte in a record.
#[macro_export]
macro_rules! record_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident $(= $tag:literal)?),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            $crate::value::rkyv::Archive,
            $crate::value::rkyv::Serialize,
            $crate::value::rkyv::Deserialize,
        )]
        #[rkyv(crate = $crate::value::rkyv)]
        #[repr(u8)]
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant $(= $tag)?,)+
        }

        impl $crate::value::record::Field for $name {
            fn kind() -> $crate::value::record::Kind {
                $crate::value::record::Kind::Choice(<$name as $crate::value::record::Choice>::choices())
            }
        }
        impl $crate::value::record::Plain for $name {}
        impl $crate::value::record::Element for $name {}

        impl $crate::value::record::Choice for $name {
            fn choices() -> $crate::value::record::ChoiceSchema {
                type Found = $crate::value::rkyv::Archived<$name>;
                $crate::value::record::ChoiceSchema {
                    name: ::std::string::String::from(stringify!($name)),
                    // The tags of the archived enum, which is what is written.
                    variants: ::std::vec![$(
                        (::std::string::String::from(stringify!($variant)), Found::$variant as u8),
                    )+],
                }
            }
        }
    };
}

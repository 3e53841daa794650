//! The macro that declares a record.

/// Declares a struct as a [`Record`](crate::value::record::Record): derives its archive, and says what is in it.
///
/// Attributes stay where they are, so further traits can be derived. Fields may be numbers (`u8` to `u64`, `i8` to `i64`,
/// `f32`, `f64`), `bool`, `String`, `Vec<u8>`, other records and [`record_enum!`](crate::record_enum)s, `Option` of these,
/// and `Vec` of these. At least one field; no generics.
#[macro_export]
macro_rules! record {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$field_attribute:meta])* $field_visibility:vis $field:ident : $type:ty),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive($crate::value::rkyv::Archive, $crate::value::rkyv::Deserialize)]
        #[rkyv(crate = $crate::value::rkyv)]
        $visibility struct $name {
            $($(#[$field_attribute])* $field_visibility $field: $type,)+
        }

        // What the derive would write, but inlined always: returned through memory, the resolver costs more than the rest.
        impl<S> $crate::value::rkyv::Serialize<S> for $name
        where
            S: $crate::value::rkyv::rancor::Fallible + ?Sized,
            $($type: $crate::value::rkyv::Serialize<S>,)+
        {
            #[inline(always)]
            fn serialize(
                &self,
                serializer: &mut S,
            ) -> ::core::result::Result<Self::Resolver, <S as $crate::value::rkyv::rancor::Fallible>::Error> {
                type Found = <$name as $crate::value::rkyv::Archive>::Resolver;
                ::core::result::Result::Ok(Found {
                    $($field: <$type as $crate::value::rkyv::Serialize<S>>::serialize(&self.$field, serializer)?,)+
                })
            }
        }

        impl $crate::value::record::Field for $name {
            fn kind() -> $crate::value::record::Kind {
                $crate::value::record::Kind::Record(<$name as $crate::value::record::Record>::schema())
            }
        }
        impl $crate::value::record::Plain for $name {}
        impl $crate::value::record::Element for $name {}

        impl $crate::value::record::Record for $name {
            fn schema() -> $crate::value::record::Schema {
                $crate::value::record::Schema {
                    name: ::std::string::String::from(stringify!($name)),
                    size: ::core::mem::size_of::<$crate::value::rkyv::Archived<$name>>(),
                    fields: ::std::vec![$(
                        $crate::value::record::FieldSchema::new(
                            stringify!($field),
                            ::core::mem::offset_of!($crate::value::rkyv::Archived<$name>, $field),
                            <$type as $crate::value::record::Field>::kind(),
                        ),
                    )+],
                }
            }
        }
    };
}

//! Schemas say what the bytes are.

use super::{Choice, ChoiceSchema, FieldSchema, Kind, Record, Schema, java};
use crate::error::ErrorKind;
use crate::value::Context;
use crate::{record, record_enum};

record_enum! {
    enum Suit { Clubs, Diamonds = 7, Hearts }
}

record! {
    struct Inner { pub a: u8, pub b: Option<u16> }
}

record! {
    struct Outer {
        pub first: u8,
        pub r#type: Suit,
        pub inner: Inner,
        pub list: Vec<Inner>,
        pub maybe: Option<String>,
        pub last: u64,
    }
}

#[test]
fn offsets_are_those_of_the_archived_type() {
    let schema = Outer::schema();
    let places: Vec<_> = schema.fields.iter().map(|f| (f.name.as_str(), f.offset)).collect();
    assert_eq!(
        places,
        [("first", 0), ("type", 1), ("inner", 2), ("list", 6), ("maybe", 14), ("last", 23)],
        "the `r#` of a keyword is not part of the name"
    );
    assert_eq!(schema.size, 31);
    let Kind::Record(inner) = &schema.fields[2].kind else { panic!("{schema:?}") };
    assert_eq!(
        inner.fields[1],
        FieldSchema::new("b", 1, Kind::Optional { value_offset: 1, of: Box::new(Kind::U16) })
    );
    assert_eq!(schema.fields[3].kind, Kind::List { stride: 4, of: Box::new(Kind::Record(inner.clone())) });
}

#[test]
fn tags_are_what_is_written() {
    let suits = [Suit::Clubs, Suit::Diamonds, Suit::Hearts];
    let mut context = Context::new();
    let written: Vec<_> = suits.iter().map(|suit| context.serialize(suit).unwrap().to_vec()).collect();
    let tags: Vec<_> = Suit::choices().variants.iter().map(|(_, tag)| vec![*tag]).collect();
    assert_eq!(tags, written);
    assert_eq!(Suit::choices().variants[2], ("Hearts".to_owned(), 8));
}

#[test]
fn fields_are_written_where_the_schema_says() {
    let value = Outer {
        first: 0x11,
        r#type: Suit::Hearts,
        inner: Inner { a: 0x22, b: Some(0x3344) },
        list: vec![],
        maybe: None,
        last: 0x5566_7788_99AA_BBCC,
    };
    let mut context = Context::new();
    let bytes = context.serialize(&value).unwrap();
    let mut expected = vec![0x11, 8, 0x22, 1, 0x44, 0x33];
    expected.resize(23, 0);
    expected.extend_from_slice(&value.last.to_le_bytes());
    // An empty list points to where its elements would be.
    assert_eq!(bytes[..6], expected[..6]);
    assert_eq!(bytes[10..], expected[10..]);
}

fn schema(name: &str, fields: &[(&str, Kind)]) -> Schema {
    let fields = fields.iter().enumerate().map(|(i, (name, kind))| FieldSchema::new(name, i, kind.clone()));
    Schema { name: name.into(), size: 100, fields: fields.collect() }
}

#[test]
fn what_java_cannot_express_is_refused() {
    let refused = |package: &str, schema: Schema| {
        let error = java::generate(package, &[schema]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        error.message().to_owned()
    };
    let fine = schema("Fine", &[("a", Kind::U8)]);
    assert!(java::generate("a.b", std::slice::from_ref(&fine)).is_ok());
    assert_eq!(refused("a.int", fine.clone()), "\"a.int\" is no Java package");
    assert_eq!(refused("", fine), "\"\" is no Java package");
    assert_eq!(refused("a", schema("String", &[])), "a generated Java class cannot be called String");
    let taken = schema("Taken", &[("a_b", Kind::U8), ("aB", Kind::U8)]);
    assert_eq!(refused("a", taken), "Taken.aB: aB() is taken by another field");
    let equals = schema(
        "Taken",
        &[("a", Kind::Text), ("a_equals", Kind::List { stride: 4, of: Box::new(Kind::U32) })],
    );
    assert!(java::generate("a", &[equals]).is_ok(), "other parameters");
    let has = schema(
        "Taken",
        &[("has_a", Kind::U8), ("a", Kind::Optional { value_offset: 1, of: Box::new(Kind::U8) })],
    );
    assert_eq!(refused("a", has), "Taken.a: hasA() is taken by another field");
    let foreign = schema("Foreign", &[("straße", Kind::U8)]);
    assert_eq!(refused("a", foreign), "Foreign.straße: no name in Java");
    let inner = |kind| Kind::Record(schema("Inner", &[("a", kind)]));
    let two = schema("Two", &[("a", inner(Kind::U8)), ("b", inner(Kind::U16))]);
    assert_eq!(refused("a", two), "two types are called Inner");
    let variants = ChoiceSchema { name: "Same".into(), variants: vec![("AB".into(), 0), ("Ab".into(), 1)] };
    assert!(
        refused("a", schema("S", &[("s", Kind::Choice(variants))])).contains("Same::Ab would be called AB")
    );
}

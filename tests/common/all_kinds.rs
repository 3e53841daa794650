//! A record with a field of every kind.

keybed::record_enum! {
    /// Tags with gaps, up to beyond a signed byte.
    pub enum Colour { Red, Green = 5, DarkBlue = 200 }
}

keybed::record! {
    /// A record in a record.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Part {
        pub id: u32,
        pub note: Option<String>,
        pub colour: Option<Colour>,
        pub weight: f64,
    }
}

keybed::record! {
    /// A field of every kind, some with names that Java or the super class has taken.
    #[derive(Debug, Clone, PartialEq)]
    pub struct AllKinds {
        pub class: u8,
        pub size: u16,
        pub number32: u32,
        pub number64: u64,
        pub signed8: i8,
        pub signed16: i16,
        pub signed32: i32,
        pub signed64: i64,
        pub real32: f32,
        pub real64: f64,
        pub r#final: bool,
        pub colour: Colour,
        pub text: String,
        pub bytes: Vec<u8>,
        pub part: Part,
        pub maybe_u8: Option<u8>,
        pub maybe_u16: Option<u16>,
        pub maybe_u32: Option<u32>,
        pub maybe_u64: Option<u64>,
        pub maybe_i8: Option<i8>,
        pub maybe_i16: Option<i16>,
        pub maybe_i32: Option<i32>,
        pub maybe_i64: Option<i64>,
        pub maybe_f32: Option<f32>,
        pub maybe_f64: Option<f64>,
        pub maybe_bool: Option<bool>,
        pub maybe_colour: Option<Colour>,
        pub maybe_text: Option<String>,
        pub maybe_bytes: Option<Vec<u8>>,
        pub maybe_part: Option<Part>,
        pub u16s: Vec<u16>,
        pub u32s: Vec<u32>,
        pub u64s: Vec<u64>,
        pub i8s: Vec<i8>,
        pub i16s: Vec<i16>,
        pub i32s: Vec<i32>,
        pub i64s: Vec<i64>,
        pub f32s: Vec<f32>,
        pub f64s: Vec<f64>,
        pub bools: Vec<bool>,
        pub colours: Vec<Colour>,
        pub texts: Vec<String>,
        pub blobs: Vec<Vec<u8>>,
        pub parts: Vec<Part>,
    }
}

fn part(id: u32) -> Part {
    Part {
        id,
        note: (id % 2 == 1).then(|| format!("the note of part {id}")),
        colour: (id % 3 == 1).then_some(Colour::DarkBlue),
        weight: f64::from(id) / 4.0,
    }
}

impl AllKinds {
    /// Everything is there.
    pub fn full() -> Self {
        AllKinds {
            class: 200,
            size: 40_000,
            number32: 3_000_000_000,
            number64: 10_000_000_000_000_000_000,
            signed8: -100,
            signed16: -30_000,
            signed32: -2_000_000_000,
            signed64: -9_000_000_000_000_000_000,
            real32: 1.5,
            real64: -0.1,
            r#final: true,
            colour: Colour::DarkBlue,
            text: "eight by".into(),
            bytes: vec![0, 0x7F, 0x80, 0xFF],
            part: part(7),
            maybe_u8: Some(255),
            maybe_u16: Some(65_535),
            maybe_u32: Some(u32::MAX),
            maybe_u64: Some(1),
            maybe_i8: Some(-1),
            maybe_i16: Some(-2),
            maybe_i32: Some(-3),
            maybe_i64: Some(-4),
            maybe_f32: Some(0.25),
            maybe_f64: Some(1e300),
            maybe_bool: Some(true),
            maybe_colour: Some(Colour::Green),
            maybe_text: Some("nine byte".into()),
            maybe_bytes: Some(b"bytes".to_vec()),
            maybe_part: Some(part(1)),
            u16s: vec![1, 65_535],
            u32s: vec![u32::MAX],
            u64s: vec![u64::MAX, 0],
            i8s: vec![-128, 127],
            i16s: vec![-32_768],
            i32s: vec![i32::MIN, i32::MAX],
            i64s: vec![i64::MIN],
            f32s: vec![f32::INFINITY, -0.0],
            f64s: vec![f64::MIN_POSITIVE],
            bools: vec![true, false],
            colours: vec![Colour::Green, Colour::Red],
            texts: vec![String::new(), "short".into(), "and one that is not inline".into()],
            blobs: vec![vec![], vec![1, 2, 3]],
            parts: vec![part(1), part(2)],
        }
    }

    /// All that can be absent or empty is; numbers are zero.
    pub fn bare() -> Self {
        AllKinds {
            class: 0,
            size: 0,
            number32: 0,
            number64: 0,
            signed8: 0,
            signed16: 0,
            signed32: 0,
            signed64: 0,
            real32: 0.0,
            real64: 0.0,
            r#final: false,
            colour: Colour::Red,
            text: String::new(),
            bytes: vec![],
            part: Part { id: 0, note: None, colour: None, weight: 0.0 },
            maybe_u8: None,
            maybe_u16: None,
            maybe_u32: None,
            maybe_u64: None,
            maybe_i8: None,
            maybe_i16: None,
            maybe_i32: None,
            maybe_i64: None,
            maybe_f32: None,
            maybe_f64: None,
            maybe_bool: None,
            maybe_colour: None,
            maybe_text: None,
            maybe_bytes: None,
            maybe_part: None,
            u16s: vec![],
            u32s: vec![],
            u64s: vec![],
            i8s: vec![],
            i16s: vec![],
            i32s: vec![],
            i64s: vec![],
            f32s: vec![],
            f64s: vec![],
            bools: vec![],
            colours: vec![],
            texts: vec![],
            blobs: vec![],
            parts: vec![],
        }
    }
}

//! What each accessor of a generated Java class must return, as the Java tests print it.

use super::all_kinds::{AllKinds, Colour, Part};
use super::directory_info::{Acl, AclScope, AclType, DirectoryInfo};

/// Accessors with what they return.
pub(crate) trait Describe {
    fn lines(&self) -> Vec<(String, String)>;
}

/// How a value is printed.
trait Print {
    fn print(&self) -> String;
}

macro_rules! print_decimal {
    ($($type:ty as $java:ty),+) => {
        $(impl Print for $type {
            fn print(&self) -> String {
                (*self as $java).to_string()
            }
        })+
    };
}

print_decimal!(u8 as i32, u16 as i32, u32 as i64, u64 as i64, i8 as i32, i16 as i32, i32 as i32, i64 as i64);

impl Print for f32 {
    fn print(&self) -> String {
        format!("f32:{:08x}", self.to_bits())
    }
}

impl Print for f64 {
    fn print(&self) -> String {
        format!("f64:{:016x}", self.to_bits())
    }
}

impl Print for bool {
    fn print(&self) -> String {
        self.to_string()
    }
}

impl Print for String {
    fn print(&self) -> String {
        let mut out = String::from("\"");
        for unit in self.encode_utf16() {
            match unit {
                0x20..=0x7E if unit != 0x22 && unit != 0x5C => out.push(unit as u8 as char),
                _ => out += &format!("\\u{unit:04x}"),
            }
        }
        out + "\""
    }
}

impl Print for Vec<u8> {
    fn print(&self) -> String {
        self.iter().fold(String::from("bytes:"), |out, byte| out + &format!("{byte:02x}"))
    }
}

macro_rules! print_constant {
    ($($type:ident: $($variant:ident $java:literal),+;)+) => {
        $(impl Print for $type {
            fn print(&self) -> String {
                match self { $($type::$variant => $java,)+ }.into()
            }
        })+
    };
}

print_constant! {
    AclType: User "USER", Group "GROUP", Mask "MASK", Other "OTHER";
    AclScope: Access "ACCESS", Default "DEFAULT";
    Colour: Red "RED", Green "GREEN", DarkBlue "DARK_BLUE";
}

/// Lines of one record.
#[derive(Default)]
struct Lines(Vec<(String, String)>);

impl Lines {
    fn value(&mut self, accessor: &str, value: &impl Print) {
        self.0.push((accessor.to_owned(), value.print()));
    }

    fn record(&mut self, accessor: &str, record: &impl Describe) {
        for (inner, expected) in record.lines() {
            self.0.push((format!("{accessor}.{inner}"), expected));
        }
    }

    fn list<T>(&mut self, accessor: &str, list: &[T], mut element: impl FnMut(&mut Lines, &str, &T)) {
        self.0.push((format!("{accessor}Size"), list.len().to_string()));
        for (i, value) in list.iter().enumerate() {
            element(self, &format!("{accessor}({i})"), value);
        }
    }

    fn values<T: Print>(&mut self, accessor: &str, list: &[T]) {
        self.list(accessor, list, |lines, accessor, value| lines.value(accessor, value));
    }

    /// `absent` is what the accessor does when there is no value.
    fn optional<T>(
        &mut self,
        accessor: &str,
        value: &Option<T>,
        absent: &str,
        present: impl FnOnce(&mut Lines, &str, &T),
    ) {
        let (first, rest) = accessor.split_at(1);
        self.0.push((format!("has{}{rest}", first.to_uppercase()), value.is_some().to_string()));
        match value {
            Some(value) => present(self, accessor, value),
            None => self.0.push((accessor.to_owned(), absent.to_owned())),
        }
    }

    fn number<T: Print>(&mut self, accessor: &str, value: &Option<T>) {
        self.optional(accessor, value, "absent", |lines, accessor, value| lines.value(accessor, value));
    }

    fn object<T: Print>(&mut self, accessor: &str, value: &Option<T>) {
        self.optional(accessor, value, "null", |lines, accessor, value| lines.value(accessor, value));
    }
}

impl Describe for Acl {
    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = Lines::default();
        lines.value("name", &self.name);
        lines.value("type", &self.r#type);
        lines.value("scope", &self.scope);
        lines.value("permissions", &self.permissions);
        lines.0
    }
}

impl Describe for DirectoryInfo {
    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = Lines::default();
        lines.value("objectId", &self.object_id);
        lines.value("updateId", &self.update_id);
        lines.value("parentId", &self.parent_id);
        lines.value("creationTime", &self.creation_time);
        lines.value("modificationTime", &self.modification_time);
        lines.value("name", &self.name);
        lines.value("owner", &self.owner);
        lines.value("group", &self.group);
        lines.value("permissions", &self.permissions);
        lines.list("acls", &self.acls, |lines, accessor, acl| lines.record(accessor, acl));
        lines.0
    }
}

impl Describe for Part {
    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = Lines::default();
        lines.value("id", &self.id);
        lines.object("note", &self.note);
        lines.number("colour", &self.colour);
        lines.value("weight", &self.weight);
        lines.0
    }
}

impl Describe for AllKinds {
    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = Lines::default();
        lines.value("class_", &self.class);
        lines.value("size_", &self.size);
        lines.value("number32", &self.number32);
        lines.value("number64", &self.number64);
        lines.value("signed8", &self.signed8);
        lines.value("signed16", &self.signed16);
        lines.value("signed32", &self.signed32);
        lines.value("signed64", &self.signed64);
        lines.value("real32", &self.real32);
        lines.value("real64", &self.real64);
        lines.value("final_", &self.r#final);
        lines.value("colour", &self.colour);
        lines.value("text_", &self.text);
        lines.value("bytes_", &self.bytes);
        lines.record("part", &self.part);
        lines.number("maybeU8", &self.maybe_u8);
        lines.number("maybeU16", &self.maybe_u16);
        lines.number("maybeU32", &self.maybe_u32);
        lines.number("maybeU64", &self.maybe_u64);
        lines.number("maybeI8", &self.maybe_i8);
        lines.number("maybeI16", &self.maybe_i16);
        lines.number("maybeI32", &self.maybe_i32);
        lines.number("maybeI64", &self.maybe_i64);
        lines.number("maybeF32", &self.maybe_f32);
        lines.number("maybeF64", &self.maybe_f64);
        lines.number("maybeBool", &self.maybe_bool);
        lines.number("maybeColour", &self.maybe_colour);
        lines.object("maybeText", &self.maybe_text);
        lines.object("maybeBytes", &self.maybe_bytes);
        lines.optional("maybePart", &self.maybe_part, "null", |lines, accessor, part| {
            lines.record(accessor, part);
        });
        lines.values("u16s", &self.u16s);
        lines.values("u32s", &self.u32s);
        lines.values("u64s", &self.u64s);
        lines.values("i8s", &self.i8s);
        lines.values("i16s", &self.i16s);
        lines.values("i32s", &self.i32s);
        lines.values("i64s", &self.i64s);
        lines.values("f32s", &self.f32s);
        lines.values("f64s", &self.f64s);
        lines.values("bools", &self.bools);
        lines.values("colours", &self.colours);
        lines.values("texts", &self.texts);
        lines.values("blobs", &self.blobs);
        lines.list("parts", &self.parts, |lines, accessor, part| lines.record(accessor, part));
        lines.0
    }
}

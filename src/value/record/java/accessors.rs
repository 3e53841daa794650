//! The accessors of fields.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::kind::Kind;
use super::super::schema::FieldSchema;
use super::{invalid, names};
use crate::error::Result;

/// What a class consists of, besides its constructor.
pub(super) struct Accessors<'a> {
    class: &'a str,
    /// Static arrays of enum constants.
    pub(super) constants: Vec<String>,
    /// Own views of nested records.
    pub(super) views: Vec<String>,
    pub(super) methods: String,
    pub(super) uses_bytes: bool,
    /// Names with types of parameters, of methods so far.
    signatures: BTreeSet<String>,
}

/// Where the value is that an accessor reads.
enum At {
    /// A Java expression of its position.
    Place(String),
    /// An element of a list: the same, with a parameter `index`.
    Element(String),
    /// An expression that is -1 when the value is absent.
    Optional(String),
}

/// From the Java expression of a position, that of the value there.
type Read = Box<dyn Fn(&str) -> String>;

/// A parameter: type, name, what it is.
type Parameter = (&'static str, &'static str, &'static str);

const INDEX: Parameter = ("int", "index", "which element, from 0");
const CHARS: Parameter = ("CharSequence", "other", "text");
const UTF8: Parameter = ("byte[]", "other", "text as UTF-8");
const BYTES: Parameter = ("byte[]", "other", "bytes");

impl<'a> Accessors<'a> {
    pub(super) fn new(class: &'a str) -> Self {
        Accessors {
            class,
            constants: Vec::new(),
            views: Vec::new(),
            methods: String::new(),
            uses_bytes: false,
            signatures: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, field: &FieldSchema) -> Result<()> {
        let offset = field.offset;
        match &field.kind {
            Kind::Optional { value_offset, of } => self.optional(field, *value_offset, of),
            Kind::List { stride, of } => {
                if *stride == 0 {
                    return Err(invalid(format!(
                        "{}.{}: its elements have no bytes",
                        self.class, field.name
                    )));
                }
                let (list, name) = (format!("field({offset})"), names::accessor(&field.name));
                let size = format!("size({list}, {stride})");
                self.method(field, "int", &format!("{name}Size"), &[], &size, "how many elements there are")?;
                self.value(field, of, &At::Element(format!("element({list}, {stride}, index)")))
            }
            kind => self.value(field, kind, &At::Place(format!("field({offset})"))),
        }
    }

    fn optional(&mut self, field: &FieldSchema, value_offset: usize, of: &Kind) -> Result<()> {
        let (offset, name) = (field.offset, names::accessor(&field.name));
        let place = format!("optional({offset}, {value_offset})");
        let has = format!("has{}", names::capital(&names::camel(&field.name)));
        self.method(field, "boolean", &has, &[], &format!("{place} >= 0"), "whether it is there")?;
        if let Some((java, read)) = self.number(of) {
            let read_or = format!("{place};\n        return at < 0 ? other : {}", read("at"));
            let parameter = format!("{java} other");
            self.signature(field, &format!("{name}Or({java})"))?;
            let _ = write!(
                self.methods,
                "\n    /**\n     * {}.\n     *\n     * @param other what stands for an absent one\n     \
                 * @return its value, or the other\n     */\n    public {java} {name}Or({parameter}) {{\n        \
                 int at = {read_or};\n    }}\n",
                title(field),
            );
            let present = format!("present({offset}, {value_offset}, \"{}\")", field.name);
            return self.method(
                field,
                &java,
                &name,
                &[],
                &read(&present),
                "its value; throws NoSuchElementException if it is absent",
            );
        }
        self.value(field, of, &At::Optional(place))
    }

    /// The Java type of what is read as a number or constant, and how.
    fn number(&mut self, kind: &Kind) -> Option<(String, Read)> {
        let (java, before, after) = match kind {
            Kind::U8 => ("int", "int8(", ") & 0xFF"),
            Kind::U16 => ("int", "int16(", ") & 0xFFFF"),
            Kind::U32 => ("long", "int32(", ") & 0xFFFF_FFFFL"),
            Kind::U64 | Kind::I64 => ("long", "int64(", ")"),
            Kind::I8 => ("int", "int8(", ")"),
            Kind::I16 => ("int", "int16(", ")"),
            Kind::I32 => ("int", "int32(", ")"),
            Kind::F32 => ("float", "Float.intBitsToFloat(int32(", "))"),
            Kind::F64 => ("double", "Double.longBitsToDouble(int64(", "))"),
            Kind::Bool => ("boolean", "bool(", ")"),
            Kind::Choice(choice) => {
                let (name, array) =
                    (choice.name.clone(), format!("{}_BY_TAG", names::constant(&choice.name)));
                let constant = format!("    private static final {name}[] {array} = {name}.byTag();\n");
                if !self.constants.contains(&constant) {
                    self.constants.push(constant);
                }
                return Some((name, Box::new(move |at| format!("choice({at}, {array})"))));
            }
            _ => return None,
        };
        Some((java.to_owned(), Box::new(move |at| format!("{before}{at}{after}"))))
    }

    fn value(&mut self, field: &FieldSchema, kind: &Kind, at: &At) -> Result<()> {
        let name = names::accessor(&field.name);
        let equals = format!("{name}Equals");
        if let Some((java, read)) = self.number(kind) {
            return self.read(field, at, &java, &name, &[], &*read, "its value");
        }
        match kind {
            Kind::Text => {
                self.uses_bytes = true;
                self.read(field, at, "String", &name, &[], &|at| format!("text({at})"), "the text, decoded")?;
                let text_equals = |at: &str| format!("textEquals({at}, other)");
                self.read(field, at, "boolean", &equals, &[CHARS], &text_equals, "whether it is equal")?;
                self.read(field, at, "boolean", &equals, &[UTF8], &text_equals, "whether it is equal")?;
                self.view(field, at, "RecordBytes", &name, &|at| format!("text({at}, view)"))
            }
            Kind::Bytes => {
                self.uses_bytes = true;
                self.read(
                    field,
                    at,
                    "byte[]",
                    &name,
                    &[],
                    &|at| format!("bytes({at})"),
                    "a copy of the bytes",
                )?;
                let bytes_equal = |at: &str| format!("bytesEqual({at}, other)");
                self.read(field, at, "boolean", &equals, &[BYTES], &bytes_equal, "whether they are equal")?;
                self.view(field, at, "RecordBytes", &name, &|at| format!("bytes({at}, view)"))
            }
            Kind::Record(schema) => {
                let class = schema.name.as_str();
                let own = format!("{}View", names::camel(&field.name));
                self.views.push(format!("    private {class} {own};\n"));
                self.own_view(field, at, class, &name, &own)?;
                self.view(field, at, class, &name, &|at| format!("nested({at}, view)"))
            }
            // Neither in lists nor optional, by the bounds of `Field`.
            _ => Err(invalid(format!("{}.{}: {} cannot be here", self.class, field.name, kind.rust_name()))),
        }
    }

    /// An accessor that reads or compares.
    #[expect(clippy::too_many_arguments, reason = "the parts of a method")]
    fn read(
        &mut self,
        field: &FieldSchema,
        at: &At,
        java: &str,
        name: &str,
        parameters: &[Parameter],
        read: &dyn Fn(&str) -> String,
        result: &str,
    ) -> Result<()> {
        match at {
            At::Place(place) => self.method(field, java, name, parameters, &read(place), result),
            At::Element(place) => {
                self.method(field, java, name, &[&[INDEX], parameters].concat(), &read(place), result)
            }
            At::Optional(place) => {
                let absent = if java == "boolean" { "false" } else { "null" };
                let body = format!("at < 0 ? {absent} : {}", read("at"));
                let result = format!("{result}; {absent} if it is absent");
                self.method_at(field, java, name, parameters, Some(place), &body, &result)
            }
        }
    }

    /// An accessor that moves the caller's view.
    fn view(
        &mut self,
        field: &FieldSchema,
        at: &At,
        class: &str,
        name: &str,
        read: &dyn Fn(&str) -> String,
    ) -> Result<()> {
        let mut arguments = String::new();
        let (mut documented, mut place, mut null) = (String::new(), None, "");
        let body = match at {
            At::Place(place) => read(place),
            At::Element(place) => {
                arguments += "int index, ";
                let _ = writeln!(documented, "     * @param index {}", INDEX.2);
                read(place)
            }
            At::Optional(optional) => {
                place = Some(optional);
                null = "; null if it is absent";
                format!("at < 0 ? null : {}", read("at"))
            }
        };
        self.signature(field, &format!("{name}({}{class})", if arguments.is_empty() { "" } else { "int," }))?;
        let first = place.map(|place| format!("        int at = {place};\n")).unwrap_or_default();
        let _ = write!(
            self.methods,
            "\n    /**\n     * {}, where it lies.\n     *\n{documented}     * @param view what is moved there\n     \
             * @return the view{null}\n     */\n    public {class} {name}({arguments}{class} view) {{\n{first}        \
             return {body};\n    }}\n",
            title(field),
        );
        Ok(())
    }

    /// An accessor that moves a view of the class itself, made when it is first needed.
    fn own_view(&mut self, field: &FieldSchema, at: &At, class: &str, name: &str, own: &str) -> Result<()> {
        let (parameters, arguments): (&[Parameter], _) =
            if matches!(at, At::Element(_)) { (&[INDEX], "index, ") } else { (&[], "") };
        let result = match at {
            At::Optional(_) => "a view of it, which the next call moves; null if it is absent",
            _ => "a view of it, which the next call moves",
        };
        let first =
            format!("        if ({own} == null) {{\n            {own} = new {class}();\n        }}\n");
        self.raw_method(field, class, name, parameters, &first, &format!("{name}({arguments}{own})"), result)
    }

    fn method(
        &mut self,
        field: &FieldSchema,
        java: &str,
        name: &str,
        parameters: &[Parameter],
        body: &str,
        result: &str,
    ) -> Result<()> {
        self.raw_method(field, java, name, parameters, "", body, result)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method")]
    fn method_at(
        &mut self,
        field: &FieldSchema,
        java: &str,
        name: &str,
        parameters: &[Parameter],
        place: Option<&str>,
        body: &str,
        result: &str,
    ) -> Result<()> {
        let first = place.map(|place| format!("        int at = {place};\n")).unwrap_or_default();
        self.raw_method(field, java, name, parameters, &first, body, result)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method")]
    fn raw_method(
        &mut self,
        field: &FieldSchema,
        java: &str,
        name: &str,
        parameters: &[Parameter],
        first: &str,
        body: &str,
        result: &str,
    ) -> Result<()> {
        let types: Vec<_> = parameters.iter().map(|(java, ..)| *java).collect();
        self.signature(field, &format!("{name}({})", types.join(",")))?;
        let list: Vec<_> = parameters.iter().map(|(java, name, _)| format!("{java} {name}")).collect();
        let mut documented = String::new();
        for (_, name, what) in parameters {
            let _ = writeln!(documented, "     * @param {name} {what}");
        }
        let _ = write!(
            self.methods,
            "\n    /**\n     * {}.\n     *\n{documented}     * @return {result}\n     */\n    \
             public {java} {name}({}) {{\n{first}        return {body};\n    }}\n",
            title(field),
            list.join(", "),
        );
        Ok(())
    }

    fn signature(&mut self, field: &FieldSchema, signature: &str) -> Result<()> {
        if !names::is_identifier(signature.split('(').next().unwrap_or_default()) {
            return Err(invalid(format!("{}.{}: no name in Java", self.class, field.name)));
        }
        if !self.signatures.insert(signature.to_owned()) {
            return Err(invalid(format!(
                "{}.{}: {signature} is taken by another field",
                self.class, field.name
            )));
        }
        Ok(())
    }
}

/// What a field is, for people.
fn title(field: &FieldSchema) -> String {
    format!("{{@code {}: {}}}", field.name, field.kind.rust_name())
}

//! Rust names in Java.

/// Words that cannot be names.
const KEYWORDS: &[&str] = &[
    "abstract",
    "assert",
    "boolean",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "class",
    "const",
    "continue",
    "default",
    "do",
    "double",
    "else",
    "enum",
    "extends",
    "false",
    "final",
    "finally",
    "float",
    "for",
    "goto",
    "if",
    "implements",
    "import",
    "instanceof",
    "int",
    "interface",
    "long",
    "native",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "short",
    "static",
    "strictfp",
    "super",
    "switch",
    "synchronized",
    "this",
    "throw",
    "throws",
    "transient",
    "true",
    "try",
    "void",
    "volatile",
    "while",
    "_",
];

/// Methods of `Object` and of the super classes of views: an accessor of that name might be taken for one of them.
const METHODS: &[&str] = &[
    "bool",
    "bytes",
    "bytesEqual",
    "choice",
    "clone",
    "copy",
    "element",
    "equal",
    "equals",
    "field",
    "finalize",
    "getClass",
    "hashCode",
    "int16",
    "int32",
    "int64",
    "int8",
    "nested",
    "notify",
    "notifyAll",
    "optional",
    "present",
    "read",
    "readInt",
    "readLong",
    "readShort",
    "share",
    "size",
    "text",
    "textEquals",
    "toString",
    "wait",
    "wrap",
];

/// Types that generated classes refer to by these names.
const TYPES: &[&str] = &[
    "Boolean",
    "CharSequence",
    "Double",
    "Enum",
    "Float",
    "Integer",
    "Long",
    "Object",
    "Override",
    "RecordBytes",
    "RecordView",
    "String",
];

/// Whether a name may be one in Java. Only ASCII: source files may be compiled in any encoding.
pub(super) fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
}

/// Whether a generated class may have a name.
pub(super) fn is_class(name: &str) -> bool {
    is_identifier(name) && !TYPES.contains(&name)
}

/// `object_id` to `objectId`; `class` to `class_`.
pub(super) fn accessor(name: &str) -> String {
    let name = camel(name);
    if METHODS.contains(&name.as_str()) || KEYWORDS.contains(&name.as_str()) { name + "_" } else { name }
}

/// `object_id` to `objectId`.
pub(super) fn camel(name: &str) -> String {
    let mut out = String::new();
    for (i, word) in name.split('_').filter(|word| !word.is_empty()).enumerate() {
        out += &if i == 0 { word.to_owned() } else { capital(word) };
    }
    out
}

/// `objectId` to `ObjectId`.
pub(super) fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|c| c.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// `AclType` to `ACL_TYPE`.
pub(super) fn constant(name: &str) -> String {
    let mut out = String::new();
    let mut after_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && after_lower {
            out.push('_');
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        out.push(c.to_ascii_uppercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_java() {
        assert_eq!(accessor("object_id"), "objectId");
        assert_eq!(accessor("_a__b1_2c"), "aB12c");
        assert_eq!(accessor("class"), "class_");
        assert_eq!(accessor("text"), "text_");
        assert_eq!(constant("AclType"), "ACL_TYPE");
        assert_eq!(constant("U8"), "U8");
        assert_eq!(constant("Utf8Text"), "UTF8_TEXT");
        assert!(
            is_identifier("com") && !is_identifier("1com") && !is_identifier("int") && !is_identifier("")
        );
        assert!(is_class("Acl") && !is_class("String"));
    }
}

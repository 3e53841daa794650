//! Generates Java classes that read records where they lie.
//!
//! A record becomes a class that extends `dev.keybed.RecordView`, an enum becomes an enum. Per field, with the name in
//! `camelCase`:
//!
//! | field | accessors |
//! |---|---|
//! | number, `bool`, enum | `x()`; `u8`, `u16` are `int`, `u32` is `long`, `u64` is the `long` of the same bits |
//! | `String` | `x()` decodes; `xEquals(CharSequence)`, `xEquals(byte[])` and `x(RecordBytes)` do not, and allocate nothing |
//! | `Vec<u8>` | `x()` copies; `xEquals(byte[])` and `x(RecordBytes)` do not |
//! | record | `x()` moves a view that belongs to the outer one; `x(View)` moves the caller's |
//! | `Option` | `hasX()`; numbers: `xOr(other)`, and `x()` throws when it is absent; others: null when absent |
//! | `Vec` | `xSize()`, and the accessors of an element with its index in front |
//!
//! A name that Java or the super class has taken gets `_` at its end.

mod accessors;
mod choice_class;
mod names;
mod record_class;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::kind::Kind;
use super::schema::{ChoiceSchema, Schema};
use crate::error::{Error, ErrorKind, Result};

/// A generated source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JavaFile {
    /// Below a source folder: package and class.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

impl JavaFile {
    /// Writes the file below a source folder, if it is not there already as it should be; makes the folders of its
    /// package.
    pub fn write_below(&self, folder: &Path) -> Result<()> {
        let path = folder.join(&self.path);
        if fs::read_to_string(&path).is_ok_and(|found| found == self.text) {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| Error::io(parent.display(), &e))?;
        }
        fs::write(&path, &self.text).map_err(|e| Error::io(path.display(), &e))
    }
}

/// The Java classes of records, and of the records and enums in them, in the order of their names.
///
/// Fails with [`ErrorKind::InvalidArgument`] on what Java cannot express: a name that is none there, two types or
/// accessors of one name.
pub fn generate(package: &str, records: &[Schema]) -> Result<Vec<JavaFile>> {
    if !package.split('.').all(names::is_identifier) {
        return Err(invalid(format!("{package:?} is no Java package")));
    }
    let mut types = BTreeMap::new();
    for schema in records {
        collect_record(schema, &mut types)?;
    }
    let folder: PathBuf = package.split('.').collect();
    types
        .into_iter()
        .map(|(name, found)| {
            let text = match found {
                Type::Record(schema) => record_class::text(package, schema)?,
                Type::Choice(choice) => choice_class::text(package, choice)?,
            };
            Ok(JavaFile { path: folder.join(format!("{name}.java")), text })
        })
        .collect()
}

#[derive(PartialEq, Clone, Copy)]
enum Type<'a> {
    Record(&'a Schema),
    Choice(&'a ChoiceSchema),
}

type Types<'a> = BTreeMap<&'a str, Type<'a>>;

fn collect_record<'a>(schema: &'a Schema, types: &mut Types<'a>) -> Result<()> {
    if add(&schema.name, Type::Record(schema), types)? {
        for field in &schema.fields {
            collect_kind(&field.kind, types)?;
        }
    }
    Ok(())
}

fn collect_kind<'a>(kind: &'a Kind, types: &mut Types<'a>) -> Result<()> {
    match kind {
        Kind::Record(schema) => collect_record(schema, types),
        Kind::Choice(choice) => add(&choice.name, Type::Choice(choice), types).map(|_| ()),
        Kind::Optional { of, .. } | Kind::List { of, .. } => collect_kind(of, types),
        _ => Ok(()),
    }
}

/// Whether the type is new.
fn add<'a>(name: &'a str, found: Type<'a>, types: &mut Types<'a>) -> Result<bool> {
    if !names::is_class(name) {
        return Err(invalid(format!("a generated Java class cannot be called {name}")));
    }
    match types.insert(name, found) {
        None => Ok(true),
        Some(other) if other == found => Ok(false),
        Some(_) => Err(invalid(format!("two types are called {name}"))),
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

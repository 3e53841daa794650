//! How the tool ends.

use std::path::Path;

use keybed::error::{Error, ErrorKind};
use serde_json::{Value, json};

use crate::output::Output;

/// What the exit code says; a script may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Code {
    Fine = 0,
    /// There are differences, or there is no such key.
    Different = 1,
    Usage = 2,
    Damaged = 3,
    /// Not there, not Keybed's, or of a newer format.
    Foreign = 4,
    Other = 5,
}

/// Why something could not be done.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    kind: String,
    message: String,
}

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        let code = match e.kind() {
            ErrorKind::Corruption => Code::Damaged,
            ErrorKind::ForeignFormat
            | ErrorKind::NewerFormat
            | ErrorKind::NotADirectory
            | ErrorKind::StoreMissing
            | ErrorKind::StateNotFound => Code::Foreign,
            ErrorKind::InvalidArgument
            | ErrorKind::EmptyKey
            | ErrorKind::KeyTooLarge
            | ErrorKind::KeyPartLength
            | ErrorKind::KeyGroupOutOfRange => Code::Usage,
            _ => Code::Other,
        };
        Failure { code, kind: e.kind().constant_name(), message: e.message().to_string() }
    }
}

impl Failure {
    /// The command line asks for what cannot be.
    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        Failure { code: Code::Usage, kind: "USAGE".to_string(), message: message.into() }
    }

    /// There is nothing at a path.
    pub(crate) fn missing(path: &Path) -> Failure {
        let message = format!("{}: there is nothing here", path.display());
        Failure { code: Code::Foreign, kind: "NOT_FOUND".to_string(), message }
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    /// Says it: to people on the standard error, to scripts also as JSON.
    pub(crate) fn report(&self, out: &mut Output) {
        if out.is_json() {
            // What cannot be written here has been said there.
            let _ = out.json(&json!({ "error": self.json() }));
            let _ = out.flush();
        }
        let damaged = if self.code == Code::Damaged { "damaged: " } else { "" };
        eprintln!("keybed: {damaged}{}", self.message);
    }

    /// Kind, message and, of damage, file and byte.
    pub(crate) fn json(&self) -> Value {
        let mut object = json!({ "kind": self.kind, "message": self.message, "exit_code": self.code as u8 });
        if let Some((file, byte)) = self.place()
            && let Some(object) = object.as_object_mut()
        {
            object.insert("file".to_string(), json!(file));
            object.insert("byte".to_string(), json!(byte));
        }
        object
    }

    /// Errors of snapshot files begin `FILE, byte N: `.
    fn place(&self) -> Option<(&str, u64)> {
        let mut commas = self.message.match_indices(", byte ");
        commas.find_map(|(at, comma)| {
            let number = self.message.get(at + comma.len()..)?.split(':').next()?.parse().ok()?;
            Some((self.message.get(..at)?, number))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_and_byte_of_damage_are_found() {
        let place = |message: &str| {
            let failure = Failure::from(Error::new(ErrorKind::Corruption, message));
            failure.place().map(|(file, byte)| (file.to_string(), byte))
        };
        assert_eq!(place("/a, byte x/b.kbs, byte 512: bad"), Some(("/a, byte x/b.kbs".to_string(), 512)));
        assert_eq!(place("/a/KEYBED: its checksum does not match"), None);
    }
}

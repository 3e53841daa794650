//! What a store knows of a state.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::key::PartSize;
use crate::options::MAX_STATE_NAME_BYTES;

/// What kind of thing a state keeps for a key and namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateKind {
    /// One value.
    Value,
    /// A value that can be appended to.
    List,
    /// Map keys to values.
    Map,
}

impl StateKind {
    /// The code that crosses the doors: 0, 1, 2.
    pub fn code(self) -> i32 {
        match self {
            StateKind::Value => 0,
            StateKind::List => 1,
            StateKind::Map => 2,
        }
    }

    /// The kind of a code.
    pub fn of_code(code: i32) -> Option<StateKind> {
        [StateKind::Value, StateKind::List, StateKind::Map].into_iter().find(|kind| kind.code() == code)
    }

    /// The name used in the store's manifest.
    pub fn name(self) -> &'static str {
        match self {
            StateKind::Value => "value",
            StateKind::List => "list",
            StateKind::Map => "map",
        }
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for StateKind {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "value" => Ok(StateKind::Value),
            "list" => Ok(StateKind::List),
            "map" => Ok(StateKind::Map),
            _ => Err(format!("unknown kind of state '{text}'")),
        }
    }
}

/// One state of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateInfo {
    /// Position in the store's list of states; never changes.
    pub id: u32,
    /// Name, unique in the store.
    pub name: String,
    /// Kind.
    pub kind: StateKind,
    /// Size of its namespaces.
    pub namespace: PartSize,
}

impl StateInfo {
    /// Whether `name` can be a state's: 1 to 255 bytes of valid Unicode, no control characters.
    pub fn check_name(name: &str) -> Result<()> {
        let why = if name.is_empty() {
            "it is empty"
        } else if name.len() > MAX_STATE_NAME_BYTES {
            "it has more than 255 bytes"
        } else if name.chars().any(char::is_control) {
            "it has control characters"
        } else if name.contains(char::REPLACEMENT_CHARACTER) {
            // What a lone surrogate of a Java string turns into: two such names would be one.
            "it is not valid Unicode"
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::InvalidArgument, format!("state name {name:?}: {why}")))
    }
}

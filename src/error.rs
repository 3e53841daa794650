//! One error type, one table of codes.
//!
//! [`ErrorKind`] is the single source: the C constants in `include/keybed.h` and the Java enum `ErrorCode` are
//! generated from the table below, and tests fail when either is stale. A code is never reused; a retired one stays
//! in the table as reserved.

use std::fmt;

/// What a caller can do about an error, and which Java exception it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The object or store is not in a state for this call (Java: `KeybedStateException`, an `IllegalStateException`).
    State,
    /// The arguments are wrong (Java: `KeybedArgumentException`, an `IllegalArgumentException`).
    Argument,
    /// The world outside failed: files, memory, the engine (Java: `KeybedException`).
    Environment,
}

macro_rules! error_kinds {
    ($($name:ident = $code:literal, $class:ident, $text:literal;)+) => {
        /// Every kind of error, with its stable code (shared by Rust, C and Java).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum ErrorKind {
            $(#[doc = $text] $name = $code,)+
        }

        impl ErrorKind {
            /// All kinds, in the order of their codes.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$name,)+];

            /// What the error means, as one sentence.
            pub fn description(self) -> &'static str {
                match self { $(ErrorKind::$name => $text,)+ }
            }

            /// The class that decides the Java exception.
            pub fn class(self) -> ErrorClass {
                match self { $(ErrorKind::$name => ErrorClass::$class,)+ }
            }

            /// The name in `CamelCase`, as in Rust.
            pub fn name(self) -> &'static str {
                match self { $(ErrorKind::$name => stringify!($name),)+ }
            }
        }
    };
}

error_kinds! {
    Closed = 2, State, "The object or its store has been closed.";
    ForeignHandle = 3, State, "The handle is stale, of another type, or was never given out.";
    WrongThread = 4, State, "A session is used by a thread that does not own it.";
    Poisoned = 5, State, "An earlier internal failure left the store in doubt; it refuses further work. Close it and open it again.";
    Panic = 6, Environment, "An internal failure (a bug); the store is poisoned.";
    NoKey = 7, State, "No current key has been set.";
    CursorInvalid = 8, State, "The scan has not been started, is at its end, or is of another state.";
    TooManyHandles = 9, State, "The table of native objects is full.";
    InvalidArgument = 20, Argument, "An argument is outside its range.";
    EmptyKey = 21, Argument, "The key has no bytes.";
    KeyTooLarge = 22, Argument, "The composite key is longer than max-key-bytes.";
    ValueTooLarge = 23, Argument, "The value is longer than max-value-bytes.";
    KeyPartLength = 24, Argument, "A key part of fixed size has another length.";
    KeyGroupOutOfRange = 25, Argument, "The key group is not below max-parallelism, or not one of the store's.";
    BufferTooSmall = 27, Argument, "The output buffer is too small; nothing was written.";
    ReadOnlyBuffer = 28, Argument, "The output buffer is read-only.";
    NotADirectBuffer = 29, Argument, "A direct buffer is needed.";
    InvalidOption = 30, Argument, "An option is unknown or its value is out of range.";
    StateNotFound = 40, State, "The store has no state of that name or id.";
    StateAlreadyOpen = 41, State, "The state is already open in this session.";
    StateMismatch = 42, State, "The state exists with another kind or namespace size.";
    WrongStateKind = 43, State, "The operation does not exist for this kind of state.";
    Io = 60, Environment, "The operating system reported an I/O error.";
    StorageFull = 61, Environment, "The file system has no room left.";
    Locked = 62, Environment, "Another store, in this process or another, has the directory open.";
    NotADirectory = 63, Environment, "The path is not a directory.";
    ForeignFormat = 64, Environment, "The file or directory is not one of Keybed's.";
    NewerFormat = 65, Environment, "The store or snapshot was written by a newer version.";
    Corruption = 66, Environment, "Stored bytes are damaged.";
    EngineUnavailable = 67, Environment, "This library was built without that engine.";
    OptionsMismatch = 68, Environment, "The store was created with other fixed options.";
    Engine = 69, Environment, "The storage engine reported an error.";
    StoreExists = 70, Environment, "There is a store already, and error-if-exists is set.";
    StoreMissing = 71, Environment, "There is no store, and create-if-missing is not set.";
    SnapshotExists = 72, Environment, "There is something at the path of the new snapshot already; a snapshot is never overwritten.";
    SnapshotMismatch = 73, Environment, "The snapshots do not fit together, or do not fit what is asked of them: key groups overlap or are missing, or other keys.";
    MemoryBudget = 80, Environment, "The memory budget is used up; nothing was changed.";
    OutOfMemory = 81, Environment, "The system has no memory left.";
    LibraryLoad = 90, Environment, "The native library could not be loaded (raised by Java).";
}

impl ErrorKind {
    /// The stable code: positive, shared with C and Java.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The kind of a code, or `None` for an unknown one.
    pub fn of_code(code: i32) -> Option<ErrorKind> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The name in `UPPER_SNAKE_CASE`, as in Java and (prefixed with `KEYBED_`) in C.
    pub fn constant_name(self) -> String {
        let mut out = String::new();
        for c in self.name().chars() {
            if c.is_ascii_uppercase() && !out.is_empty() {
                out.push('_');
            }
            out.push(c.to_ascii_uppercase());
        }
        out
    }
}

/// An error: its kind, and a message that names the thing and says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: Box<str>,
}

/// The result of everything that can fail here.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` with a message. The message should name the thing and say what to do.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into().into_boxed_str() }
    }

    /// An I/O error about `what` (usually a path); "no space left" becomes [`ErrorKind::StorageFull`].
    #[cold]
    pub fn io(what: impl fmt::Display, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind as Io;
        let kind = match cause.kind() {
            Io::StorageFull | Io::QuotaExceeded | Io::FileTooLarge => ErrorKind::StorageFull,
            Io::NotADirectory => ErrorKind::NotADirectory,
            Io::OutOfMemory => ErrorKind::OutOfMemory,
            _ => ErrorKind::Io,
        };
        let advice = if kind == ErrorKind::StorageFull { "; free some space" } else { "" };
        Error::new(kind, format!("{what}: {cause}{advice}"))
    }

    /// The kind.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The stable code of the kind.
    pub fn code(&self) -> i32 {
        self.kind.code()
    }

    /// The message, without the kind.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.constant_name(), self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_positive_and_ordered() {
        let codes: Vec<i32> = ErrorKind::ALL.iter().map(|k| k.code()).collect();
        assert!(codes.windows(2).all(|w| w[0] < w[1]), "{codes:?}");
        // 1 is never used: natives return -1 for "absent".
        assert!(codes[0] > 1);
    }

    #[test]
    fn a_code_finds_its_kind() {
        for kind in ErrorKind::ALL {
            assert_eq!(ErrorKind::of_code(kind.code()), Some(*kind));
        }
        assert_eq!(ErrorKind::of_code(1), None);
    }

    #[test]
    fn constant_names_are_upper_snake_case() {
        assert_eq!(ErrorKind::StorageFull.constant_name(), "STORAGE_FULL");
        assert_eq!(ErrorKind::NotADirectory.constant_name(), "NOT_A_DIRECTORY");
    }
}

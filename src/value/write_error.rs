//! Why a value was not written.

use std::error::Error as StdError;
use std::fmt;

use rkyv::rancor::{Source, Trace};

use super::cause::Cause;
use crate::error::{Error, ErrorKind};

/// Why a value was not written. Either way the output is as long as it was.
#[derive(Debug)]
pub enum WriteError {
    /// It would cross the limit. Control flow: close the block, and try again in a fresh one.
    Limit,
    /// Anything else, with its cause. Trying again in another block does not help.
    Failed(Cause),
}

impl WriteError {
    /// Whether the value only needs more room than there was.
    pub fn is_limit(&self) -> bool {
        matches!(self, WriteError::Limit)
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Limit => f.write_str("the value would cross the limit"),
            WriteError::Failed(cause) => write!(f, "the value cannot be written: {cause}"),
        }
    }
}

impl StdError for WriteError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            WriteError::Limit => None,
            WriteError::Failed(cause) => cause.source(),
        }
    }
}

impl Trace for WriteError {
    #[cold]
    fn trace<R>(mut self, trace: R) -> Self
    where
        R: fmt::Debug + fmt::Display + Send + Sync + 'static,
    {
        if let WriteError::Failed(cause) = &mut self {
            cause.add_trace(&trace);
        }
        self
    }
}

impl Source for WriteError {
    /// One of ours that a `Serialize` implementation has wrapped stays what it was: a limit is still a limit.
    #[cold]
    fn new<T: StdError + Send + Sync + 'static>(source: T) -> Self {
        let boxed: Box<dyn StdError + Send + Sync> = Box::new(source);
        match boxed.downcast::<WriteError>() {
            Ok(ours) => *ours,
            Err(other) => WriteError::Failed(Cause::of(other)),
        }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        let kind = match &error {
            WriteError::Limit => ErrorKind::ValueTooLarge,
            WriteError::Failed(cause) if cause.error().is::<std::collections::TryReserveError>() => {
                ErrorKind::OutOfMemory
            }
            WriteError::Failed(_) => ErrorKind::InvalidArgument,
        };
        Error::new(kind, error.to_string())
    }
}

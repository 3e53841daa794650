//! What went wrong, kept whole.

use std::error::Error as StdError;
use std::fmt;

use rkyv::rancor::{Source, Trace};

/// The error of a serialization or a check, with what was being done. (rkyv's own error type keeps nothing in optimized
/// builds.)
pub struct Cause(Box<Inner>);

struct Inner {
    error: Box<dyn StdError + Send + Sync>,
    /// What was being done, the innermost first.
    traces: Vec<String>,
}

impl Cause {
    pub(super) fn of(error: Box<dyn StdError + Send + Sync>) -> Self {
        Cause(Box::new(Inner { error, traces: Vec::new() }))
    }

    /// The error itself.
    pub fn error(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0.error
    }

    pub(super) fn add_trace(&mut self, trace: &dyn fmt::Display) {
        self.0.traces.push(trace.to_string());
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.error)?;
        for trace in &self.0.traces {
            write!(f, "; {trace}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cause({self})")
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0.error)
    }
}

impl Trace for Cause {
    #[cold]
    fn trace<R>(mut self, trace: R) -> Self
    where
        R: fmt::Debug + fmt::Display + Send + Sync + 'static,
    {
        self.add_trace(&trace);
        self
    }
}

impl Source for Cause {
    #[cold]
    fn new<T: StdError + Send + Sync + 'static>(source: T) -> Self {
        Cause::of(Box::new(source))
    }
}

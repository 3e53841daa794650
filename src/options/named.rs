//! An option as it comes in: two strings.

use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

/// An option on its way in: parses its value, and names itself when that fails.
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl Named<'_> {
    #[cold]
    pub(crate) fn bad(&self, why: &str) -> Error {
        Error::new(ErrorKind::InvalidOption, format!("option {}={}: {why}", self.name, self.value))
    }

    pub(crate) fn parse<T: FromStr<Err = String>>(&self) -> Result<T> {
        self.value.parse().map_err(|why: String| self.bad(&why))
    }

    pub(crate) fn flag(&self) -> Result<bool> {
        self.value.parse().map_err(|_| self.bad("use 'true' or 'false'"))
    }

    pub(crate) fn number(&self, min: u64, max: u64) -> Result<u64> {
        match self.value.parse::<u64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(n),
            _ => Err(self.bad(&format!("use a number from {min} to {max}"))),
        }
    }

    /// A fraction from `min` to `max`, both included.
    pub(crate) fn fraction(&self, min: f64, max: f64) -> Result<f64> {
        match self.value.parse::<f64>() {
            Ok(x) if (min..=max).contains(&x) => Ok(x),
            _ => Err(self.bad(&format!("use a fraction from {min} to {max}"))),
        }
    }
}

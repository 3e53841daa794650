//! Reading bytes from elsewhere.

use std::num::NonZeroUsize;

use rkyv::Archive;
use rkyv::api::access_with_context;
use rkyv::api::high::HighValidator;
use rkyv::bytecheck::CheckBytes;
use rkyv::validation::Validator;
use rkyv::validation::archive::ArchiveValidator;
use rkyv::validation::shared::SharedValidator;

use super::cause::Cause;
use crate::error::{Error, ErrorKind, Result};

/// How deep lists and boxes may be nested in bytes from elsewhere: each level takes stack.
const MAX_DEPTH: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// What [`access`] can check: every type that derives [`rkyv::Archive`].
pub trait Checked: Archive<Archived: for<'a> CheckBytes<HighValidator<'a, Cause>>> {}

impl<T: Archive<Archived: for<'a> CheckBytes<HighValidator<'a, Cause>>>> Checked for T {}

/// The value that is all of `bytes`, which may come from anywhere: whatever they are, nothing outside of them is read.
///
/// This checks that they can be read, not that they are what was written: of single flipped bits about two in three go
/// unnoticed. Where damage must be found, verify a checksum first ([`Verified`](super::Verified)).
pub fn access<T: Checked>(bytes: &[u8]) -> Result<&T::Archived> {
    let archive = ArchiveValidator::with_max_depth(bytes, Some(MAX_DEPTH));
    let mut validator = Validator::new(archive, SharedValidator::new());
    access_with_context::<T::Archived, _, Cause>(bytes, &mut validator).map_err(|cause| {
        Error::new(ErrorKind::Corruption, format!("{} bytes are not such a value: {cause}", bytes.len()))
    })
}

//! What a path of the command line names.

use std::path::Path;

use keybed::key::KeyGroupRange;
use keybed::store::DiskView;

use crate::exit::Failure;

/// Opens the store or snapshot at a path.
pub(crate) fn view(path: &Path) -> Result<DiskView, Failure> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Failure::missing(path)),
        _ => Ok(DiskView::open(path)?),
    }
}

/// The key groups that were asked for, of those there are.
pub(crate) fn groups(view: &DiskView, asked: Option<KeyGroupRange>) -> Result<KeyGroupRange, Failure> {
    let Some(asked) = asked else { return Ok(view.groups()) };
    asked.intersection(&view.groups()).ok_or_else(|| {
        let (path, has) = (view.path().display(), view.groups());
        Failure::usage(format!("{path}: it has the key groups {has}, none of {asked}"))
    })
}

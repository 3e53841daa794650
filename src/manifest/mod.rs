//! Text files that describe stores and snapshots: readable by people, sealed against damage.
//!
//! ```text
//! NAME VERSION
//! compatible-features 0
//! incompatible-features 0
//! ...                       lines of words; names of people's are percent-encoded
//! crc32c 9e6b1f2c           of everything above, unless what holds the text has a checksum of its own
//! ```
//!
//! A reader refuses another first word, a higher version and any incompatible feature bit it does not know; it ignores
//! compatible bits.

mod lines;
mod names;

use std::fmt::Write as _;
use std::path::Path;

pub(crate) use lines::Lines;
pub(crate) use names::{decode, encode};

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec, PartSize};
use crate::options::{EngineKind, MAX_PARALLELISM_LIMIT};
use crate::store::{StateInfo, StateKind};

/// What kind of text it is, and the newest version that this library reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    pub(crate) name: &'static str,
    pub(crate) version: u32,
    /// For people: "a store's manifest".
    pub(crate) what: &'static str,
}

impl Format {
    /// The first three lines.
    pub(crate) fn begin(&self) -> String {
        format!("{} {}\ncompatible-features 0\nincompatible-features 0\n", self.name, self.version)
    }

    /// Checks the first line of a text.
    pub(crate) fn check_version(&self, bytes: &[u8], at: &Located<'_>) -> Result<()> {
        let first = bytes.split(|b| *b == b'\n').next().and_then(|line| std::str::from_utf8(line).ok());
        let version = first.and_then(|line| line.strip_prefix(self.name)?.strip_prefix(' '));
        match version.map(str::parse::<u32>) {
            None => Err(at.error(ErrorKind::ForeignFormat, &format!("not {}", self.what))),
            Some(Ok(n)) if n == self.version => Ok(()),
            Some(Ok(n)) if n > self.version => Err(at.error(
                ErrorKind::NewerFormat,
                &format!(
                    "format version {n}, this library reads up to {}; use a newer library",
                    self.version
                ),
            )),
            Some(_) => Err(at.error(ErrorKind::ForeignFormat, "unknown format version")),
        }
    }

    /// The lines behind the first three of a text without a seal.
    pub(crate) fn open<'a>(&self, bytes: &'a [u8], at: &Located<'_>) -> Result<Lines<'a>> {
        self.check_version(bytes, at)?;
        let text =
            std::str::from_utf8(bytes).map_err(|_| at.error(ErrorKind::Corruption, "it is not UTF-8"))?;
        let mut lines = Lines::new(text);
        let mut features = || {
            lines.word(self.name)?;
            lines.word("compatible-features")?;
            lines.word("incompatible-features")
        };
        match features() {
            Ok("0") => Ok(lines),
            Ok(bits) => Err(at.error(
                ErrorKind::NewerFormat,
                &format!("it needs features {bits} that this library does not know"),
            )),
            Err(why) => Err(at.error(ErrorKind::Corruption, &why)),
        }
    }

    /// The lines behind the first three of a sealed text.
    pub(crate) fn open_sealed<'a>(&self, bytes: &'a [u8], at: &Located<'_>) -> Result<Lines<'a>> {
        // The version first: a newer file may differ in everything behind its first line.
        self.check_version(bytes, at)?;
        self.open(unsealed(bytes, at)?, at)
    }
}

/// The text with its last line, the checksum of all above.
pub(crate) fn sealed(mut text: String) -> String {
    let crc = crc32c::crc32c(text.as_bytes());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "crc32c {crc:08x}");
    text
}

/// A sealed text without its last line.
fn unsealed<'a>(bytes: &'a [u8], at: &Located<'_>) -> Result<&'a [u8]> {
    let cut = || {
        let text = bytes.strip_suffix(b"\n")?;
        let body = text.iter().rposition(|b| *b == b'\n')? + 1;
        let (body, last) = text.split_at_checked(body)?;
        Some((body, last.strip_prefix(b"crc32c ")?))
    };
    let Some((body, crc)) = cut() else {
        return Err(at.error(ErrorKind::Corruption, "it is cut short"));
    };
    if crc != format!("{:08x}", crc32c::crc32c(body)).as_bytes() {
        return Err(at.error(ErrorKind::Corruption, "its checksum does not match"));
    }
    Ok(body)
}

/// What an error is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located<'a> {
    pub(crate) path: &'a Path,
}

impl Located<'_> {
    pub(crate) fn error(&self, kind: ErrorKind, why: &str) -> Error {
        Error::new(kind, format!("{}: {why}", self.path.display()))
    }
}

/// Adds the lines of an engine and of what is fixed about keys.
pub(crate) fn write_keys(text: &mut String, engine: EngineKind, keys: &KeySpec) {
    let _ = writeln!(
        text,
        "engine {}\nkey-encoding {}\nmax-parallelism {}\nkey-size {}",
        engine.name(),
        keys.encoding.name(),
        keys.max_parallelism,
        keys.key_size,
    );
}

/// Reads what [`write_keys`] wrote.
pub(crate) fn read_keys(lines: &mut Lines<'_>) -> std::result::Result<(EngineKind, KeySpec), String> {
    let engine = lines.parse("engine")?;
    let encoding = lines.parse("key-encoding")?;
    let max_parallelism = lines.number("max-parallelism", 1, u64::from(MAX_PARALLELISM_LIMIT))? as u32;
    let key_size = lines.parse("key-size")?;
    Ok((engine, KeySpec { encoding, max_parallelism, key_size }))
}

/// Adds the line of a range of key groups.
pub(crate) fn write_groups(text: &mut String, groups: KeyGroupRange) {
    let _ = writeln!(text, "key-groups {groups}");
}

/// Reads what [`write_groups`] wrote.
pub(crate) fn read_groups(
    lines: &mut Lines<'_>,
    keys: &KeySpec,
) -> std::result::Result<KeyGroupRange, String> {
    let groups: KeyGroupRange = lines.parse("key-groups")?;
    if groups.last < keys.max_parallelism {
        Ok(groups)
    } else {
        Err(format!("key-groups {groups} are out of range"))
    }
}

/// Adds the line of a state.
pub(crate) fn write_state(text: &mut String, state: &StateInfo) {
    let _ = write!(text, "state {} {} {}", state.kind, state.namespace, encode(&state.name));
}

/// A state from the words behind `state`; its id is its position. Returns what follows in the line, too.
pub(crate) fn read_state(id: u32, words: &str) -> Option<(StateInfo, &str)> {
    let mut parts = words.splitn(4, ' ');
    let kind: StateKind = parts.next()?.parse().ok()?;
    let namespace: PartSize = parts.next()?.parse().ok()?;
    let name = decode(parts.next()?)?;
    StateInfo::check_name(&name).ok()?;
    Some((StateInfo { id, name, kind, namespace }, parts.next().unwrap_or_default()))
}

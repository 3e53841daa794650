//! The file `KEYBED` in a store's directory: what was fixed at creation, and the states.
//!
//! Text, so that people can read it; the last line is the crc32c of everything above it:
//!
//! ```text
//! keybed-store 1
//! compatible-features 0
//! incompatible-features 0
//! engine rocks
//! key-encoding ordered
//! max-parallelism 128
//! key-size variable
//! state value 0 word%20counts          kind, namespace size, name (percent-encoded); the id is the position
//! crc32c 9e6b1f2c
//! ```
//!
//! A reader refuses another first word, a higher version and any incompatible feature bit it does not know; it ignores
//! compatible bits. The file is replaced as a whole: written beside, synced, renamed, directory synced.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeySpec, PartSize};
use crate::options::{EngineKind, MAX_STATES};
use crate::store::state::{StateInfo, StateKind};

/// Name of the file.
pub(crate) const FILE_NAME: &str = "KEYBED";
/// Where the next manifest is written before it takes the name.
pub(crate) const TEMPORARY_NAME: &str = "KEYBED.new";
const FORMAT: &str = "keybed-store";
const VERSION: u32 = 1;

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) engine: EngineKind,
    pub(crate) keys: KeySpec,
    pub(crate) states: Vec<StateInfo>,
}

impl Manifest {
    /// Reads the manifest of the store in `dir`; `None` when there is none.
    pub(crate) fn read(dir: &Path) -> Result<Option<Manifest>> {
        let path = dir.join(FILE_NAME);
        match fs::read(&path) {
            Ok(bytes) => Manifest::parse(&bytes, &path).map(Some),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::io(path.display(), &e)),
        }
    }

    /// Replaces the manifest of the store in `dir`; on an error the old one stays.
    pub(crate) fn write(&self, dir: &Path) -> Result<()> {
        let temporary = dir.join(TEMPORARY_NAME);
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&temporary)?;
            file.write_all(self.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, dir.join(FILE_NAME))?;
            File::open(dir)?.sync_all()
        };
        write().map_err(|e| {
            let _ = fs::remove_file(&temporary);
            Error::io(dir.join(FILE_NAME).display(), &e)
        })
    }

    /// The state of that name.
    pub(crate) fn state(&self, name: &str) -> Option<&StateInfo> {
        self.states.iter().find(|state| state.name == name)
    }

    fn to_text(&self) -> String {
        let mut text = format!(
            "{FORMAT} {VERSION}\ncompatible-features 0\nincompatible-features 0\nengine {}\nkey-encoding {}\n\
             max-parallelism {}\nkey-size {}\n",
            self.engine.name(),
            self.keys.encoding.name(),
            self.keys.max_parallelism,
            self.keys.key_size,
        );
        for state in &self.states {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "state {} {} {}", state.kind, state.namespace, encode(&state.name));
        }
        let crc = crc32c::crc32c(text.as_bytes());
        let _ = writeln!(text, "crc32c {crc:08x}");
        text
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Manifest> {
        let at = Located { path };
        // The version first: a newer file may differ in everything behind its first line.
        let first = bytes.split(|b| *b == b'\n').next().and_then(|line| std::str::from_utf8(line).ok());
        let Some((FORMAT, version)) = first.and_then(|line| line.split_once(' ')) else {
            return Err(at.error(ErrorKind::ForeignFormat, "not a Keybed manifest"));
        };
        match version.parse::<u32>() {
            Ok(VERSION) => {}
            Ok(n) if n > VERSION => {
                let why =
                    format!("format version {n}, this library reads up to {VERSION}; use a newer library");
                return Err(at.error(ErrorKind::NewerFormat, &why));
            }
            _ => return Err(at.error(ErrorKind::ForeignFormat, "unknown format version")),
        }
        let text =
            std::str::from_utf8(bytes).map_err(|_| at.error(ErrorKind::Corruption, "it is not UTF-8"))?;
        let Some((body, crc)) = text
            .strip_suffix('\n')
            .and_then(|t| t.rsplit_once('\n'))
            .and_then(|(body, last)| Some((body, last.strip_prefix("crc32c ")?)))
        else {
            return Err(at.error(ErrorKind::Corruption, "it is cut short"));
        };
        let sum = crc32c::crc32c_append(crc32c::crc32c(body.as_bytes()), b"\n");
        if crc != format!("{sum:08x}") {
            return Err(at.error(ErrorKind::Corruption, "its checksum does not match"));
        }
        Self::parse_body(body).map_err(|why| match why {
            Body::Newer(why) => at.error(ErrorKind::NewerFormat, &why),
            Body::Bad(why) => at.error(ErrorKind::Corruption, &why),
        })
    }

    fn parse_body(body: &str) -> std::result::Result<Manifest, Body> {
        let mut lines = body.lines().skip(1);
        let mut field = |name: &str| -> std::result::Result<&str, Body> {
            let line = lines.next().unwrap_or_default();
            line.strip_prefix(name)
                .and_then(|rest| rest.strip_prefix(' '))
                .ok_or_else(|| Body::Bad(format!("line '{line}' should be '{name}'")))
        };
        field("compatible-features")?;
        let bits = field("incompatible-features")?;
        if bits != "0" {
            return Err(Body::Newer(format!("it needs features {bits} that this library does not know")));
        }
        let engine = field("engine")?.parse().map_err(Body::Bad)?;
        let encoding = field("key-encoding")?.parse().map_err(Body::Bad)?;
        let max_parallelism = field("max-parallelism")?
            .parse()
            .ok()
            .filter(|n| (1..=crate::options::MAX_PARALLELISM_LIMIT).contains(n))
            .ok_or_else(|| Body::Bad("max-parallelism is out of range".to_string()))?;
        let key_size = field("key-size")?.parse().map_err(Body::Bad)?;
        let mut states = Vec::new();
        for line in lines {
            let id = states.len() as u32;
            let state = parse_state(id, line).ok_or_else(|| Body::Bad(format!("bad line '{line}'")))?;
            states.push(state);
        }
        if states.len() > MAX_STATES {
            return Err(Body::Bad("too many states".to_string()));
        }
        Ok(Manifest { engine, keys: KeySpec { encoding, max_parallelism, key_size }, states })
    }
}

enum Body {
    Newer(String),
    Bad(String),
}

struct Located<'a> {
    path: &'a Path,
}

impl Located<'_> {
    fn error(&self, kind: ErrorKind, why: &str) -> Error {
        Error::new(kind, format!("{}: {why}", self.path.display()))
    }
}

fn parse_state(id: u32, line: &str) -> Option<StateInfo> {
    let mut words = line.strip_prefix("state ")?.split(' ');
    let kind: StateKind = words.next()?.parse().ok()?;
    let namespace: PartSize = words.next()?.parse().ok()?;
    let name = decode(words.next()?)?;
    if words.next().is_some() {
        return None;
    }
    StateInfo::check_name(&name).ok()?;
    Some(StateInfo { id, name, kind, namespace })
}

/// Percent-encodes everything but letters, digits and `-_./:`.
fn encode(name: &str) -> String {
    let mut out = String::new();
    for b in name.bytes() {
        if b.is_ascii_alphanumeric() || b"-_./:".contains(&b) {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyEncoding;

    fn sample() -> Manifest {
        let keys =
            KeySpec { encoding: KeyEncoding::Flink, max_parallelism: 300, key_size: PartSize::Fixed(8) };
        let state =
            |id, name: &str, kind, namespace| StateInfo { id, name: name.to_string(), kind, namespace };
        Manifest {
            engine: EngineKind::Rocks,
            keys,
            states: vec![
                state(0, "word counts", StateKind::Value, PartSize::NONE),
                state(1, "ü%20/x", StateKind::Map, PartSize::Variable),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), None);
        sample().write(dir.path()).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), Some(sample()));
        assert!(!dir.path().join(TEMPORARY_NAME).exists());
    }

    #[test]
    fn every_damaged_byte_is_an_error_and_never_a_panic() {
        let text = sample().to_text().into_bytes();
        for i in 0..text.len() {
            for flip in [1u8, 0x20, 0x80] {
                let mut bad = text.clone();
                bad[i] ^= flip;
                assert!(Manifest::parse(&bad, Path::new("KEYBED")).is_err(), "byte {i} ^ {flip}");
            }
            assert!(Manifest::parse(&text[..i], Path::new("KEYBED")).is_err(), "cut at {i}");
        }
    }

    #[test]
    fn newer_versions_and_unknown_features_are_told_from_damage() {
        let reseal = |text: String| {
            let body = &text[..text.rfind("crc32c").unwrap()];
            format!("{body}crc32c {:08x}\n", crc32c::crc32c(body.as_bytes()))
        };
        let newer = sample().to_text().replace("keybed-store 1", "keybed-store 2");
        let feature =
            reseal(sample().to_text().replace("incompatible-features 0", "incompatible-features 4"));
        for text in [newer, feature] {
            let error = Manifest::parse(text.as_bytes(), Path::new("KEYBED")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NewerFormat, "{error}");
        }
        let foreign = Manifest::parse(b"hello\nworld\n", Path::new("KEYBED")).unwrap_err();
        assert_eq!(foreign.kind(), ErrorKind::ForeignFormat);
        let compatible =
            reseal(sample().to_text().replace("\ncompatible-features 0", "\ncompatible-features 4"));
        assert_eq!(Manifest::parse(compatible.as_bytes(), Path::new("KEYBED")).unwrap(), sample());
    }
}

//! The file `KEYBED` in a store's directory: what was fixed at creation, and the states.
//!
//! Text (see [`crate::manifest`]), so that people can read it; the last line is the crc32c of everything above it:
//!
//! ```text
//! keybed-store 1
//! compatible-features 0
//! incompatible-features 0
//! engine rocks
//! key-encoding ordered
//! max-parallelism 128
//! key-size variable
//! key-groups 0-127                     the first and the last that it may hold
//! state value 0 word%20counts          kind, namespace size, name (percent-encoded); the id is the position
//! crc32c 9e6b1f2c
//! ```
//!
//! The file is replaced as a whole: written beside, synced, renamed, directory synced.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::manifest::{self, Format, Located};
use crate::options::{EngineKind, MAX_STATES};
use crate::store::state::StateInfo;

/// Name of the file.
pub(crate) const FILE_NAME: &str = "KEYBED";
/// Where the next manifest is written before it takes the name.
pub(crate) const TEMPORARY_NAME: &str = "KEYBED.new";
pub(crate) const FORMAT: Format = Format { name: "keybed-store", version: 1, what: "a Keybed manifest" };

/// The content of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) engine: EngineKind,
    pub(crate) keys: KeySpec,
    /// The key groups that the store may hold.
    pub(crate) groups: KeyGroupRange,
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
        let mut text = FORMAT.begin();
        manifest::write_keys(&mut text, self.engine, &self.keys);
        manifest::write_groups(&mut text, self.groups);
        for state in &self.states {
            manifest::write_state(&mut text, state);
            text.push('\n');
        }
        manifest::sealed(text)
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Manifest> {
        let at = Located { path };
        let mut lines = FORMAT.open_sealed(bytes, &at)?;
        let mut parse = || {
            let (engine, keys) = manifest::read_keys(&mut lines)?;
            let groups = manifest::read_groups(&mut lines, &keys)?;
            let mut states = Vec::new();
            while let Some(words) = lines.optional("state") {
                let state = manifest::read_state(states.len() as u32, words);
                let (state, _) = state
                    .filter(|(_, rest)| rest.is_empty())
                    .ok_or_else(|| format!("bad line 'state {words}'"))?;
                states.push(state);
            }
            lines.end()?;
            if states.len() > MAX_STATES {
                return Err("too many states".to_string());
            }
            Ok(Manifest { engine, keys, groups, states })
        };
        parse().map_err(|why| at.error(ErrorKind::Corruption, &why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{KeyEncoding, PartSize};
    use crate::store::state::StateKind;

    fn sample() -> Manifest {
        let keys =
            KeySpec { encoding: KeyEncoding::Flink, max_parallelism: 300, key_size: PartSize::Fixed(8) };
        let state =
            |id, name: &str, kind, namespace| StateInfo { id, name: name.to_string(), kind, namespace };
        Manifest {
            engine: EngineKind::Rocks,
            keys,
            groups: KeyGroupRange { first: 10, last: 299 },
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

//! The first block of a snapshot: what it is of.
//!
//! ```text
//! keybed-snapshot 1
//! compatible-features 0
//! incompatible-features 0
//! id 00112233445566778899aabbccddeeff
//! base 0f1e2d3c4b5a69788796a5b4c3d2e1f0        of changes only: the snapshot that they follow
//! chain 2                                      of changes only: how many snapshots of changes there are up to this one
//! engine table
//! key-encoding ordered
//! max-parallelism 128
//! key-size variable
//! key-groups 0-63
//! order none                                   keys: the entries of a state come in the order of their keys
//! state value 0 word%20counts plain            split: before each key stands where its key part ends
//! ```

use std::fmt::Write as _;
use std::path::Path;

use crate::error::{ErrorKind, Result};
use crate::key::{KeyGroupRange, KeySpec};
use crate::manifest::{self, Format, Lines, Located};
use crate::options::{EngineKind, MAX_STATES};
use crate::snapshot::entries::EntryForm;
use crate::snapshot::id::SnapshotId;
use crate::store::{StateInfo, StateKind};

/// The newest version of the format that this library reads, and the one it writes.
pub const FORMAT_VERSION: u32 = 1;
pub(crate) const FORMAT: Format =
    Format { name: "keybed-snapshot", version: FORMAT_VERSION, what: "a Keybed snapshot" };
/// The most snapshots of changes that follow one another.
pub const MAX_CHAIN: u32 = 64;

/// What a snapshot file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotHead {
    /// Its id.
    pub id: SnapshotId,
    /// Of changes: what they follow.
    pub base: Option<SnapshotBase>,
    /// The engine that held the state.
    pub engine: EngineKind,
    /// How its keys are written.
    pub keys: KeySpec,
    /// The key groups that it holds.
    pub groups: KeyGroupRange,
    /// The entries of a state come in the order of their keys.
    pub ordered: bool,
    /// The states, by position.
    pub states: Vec<StoredState>,
}

/// What changes follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotBase {
    /// The snapshot right before.
    pub id: SnapshotId,
    /// How many snapshots of changes there are, this one included, since the last full one.
    pub chain: u32,
}

/// A state in a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredState {
    /// Its id here is its position, whatever it is in a store.
    pub info: StateInfo,
    /// Before each key stands where its key part ends.
    pub split: bool,
}

impl StoredState {
    /// Adds the line of the state.
    pub(crate) fn write(&self, text: &mut String) {
        manifest::write_state(text, &self.info);
        text.push_str(if self.split { " split\n" } else { " plain\n" });
    }

    /// Reads the lines of all states.
    pub(crate) fn read_all(lines: &mut Lines<'_>) -> std::result::Result<Vec<StoredState>, String> {
        let mut states: Vec<StoredState> = Vec::new();
        while let Some(words) = lines.optional("state") {
            let (info, rest) = manifest::read_state(states.len() as u32, words)
                .ok_or_else(|| format!("bad line 'state {words}'"))?;
            let split = match rest {
                "split" => true,
                "plain" => false,
                other => return Err(format!("unknown form of keys '{other}'")),
            };
            if states.iter().any(|known| known.info.name == info.name) {
                return Err(format!("state '{}' is there twice", info.name));
            }
            states.push(StoredState { info, split });
            if states.len() > MAX_STATES {
                return Err("too many states".to_string());
            }
        }
        Ok(states)
    }
}

/// States as an engine's snapshot writes them. `knows_split`: the engine knows where a key part ends.
pub(crate) fn stored_states(states: &[StateInfo], keys: &KeySpec, knows_split: bool) -> Vec<StoredState> {
    let split = |state: &StateInfo| state.kind == StateKind::Map && knows_split && !keys.knows_split();
    let stored = |(id, state): (usize, &StateInfo)| StoredState {
        info: StateInfo { id: id as u32, ..state.clone() },
        split: split(state),
    };
    states.iter().enumerate().map(stored).collect()
}

impl SnapshotHead {
    /// How the keys of a state are written.
    pub fn form(&self, state: &StoredState) -> EntryForm {
        EntryForm { keys: self.keys, split: state.split }
    }

    /// The state of that name.
    pub fn state(&self, name: &str) -> Option<&StoredState> {
        self.states.iter().find(|state| state.info.name == name)
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = FORMAT.begin();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "id {}", self.id);
        if let Some(base) = &self.base {
            let _ = writeln!(text, "base {}\nchain {}", base.id, base.chain);
        }
        manifest::write_keys(&mut text, self.engine, &self.keys);
        manifest::write_groups(&mut text, self.groups);
        let _ = writeln!(text, "order {}", if self.ordered { "keys" } else { "none" });
        for state in &self.states {
            state.write(&mut text);
        }
        text
    }

    /// Reads the text of the first block of the file at `path`.
    pub(crate) fn parse(bytes: &[u8], path: &Path) -> Result<SnapshotHead> {
        let at = Located { path };
        let mut lines = FORMAT.open(bytes, &at)?;
        Self::parse_lines(&mut lines).map_err(|why| at.error(ErrorKind::Corruption, &why))
    }

    fn parse_lines(lines: &mut Lines<'_>) -> std::result::Result<SnapshotHead, String> {
        let id = lines.parse("id")?;
        let base = match lines.optional("base") {
            Some(text) => Some(SnapshotBase {
                id: text.parse()?,
                chain: lines.number("chain", 1, u64::from(MAX_CHAIN))? as u32,
            }),
            None => None,
        };
        let (engine, keys) = manifest::read_keys(lines)?;
        let groups = manifest::read_groups(lines, &keys)?;
        let ordered = match lines.word("order")? {
            "keys" => true,
            "none" => false,
            other => return Err(format!("unknown order '{other}'")),
        };
        let states = StoredState::read_all(lines)?;
        lines.end()?;
        Ok(SnapshotHead { id, base, engine, keys, groups, ordered, states })
    }
}

//! What can be asked for on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use keybed::key::KeyGroupRange;

use crate::bytes::Bytes;

/// Looks into Keybed's stores and snapshots. Changes nothing.
///
/// A PATH is the directory of a store, a snapshot file or a snapshot directory; which of them
/// is seen from what is there. A store of the engine 'table' is read as its last flush wrote it,
/// also while it is open; a store of the engine 'rocks' while it is closed, or from a snapshot.
#[derive(Debug, Parser)]
#[command(name = "keybed", version, verbatim_doc_comment, after_help = CODES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Print JSON: one object; one a line for entries
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const CODES: &str = "\
Exit codes:
  0  all is well
  1  diff: there are differences; get: there is no such key
  2  wrong usage
  3  damaged; the message names the file and, where it is known, the byte
  4  not there, not Keybed's, or of a newer format
  5  anything else: I/O, a store that is open, an engine that was not built in";

const BYTES: &str = "\
Keys, namespaces and map keys are text, or bytes as in 0x00ff, or integers as in i64:42 and
i32:-1, big-endian with the sign bit flipped. Text that looks like one of these: text:0x41.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what is at a path: engine, keys, states, files
    Info(Info),
    /// Print the value of a key
    #[command(after_help = BYTES)]
    Get(Get),
    /// Print the entries of a state
    #[command(after_help = BYTES)]
    Scan(Scan),
    /// Read everything and check every byte
    Verify(Verify),
    /// Compare what two stores or snapshots hold
    Diff(Diff),
}

#[derive(Debug, Args)]
pub(crate) struct Info {
    /// Store, snapshot file or snapshot directory
    pub(crate) path: PathBuf,
    /// Count the entries of each key group, which reads all of them
    #[arg(long)]
    pub(crate) key_groups: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// Store, snapshot file or snapshot directory
    pub(crate) path: PathBuf,
    /// Name of the state
    pub(crate) state: String,
    /// The key
    #[arg(allow_hyphen_values = true)]
    pub(crate) key: Bytes,
    /// Its namespace, where the state has namespaces
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub(crate) namespace: Option<Bytes>,
    /// The map key, in a map state
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub(crate) map_key: Option<Bytes>,
    /// The key group of the key; without it all are searched
    #[arg(long, value_name = "NUMBER")]
    pub(crate) group: Option<u32>,
    /// Write the bytes of the value and nothing else
    #[arg(long, conflicts_with = "json")]
    pub(crate) raw: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Store, snapshot file or snapshot directory
    pub(crate) path: PathBuf,
    /// Name of the state
    pub(crate) state: String,
    /// Only these key groups, as in 0-63
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) key_groups: Option<KeyGroupRange>,
    /// Only keys that begin with this
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub(crate) prefix: Option<Bytes>,
    /// Only this namespace
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true)]
    pub(crate) namespace: Option<Bytes>,
    /// Stop after so many entries
    #[arg(long, value_name = "NUMBER")]
    pub(crate) limit: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Stores, snapshot files or snapshot directories
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Store, snapshot file or snapshot directory: before
    #[arg(value_name = "A")]
    pub(crate) before: PathBuf,
    /// The one to compare it with: after
    #[arg(value_name = "B")]
    pub(crate) after: PathBuf,
    /// Only this state
    #[arg(long)]
    pub(crate) state: Option<String>,
    /// Only these key groups, as in 0-63
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) key_groups: Option<KeyGroupRange>,
    /// Show so many differing entries
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) limit: usize,
}

//! What cold natives take and give: paths, options, and descriptions as lists of words.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use jni::Env;
use jni::objects::{JByteArray, JObjectArray, JString};

use crate::error::{Error, ErrorKind};
use crate::jni::errors::Failure;
use crate::key::{KeyGroupRange, KeySpec};
use crate::options::EngineKind;
use crate::snapshot::{SnapshotDirectory, SnapshotFile, SnapshotHead, SnapshotSummary, StoredState};
use crate::store::StateInfo;

type Outcome<T> = std::result::Result<T, Failure>;

fn null(what: &str) -> Failure {
    Error::new(ErrorKind::InvalidArgument, format!("the {what} is null")).into()
}

/// A path, as the bytes the operating system knows it by.
pub(super) fn path(env: &Env<'_>, bytes: &JByteArray<'_>) -> Outcome<PathBuf> {
    if bytes.is_null() {
        return Err(null("path"));
    }
    Ok(PathBuf::from(OsString::from_vec(env.convert_byte_array(bytes)?)))
}

/// Paths; null is none.
pub(super) fn paths<'local>(
    env: &mut Env<'local>,
    array: &JObjectArray<'local, JByteArray<'local>>,
) -> Outcome<Vec<PathBuf>> {
    let mut paths = Vec::new();
    if !array.is_null() {
        for i in 0..array.len(env)? {
            let bytes = array.get_element(env, i)?;
            paths.push(path(env, &bytes)?);
            env.delete_local_ref(bytes);
        }
    }
    Ok(paths)
}

/// A string.
pub(super) fn text(env: &mut Env<'_>, what: &str, text: &JString<'_>) -> Outcome<String> {
    if text.is_null() { Err(null(what)) } else { Ok(text.try_to_string(env)?) }
}

/// Bytes; null is no bytes.
pub(super) fn bytes(env: &Env<'_>, bytes: &JByteArray<'_>) -> Outcome<Vec<u8>> {
    if bytes.is_null() { Ok(Vec::new()) } else { Ok(env.convert_byte_array(bytes)?) }
}

/// Name, value, name, value...; null is none.
pub(super) fn options<'local>(
    env: &mut Env<'local>,
    options: &JObjectArray<'local, JString<'local>>,
) -> Outcome<Vec<(String, String)>> {
    let mut words = Vec::new();
    if !options.is_null() {
        for i in 0..options.len(env)? {
            let word = options.get_element(env, i)?;
            words.push(text(env, "option", &word)?);
            // Or a long list of options would overflow the frame of local references.
            env.delete_local_ref(word);
        }
    }
    if words.len() % 2 != 0 {
        return Err(Error::new(ErrorKind::InvalidOption, "an option has no value").into());
    }
    let mut pairs = Vec::with_capacity(words.len() / 2);
    let mut words = words.into_iter();
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// Pairs as options take them.
pub(super) fn borrowed(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

/// An array of strings.
pub(super) fn strings<'local>(
    env: &mut Env<'local>,
    words: Vec<String>,
) -> Outcome<JObjectArray<'local, JString<'local>>> {
    let array = JObjectArray::<JString>::new(env, words.len(), JString::null())?;
    for (i, word) in words.iter().enumerate() {
        let word = env.new_string(word)?;
        array.set_element(env, i, &word)?;
        env.delete_local_ref(word);
    }
    Ok(array)
}

/// Name, kind and namespace size.
pub(super) fn of_state(state: &StateInfo) -> [String; 3] {
    [state.name.clone(), state.kind.code().to_string(), state.namespace.to_code().to_string()]
}

/// First and last.
pub(super) fn of_groups(groups: KeyGroupRange) -> [String; 2] {
    [groups.first.to_string(), groups.last.to_string()]
}

/// Id, bytes, blocks, entries.
pub(super) fn of_summary(summary: &SnapshotSummary) -> Vec<String> {
    let SnapshotSummary { id, bytes, blocks, entries } = summary;
    vec![id.to_string(), bytes.to_string(), blocks.to_string(), entries.to_string()]
}

/// Engine, key encoding, max-parallelism, key size, key groups, number of states, states.
fn of_store(
    engine: EngineKind,
    keys: &KeySpec,
    groups: KeyGroupRange,
    states: &[StoredState],
) -> Vec<String> {
    let mut words = vec![
        engine.name().to_string(),
        keys.encoding.name().to_string(),
        keys.max_parallelism.to_string(),
        keys.key_size.to_code().to_string(),
    ];
    words.extend(of_groups(groups));
    words.push(states.len().to_string());
    words.extend(states.iter().flat_map(|state| of_state(&state.info)));
    words
}

/// Id, id of the base or nothing, bytes, blocks, entries, and of the store.
pub(super) fn of_head(head: &SnapshotHead, bytes: u64, blocks: u64, entries: u64) -> Vec<String> {
    let mut words = vec![
        head.id.to_string(),
        head.base.map_or_else(String::new, |base| base.id.to_string()),
        bytes.to_string(),
        blocks.to_string(),
        entries.to_string(),
    ];
    words.extend(of_store(head.engine, &head.keys, head.groups, &head.states));
    words
}

/// The same of an open file.
pub(super) fn of_file(file: &SnapshotFile) -> Vec<String> {
    of_head(file.head(), file.bytes(), file.blocks(), file.entries())
}

/// Id, of the store, number of files; of each file name, identity, bytes, checksum, whether it is shared, and key groups or
/// twice nothing.
pub(super) fn of_directory(snapshot: &SnapshotDirectory) -> Vec<String> {
    let mut words = vec![snapshot.id.to_string()];
    words.extend(of_store(snapshot.engine, &snapshot.keys, snapshot.groups, &snapshot.states));
    words.push(snapshot.files.len().to_string());
    for file in &snapshot.files {
        words.extend([
            file.name.clone(),
            file.identity.to_string(),
            file.bytes.to_string(),
            file.crc32c.to_string(),
            file.shared.to_string(),
        ]);
        words.extend(file.groups.map_or_else(Default::default, of_groups));
    }
    words
}

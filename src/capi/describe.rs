//! Descriptions of snapshots in C's types.

use std::ffi::{CStr, c_char};
use std::ptr;

use crate::capi::{
    keybed_slice_t, keybed_snapshot_file_t, keybed_snapshot_info_t, keybed_snapshot_summary_t,
    keybed_state_info_t,
};
use crate::key::{KeyEncoding, KeyGroupRange, KeySpec};
use crate::options::EngineKind;
use crate::snapshot::{FileEntry, SnapshotDirectory, SnapshotHead, SnapshotId, SnapshotSummary};
use crate::store::StateInfo;

/// The digits of an id and a NUL.
fn id(id: SnapshotId) -> [c_char; 33] {
    let mut out = [0; 33];
    for (target, byte) in out.iter_mut().zip(id.to_string().bytes()) {
        *target = byte as c_char;
    }
    out
}

fn slice(bytes: &[u8]) -> keybed_slice_t {
    keybed_slice_t { data: if bytes.is_empty() { ptr::null() } else { bytes.as_ptr() }, len: bytes.len() }
}

/// A state; its name lives as long as `state`.
pub(super) fn state(state: &StateInfo) -> keybed_state_info_t {
    keybed_state_info_t {
        name: slice(state.name.as_bytes()),
        kind: state.kind.code(),
        namespace_size: state.namespace.to_code(),
    }
}

/// What was written.
pub(super) fn summary(summary: &SnapshotSummary) -> keybed_snapshot_summary_t {
    let SnapshotSummary { id: of, bytes, blocks, entries } = *summary;
    keybed_snapshot_summary_t { id: id(of), bytes, blocks, entries }
}

/// What a file is of.
pub(super) fn head(head: &SnapshotHead, bytes: u64, blocks: u64, entries: u64) -> keybed_snapshot_info_t {
    let common = info(head.id, head.engine, &head.keys, head.groups);
    keybed_snapshot_info_t {
        base: head.base.map_or([0; 33], |base| id(base.id)),
        states: head.states.len() as u32,
        files: 1,
        bytes,
        blocks,
        entries,
        ..common
    }
}

/// What a directory is of.
pub(super) fn directory(snapshot: &SnapshotDirectory) -> keybed_snapshot_info_t {
    let common = info(snapshot.id, snapshot.engine, &snapshot.keys, snapshot.groups);
    keybed_snapshot_info_t {
        states: snapshot.states.len() as u32,
        files: snapshot.files.len() as u32,
        bytes: snapshot.bytes(),
        ..common
    }
}

fn info(of: SnapshotId, engine: EngineKind, keys: &KeySpec, groups: KeyGroupRange) -> keybed_snapshot_info_t {
    let engine: &CStr = match engine {
        EngineKind::Table => c"table",
        EngineKind::Rocks => c"rocks",
    };
    let key_encoding: &CStr = match keys.encoding {
        KeyEncoding::Ordered => c"ordered",
        KeyEncoding::Flink => c"flink",
    };
    keybed_snapshot_info_t {
        id: id(of),
        base: [0; 33],
        engine: engine.as_ptr(),
        key_encoding: key_encoding.as_ptr(),
        max_parallelism: keys.max_parallelism,
        key_size: keys.key_size.to_code(),
        first_group: groups.first,
        last_group: groups.last,
        states: 0,
        files: 0,
        bytes: 0,
        blocks: 0,
        entries: 0,
    }
}

/// A file; its name lives as long as `file`.
pub(super) fn file(file: &FileEntry) -> keybed_snapshot_file_t {
    keybed_snapshot_file_t {
        name: slice(file.name.as_bytes()),
        identity: id(file.identity),
        bytes: file.bytes,
        crc32c: file.crc32c,
        shared: file.shared,
        has_groups: file.groups.is_some(),
        first_group: file.groups.map_or(0, |groups| groups.first),
        last_group: file.groups.map_or(0, |groups| groups.last),
    }
}

//! The natives of `dev.keybed.NativeStoredSnapshot`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::{jint, jlong};

use crate::error::{Error, ErrorKind};
use crate::ffi::exclusive::Exclusive;
use crate::ffi::handle;
use crate::ffi::kinds::{JvmBlocksKind, StoredKind};
use crate::jni::JvmBlocks;
use crate::jni::errors::cold;
use crate::jni::words;
use crate::key::KeyGroupRange;
use crate::snapshot::{self, SnapshotFile};

/// Opens a stored snapshot; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JByteArray<'local>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_open", |env| {
        let file = SnapshotFile::open(words::path(env, &path)?)?;
        Ok(handle::insert_shared::<StoredKind>(file)? as jlong)
    })
}

/// What it is of; see `words::of_head`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_describe<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    stored: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_describe", |env| {
        let described = handle::with_shared::<StoredKind, _>(stored as u64, |s| Ok(words::of_file(s)))?;
        words::strings(env, described)
    })
}

/// Number of entries of a state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_count<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    stored: jlong,
    state: JString<'local>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_count", |env| {
        let state = words::text(env, "state's name", &state)?;
        Ok(handle::with_shared::<StoredKind, _>(stored as u64, |s| s.count(&state))? as jlong)
    })
}

/// A scan of some key groups of a state; its handle, of blocks.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_scan<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    stored: jlong,
    state: JString<'local>,
    first: jint,
    last: jint,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_scan", |env| {
        let state = words::text(env, "state's name", &state)?;
        let groups = KeyGroupRange::new(first as u32, last as u32).ok_or_else(|| {
            Error::new(ErrorKind::KeyGroupOutOfRange, format!("there are no key groups {first} to {last}"))
        })?;
        let scan = handle::with_shared::<StoredKind, _>(stored as u64, |s| s.scan(&state, groups))?;
        let blocks = Exclusive::new(JvmBlocks::of_scan(scan), None);
        Ok(handle::insert_shared::<JvmBlocksKind>(blocks)? as jlong)
    })
}

/// The value of a key, or null.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_get<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    stored: jlong,
    state: JString<'local>,
    group: jint,
    key: JByteArray<'local>,
    namespace: JByteArray<'local>,
    map_key: JByteArray<'local>,
) -> JByteArray<'local> {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_get", |env| {
        let state = words::text(env, "state's name", &state)?;
        let (key, namespace) = (words::bytes(env, &key)?, words::bytes(env, &namespace)?);
        let map_key = words::bytes(env, &map_key)?;
        let found = handle::with_shared::<StoredKind, _>(stored as u64, |s| {
            s.get(&state, group as u32, &key, &namespace, &map_key)
        })?;
        match found {
            Some(value) => Ok(env.byte_array_from_slice(&value)?),
            None => Ok(JByteArray::null()),
        }
    })
}

/// Checks every byte of a file; what it is of, then the number of entries of each state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_verify<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JByteArray<'local>,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_verify", |env| {
        let found = snapshot::verify(words::path(env, &path)?, &mut |_, _| true)?;
        let mut described = words::of_head(&found.head, found.bytes, found.blocks, found.entries);
        described.extend(found.entries_by_state.iter().map(u64::to_string));
        words::strings(env, described)
    })
}

/// Closes a stored snapshot; nothing happens when it is closed already. Scans of it go on.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStoredSnapshot_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    stored: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeStoredSnapshot_close", |_| {
        drop(handle::remove_shared::<StoredKind>(stored as u64)?);
        Ok(())
    });
}

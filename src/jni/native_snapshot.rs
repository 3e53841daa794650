//! The natives of `dev.keybed.NativeSnapshot`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::sync::Arc;

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::{jint, jlong};

use crate::ffi::exclusive::Exclusive;
use crate::ffi::handle;
use crate::ffi::kinds::{JvmBlocksKind, SnapshotKind};
use crate::jni::JvmBlocks;
use crate::jni::errors::cold;
use crate::jni::words;
use crate::snapshot::SnapshotOptions;

/// First and last key group; name, kind and namespace size of every state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshot_describe<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    snapshot: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeSnapshot_describe", |env| {
        let described = handle::with_shared::<SnapshotKind, _>(snapshot as u64, |s| {
            let groups = words::of_groups(s.key_groups()).into_iter();
            Ok(groups.chain(s.states().iter().flat_map(words::of_state)).collect())
        })?;
        words::strings(env, described)
    })
}

/// Number of entries of a key group of a state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshot_count<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    snapshot: jlong,
    state: JString<'local>,
    group: jint,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeSnapshot_count", |env| {
        let state = words::text(env, "state's name", &state)?;
        // A negative group becomes one that is far above the limit.
        let count =
            handle::with_shared::<SnapshotKind, _>(snapshot as u64, |s| s.count(&state, group as u32))?;
        Ok(count as jlong)
    })
}

/// Lets go of a key group of a state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshot_release<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    snapshot: jlong,
    state: JString<'local>,
    group: jint,
) {
    cold(&mut env, "Java_dev_keybed_NativeSnapshot_release", |env| {
        let state = words::text(env, "state's name", &state)?;
        Ok(handle::with_shared::<SnapshotKind, _>(snapshot as u64, |s| s.release(&state, group as u32))?)
    });
}

/// Writes a file; id, bytes, blocks, entries.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshot_write<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    snapshot: jlong,
    path: JByteArray<'local>,
    options: JObjectArray<'local, JString<'local>>,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeSnapshot_write", |env| {
        let (path, pairs) = (words::path(env, &path)?, words::options(env, &options)?);
        let options = SnapshotOptions::from_pairs(words::borrowed(&pairs))?;
        let written =
            handle::with_shared::<SnapshotKind, _>(snapshot as u64, |s| s.write_file(&path, &options))?;
        words::strings(env, words::of_summary(&written))
    })
}

/// A stream of the snapshot; its handle, of blocks.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshot_stream<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    snapshot: jlong,
    options: JObjectArray<'local, JString<'local>>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeSnapshot_stream", |env| {
        let pairs = words::options(env, &options)?;
        let options = SnapshotOptions::from_pairs(words::borrowed(&pairs))?;
        let blocks = handle::with_shared::<SnapshotKind, _>(snapshot as u64, |s| {
            Ok(Exclusive::new(JvmBlocks::of_stream(s.stream(&options)?), Some(Arc::clone(s.core()))))
        })?;
        Ok(handle::insert_shared::<JvmBlocksKind>(blocks)? as jlong)
    })
}

/// Closes a snapshot; nothing happens when it is closed already. Streams of it go on.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshot_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    snapshot: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeSnapshot_close", |_| {
        drop(handle::remove_shared::<SnapshotKind>(snapshot as u64)?);
        Ok(())
    });
}

//! The natives of `dev.keybed.NativeSnapshotFiles`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};

use crate::jni::errors::cold;
use crate::jni::words;
use crate::snapshot::SnapshotDirectory;

/// What a directory has, see `words::of_directory`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshotFiles_read<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JByteArray<'local>,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeSnapshotFiles_read", |env| {
        let snapshot = SnapshotDirectory::open(words::path(env, &path)?)?;
        words::strings(env, words::of_directory(&snapshot))
    })
}

/// The same, and checks every byte of the files.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshotFiles_verify<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JByteArray<'local>,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeSnapshotFiles_verify", |env| {
        let path = words::path(env, &path)?;
        let snapshot = SnapshotDirectory::open(&path)?;
        snapshot.check_files(&path, snapshot.groups, &mut |_, _| true)?;
        words::strings(env, words::of_directory(&snapshot))
    })
}

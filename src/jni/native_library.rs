//! The natives of `dev.keybed.NativeLibrary`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JClass, JLongArray, JString};
use jni::sys::{jint, jlong};

use crate::ffi::kinds::{
    JvmBlocksKind, JvmSessionKind, PreparedKind, SeriesKind, SnapshotKind, StoreKind, StoredKind,
};
use crate::ffi::{self, handle, last_error};
use crate::jni::errors::cold;

/// The number that must equal the jar's.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeLibrary_abiVersion<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> jint {
    cold(&mut env, "Java_dev_keybed_NativeLibrary_abiVersion", |_| Ok(ffi::ABI_VERSION as jint))
}

/// The library's version.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeLibrary_version<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    cold(&mut env, "Java_dev_keybed_NativeLibrary_version", |env| {
        Ok(env.new_string(env!("CARGO_PKG_VERSION"))?)
    })
}

/// What the library was built with.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeLibrary_features<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    cold(&mut env, "Java_dev_keybed_NativeLibrary_features", |env| Ok(env.new_string(ffi::features())?))
}

/// The message of the last hot native that failed on this thread, or null.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeLibrary_lastErrorMessage<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JString<'local> {
    cold(&mut env, "Java_dev_keybed_NativeLibrary_lastErrorMessage", |env| {
        let message = last_error::with(|message| message.map(|m| m.to_string_lossy().into_owned()));
        Ok(match message {
            Some(message) => env.new_string(message)?,
            None => JString::null(),
        })
    })
}

/// Live stores, sessions, snapshots, streams and scans of snapshots, stored snapshots, series, prepared snapshots.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeLibrary_liveHandles<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JLongArray<'local> {
    cold(&mut env, "Java_dev_keybed_NativeLibrary_liveHandles", |env| {
        let counts: [jlong; 7] = [
            handle::live::<StoreKind>(),
            handle::live::<JvmSessionKind>(),
            handle::live::<SnapshotKind>(),
            handle::live::<JvmBlocksKind>(),
            handle::live::<StoredKind>(),
            handle::live::<SeriesKind>(),
            handle::live::<PreparedKind>(),
        ];
        let array = JLongArray::new(env, counts.len())?;
        array.set_region(env, 0, &counts)?;
        Ok(array)
    })
}

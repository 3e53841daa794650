//! The natives of `dev.keybed.NativeStore`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::jlong;

use crate::ffi::handle;
use crate::ffi::kinds::{JvmSessionKind, SeriesKind, SnapshotKind, StoreKind};
use crate::jni::JvmSession;
use crate::jni::errors::cold;
use crate::jni::words;
use crate::options::StoreOptions;
use crate::snapshot::SnapshotOptions;
use crate::store::Store;

/// Opens a store; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JByteArray<'local>,
    options: JObjectArray<'local, JString<'local>>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStore_open", |env| {
        let (path, pairs) = (words::path(env, &path)?, words::options(env, &options)?);
        let store = Store::open(path, &StoreOptions::from_pairs(words::borrowed(&pairs))?)?;
        Ok(handle::insert_shared::<StoreKind>(store)? as jlong)
    })
}

/// Makes a store from snapshots; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_restore<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    path: JByteArray<'local>,
    options: JObjectArray<'local, JString<'local>>,
    snapshots: JObjectArray<'local, JByteArray<'local>>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStore_restore", |env| {
        let (path, pairs) = (words::path(env, &path)?, words::options(env, &options)?);
        let snapshots = words::paths(env, &snapshots)?;
        let options = StoreOptions::from_pairs(words::borrowed(&pairs))?;
        let store = Store::restore(path, &options, &snapshots)?;
        Ok(handle::insert_shared::<StoreKind>(store)? as jlong)
    })
}

/// Flushes and closes a store; nothing happens when it is closed already.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeStore_close", |_| {
        if let Some(store) = handle::remove_shared::<StoreKind>(store as u64)? {
            store.shut()?;
        }
        Ok(())
    });
}

/// Writes everything in memory to files.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_flush<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeStore_flush", |_| {
        Ok(handle::with_shared::<StoreKind, _>(store as u64, Store::flush)?)
    });
}

/// A session of the calling thread; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_session<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStore_session", |_| {
        let session = handle::with_shared::<StoreKind, _>(store as u64, Store::session)?;
        Ok(handle::insert_confined::<JvmSessionKind>(JvmSession::new(session))? as jlong)
    })
}

/// Name and value pairs.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_statistics<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeStore_statistics", |env| {
        let pairs = handle::with_shared::<StoreKind, _>(store as u64, Store::statistics)?;
        words::strings(env, pairs.into_iter().flat_map(|(name, value)| [name, value]).collect())
    })
}

/// Name and number pairs.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_figures<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeStore_figures", |env| {
        let pairs = handle::with_shared::<StoreKind, _>(store as u64, Store::figures)?;
        let words = pairs.into_iter().flat_map(|(name, number)| [name.to_string(), number.to_string()]);
        words::strings(env, words.collect())
    })
}

/// Name, kind and namespace size of every state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_states<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeStore_states", |env| {
        let states = handle::with_shared::<StoreKind, _>(store as u64, Store::states)?;
        words::strings(env, states.iter().flat_map(words::of_state).collect())
    })
}

/// A snapshot of all states; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_snapshot<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStore_snapshot", |_| {
        let snapshot = handle::with_shared::<StoreKind, _>(store as u64, Store::snapshot)?;
        Ok(handle::insert_shared::<SnapshotKind>(snapshot)? as jlong)
    })
}

/// A series of snapshots; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_snapshotSeries<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
    options: JObjectArray<'local, JString<'local>>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStore_snapshotSeries", |env| {
        let pairs = words::options(env, &options)?;
        let options = SnapshotOptions::from_pairs(words::borrowed(&pairs))?;
        let series = handle::with_shared::<StoreKind, _>(store as u64, |s| s.snapshot_series(&options))?;
        Ok(handle::insert_shared::<SeriesKind>(series)? as jlong)
    })
}

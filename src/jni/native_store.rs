//! The natives of `dev.keybed.NativeStore`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::{jboolean, jint, jlong};

use crate::error::{Error, ErrorKind, Result};
use crate::expiry::{ElementForm, Expiry, ValueForm};
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

/// A series of snapshots that follows those in directories, or none; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_snapshotSeries<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
    options: JObjectArray<'local, JString<'local>>,
    made_from: JObjectArray<'local, JByteArray<'local>>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeStore_snapshotSeries", |env| {
        let (pairs, made_from) = (words::options(env, &options)?, words::paths(env, &made_from)?);
        let options = SnapshotOptions::from_pairs(words::borrowed(&pairs))?;
        let series =
            handle::with_shared::<StoreKind, _>(store as u64, |s| s.following_series(&options, &made_from))?;
        Ok(handle::insert_shared::<SeriesKind>(series)? as jlong)
    })
}

/// When the entries of a state are over; whether the engine drops them.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "one native call")]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_setExpiry<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
    state: JString<'local>,
    form: jint,
    element: jint,
    ttl_millis: jlong,
    entries_a_clock: jlong,
    rewrite_seconds: jlong,
) -> jboolean {
    cold(&mut env, "Java_dev_keybed_NativeStore_setExpiry", |env| {
        let state = words::text(env, "state's name", &state)?;
        let number = |what: &str, n: jlong| {
            u64::try_from(n).map_err(|_| invalid(format!("{what} must not be negative, as {n} is")))
        };
        let (entries_a_clock, rewrite_seconds) =
            (number("the number of entries", entries_a_clock)?, number("the seconds", rewrite_seconds)?);
        let expiry = value_form(form, element)?.map(|form| Expiry {
            ttl_millis,
            form,
            entries_a_clock,
            rewrite_seconds,
        });
        Ok(handle::with_shared::<StoreKind, _>(store as u64, |s| s.set_expiry(&state, expiry))?)
    })
}

/// What Java numbers -1 (none), 0 (value), 1 (entry of a map) and 2 (list); of a list the bytes of an element, or -1 (text),
/// -2 (bytes) or -3 (unknown).
fn value_form(form: jint, element: jint) -> Result<Option<ValueForm>> {
    Ok(Some(match (form, element) {
        (-1, _) => return Ok(None),
        (0, _) => ValueForm::Value,
        (1, _) => ValueForm::MapEntry,
        (2, -1) => ValueForm::List(ElementForm::Text),
        (2, -2) => ValueForm::List(ElementForm::Bytes),
        (2, -3) => ValueForm::List(ElementForm::Unknown),
        (2, bytes @ 0..) => ValueForm::List(ElementForm::Fixed(bytes as usize)),
        _ => return Err(invalid(format!("there is no form {form} of elements {element}"))),
    }))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// The time that entries expire by; the least number: the machine's.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_setTime<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
    millis: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeStore_setTime", |_| {
        let millis = Some(millis).filter(|millis| *millis != jlong::MIN);
        Ok(handle::with_shared::<StoreKind, _>(store as u64, |s| s.set_time(millis))?)
    });
}

/// Rewrites the files of a state.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeStore_compact<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    store: jlong,
    state: JString<'local>,
) {
    cold(&mut env, "Java_dev_keybed_NativeStore_compact", |env| {
        let state = words::text(env, "state's name", &state)?;
        Ok(handle::with_shared::<StoreKind, _>(store as u64, |s| s.compact(&state))?)
    });
}

//! The natives of `dev.keybed.NativeStore`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use jni::objects::{JByteArray, JClass, JObjectArray, JString};
use jni::sys::jlong;
use jni::{Env, EnvUnowned};

use crate::error::{Error, ErrorKind};
use crate::ffi::handle;
use crate::ffi::kinds::{JvmSessionKind, StoreKind};
use crate::jni::JvmSession;
use crate::jni::errors::{Failure, cold};
use crate::options::StoreOptions;
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
        let null = |what| Error::new(ErrorKind::InvalidArgument, format!("the {what} is null"));
        if path.is_null() {
            return Err(null("path").into());
        }
        let path = PathBuf::from(OsString::from_vec(env.convert_byte_array(&path)?));
        let mut words = Vec::new();
        if !options.is_null() {
            for i in 0..options.len(env)? {
                let word = options.get_element(env, i)?;
                if word.is_null() {
                    return Err(null("option").into());
                }
                words.push(word.try_to_string(env)?);
                // Or a long list of options would overflow the frame of local references.
                env.delete_local_ref(word);
            }
        }
        if words.len() % 2 != 0 {
            return Err(Error::new(ErrorKind::InvalidOption, "an option has no value").into());
        }
        let pairs = words.chunks_exact(2).filter_map(|pair| match pair {
            [name, value] => Some((name.as_str(), value.as_str())),
            _ => None,
        });
        let store = Store::open(path, &StoreOptions::from_pairs(pairs)?)?;
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
        strings(env, pairs.into_iter().flat_map(|(name, value)| [name, value]).collect())
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
        let words = states
            .into_iter()
            .flat_map(|s| [s.name, s.kind.code().to_string(), s.namespace.to_code().to_string()]);
        strings(env, words.collect())
    })
}

fn strings<'local>(
    env: &mut Env<'local>,
    words: Vec<String>,
) -> Result<JObjectArray<'local, JString<'local>>, Failure> {
    let array = JObjectArray::<JString>::new(env, words.len(), JString::null())?;
    for (i, word) in words.iter().enumerate() {
        let word = env.new_string(word)?;
        array.set_element(env, i, &word)?;
        env.delete_local_ref(word);
    }
    Ok(array)
}

//! The cold natives of `dev.keybed.NativeSession`.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JByteBuffer, JClass, JString};
use jni::sys::{jboolean, jint, jlong};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::handle;
use crate::ffi::kinds::JvmSessionKind;
use crate::jni::buffer::{self, RegisteredBuffer};
use crate::jni::errors::cold;
use crate::jni::jvm_session::KeyArgs;
use crate::key::PartSize;
use crate::store::{StateId, StateKind};

/// Closes a session; nothing happens when it is closed already.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSession_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    session: jlong,
    unreachable: jboolean,
) {
    cold(&mut env, "Java_dev_keybed_NativeSession_close", |_| {
        drop(handle::remove_confined::<JvmSessionKind>(session as u64, unreachable)?);
        Ok(())
    });
}

/// The owner gives up ownership.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSession_release<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    session: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeSession_release", |_| {
        Ok(handle::release::<JvmSessionKind>(session as u64)?)
    });
}

/// The calling thread takes a released session.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSession_acquire<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    session: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeSession_acquire", |_| {
        Ok(handle::acquire::<JvmSessionKind>(session as u64)?)
    });
}

/// Registers a direct buffer under a number; null takes it away.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSession_registerBuffer<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    session: jlong,
    index: jint,
    buffer: JByteBuffer<'local>,
) {
    cold(&mut env, "Java_dev_keybed_NativeSession_registerBuffer", |env| {
        let registered =
            if buffer.is_null() { None } else { Some(RegisteredBuffer::register(env, &buffer)?) };
        Ok(handle::with::<JvmSessionKind, _>(session as u64, |s| s.set_buffer(index, registered))?)
    });
}

/// Opens a state; its number in the session.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSession_openState<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    session: jlong,
    name: JString<'local>,
    kind: jint,
    namespace_size: jint,
) -> jint {
    cold(&mut env, "Java_dev_keybed_NativeSession_openState", |env| {
        if name.is_null() {
            return Err(Error::new(ErrorKind::InvalidArgument, "the state's name is null").into());
        }
        let name = name.try_to_string(env)?;
        let bad =
            |what: &str, n| Error::new(ErrorKind::InvalidArgument, format!("state '{name}': {what} {n}"));
        let kind = StateKind::of_code(kind).ok_or_else(|| bad("unknown kind", kind))?;
        let namespace = PartSize::of_code(namespace_size)
            .ok_or_else(|| bad("namespace size must be -1 or more, not", namespace_size))?;
        let state = handle::with::<JvmSessionKind, _>(session as u64, |s| {
            s.session.open_state(&name, kind, namespace)
        })?;
        Ok(state.to_code())
    })
}

/// Writes the composite key of the current key to a direct buffer; its length.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSession_compositeKey<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    session: jlong,
    state: jint,
    group: jint,
    key_len: jint,
    namespace_len: jint,
    map_key_len: jint,
    out: JByteBuffer<'local>,
    position: jint,
    limit: jint,
) -> jint {
    cold(&mut env, "Java_dev_keybed_NativeSession_compositeKey", |env| {
        buffer::with_output(env, &out, position, limit, |out| {
            handle::with::<JvmSessionKind, _>(session as u64, |s| {
                let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
                let key = k.session.composite_key(StateId::of_code(state), k.namespace, k.map_key)?;
                copy_out(key, out)
            })
        })
    })
}

fn copy_out(key: &[u8], out: &mut [u8]) -> Result<jint> {
    let room = out.len();
    let target = out.get_mut(..key.len()).ok_or_else(|| {
        Error::new(
            ErrorKind::BufferTooSmall,
            format!("the composite key has {} bytes, the buffer has room for {room}", key.len()),
        )
    })?;
    target.copy_from_slice(key);
    Ok(key.len() as jint)
}

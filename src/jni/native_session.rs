//! The cold natives of `dev.keybed.NativeSession`.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use jni::EnvUnowned;
use jni::objects::{JByteBuffer, JClass, JString};
use jni::sys::{jboolean, jint, jlong};

use crate::error::{Error, ErrorKind};
use crate::ffi::handle;
use crate::ffi::kinds::JvmSessionKind;
use crate::jni::buffer::RegisteredBuffer;
use crate::jni::errors::cold;
use crate::key::PartSize;
use crate::store::StateKind;

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
            .ok_or_else(|| bad("namespace size must be -2 or more, not", namespace_size))?;
        let state = handle::with::<JvmSessionKind, _>(session as u64, |s| {
            s.session.open_state(&name, kind, namespace)
        })?;
        Ok(state.to_code())
    })
}

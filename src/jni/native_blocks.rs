//! The natives of `dev.keybed.NativeBlocks`: `next` and `needed` are hot, the others cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::ffi::c_void;

use jni::EnvUnowned;
use jni::objects::{JByteBuffer, JClass, JObjectArray, JString};
use jni::sys::{jint, jlong};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::kinds::JvmBlocksKind;
use crate::ffi::{guard, handle, last_error};
use crate::jni::JvmBlocks;
use crate::jni::buffer::RegisteredBuffer;
use crate::jni::errors::cold;
use crate::jni::words;
use crate::snapshot::NextBlock;

/// What Java sees when the buffer is too small.
const NEEDS_MORE: jint = -1;

/// Runs `body` with the object; an error's message is kept and its code returned, negated.
fn hot(export: &'static str, blocks: jlong, body: impl FnOnce(&mut JvmBlocks) -> Result<jint>) -> jint {
    guard::enter(export);
    match handle::with_shared::<JvmBlocksKind, _>(blocks as u64, |b| b.with(body)) {
        Ok(n) => n,
        Err(error) => {
            last_error::set(&error);
            -error.code()
        }
    }
}

fn int(n: usize) -> Result<jint> {
    jint::try_from(n)
        .map_err(|_| Error::new(ErrorKind::ValueTooLarge, format!("{n} bytes do not fit a Java buffer")))
}

/// Writes the next block to the start of the buffer; its length, 0 at the end, -1 when the buffer is too small.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeBlocks_next(
    _env: *mut c_void,
    _class: *mut c_void,
    blocks: jlong,
) -> jint {
    hot("Java_dev_keybed_NativeBlocks_next", blocks, |b| match b.next()? {
        NextBlock::Block(len) => int(len),
        NextBlock::Needs(_) => Ok(NEEDS_MORE),
        NextBlock::End => Ok(0),
    })
}

/// The length of buffer that the next block needs.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeBlocks_needed(
    _env: *mut c_void,
    _class: *mut c_void,
    blocks: jlong,
) -> jint {
    hot("Java_dev_keybed_NativeBlocks_needed", blocks, |b| int(b.needed()))
}

/// Registers the direct buffer that blocks go to, in the place of the one there was.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeBlocks_registerBuffer<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    blocks: jlong,
    buffer: JByteBuffer<'local>,
) {
    cold(&mut env, "Java_dev_keybed_NativeBlocks_registerBuffer", |env| {
        let buffer = RegisteredBuffer::register(env, &buffer)?;
        Ok(handle::with_shared::<JvmBlocksKind, _>(blocks as u64, |b| {
            b.with(|b| {
                b.set_buffer(buffer);
                Ok(())
            })
        })?)
    });
}

/// What a stream has written so far: id, bytes, blocks, entries.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeBlocks_summary<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    blocks: jlong,
) -> JObjectArray<'local, JString<'local>> {
    cold(&mut env, "Java_dev_keybed_NativeBlocks_summary", |env| {
        let summary = handle::with_shared::<JvmBlocksKind, _>(blocks as u64, |b| b.with(|b| b.summary()))?;
        words::strings(env, words::of_summary(&summary))
    })
}

/// Closes it; nothing happens when it is closed already. A call that runs meanwhile comes to its end.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeBlocks_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    blocks: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeBlocks_close", |_| {
        drop(handle::remove_shared::<JvmBlocksKind>(blocks as u64)?);
        Ok(())
    });
}

//! Direct buffers that Java registered with a session.
#![expect(unsafe_code, reason = "turns the address of a registered buffer into slices")]

use std::ptr::NonNull;

use jni::Env;
use jni::objects::JByteBuffer;
use jni::refs::Global;

use crate::error::{Error, ErrorKind};
use crate::jni::errors::Failure;

/// A direct buffer: its memory, and the reference that keeps it.
///
/// Invariant: `address` is readable and writable for `len` bytes while `_keeper` lives: the buffer comes from
/// `ByteBuffer.allocateDirect`, whose memory goes with the object and in no other way. The Java library registers only
/// buffers of its own, never hands them out, and checks the owner's thread before it writes to them, so nothing else
/// touches them while a call of the session runs. A caller who passes a session's `DirectOutput` to another thread
/// against its documentation can still race on the bytes: they may come out mixed, but stay bytes inside the buffer.
pub(super) struct RegisteredBuffer {
    address: NonNull<u8>,
    len: usize,
    _keeper: Global<JByteBuffer<'static>>,
}

// SAFETY: the memory is plain bytes, reached only through the session that owns this, by one thread at a time; a JNI
// global reference may be used and deleted on any thread.
unsafe impl Send for RegisteredBuffer {}

impl RegisteredBuffer {
    /// Resolves a direct buffer's address and keeps the buffer alive.
    ///
    /// Errors: `NotADirectBuffer`, `ReadOnlyBuffer`.
    pub(super) fn register(
        env: &mut Env<'_>,
        buffer: &JByteBuffer<'_>,
    ) -> std::result::Result<Self, Failure> {
        let (address, len) = writable_memory(env, buffer)?;
        Ok(RegisteredBuffer { address, len, _keeper: env.new_global_ref(buffer)? })
    }

    /// The bytes.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the type's invariant.
        unsafe { std::slice::from_raw_parts(self.address.as_ptr(), self.len) }
    }

    /// The bytes, to be written.
    #[inline]
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the type's invariant; overlapping buffers are refused when they are registered.
        unsafe { std::slice::from_raw_parts_mut(self.address.as_ptr(), self.len) }
    }

    /// Whether both share a byte: then writing one while reading the other would be undefined.
    pub(super) fn overlaps(&self, other: &RegisteredBuffer) -> bool {
        let (a, b) = (self.address.as_ptr() as usize, other.address.as_ptr() as usize);
        a < b + other.len && b < a + self.len
    }
}

/// Address and capacity of a direct buffer that may be written.
fn writable_memory(
    env: &mut Env<'_>,
    buffer: &JByteBuffer<'_>,
) -> std::result::Result<(NonNull<u8>, usize), Failure> {
    let not_direct =
        || Error::new(ErrorKind::NotADirectBuffer, "use a buffer from ByteBuffer.allocateDirect");
    if buffer.is_null() {
        return Err(Error::new(ErrorKind::InvalidArgument, "the buffer is null").into());
    }
    let read_only = env.call_method(buffer, jni::jni_str!("isReadOnly"), jni::jni_sig!("()Z"), &[])?.z()?;
    if read_only {
        return Err(Error::new(ErrorKind::ReadOnlyBuffer, "the buffer is read-only").into());
    }
    let address = env.get_direct_buffer_address(buffer).map_err(|_| not_direct())?;
    let len = env.get_direct_buffer_capacity(buffer).map_err(|_| not_direct())?;
    let address = NonNull::new(address).ok_or_else(not_direct)?;
    Ok((address, len))
}

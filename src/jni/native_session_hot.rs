//! The hot natives of `dev.keybed.NativeSession`: primitives only.
//!
//! Each is a shell: find the session by its handle on the calling thread, under the panic guard; take the key, value and
//! buffers where Java wrote them; call the session; return a number.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::ffi::c_void;

use jni::sys::{jint, jlong};

use crate::error::{Error, ErrorKind, Result};
use crate::ffi::kinds::JvmSessionKind;
use crate::ffi::{guard, handle, last_error};
use crate::jni::errors::size;
use crate::jni::jvm_session::{BufferSlot, JvmSession, KeyArgs, Keyed, batch};
use crate::jni::packed_entries::PackedEntries;
use crate::key::Scope;
use crate::store::{Session, StateId};

/// What Java sees for "no value".
const ABSENT: jint = -1;

/// Runs `body` with the session; an error's message is kept and its code returned, negated.
#[inline]
fn hot(export: &'static str, session: jlong, body: impl FnOnce(&mut JvmSession) -> Result<jint>) -> jint {
    guard::enter(export);
    match handle::with::<JvmSessionKind, _>(session as u64, body) {
        Ok(n) => n,
        Err(error) => failed(&error),
    }
}

#[cold]
fn failed(error: &Error) -> jint {
    last_error::set(error);
    -error.code()
}

/// A length as Java's int; values are far below 2 GiB by the limits, joined lists may not be.
#[inline]
fn int(n: usize) -> Result<jint> {
    jint::try_from(n)
        .map_err(|_| Error::new(ErrorKind::ValueTooLarge, format!("{n} bytes do not fit a Java buffer")))
}

fn scope(code: jint, group: jint, namespace: &[u8]) -> Result<Scope<'_>> {
    Scope::of_code(code, group as u32, namespace)
        .ok_or_else(|| Error::new(ErrorKind::InvalidArgument, format!("scope must be 0, 1 or 2, not {code}")))
}

/// The scope of a whole key group needs no key: whatever Java has written of one is not looked at.
const GROUP_SCOPE: jint = 0;

/// Declares hot natives whose arguments behind (env, class, session) are jint, and jlong behind a semicolon.
macro_rules! natives {
    ($($(#[$doc:meta])* fn $name:ident($session:ident $(, $arg:ident)* $(; $long:ident)?) $body:block)+) => {$(
        $(#[$doc])*
        #[unsafe(no_mangle)]
        #[allow(non_snake_case, reason = "JNI fixes the name")]
        #[allow(clippy::too_many_arguments, reason = "primitives only: no object to put them in")]
        pub(crate) extern "system" fn $name(
            _env: *mut c_void,
            _class: *mut c_void,
            session: jlong,
            $($arg: jint,)*
            $($long: jlong,)?
        ) -> jint {
            hot(stringify!($name), session, |$session: &mut JvmSession| $body)
        }
    )+};
}

natives! {
    /// Copies the value into the value buffer; its length, or -1.
    fn Java_dev_keybed_NativeSession_get(s, state, group, key_len, namespace_len, map_key_len) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let out = Keyed::value_out(k.slots)?;
        k.session.get(StateId::of_code(state), k.namespace, k.map_key, out)?.map_or(Ok(ABSENT), int)
    }

    /// Whether there is a value: 1 or 0.
    fn Java_dev_keybed_NativeSession_contains(s, state, group, key_len, namespace_len, map_key_len) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        Ok(jint::from(k.session.contains(StateId::of_code(state), k.namespace, k.map_key)?))
    }

    /// Whether there is no entry of a map: 1 or 0.
    fn Java_dev_keybed_NativeSession_isEmpty(s, state, group, key_len, namespace_len) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len: 0 })?;
        Ok(jint::from(k.session.is_empty(StateId::of_code(state), k.namespace)?))
    }

    /// Sets the value to what the value buffer holds.
    fn Java_dev_keybed_NativeSession_put(s, state, group, key_len, namespace_len, map_key_len, value_len) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let value = Keyed::value(k.slots, value_len)?;
        k.session.put(StateId::of_code(state), k.namespace, k.map_key, value).map(|()| 0)
    }

    /// Sets entries of a map to what the value buffer holds, packed.
    fn Java_dev_keybed_NativeSession_putAll(s, state, group, key_len, namespace_len, value_len, count) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len: 0 })?;
        let entries = PackedEntries::new(Keyed::value(k.slots, value_len)?, count)?;
        k.session.put_all(StateId::of_code(state), k.namespace, entries.iter()).map(|()| 0)
    }

    /// Adds to a value that is a number and leaves the new one in the value buffer; its length.
    fn Java_dev_keybed_NativeSession_addLong(s, state, group, key_len, namespace_len, map_key_len; delta) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        // Before anything is changed. Java's buffer is smaller only when values may not be that long.
        let Some(out) = Keyed::value_out(k.slots)?.first_chunk_mut() else {
            return Err(Error::new(ErrorKind::ValueTooLarge, "a number has 8 bytes, the value buffer fewer"));
        };
        *out = k.session.add_i64(StateId::of_code(state), k.namespace, k.map_key, delta)?.to_be_bytes();
        int(out.len())
    }

    /// Appends what the value buffer holds.
    fn Java_dev_keybed_NativeSession_append(s, state, group, key_len, namespace_len, map_key_len, value_len) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let value = Keyed::value(k.slots, value_len)?;
        k.session.append(StateId::of_code(state), k.namespace, value).map(|()| 0)
    }

    /// Removes the value.
    fn Java_dev_keybed_NativeSession_delete(s, state, group, key_len, namespace_len, map_key_len) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        k.session.delete(StateId::of_code(state), k.namespace, k.map_key).map(|()| 0)
    }

    /// Removes all entries of a scope.
    fn Java_dev_keybed_NativeSession_clear(s, state, group, key_len, namespace_len, scope_code) {
        let state = StateId::of_code(state);
        if scope_code == GROUP_SCOPE {
            return s.session.clear(state, scope(scope_code, group, &[])?).map(|()| 0);
        }
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len: 0 })?;
        k.session.clear(state, scope(scope_code, group, k.namespace)?).map(|()| 0)
    }

    /// Starts a scan and fills a block; its length.
    fn Java_dev_keybed_NativeSession_scan(s, buffer, state, group, key_len, namespace_len, scope_code) {
        let state = StateId::of_code(state);
        if scope_code == GROUP_SCOPE {
            let (session, slot) = s.slot(buffer)?;
            return start(session, slot, state, scope(scope_code, group, &[])?);
        }
        s.slot(buffer)?;
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len: 0 })?;
        // Buffer 0 has been split off.
        let slot = usize::try_from(buffer - 1).ok().and_then(|i| k.slots.get_mut(i));
        let Some(slot) = slot else { return Err(Error::new(ErrorKind::InvalidArgument, "no such buffer")) };
        start(k.session, slot, state, scope(scope_code, group, k.namespace)?)
    }

    /// Fills the next block of a buffer's scan; its length.
    fn Java_dev_keybed_NativeSession_scanNext(s, buffer) {
        let (session, slot) = s.slot(buffer)?;
        session.core().check()?;
        fill(slot)
    }

    /// Ends a buffer's scan.
    fn Java_dev_keybed_NativeSession_scanClose(s, buffer) {
        let (_, slot) = s.slot(buffer)?;
        if let Some(scan) = &mut slot.scan {
            scan.reset();
        }
        Ok(0)
    }

    /// Writes the composite key of the current key to a block buffer; its length. Nothing is copied when the buffer is
    /// smaller.
    fn Java_dev_keybed_NativeSession_compositeKey(
        s, buffer, state, group, key_len, namespace_len, map_key_len
    ) {
        s.slot(buffer)?;
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let key = k.session.composite_key(StateId::of_code(state), k.namespace, k.map_key)?;
        let out = Keyed::block_out(k.slots, buffer)?;
        if let Some(target) = out.get_mut(..key.len()) {
            target.copy_from_slice(key);
        }
        int(key.len())
    }

    /// Answers packed requests into a block; its length.
    fn Java_dev_keybed_NativeSession_multiGet(s, buffer, state, request_buffer, request_len, from) {
        int(s.multi_get(buffer, StateId::of_code(state), request_buffer, request_len, from)?)
    }

    /// Fills a block buffer with at most so many entries of the current map, from the map key on; the block's length.
    fn Java_dev_keybed_NativeSession_readMap(
        s, buffer, state, group, key_len, namespace_len, map_key_len, most
    ) {
        s.slot(buffer)?;
        let most = size("number of entries", most)?;
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let out = Keyed::block_out(k.slots, buffer)?;
        int(k.session.read_map(StateId::of_code(state), k.namespace, k.map_key, most, out)?)
    }

    /// A new walk's number.
    fn Java_dev_keybed_NativeSession_walkCreate(s, state) {
        int(s.new_walk(StateId::of_code(state))?)
    }

    /// Does a walk's next step, into a block buffer; the block's length.
    fn Java_dev_keybed_NativeSession_walkNext(s, walk, buffer, most) {
        int(s.step(walk, most, buffer)?)
    }

    /// Drops a walk.
    fn Java_dev_keybed_NativeSession_walkFree(s, walk) {
        s.free_walk(walk);
        Ok(0)
    }

    /// A new write batch's number.
    fn Java_dev_keybed_NativeSession_batchCreate(s) {
        int(s.new_batch()?)
    }

    /// Drops a write batch.
    fn Java_dev_keybed_NativeSession_batchFree(s, index) {
        s.free_batch(index);
        Ok(0)
    }

    /// Adds a put to a batch; copies key and value.
    fn Java_dev_keybed_NativeSession_batchPut(
        s, index, state, group, key_len, namespace_len, map_key_len, value_len
    ) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let value = Keyed::value(k.slots, value_len)?;
        let batch = batch(k.batches, index)?;
        k.session.batch_put(batch, StateId::of_code(state), k.namespace, k.map_key, value).map(|()| 0)
    }

    /// Adds an append to a batch; copies key and element.
    fn Java_dev_keybed_NativeSession_batchAppend(
        s, index, state, group, key_len, namespace_len, map_key_len, value_len
    ) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let value = Keyed::value(k.slots, value_len)?;
        let batch = batch(k.batches, index)?;
        k.session.batch_append(batch, StateId::of_code(state), k.namespace, value).map(|()| 0)
    }

    /// Adds a delete to a batch; copies the key.
    fn Java_dev_keybed_NativeSession_batchDelete(
        s, index, state, group, key_len, namespace_len, map_key_len
    ) {
        let k = s.keyed(KeyArgs { group, key_len, namespace_len, map_key_len })?;
        let batch = batch(k.batches, index)?;
        k.session.batch_delete(batch, StateId::of_code(state), k.namespace, k.map_key).map(|()| 0)
    }

    /// Forgets a batch's operations.
    fn Java_dev_keybed_NativeSession_batchClear(s, index) {
        s.batch(index)?.1.clear();
        Ok(0)
    }

    /// Applies a batch; the number of its operations.
    fn Java_dev_keybed_NativeSession_batchCommit(s, index) {
        let (session, batch) = s.batch(index)?;
        int(session.commit(batch)?)
    }
}

/// Starts a slot's scan and fills its first block.
fn start(session: &mut Session, slot: &mut BufferSlot, state: StateId, scope: Scope<'_>) -> Result<jint> {
    let scan = match &mut slot.scan {
        Some(scan) if session.is_scan_of(scan, state) => scan,
        other => other.insert(session.new_scan(state)?),
    };
    session.start_scan(scan, state, scope)?;
    fill(slot)
}

/// The next block of a slot's scan.
fn fill(slot: &mut BufferSlot) -> Result<jint> {
    let (Some(scan), Some(buffer)) = (&mut slot.scan, &mut slot.buffer) else {
        return Err(Error::new(ErrorKind::CursorInvalid, "no scan has been started in that buffer"));
    };
    int(scan.fill(buffer.bytes_mut())?)
}

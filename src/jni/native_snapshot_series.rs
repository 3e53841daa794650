//! The natives of `dev.keybed.NativeSnapshotSeries`, all cold.
#![expect(unsafe_code, reason = "exports unmangled symbols")]

use std::sync::Arc;

use jni::EnvUnowned;
use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;

use crate::ffi::exclusive::Exclusive;
use crate::ffi::handle;
use crate::ffi::kinds::{PreparedKind, SeriesKind};
use crate::jni::errors::cold;
use crate::jni::words;

/// Fixes the moment of a snapshot in a new directory; its handle.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshotSeries_prepare<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    series: jlong,
    path: JByteArray<'local>,
) -> jlong {
    cold(&mut env, "Java_dev_keybed_NativeSnapshotSeries_prepare", |env| {
        let path = words::path(env, &path)?;
        let prepared = handle::with_shared::<SeriesKind, _>(series as u64, |s| {
            Ok(Exclusive::new(s.prepare(&path)?, Some(Arc::clone(s.core()))))
        })?;
        Ok(handle::insert_shared::<PreparedKind>(prepared)? as jlong)
    })
}

/// Closes a series; nothing happens when it is closed already. Snapshots that were prepared can still be finished.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_dev_keybed_NativeSnapshotSeries_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    series: jlong,
) {
    cold(&mut env, "Java_dev_keybed_NativeSnapshotSeries_close", |_| {
        drop(handle::remove_shared::<SeriesKind>(series as u64)?);
        Ok(())
    });
}

//! The types of native objects that have handles.

use std::sync::Arc;

use crate::store::core::StoreCore;
use crate::store::{Scan, Session, Store, WriteBatch};

/// A type of native object. Its number is part of every handle, so one type is never taken for another.
pub(crate) trait Kind {
    /// 1 to 255, different for each type.
    const TYPE: u8;
    /// For messages.
    const NAME: &'static str;
    /// Whether the doors let it move to another thread.
    const MOVABLE: bool = false;
    /// The object.
    type Object;
    /// What a panic in a call on the object poisons.
    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>>;
}

/// A store; shared by threads.
pub(crate) enum StoreKind {}

impl Kind for StoreKind {
    const TYPE: u8 = 1;
    const NAME: &'static str = "store";
    type Object = Store;

    fn store(object: &Store) -> Option<&Arc<StoreCore>> {
        Some(object.core())
    }
}

/// A session of the C door.
pub(crate) enum SessionKind {}

impl Kind for SessionKind {
    const TYPE: u8 = 2;
    const NAME: &'static str = "session";
    const MOVABLE: bool = true;
    type Object = Session;

    fn store(object: &Session) -> Option<&Arc<StoreCore>> {
        Some(object.core())
    }
}

/// A session of the JVM door, with its registered buffers.
pub(crate) enum JvmSessionKind {}

impl Kind for JvmSessionKind {
    const TYPE: u8 = 3;
    const NAME: &'static str = "session";
    const MOVABLE: bool = true;
    type Object = crate::jni::JvmSession;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        Some(object.session.core())
    }
}

/// A scan of the C door.
pub(crate) enum ScanKind {}

impl Kind for ScanKind {
    const TYPE: u8 = 4;
    const NAME: &'static str = "scan";
    type Object = crate::capi::CScan;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        Some(Scan::core(&object.scan))
    }
}

/// A write batch of the C door.
pub(crate) enum BatchKind {}

impl Kind for BatchKind {
    const TYPE: u8 = 5;
    const NAME: &'static str = "write batch";
    type Object = WriteBatch;

    fn store(_: &WriteBatch) -> Option<&Arc<StoreCore>> {
        None
    }
}

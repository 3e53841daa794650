//! The types of native objects that have handles.

use std::sync::Arc;

use crate::ffi::exclusive::Exclusive;
use crate::snapshot::{SnapshotFile, SnapshotStream};
use crate::store::core::StoreCore;
use crate::store::{PreparedSnapshot, Scan, Session, Snapshot, SnapshotSeries, Store, WriteBatch};

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

/// A snapshot; shared by threads.
pub(crate) enum SnapshotKind {}

impl Kind for SnapshotKind {
    const TYPE: u8 = 6;
    const NAME: &'static str = "snapshot";
    type Object = Snapshot;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        Some(object.core())
    }
}

/// A snapshot's stream of the C door.
pub(crate) enum StreamKind {}

impl Kind for StreamKind {
    const TYPE: u8 = 7;
    const NAME: &'static str = "snapshot stream";
    type Object = Exclusive<SnapshotStream>;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        object.core()
    }
}

/// What gives blocks to the JVM door, with its registered buffer.
pub(crate) enum JvmBlocksKind {}

impl Kind for JvmBlocksKind {
    const TYPE: u8 = 8;
    const NAME: &'static str = "stream or cursor of a snapshot";
    type Object = Exclusive<crate::jni::JvmBlocks>;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        object.core()
    }
}

/// A stored snapshot; shared by threads.
pub(crate) enum StoredKind {}

impl Kind for StoredKind {
    const TYPE: u8 = 9;
    const NAME: &'static str = "stored snapshot";
    type Object = SnapshotFile;

    fn store(_: &Self::Object) -> Option<&Arc<StoreCore>> {
        None
    }
}

/// A scan of a stored snapshot of the C door.
pub(crate) enum StoredScanKind {}

impl Kind for StoredScanKind {
    const TYPE: u8 = 10;
    const NAME: &'static str = "scan of a stored snapshot";
    type Object = crate::capi::CStoredScan;

    fn store(_: &Self::Object) -> Option<&Arc<StoreCore>> {
        None
    }
}

/// A series of snapshots; shared by threads.
pub(crate) enum SeriesKind {}

impl Kind for SeriesKind {
    const TYPE: u8 = 11;
    const NAME: &'static str = "series of snapshots";
    type Object = SnapshotSeries;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        Some(object.core())
    }
}

/// A snapshot of a series that is still to be written.
pub(crate) enum PreparedKind {}

impl Kind for PreparedKind {
    const TYPE: u8 = 12;
    const NAME: &'static str = "prepared snapshot";
    type Object = Exclusive<PreparedSnapshot>;

    fn store(object: &Self::Object) -> Option<&Arc<StoreCore>> {
        object.core()
    }
}

/// A description of a snapshot's files of the C door; shared by threads.
pub(crate) enum FilesKind {}

impl Kind for FilesKind {
    const TYPE: u8 = 13;
    const NAME: &'static str = "description of a snapshot's files";
    type Object = crate::capi::CSnapshotFiles;

    fn store(_: &Self::Object) -> Option<&Arc<StoreCore>> {
        None
    }
}

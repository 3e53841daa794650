//! What the tool is shown: a small shop's state, on either engine.

use std::path::{Path, PathBuf};

use keybed::key::{PartSize, ordered::i64_bytes};
use keybed::snapshot::SnapshotOptions;
use keybed::store::{Session, StateKind, Store};

use crate::common::engines::open_on;

/// A store, and snapshots of it.
pub struct Sample {
    pub dir: tempfile::TempDir,
    pub store: Store,
    pub session: Session,
}

impl Sample {
    /// Twenty customers with orders and carts, and windows with clicks, by numbers.
    pub fn new(engine: &str) -> Sample {
        let dir = tempfile::tempdir().unwrap();
        let store = open_on(engine, &dir.path().join("store"), &[("max-parallelism", "16")]).unwrap();
        let mut session = store.session().unwrap();
        let orders = session.open_state("orders", StateKind::Value, PartSize::NONE).unwrap();
        let carts = session.open_state("carts", StateKind::Map, PartSize::NONE).unwrap();
        let clicks = session.open_state("clicks", StateKind::List, PartSize::Fixed(8)).unwrap();
        session.open_state("empty", StateKind::Value, PartSize::NONE).unwrap();
        for i in 0..20u8 {
            session.set_key(u32::from(i % 5), format!("customer-{i:02}").as_bytes()).unwrap();
            session.put(orders, b"", b"", format!("{} orders", u32::from(i) * 100).as_bytes()).unwrap();
            for item in ["apple", "pear"].iter().take(usize::from(i % 3)) {
                session.put(carts, b"", item.as_bytes(), &[i, 0, 0xff]).unwrap();
            }
        }
        for i in 0..4i64 {
            session.set_key(12, &i64_bytes(i - 1)).unwrap();
            session.append(clicks, &i64_bytes(i * 1000), b"home").unwrap();
            session.append(clicks, &i64_bytes(i * 1000), b"shop").unwrap();
        }
        Sample { dir, store, session }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn store_path(&self) -> PathBuf {
        self.path("store")
    }

    /// A snapshot file of that name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.file_with(name, &[])
    }

    pub fn file_with(&self, name: &str, options: &[(&str, &str)]) -> PathBuf {
        let options = SnapshotOptions::from_pairs(options.iter().copied()).unwrap();
        let path = self.path(name);
        self.store.snapshot().unwrap().write_file(&path, &options).unwrap();
        path
    }

    /// Two snapshots in directories, the second with what changed since the first.
    pub fn directories(&mut self) -> [PathBuf; 2] {
        let series = self.store.snapshot_series(&SnapshotOptions::default()).unwrap();
        let paths = [self.path("first"), self.path("second")];
        series.write(&paths[0]).unwrap();
        self.change();
        series.write(&paths[1]).unwrap();
        paths
    }

    /// One order of customers 0 to 2 is changed, those of 5 and 6 are removed, and there is a new customer.
    pub fn change(&mut self) {
        // A session of its own, because the sample's states are open in the other.
        let mut session = self.store.session().unwrap();
        let orders = session.open_state("orders", StateKind::Value, PartSize::NONE).unwrap();
        let carts = session.open_state("carts", StateKind::Map, PartSize::NONE).unwrap();
        for i in [0u8, 1, 2] {
            session.set_key(u32::from(i % 5), format!("customer-{i:02}").as_bytes()).unwrap();
            session.put(orders, b"", b"", b"more orders").unwrap();
        }
        for i in [5u8, 6] {
            session.set_key(u32::from(i % 5), format!("customer-{i:02}").as_bytes()).unwrap();
            session.delete(orders, b"", b"").unwrap();
        }
        session.set_key(15, b"new customer").unwrap();
        session.put(orders, b"", b"", b"1 order").unwrap();
        session.put(carts, b"", &[0, 1], b"\x00binary").unwrap();
    }

    /// Closes the store, so that its files can be read.
    pub fn close(self) -> (tempfile::TempDir, PathBuf) {
        let path = self.store_path();
        drop(self.session);
        self.store.close().unwrap();
        (self.dir, path)
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

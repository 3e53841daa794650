//! A library built without RocksDB says so.
#![cfg(not(feature = "rocks"))]
#![allow(clippy::unwrap_used, reason = "a test")]

use keybed::error::ErrorKind;
use keybed::options::{EngineKind, StoreOptions};
use keybed::store::Store;

#[test]
fn an_engine_that_was_not_built_in_is_named_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let options = StoreOptions { engine: EngineKind::Rocks, ..StoreOptions::default() };
    let error = Store::open(&path, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EngineUnavailable);
    assert!(error.message().contains("'rocks'"), "{error}");
    assert!(!path.exists());
}

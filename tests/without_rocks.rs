//! A library built without an engine says so.
#![cfg(not(feature = "rocks"))]
#![allow(clippy::unwrap_used, reason = "a test")]

use keybed::error::ErrorKind;
use keybed::options::StoreOptions;
use keybed::store::Store;

#[test]
fn an_engine_that_was_not_built_in_is_named_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store");
    let error = Store::open(&path, &StoreOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EngineUnavailable);
    assert!(error.message().contains("'rocks'"), "{error}");
    assert!(!path.exists());
}

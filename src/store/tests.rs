use super::*;
use crate::error::ErrorKind;
use crate::key::PartSize;

#[test]
fn a_poisoned_store_refuses_all_work_and_can_be_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"k").unwrap();
    session.put(state, b"", b"", b"before").unwrap();
    store.flush().unwrap();
    store.core().poison();
    assert_eq!(session.set_key(0, b"k").unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(session.get(state, b"", b"", &mut []).unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(store.session().unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(store.flush().unwrap_err().kind(), ErrorKind::Poisoned);
    drop(session);
    store.close().unwrap();
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"k").unwrap();
    assert!(session.contains(state, b"", b"").unwrap());
}

#[test]
fn a_failed_batch_stays_as_it_is_and_a_committed_one_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"k").unwrap();
    let mut batch = WriteBatch::new();
    session.batch_put(&mut batch, state, b"", b"", b"x").unwrap();
    store.core().poison();
    assert_eq!(session.commit(&mut batch).unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(batch.len(), 1);
}

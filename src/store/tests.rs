use super::*;
use crate::error::ErrorKind;
use crate::key::PartSize;

fn options(engine: &str) -> StoreOptions {
    StoreOptions::from_pairs([("engine", engine)]).unwrap()
}

fn a_poisoned_store_refuses_all_work_and_can_be_opened_again(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &options(engine)).unwrap();
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
    assert_eq!(store.snapshot().unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(session.add_i64(state, b"", b"", 1).unwrap_err().kind(), ErrorKind::Poisoned);
    drop(session);
    store.close().unwrap();
    let store = Store::open(dir.path(), &options(engine)).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"k").unwrap();
    assert!(session.contains(state, b"", b"").unwrap());
}

fn a_failed_batch_stays_as_it_is_and_a_committed_one_is_empty(engine: &str) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &options(engine)).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("v", StateKind::Value, PartSize::NONE).unwrap();
    session.set_key(0, b"k").unwrap();
    let mut batch = WriteBatch::new();
    session.batch_put(&mut batch, state, b"", b"", b"x").unwrap();
    store.core().poison();
    assert_eq!(session.commit(&mut batch).unwrap_err().kind(), ErrorKind::Poisoned);
    assert_eq!(batch.len(), 1);
}

mod table {
    #[test]
    fn a_poisoned_store_refuses_all_work_and_can_be_opened_again() {
        super::a_poisoned_store_refuses_all_work_and_can_be_opened_again("table");
    }

    #[test]
    fn a_failed_batch_stays_as_it_is_and_a_committed_one_is_empty() {
        super::a_failed_batch_stays_as_it_is_and_a_committed_one_is_empty("table");
    }
}

#[cfg(feature = "rocks")]
mod rocks {
    #[test]
    fn a_poisoned_store_refuses_all_work_and_can_be_opened_again() {
        super::a_poisoned_store_refuses_all_work_and_can_be_opened_again("rocks");
    }

    #[test]
    fn a_failed_batch_stays_as_it_is_and_a_committed_one_is_empty() {
        super::a_failed_batch_stays_as_it_is_and_a_committed_one_is_empty("rocks");
    }
}

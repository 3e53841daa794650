use std::thread as threads;

use super::*;
use crate::ffi::kinds::{BatchKind, StoreKind};
use crate::store::WriteBatch;

fn kind_of<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn a_closed_handle_is_told_from_one_that_never_was() {
    let handle = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
    assert_eq!(with::<BatchKind, _>(handle, |b| Ok(b.len())).unwrap(), 0);
    assert!(remove_confined::<BatchKind>(handle, false).unwrap().is_some());
    assert!(remove_confined::<BatchKind>(handle, false).unwrap().is_none(), "closing twice is allowed");
    assert_eq!(kind_of(with::<BatchKind, _>(handle, |_| Ok(()))), ErrorKind::Closed);
    for never in [0, 1, u64::MAX, handle ^ (1 << 40) | 1 << 60, (1 << 32) | (5 << 24) | 0xff_ffff] {
        assert_eq!(kind_of(with::<BatchKind, _>(never, |_| Ok(()))), ErrorKind::ForeignHandle, "{never:#x}");
        assert_eq!(kind_of(remove_confined::<BatchKind>(never, true).map(|_| ())), ErrorKind::ForeignHandle);
    }
}

#[test]
fn a_handle_of_another_type_is_refused() {
    let handle = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
    assert_eq!(kind_of(with_shared::<StoreKind, _>(handle, |_| Ok(()))), ErrorKind::ForeignHandle);
    assert_eq!(kind_of(remove_shared::<StoreKind>(handle).map(|_| ())), ErrorKind::ForeignHandle);
    remove_confined::<BatchKind>(handle, false).unwrap();
}

#[test]
fn a_reused_slot_has_a_new_handle() {
    let first = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
    remove_confined::<BatchKind>(first, false).unwrap();
    let mut seen = vec![first];
    for _ in 0..100 {
        let next = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
        assert!(!seen.contains(&next));
        seen.push(next);
        remove_confined::<BatchKind>(next, false).unwrap();
    }
    assert_eq!(kind_of(with::<BatchKind, _>(first, |_| Ok(()))), ErrorKind::Closed);
}

#[test]
fn another_thread_is_refused_until_ownership_moves() {
    let handle = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
    threads::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(kind_of(with::<BatchKind, _>(handle, |_| Ok(()))), ErrorKind::WrongThread);
            assert_eq!(kind_of(acquire::<BatchKind>(handle)), ErrorKind::WrongThread);
            assert_eq!(kind_of(release::<BatchKind>(handle)), ErrorKind::WrongThread);
            assert_eq!(
                kind_of(remove_confined::<BatchKind>(handle, false).map(|_| ())),
                ErrorKind::WrongThread
            );
        });
    });
    release::<BatchKind>(handle).unwrap();
    assert_eq!(kind_of(with::<BatchKind, _>(handle, |_| Ok(()))), ErrorKind::WrongThread);
    threads::scope(|scope| {
        scope.spawn(|| {
            acquire::<BatchKind>(handle).unwrap();
            with::<BatchKind, _>(handle, |_| Ok(())).unwrap();
            remove_confined::<BatchKind>(handle, false).unwrap();
        });
    });
}

#[test]
fn a_nested_call_on_the_same_object_is_refused() {
    let handle = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
    let nested = with::<BatchKind, _>(handle, |_| {
        assert_eq!(kind_of(remove_confined::<BatchKind>(handle, true).map(|_| ())), ErrorKind::WrongThread);
        with::<BatchKind, _>(handle, |_| Ok(()))
    });
    assert_eq!(kind_of(nested), ErrorKind::WrongThread);
    with::<BatchKind, _>(handle, |_| Ok(())).unwrap();
    remove_confined::<BatchKind>(handle, false).unwrap();
}

#[test]
fn a_panic_becomes_an_error_with_its_message_and_the_object_stays_reachable() {
    let handle = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
    let error = with::<BatchKind, ()>(handle, |_| panic!("at {}", 7)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panic);
    assert!(error.message().contains("at 7"), "{error}");
    with::<BatchKind, _>(handle, |_| Ok(())).unwrap();
    remove_confined::<BatchKind>(handle, false).unwrap();
}

#[test]
fn many_threads_open_use_and_close_without_meeting() {
    threads::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let handle = insert_confined::<BatchKind>(WriteBatch::new()).unwrap();
                    with::<BatchKind, _>(handle, |b| b.bind(1)).unwrap();
                    remove_confined::<BatchKind>(handle, false).unwrap().unwrap();
                }
            });
        }
    });
}

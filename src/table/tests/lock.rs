//! The lock between sessions, with threads of the system; `schedules` has it in every order.

use std::sync::Arc;

use crate::error::{ErrorKind, Result};
use crate::table::lock::Lock;

#[test]
fn one_thread_at_a_time_changes_the_value() {
    let lock = Arc::new(Lock::new(0u64));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let lock = Arc::clone(&lock);
            std::thread::spawn(move || {
                for _ in 0..20_000 {
                    lock.with(|n| {
                        *n += 1;
                        Ok(())
                    })
                    .unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(lock.with(|n| Ok(*n)).unwrap(), 80_000);
}

#[test]
fn a_panic_or_a_doubt_poisons_it() {
    let lock = Lock::new(());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = lock.with(|()| -> Result<()> { panic!("in the table") });
    }));
    assert!(panicked.is_err());
    assert_eq!(lock.with(|()| Ok(())).unwrap_err().kind(), ErrorKind::Poisoned);
    let lock = Lock::new(());
    lock.with_doubt(|(), doubt| {
        *doubt = true;
        Ok(())
    })
    .unwrap();
    assert_eq!(lock.with(|()| Ok(())).unwrap_err().kind(), ErrorKind::Poisoned);
}

#[test]
fn nobody_comes_in_between_a_doubt_and_the_poison() {
    for _ in 0..200 {
        let (lock, begun) = (Lock::new(0), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                begun.wait();
                lock.with(|n| Ok(*n))
            });
            lock.with_doubt(|n, doubt| {
                begun.wait();
                (*n, *doubt) = (1, true);
                Ok(())
            })
            .unwrap();
            assert_eq!(other.join().unwrap().unwrap_err().kind(), ErrorKind::Poisoned);
        });
    }
}

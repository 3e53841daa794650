//! The protocols between the owner of a table and its readers, in every order that threads and memory allow.
//!
//! The files of the protocols are compiled here a second time, with a `sync` whose atomics, mutexes and threads are
//! loom's: it runs each test below once for every schedule. `KEYBED_PREEMPTIONS` says how often a thread may be
//! interrupted where it does not wait (two by default; bugs rarely need more, and the number of schedules grows
//! quickly); `KEYBED_SCHEDULE_SECONDS` ends a test that has run for so long.
#![expect(unsafe_code, reason = "reads and writes what loom watches")]

#[expect(clippy::duplicate_mod, reason = "compiled for other types")]
#[path = "../arena/claim.rs"]
mod claim;
#[expect(clippy::duplicate_mod, reason = "compiled for other types")]
#[path = "../lock.rs"]
mod lock;
#[expect(clippy::duplicate_mod, reason = "compiled for other types")]
#[path = "../release.rs"]
mod release;
#[expect(clippy::duplicate_mod, reason = "compiled for other types")]
#[path = "../use_count.rs"]
mod use_count;

/// As `table::sync`.
mod sync {
    pub(super) use loom::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
    pub(super) use loom::sync::{Mutex, MutexGuard};

    pub(super) struct Cell<T>(loom::cell::UnsafeCell<T>);

    impl<T> Cell<T> {
        pub(super) fn new(value: T) -> Cell<T> {
            Cell(loom::cell::UnsafeCell::new(value))
        }

        pub(super) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            self.0.with_mut(f)
        }
    }

    pub(super) fn pause(_: u32) {
        loom::thread::yield_now();
    }
}

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use loom::sync::Arc;
use loom::thread;

use self::claim::Claim;
use self::lock::Lock;
use self::release::{Release, Releases};
use self::use_count::UseCount;
use crate::error::{ErrorKind, Result};

/// Runs `f` in every order; how many there are.
fn in_every_order(f: impl Fn() + Sync + Send + 'static) -> u64 {
    let mut loom = loom::model::Builder::new();
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u32>().ok());
    loom.preemption_bound = Some(number("KEYBED_PREEMPTIONS").unwrap_or(2) as usize);
    loom.max_duration = number("KEYBED_SCHEDULE_SECONDS").map(|n| Duration::from_secs(n.into()));
    loom.max_branches = 100_000;
    let orders = std::sync::Arc::new(AtomicU64::new(0));
    let counter = std::sync::Arc::clone(&orders);
    loom.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        f();
    });
    let orders = orders.load(Ordering::Relaxed);
    println!("{orders} orders");
    assert!(orders > 2, "there is more than one order");
    orders
}

/// A key group of a snapshot, and a block that only it needs. Loom fails a test in which the block is read and written
/// without an order between the two.
struct Pinned {
    uses: UseCount,
    releases: Releases,
    block: loom::cell::UnsafeCell<u64>,
}

const HELD: u64 = 7;
const FREED: u64 = 0;

impl Pinned {
    fn new() -> Arc<Pinned> {
        let pinned = Pinned {
            uses: UseCount::new(false),
            releases: Releases::default(),
            block: loom::cell::UnsafeCell::new(HELD),
        };
        pinned.releases.expect(1).unwrap();
        Arc::new(pinned)
    }

    fn send(&self) {
        self.releases.send(Release { epoch: 1, state: 0, group: 0 });
    }

    /// As a snapshot's `for_each`; whether it could enter.
    fn read(&self) -> bool {
        let entered = self.uses.enter();
        if entered {
            // SAFETY: loom checks that nobody writes meanwhile.
            self.block.with(|block| assert_eq!(unsafe { *block }, HELD, "never freed while it is read"));
            if self.uses.leave() {
                self.send();
            }
        }
        entered
    }

    fn release(&self) {
        if self.uses.release() {
            self.send();
        }
    }

    /// As the owner's next write: handles what has come, frees; how many messages there were.
    fn drain(&self) -> u32 {
        let mut messages = 0;
        while self.releases.is_waiting() {
            let Some(message) = self.releases.take() else { break };
            assert_eq!(message, Release { epoch: 1, state: 0, group: 0 });
            // SAFETY: loom checks that nobody reads meanwhile.
            self.block.with_mut(|block| unsafe { *block = FREED });
            messages += 1;
        }
        messages
    }

    /// The owner's writes until there was a message: all that it knows of the readers comes with it.
    fn drain_until_told(&self) -> u32 {
        loop {
            match self.drain() {
                0 => thread::yield_now(),
                messages => return messages,
            }
        }
    }
}

fn spawn(pinned: &Arc<Pinned>, f: impl FnOnce(&Pinned) + 'static) -> thread::JoinHandle<()> {
    let pinned = Arc::clone(pinned);
    thread::spawn(move || f(&pinned))
}

#[test]
fn a_group_is_freed_once_and_never_under_a_reader() {
    in_every_order(|| {
        let pinned = Pinned::new();
        let threads = [
            spawn(&pinned, |pinned| _ = pinned.read()),
            spawn(&pinned, |pinned| _ = pinned.read()),
            spawn(&pinned, Pinned::release),
        ];
        let mut messages = pinned.drain_until_told();
        assert!(!pinned.read(), "nobody enters a released group");
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        messages += pinned.drain();
        assert_eq!(messages, 1, "the owner is told once");
    });
}

#[test]
fn a_group_released_by_several_is_freed_once() {
    in_every_order(|| {
        let pinned = Pinned::new();
        let threads = [
            spawn(&pinned, Pinned::release),
            // Reads, and is then the one that drops the snapshot.
            spawn(&pinned, |pinned| {
                pinned.read();
                pinned.release();
            }),
            spawn(&pinned, |pinned| _ = pinned.read()),
        ];
        let mut messages = pinned.drain_until_told();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        messages += pinned.drain();
        assert_eq!(messages, 1, "the owner is told once");
    });
}

#[test]
fn a_group_that_is_read_once_more_is_not_freed_before() {
    in_every_order(|| {
        let pinned = Pinned::new();
        let reader = spawn(&pinned, |pinned| {
            // Released by itself: the second read is refused.
            assert!(pinned.read());
            pinned.release();
            assert!(!pinned.read());
        });
        let mut messages = pinned.drain_until_told();
        reader.join().unwrap();
        messages += pinned.drain();
        assert_eq!(messages, 1);
    });
}

#[test]
fn no_message_is_lost_while_others_are_expected_and_taken() {
    in_every_order(|| {
        let releases = Arc::new(Releases::default());
        releases.expect(2).unwrap();
        let send = |group: u32| {
            let releases = Arc::clone(&releases);
            thread::spawn(move || releases.send(Release { epoch: 1, state: 0, group }))
        };
        let threads = [send(1), send(2)];
        let mut groups = Vec::new();
        groups.extend(releases.take().map(|message| message.group));
        // The owner opens another snapshot, of which only one group is used.
        releases.expect(2).unwrap();
        releases.expect_no_longer(1);
        let third = send(3);
        while releases.is_waiting() {
            groups.extend(releases.take().map(|message| message.group));
        }
        threads.into_iter().chain([third]).for_each(|thread| thread.join().unwrap());
        while releases.is_waiting() {
            groups.extend(releases.take().map(|message| message.group));
        }
        groups.sort_unstable();
        assert_eq!(groups, [1, 2, 3], "each message comes once");
        assert!(releases.take().is_none());
        assert_eq!(releases.outstanding(), 0);
    });
}

#[test]
fn a_lock_lets_one_thread_in_at_a_time() {
    in_every_order(|| {
        let lock = Arc::new(Lock::new(0));
        let add = |lock: &Lock<u32>| {
            lock.with(|n| {
                *n += 1;
                Ok(())
            })
            .unwrap();
        };
        let other = Arc::clone(&lock);
        let thread = thread::spawn(move || (0..2).for_each(|_| add(&other)));
        (0..2).for_each(|_| add(&lock));
        thread.join().unwrap();
        assert_eq!(lock.with(|n| Ok(*n)).unwrap(), 4);
    });
}

#[test]
fn a_lock_in_doubt_lets_nobody_in_any_more() {
    in_every_order(|| {
        let lock = Arc::new(Lock::new(false));
        let other = Arc::clone(&lock);
        let thread = thread::spawn(move || {
            for _ in 0..2 {
                let entered = other.with(|in_doubt| {
                    assert!(!*in_doubt, "let in after a doubt");
                    Ok(())
                });
                assert!(entered.is_ok() || other.with(|_| Ok(())).is_err(), "poisoned for good");
            }
        });
        lock.with_doubt(|value, doubt| {
            (*value, *doubt) = (true, true);
            Ok(())
        })
        .unwrap();
        thread.join().unwrap();
        assert_eq!(lock.with(|_| Ok(())).unwrap_err().kind(), ErrorKind::Poisoned);
    });
}

#[test]
fn a_lock_whose_holder_panicked_lets_nobody_in_any_more() {
    in_every_order(|| {
        let lock = Arc::new(Lock::new(false));
        let other = Arc::clone(&lock);
        let thread = thread::spawn(move || {
            for _ in 0..2 {
                let _ = other.with(|panicked| {
                    assert!(!*panicked, "let in after a panic");
                    Ok(())
                });
            }
        });
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            lock.with(|panicked| -> Result<()> {
                *panicked = true;
                std::panic::resume_unwind(Box::new("in the table"))
            })
        }));
        assert!(panicked.is_err());
        thread.join().unwrap();
        assert_eq!(lock.with(|_| Ok(())).unwrap_err().kind(), ErrorKind::Poisoned);
    });
}

#[test]
fn a_chunk_that_is_given_back_is_not_backed_afterwards() {
    in_every_order(|| {
        let chunk = Arc::new((Claim::new(), loom::cell::UnsafeCell::new(false)));
        let helper = {
            let chunk = Arc::clone(&chunk);
            thread::spawn(move || {
                if chunk.0.begin() {
                    // SAFETY: loom checks that the owner does not touch it meanwhile.
                    chunk.1.with_mut(|backed| unsafe { *backed = true });
                    chunk.0.end();
                }
            })
        };
        // Gives it back as soon as it may, and then it stays so.
        let given_back = (0..2).any(|_| {
            let cancelled = chunk.0.cancel();
            if cancelled {
                // SAFETY: as above.
                chunk.1.with_mut(|backed| unsafe { *backed = false });
            }
            cancelled
        });
        helper.join().unwrap();
        assert!(chunk.0.is_done());
        // SAFETY: the other thread is gone.
        let backed = chunk.1.with(|backed| unsafe { *backed });
        assert_eq!(backed, !given_back);
    });
}

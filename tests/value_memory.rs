//! What serializations leave behind, counted by the allocator of this test for each thread: nothing, however they end.
#![allow(clippy::unwrap_used, reason = "a test")]
#![allow(unsafe_code, reason = "a global allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use keybed::value::{Caps, Context, WriteError};
use rkyv::rancor::{Fallible, Source};
use rkyv::{Archive, Place, Serialize};

thread_local! {
    /// Bytes that this thread allocated and did not free; other threads are the test runner's.
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    LIVE.set(LIVE.get() + bytes);
}

struct Counting;

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise is the one that is asked for here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size as isize - layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.realloc(ptr, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn live() -> isize {
    LIVE.get()
}

#[derive(Archive, Serialize)]
struct Entry {
    name: String,
    kind: u8,
}

#[derive(Archive, Serialize)]
struct Record {
    id: u64,
    owner: String,
    entries: Vec<Entry>,
    shared: Vec<Arc<String>>,
}

fn record(entries: usize) -> Record {
    let shared = Arc::new("a string that two of three share".to_owned());
    Record {
        id: 7,
        owner: "somebody or other".into(),
        entries: (0..entries).map(|i| Entry { name: format!("entry number {i}"), kind: i as u8 }).collect(),
        shared: vec![shared.clone(), Arc::new("another, shared by nobody".into()), shared],
    }
}

/// Panics while it is written.
struct Panics;

impl Archive for Panics {
    type Archived = u8;
    type Resolver = ();

    fn resolve(&self, (): (), _: Place<u8>) {}
}

impl<S: Fallible<Error: Source> + ?Sized> Serialize<S> for Panics {
    fn serialize(&self, _: &mut S) -> Result<(), S::Error> {
        // No message: the hook must not allocate.
        std::panic::resume_unwind(Box::new(()));
    }
}

#[derive(Archive, Serialize)]
struct Doomed {
    shared: Vec<Arc<String>>,
    entries: Vec<(String, Panics)>,
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn a_million_serializations_of_which_half_fail() {
    // Most are small; the others' lists need the arena.
    let values = [record(4), record(200)];
    let mut context = Context::new();
    let mut block = Vec::with_capacity(32 << 10);
    let wholes = values.each_ref().map(|value| context.append(&mut block, usize::MAX, value).unwrap());
    block.clear();
    let (before, mut state, mut failed) = (live(), 0x9E37_79B9_7F4A_7C15_u64, 0);
    for i in 0..1_000_000 {
        let large = usize::from(i % 64 < 2);
        let (value, whole, start) = (&values[large], wholes[large], block.len());
        let result = if i % 2 == 0 {
            context.append(&mut block, usize::MAX, value)
        } else {
            context.append(&mut block, start + random(&mut state) as usize % whole, value)
        };
        match result {
            Ok(len) => assert_eq!(len, whole),
            Err(WriteError::Limit) => failed += 1,
            Err(other) => panic!("{other}"),
        }
        if block.len() + wholes[1] > block.capacity() {
            block.clear();
        }
    }
    assert_eq!(failed, 500_000);
    assert_eq!(live(), before, "bytes alive after 500,000 failures");
}

#[test]
fn a_hundred_thousand_panics() {
    let good = record(4);
    let text = Arc::new("a string that is shared".to_owned());
    let doomed = Doomed {
        shared: vec![text.clone(), text],
        entries: (0..200).map(|i| (format!("a name that is not inline, {i}"), Panics)).collect(),
    };
    let mut context = Context::new();
    let mut block = Vec::with_capacity(4096);
    let expected = context.serialize(&good).unwrap().to_vec();
    let panicking = |context: &mut Context, block: &mut Vec<u8>| {
        let caught = catch_unwind(AssertUnwindSafe(|| context.append(block, usize::MAX, &doomed).is_ok()));
        assert!(caught.is_err());
        assert!(block.is_empty());
    };
    panicking(&mut context, &mut block);
    let before = live();
    for _ in 0..100_000 {
        panicking(&mut context, &mut block);
    }
    assert_eq!(live(), before, "bytes alive after 100,000 panics");
    assert_eq!(context.serialize(&good).unwrap(), expected);
}

#[test]
fn what_a_large_value_needed_is_given_back() {
    let small = record(1);
    let large = record(100_000);
    let many: Vec<Arc<u64>> = (0..100_000).map(Arc::new).collect();
    let caps = Caps { arena_bytes: 8 << 10, shared_entries: 16, output_bytes: 64 << 10 };
    let mut context = Context::with_caps(caps);
    context.serialize(&small).unwrap();
    let before = live();
    context.serialize(&large).unwrap();
    context.serialize(&small).unwrap();
    // The output keeps its cap.
    let after_large = live();
    assert!(after_large - before <= (64 << 10), "{} bytes kept", after_large - before);
    context.serialize(&many).unwrap();
    context.serialize(&small).unwrap();
    assert!(live() <= after_large + 1024, "{} bytes kept of shared pointers", live() - after_large);
    // Large values that fail or panic keep nothing either.
    assert!(context.serialize_within(1 << 20, &large).unwrap_err().is_limit());
    let doomed = Doomed {
        shared: (0..100_000).map(|_| Arc::new(String::new())).collect(),
        entries: (0..100_000).map(|_| (String::new(), Panics)).collect(),
    };
    let with_doomed = live();
    assert!(catch_unwind(AssertUnwindSafe(|| context.serialize(&doomed).is_ok())).is_err());
    context.serialize(&small).unwrap();
    assert!(live() <= with_doomed + 1024, "{} bytes kept after a panic", live() - with_doomed);
    drop(context);
    let mut idle = Context::with_caps(caps);
    let fresh = live();
    idle.serialize(&large).unwrap();
    idle.trim();
    // The small share map stays as well.
    assert!(live() - fresh <= (64 << 10) + 1024, "{} bytes kept by an idle context", live() - fresh);
}

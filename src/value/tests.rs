//! A context that was used before writes the same bytes as a fresh one, however the last use ended.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rkyv::rancor::{Fallible, Source};
use rkyv::{Archive, Place, Serialize};

use super::{Caps, Context, Verified, WriteError, access};
use crate::error::ErrorKind;

/// Part of a value that can go wrong while it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Fine,
    Fails,
    Panics,
}

impl Archive for Mood {
    type Archived = u8;
    type Resolver = ();

    fn resolve(&self, (): (), out: Place<u8>) {
        out.write(7);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("in a bad mood")]
struct BadMood;

impl<S: Fallible<Error: Source> + ?Sized> Serialize<S> for Mood {
    fn serialize(&self, _: &mut S) -> Result<(), S::Error> {
        match self {
            Mood::Fine => Ok(()),
            Mood::Fails => Err(S::Error::new(BadMood)),
            Mood::Panics => panic!("in a very bad mood"),
        }
    }
}

#[derive(Archive, Serialize)]
struct Item {
    name: String,
    shared: Arc<String>,
    mood: Mood,
}

#[derive(Archive, Serialize)]
struct Plain {
    id: u64,
    names: Vec<String>,
    number: Option<i64>,
}

/// Items that share two strings; the one in the middle has the mood.
fn items(mood: Mood) -> Vec<Item> {
    let shared = [Arc::new("shared by the even".to_owned()), Arc::new("shared by the odd".to_owned())];
    (0..9)
        .map(|i| Item {
            name: format!("item number {i}"),
            shared: shared[i % 2].clone(),
            mood: if i == 5 { mood } else { Mood::Fine },
        })
        .collect()
}

fn plain() -> Plain {
    Plain { id: 42, names: vec!["a".into(), "not inline any more".into()], number: Some(-1) }
}

fn panicking<T>(body: impl FnOnce() -> T) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(body));
    std::panic::set_hook(hook);
    assert!(result.is_err(), "a panic was expected");
}

/// A name, and a use of a context.
type Ending = (&'static str, fn(&mut Context));

/// Every way in which a use can end.
fn endings() -> Vec<Ending> {
    vec![
        ("nothing", |_| {}),
        ("success", |c| assert!(c.serialize(&plain()).is_ok())),
        ("success with shared", |c| assert!(c.serialize(&items(Mood::Fine)).is_ok())),
        ("limit", |c| assert!(c.serialize_within(20, &plain()).unwrap_err().is_limit())),
        ("limit with shared", |c| {
            assert!(c.serialize_within(120, &items(Mood::Fine)).unwrap_err().is_limit())
        }),
        ("failure", |c| assert!(!c.serialize(&items(Mood::Fails)).unwrap_err().is_limit())),
        ("panic", |c| panicking(|| c.serialize(&items(Mood::Panics)).is_ok())),
        ("a large value", |c| {
            assert!(c.serialize(&vec!["a string of some length".to_owned(); 50_000]).is_ok())
        }),
        ("many shared", |c| {
            let many: Vec<Arc<i32>> = (0..5000).map(Arc::new).collect();
            assert!(c.serialize(&many).is_ok());
        }),
    ]
}

#[test]
fn a_used_context_writes_the_bytes_of_a_fresh_one() {
    let shared = items(Mood::Fine);
    let fresh_plain = Context::new().serialize(&plain()).unwrap().to_vec();
    let fresh_shared = Context::new().serialize(&shared).unwrap().to_vec();
    let mut context = Context::new();
    for (first, end_first) in endings() {
        for (second, end_second) in endings() {
            end_first(&mut context);
            end_second(&mut context);
            assert_eq!(context.serialize(&plain()).unwrap(), fresh_plain, "after {first}, {second}");
            end_second(&mut context);
            assert_eq!(context.serialize(&shared).unwrap(), fresh_shared, "after {first}, {second}");
            // The same addresses again, which an uncleared share map would take for written.
            assert_eq!(context.serialize(&shared).unwrap(), fresh_shared, "after {first}, {second}, itself");
        }
    }
}

#[test]
fn a_value_is_the_same_bytes_behind_others() {
    let shared = items(Mood::Fine);
    let fresh = Context::new().serialize(&shared).unwrap().to_vec();
    let mut context = Context::new();
    let mut block = Vec::new();
    for i in 0..20 {
        block.push(i);
        let start = block.len();
        let len = context.append(&mut block, usize::MAX, &shared).unwrap();
        assert_eq!(block[start..], fresh);
        assert_eq!(len, fresh.len());
    }
}

#[test]
fn what_fails_leaves_the_output_as_it_was() {
    let mut context = Context::new();
    let whole = context.serialize(&items(Mood::Fine)).unwrap().len();
    let mut block = b"there before".to_vec();
    for limit in 0..block.len() + whole {
        let error = context.append(&mut block, limit, &items(Mood::Fine)).unwrap_err();
        assert!(error.is_limit(), "{error}");
        assert_eq!(block, b"there before");
    }
    assert!(!context.append(&mut block, 1000, &items(Mood::Fails)).unwrap_err().is_limit());
    assert_eq!(block, b"there before");
    panicking(|| context.append(&mut block, 1000, &items(Mood::Panics)));
    assert_eq!(block, b"there before");
    let limit = block.len() + whole;
    assert_eq!(
        context.append(&mut block, limit, &items(Mood::Fine)).unwrap(),
        whole,
        "the limit is inclusive"
    );
}

#[test]
fn a_failure_keeps_its_cause() {
    let error = Context::new().serialize(&items(Mood::Fails)).map(<[u8]>::len).unwrap_err();
    let WriteError::Failed(cause) = &error else { panic!("{error}") };
    assert!(cause.error().is::<BadMood>(), "{cause}");
    assert_eq!(error.to_string(), "the value cannot be written: in a bad mood");
    assert_eq!(crate::error::Error::from(error).kind(), ErrorKind::InvalidArgument);
    assert_eq!(crate::error::Error::from(WriteError::Limit).kind(), ErrorKind::ValueTooLarge);
}

#[test]
fn a_limit_that_somebody_wrapped_is_still_a_limit() {
    assert!(WriteError::new(WriteError::Limit).is_limit());
    assert!(!WriteError::new(WriteError::new(BadMood)).is_limit());
}

#[test]
fn lists_in_lists_that_outgrow_the_small_scratch() {
    let mut context = Context::new();
    for outer in [1, 2, 60, 127, 128, 129, 300] {
        for inner in [0, 1, 100, 128, 129] {
            let lists: Vec<Vec<String>> = (0..outer)
                .map(|o| (0..inner).map(|i| format!("element {i} of list {o}")).collect())
                .collect();
            let bytes = context.serialize(&lists).unwrap();
            let found = access::<Vec<Vec<String>>>(bytes).unwrap();
            assert!(found.iter().zip(&lists).all(|(found, list)| found.iter().eq(list.iter())));
            assert_eq!(found.len(), outer);
        }
    }
}

#[test]
fn golden_bytes() {
    let mut context = Context::new();
    assert_eq!(context.serialize(&-2i64).unwrap(), [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(context.serialize(&String::from("inline")).unwrap(), b"inline\xFF\xFF");
    let mut long = b"nine byte".to_vec();
    long.extend_from_slice(&[0x89, 0, 0, 0, 0xF7, 0xFF, 0xFF, 0xFF]);
    assert_eq!(context.serialize(&String::from("nine byte")).unwrap(), long);
    let mut expected = b"not inline any more".to_vec();
    expected.extend_from_slice(b"a\xFF\xFF\xFF\xFF\xFF\xFF\xFF"); // names[0] at 19
    expected.extend_from_slice(&[0x93, 0, 0, 0, 0xE5, 0xFF, 0xFF, 0xFF]); // names[1] at 27: 19 bytes, 27 before
    expected.extend_from_slice(&[42, 0, 0, 0, 0, 0, 0, 0]); // id at 35
    expected.extend_from_slice(&[0xE8, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0]); // names at 43: 24 before, 2 elements
    expected.extend_from_slice(&[1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]); // number
    assert_eq!(context.serialize(&plain()).unwrap(), expected);
    // Two strings, then nine names, then nine items of 8 + 4 + 1 bytes, then the list.
    assert_eq!(context.serialize(&items(Mood::Fine)).unwrap().len(), 9 * 13 + 2 * 8 + 18 + 17 + 9 * 13 + 8);
}

#[test]
fn checked_access_reads_what_was_written_and_refuses_what_reaches_outside() {
    let mut context = Context::new();
    let bytes = context.serialize(&plain()).unwrap().to_vec();
    let found = access::<Plain>(&bytes).unwrap();
    assert_eq!((found.id.to_native(), found.names[1].as_str()), (42, "not inline any more"));
    for len in 0..bytes.len() {
        assert_eq!(
            access::<Plain>(&bytes[bytes.len() - len..]).err().map(|e| e.kind()),
            Some(ErrorKind::Corruption)
        );
    }
    let mut damaged = bytes.clone();
    damaged[43] = 0x7F; // the list begins behind the end
    damaged[46] = 0;
    let error = access::<Plain>(&damaged).err().unwrap();
    assert!(error.message().starts_with("60 bytes are not such a value: "), "{error}");
}

#[test]
fn verified_bytes_are_read_without_another_check() {
    let mut context = Context::new();
    let mut block = vec![0];
    let len = context.append(&mut block, usize::MAX, &plain()).unwrap();
    let checksum = Verified::checksum(&block);
    let value = Verified::check(&block, checksum).unwrap().get(1..1 + len).unwrap();
    #[expect(unsafe_code, reason = "what is tested")]
    // SAFETY: written above as a `Plain`.
    let found = unsafe { value.access::<Plain>() }.unwrap();
    assert_eq!(found.names[0].as_str(), "a");
    for i in 0..block.len() {
        let mut damaged = block.clone();
        damaged[i] ^= 0x41;
        assert_eq!(Verified::check(&damaged, checksum).unwrap_err().kind(), ErrorKind::Corruption);
    }
    let short = Verified::check(&block[..5], Verified::checksum(&block[..5])).unwrap();
    #[expect(unsafe_code, reason = "what is tested")]
    // SAFETY: refused for its length before anything is read.
    let refused = unsafe { short.access::<Plain>() }.err();
    assert_eq!(refused.map(|e| e.kind()), Some(ErrorKind::Corruption));
}

#[test]
fn a_context_with_the_smallest_caps_writes_the_same() {
    let caps = Caps { arena_bytes: 0, shared_entries: 0, output_bytes: 0 };
    let mut small = Context::with_caps(caps);
    let mut usual = Context::new();
    for (_, end) in endings() {
        end(&mut small);
        let value = items(Mood::Fine);
        assert_eq!(small.serialize(&value).unwrap(), usual.serialize(&value).unwrap());
    }
}

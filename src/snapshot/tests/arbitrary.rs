//! Whatever the bytes are, reading them ends with an error or without, and never otherwise.

use std::path::Path;

use proptest::prelude::*;

use crate::key::KeyGroupRange;
use crate::snapshot::frame::{FRAME_BYTES, Frame};
use crate::snapshot::{SnapshotDirectory, SnapshotFile, SnapshotHead, verify_source};

/// Reads everything there is to read.
fn read(bytes: &[u8]) {
    let _ = verify_source(Box::new(bytes.to_vec()), Path::new("x"), &mut |_, _| true);
    let Ok(file) = SnapshotFile::of(Box::new(bytes.to_vec()), "x") else { return };
    for state in &file.head().states {
        let _ = file.for_each(state, KeyGroupRange { first: 0, last: 32_767 }, |_| Ok(()));
    }
}

/// Kind, compression, state, first and last key group, entries, payload.
type Parts = (u8, u8, u32, u16, u16, u32, Vec<u8>);

/// Frames of these payloads, with headers that are right as far as possible, so that what is behind them is reached.
fn sealed(frames: &[Parts]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::new();
    for (kind, compression, state, first, last, entries, payload) in frames {
        let mut frame = b"KBS1\0\0\0\0".to_vec();
        frame.extend([*kind, *compression, 0, 0]);
        frame.extend(state.to_le_bytes());
        frame.extend(0u64.to_le_bytes());
        frame.extend((out.len() as u64).to_le_bytes());
        frame.extend([(payload.len() as u32).to_le_bytes(), (payload.len() as u32).to_le_bytes()].concat());
        frame.extend([first.to_le_bytes(), last.to_le_bytes()].concat());
        frame.extend(entries.to_le_bytes());
        frame.extend(payload);
        frame.resize(frame.len().next_multiple_of(512), 0);
        let crc = crc32c::crc32c(&frame[8..]);
        frame[4..8].copy_from_slice(&crc.to_le_bytes());
        out.extend(frame);
    }
    out
}

fn head() -> Vec<u8> {
    "keybed-snapshot 1\ncompatible-features 0\nincompatible-features 0\nid 00000000000000000000000000000007\n\
     engine table\nkey-encoding flink\nmax-parallelism 300\nkey-size variable\nkey-groups 0-299\norder none\n\
     state value 0 a plain\nstate map variable b split\n"
        .as_bytes()
        .to_vec()
}

/// Numbers that lie at the edges of things.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![0..4u32, Just(512), Just(1024), Just(u32::MAX), any::<u32>()]
}

/// A block's header and anything behind it.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    let block = (0..8u8, 0..4u8, 0..5u8, number(), number(), prop::collection::vec(any::<u8>(), 0..80))
        .prop_map(|(kind, flags, width, count, len, rest)| {
            let tags = [kind, flags, width, 0];
            [&b"KBB1"[..], &tags, &count.to_le_bytes(), &len.to_le_bytes(), &rest].concat()
        });
    let numbers = prop::collection::vec(number(), 0..24)
        .prop_map(|numbers| numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>());
    prop_oneof![block, numbers, prop::collection::vec(any::<u8>(), 0..600)]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn arbitrary_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read(&bytes);
        read(&[b"KBS1", &bytes[..]].concat());
        let _ = Frame::read(&bytes);
        let _ = Frame::open(&bytes);
    }

    #[test]
    fn arbitrary_frames_are_read_without_a_panic(
        frames in prop::collection::vec((1..6u8, 0..3u8, number(), 0..300u16, 0..300u16, number(), payload()), 0..6),
    ) {
        let begin = (1, 0, 0, 0, 0, 0, head());
        let bytes = sealed(&[vec![begin], frames].concat());
        assert!(bytes.len() > FRAME_BYTES);
        read(&bytes);
    }

    #[test]
    fn arbitrary_text_is_read_without_a_panic(
        words in prop::collection::vec(prop_oneof![
            Just("keybed-snapshot 1\n".to_string()), Just("keybed-snapshot-files 1\n".to_string()),
            Just("compatible-features 0\nincompatible-features 0\n".to_string()),
            Just("id 00112233445566778899aabbccddeeff\n".to_string()), Just("base ".to_string()),
            Just("chain ".to_string()), Just("engine rocks\n".to_string()), Just("key-encoding flink\n".to_string()),
            Just("max-parallelism ".to_string()), Just("key-size ".to_string()), Just("key-groups ".to_string()),
            Just("order keys\n".to_string()), Just("state value 0 ".to_string()), Just("file ".to_string()),
            Just("shared - ".to_string()), Just("crc32c ".to_string()), Just("%".to_string()), Just("\n".to_string()),
            "[ -~]{0,6}", any::<u64>().prop_map(|n| n.to_string()), any::<String>(),
        ], 0..30),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let text = words.concat();
        let sealed = crate::manifest::sealed(text.clone());
        for bytes in [text.as_bytes(), sealed.as_bytes(), &bytes] {
            let _ = SnapshotHead::parse(bytes, Path::new("x"));
            let _ = SnapshotDirectory::parse(bytes, Path::new("x"));
        }
    }
}

/// Every word of a well-formed text replaced by others.
#[test]
fn well_formed_texts_with_other_words_are_read_without_a_panic() {
    let text = String::from_utf8(head()).unwrap();
    let words: Vec<&str> = text.split_inclusive([' ', '\n']).collect();
    let others =
        ["", "0", "-1", "18446744073709551616", "\u{0}", "%", "%zz", "9-3", "variable", "\n", "0-32768"];
    for place in 0..words.len() {
        for other in others {
            let end = &words[place][words[place].len() - 1..];
            let mut changed = words.clone();
            let other = format!("{other}{end}");
            changed[place] = &other;
            let text = changed.concat();
            read(&sealed(&[(1, 0, 0, 0, 0, 0, text.clone().into_bytes())]));
            let _ = SnapshotHead::parse(text.as_bytes(), Path::new("x"));
        }
    }
}

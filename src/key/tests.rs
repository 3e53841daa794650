use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

fn spec(encoding: KeyEncoding, max_parallelism: u32, key_size: PartSize) -> KeySpec {
    KeySpec { encoding, max_parallelism, key_size }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// One composite key from hex parts, in a builder of its own.
fn compose(spec: KeySpec, group: u32, key: &str, ns_size: PartSize, ns: &str, map_key: &str) -> String {
    let mut builder = KeyBuilder::new(spec, vec![0u8; 1024]);
    builder.set_key(group, &bytes_of(key)).unwrap();
    hex(builder.compose(ns_size, &bytes_of(ns), &bytes_of(map_key)).unwrap().bytes)
}

fn timer(group_bytes: usize, group: u32, timestamp: i64, key: &str, ns: &str) -> String {
    let mut buf = [0u8; 128];
    let n = flink::timer_key(&mut buf, group_bytes, group, timestamp, &bytes_of(key), &bytes_of(ns)).unwrap();
    hex(&buf[..n])
}

const VOID: PartSize = PartSize::Fixed(1);

#[test]
fn flink_keys_of_a_long_key_in_the_void_namespace_are_flinks() {
    let spec = spec(KeyEncoding::Flink, 128, PartSize::Fixed(8));
    let key = "000000000000002a";
    for state in ["l", "r", "v"] {
        assert_eq!(compose(spec, 29, key, VOID, "00", ""), "1d000000000000002a00", "{state}");
    }
    assert_eq!(compose(spec, 29, key, VOID, "00", "036162"), "1d000000000000002a00036162");
    assert_eq!(compose(spec, 29, key, VOID, "00", "036364"), "1d000000000000002a00036364");
    assert_eq!(timer(spec.group_bytes(), 29, 1234, key, "00"), "1d80000000000004d2000000000000002a00");
}

#[test]
fn flink_keys_above_128_groups_have_a_two_byte_prefix() {
    let spec = spec(KeyEncoding::Flink, 129, PartSize::Fixed(8));
    let key = "000000000000002a";
    assert_eq!(compose(spec, 58, key, VOID, "00", ""), "003a000000000000002a00");
    assert_eq!(compose(spec, 58, key, VOID, "00", "036162"), "003a000000000000002a00036162");
    assert_eq!(compose(spec, 58, key, VOID, "00", "036364"), "003a000000000000002a00036364");
    assert_eq!(timer(spec.group_bytes(), 58, 1234, key, "00"), "003a80000000000004d2000000000000002a00");
}

#[test]
fn flink_keys_with_two_variable_parts_carry_both_lengths() {
    let spec = spec(KeyEncoding::Flink, 128, PartSize::Variable);
    let (key, ns) = ("046b6579", "036e73");
    assert_eq!(compose(spec, 72, key, PartSize::Variable, ns, ""), "48046b657904036e7303");
    assert_eq!(compose(spec, 72, key, PartSize::Variable, ns, "036162"), "48046b657904036e7303036162");
    assert_eq!(compose(spec, 72, key, PartSize::Variable, ns, "036364"), "48046b657904036e7303036364");
    assert_eq!(timer(spec.group_bytes(), 72, 1234, key, ns), "4880000000000004d2046b6579036e73");
}

#[test]
fn flink_keys_with_one_variable_part_carry_no_length() {
    let spec = spec(KeyEncoding::Flink, 128, PartSize::Variable);
    assert_eq!(compose(spec, 72, "046b6579", VOID, "00", ""), "48046b657900");
    assert_eq!(compose(spec, 72, "046b6579", VOID, "00", "036162"), "48046b657900036162");
    assert_eq!(compose(spec, 72, "046b6579", VOID, "00", "036364"), "48046b657900036364");
    assert_eq!(timer(spec.group_bytes(), 72, 1234, "046b6579", "00"), "4880000000000004d2046b657900");
}

#[test]
fn flink_keys_with_a_delimited_part_carry_no_length() {
    let (key, ns) = ("046b6579", "036e73");
    for (key_size, ns_size) in [
        (PartSize::Delimited, PartSize::Variable),
        (PartSize::Variable, PartSize::Delimited),
        (PartSize::Delimited, PartSize::Delimited),
    ] {
        let spec = spec(KeyEncoding::Flink, 128, key_size);
        assert_eq!(compose(spec, 72, key, ns_size, ns, "036162"), "48046b6579036e73036162");
        assert!(!spec.knows_split());
    }
}

#[test]
fn the_codes_and_names_of_sizes_are_read_back() {
    for size in [PartSize::NONE, PartSize::Fixed(8), PartSize::Variable, PartSize::Delimited] {
        assert_eq!(PartSize::of_code(size.to_code()), Some(size));
        assert_eq!(size.to_string().parse(), Ok(size));
    }
    assert_eq!(PartSize::of_code(-3), None);
}

#[test]
fn flink_keys_over_255_bytes_carry_a_two_byte_length() {
    // A 300-character String key: Flink's StringSerializer writes varint(301) and 300 bytes, 302 in all.
    let spec = spec(KeyEncoding::Flink, 128, PartSize::Variable);
    let key = format!("ad02{}", "61".repeat(300));
    let composite = compose(spec, 1, &key, PartSize::Variable, "026e", "");
    assert!(composite.ends_with("2e01026e02"), "{composite}");
    assert_eq!(composite.len() / 2, 1 + 302 + 2 + 2 + 1);
}

/// Every line of Flink's own vectors: `tests/golden/flink-keys.txt`, printed by both of its backends.
#[test]
fn every_golden_line_is_composed_byte_for_byte() {
    let text = include_str!("../../tests/golden/flink-keys.txt");
    // Title, maximum parallelism, key size, namespace size, key, namespace.
    let sections = [
        (
            "Long key, VoidNamespace, maxParallelism=128",
            128,
            PartSize::Fixed(8),
            VOID,
            "000000000000002a",
            "00",
        ),
        (
            "Long key, VoidNamespace, maxParallelism=129",
            129,
            PartSize::Fixed(8),
            VOID,
            "000000000000002a",
            "00",
        ),
        ("String key, String namespace", 128, PartSize::Variable, PartSize::Variable, "046b6579", "036e73"),
        ("String key, VoidNamespace", 128, PartSize::Variable, VOID, "046b6579", "00"),
        ("Long key, VoidNamespace, TTL", 128, PartSize::Fixed(8), VOID, "000000000000002a", "00"),
    ];
    let (mut section, mut compared) = (sections[0], 0);
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            if let Some(found) = sections.iter().find(|s| title.starts_with(s.0)) {
                section = *found;
            }
            continue;
        }
        let word = |name: &str| line.split_whitespace().find_map(|w| w.strip_prefix(name));
        let (Some(group), Some(expected)) = (word("kg="), word("key=")) else { continue };
        let (_, max_parallelism, key_size, ns_size, key, ns) = section;
        let (spec, group) = (spec(KeyEncoding::Flink, max_parallelism, key_size), group.parse().unwrap());
        let composed = match line.split_whitespace().next().unwrap() {
            "_timer_state/event_t" => timer(spec.group_bytes(), group, 1234, key, ns),
            // The two map keys are "ab" and "cd" as Flink's StringSerializer writes them.
            "m" => compose(spec, group, key, ns_size, ns, &expected[expected.len() - 6..]),
            _ => compose(spec, group, key, ns_size, ns, ""),
        };
        assert_eq!(composed, expected, "{line}");
        compared += 1;
    }
    assert_eq!(compared, 29, "all lines were read");
}

#[test]
fn key_groups_are_flinks() {
    for (hash, max, group) in [(42, 128, 29), (106_079, 128, 72), (99_162_322, 128, 35), (42, 129, 58)] {
        assert_eq!(key_group(hash, max).unwrap(), group);
    }
    assert!(murmur_hash(i32::MIN) >= 0 && murmur_hash(-1) >= 0);
    assert_eq!(key_group(1, 0).unwrap_err().kind(), ErrorKind::InvalidArgument);
    assert_eq!(key_group(1, 32_769).unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn the_current_key_is_kept_while_namespace_and_map_key_change() {
    let mut b = KeyBuilder::new(spec(KeyEncoding::Ordered, 128, PartSize::Fixed(2)), vec![0u8; 64]);
    b.set_key(3, b"ab").unwrap();
    assert_eq!(b.compose(PartSize::Variable, b"long namespace", b"long map key").unwrap().bytes.len(), 31);
    assert_eq!(b.compose(PartSize::NONE, b"", b"m").unwrap().bytes, b"\x03abm");
    assert_eq!(b.compose(PartSize::NONE, b"", b"").unwrap().bytes, b"\x03ab");
    assert_eq!(b.prefix(Scope::Namespace(b"n"), PartSize::Fixed(1)).unwrap().bytes, b"\x03abn");
    assert_eq!(b.prefix(Scope::Key, PartSize::Fixed(1)).unwrap().bytes, b"\x03ab");
    assert_eq!(b.prefix(Scope::Group(4), PartSize::NONE).unwrap().bytes, b"\x04");
    assert!(!b.has_key(), "its place was needed");
    assert_eq!(
        b.prefix(Scope::Group(128), PartSize::NONE).unwrap_err().kind(),
        ErrorKind::KeyGroupOutOfRange
    );
}

#[test]
fn bad_keys_are_refused_and_leave_no_current_key() {
    let mut b = KeyBuilder::new(spec(KeyEncoding::Ordered, 128, PartSize::Variable), vec![0u8; 16]);
    assert_eq!(b.compose(PartSize::NONE, b"", b"").unwrap_err().kind(), ErrorKind::NoKey);
    b.set_key(0, b"ok").unwrap();
    assert_eq!(b.compose(PartSize::NONE, b"n", b"").unwrap_err().kind(), ErrorKind::KeyPartLength);
    assert_eq!(b.compose(PartSize::NONE, b"", &[7; 20]).unwrap_err().kind(), ErrorKind::KeyTooLarge);
    assert!(b.has_key(), "a failed compose keeps the key");
    for (group, key, kind) in [
        (0, &b""[..], ErrorKind::EmptyKey),
        (128, b"k", ErrorKind::KeyGroupOutOfRange),
        (0, &[1; 16], ErrorKind::KeyTooLarge),
    ] {
        b.set_key(0, b"ok").unwrap();
        assert_eq!(b.set_key(group, key).unwrap_err().kind(), kind);
        assert!(!b.has_key());
    }
    let mut fixed = KeyBuilder::new(spec(KeyEncoding::Ordered, 128, PartSize::Fixed(8)), vec![0u8; 16]);
    assert_eq!(fixed.set_key(0, b"short").unwrap_err().kind(), ErrorKind::KeyPartLength);
}

#[test]
fn a_key_that_ends_before_ff_is_not_an_escaped_zero() {
    // With a one-byte end mark these two would be the same bytes.
    let spec = spec(KeyEncoding::Ordered, 128, PartSize::Variable);
    let ends = compose(spec, 0, "61", PartSize::NONE, "", "ff620000");
    let goes_on = compose(spec, 0, "610062", PartSize::NONE, "", "");
    assert_ne!(ends, goes_on);
}

/// Bytes that provoke the escape: mostly 00, 01, FE, FF.
fn awkward(max: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(prop_oneof![Just(0u8), Just(0xff), Just(1), Just(0xfe), any::<u8>()], 0..max)
}

type Tuple = (u32, Vec<u8>, Vec<u8>, Vec<u8>);

fn tuple() -> impl Strategy<Value = Tuple> {
    (0u32..300, awkward(6).prop_filter("keys are not empty", |k| !k.is_empty()), awkward(5), awkward(5))
}

fn ordered_bytes((group, key, ns, map_key): &Tuple) -> Vec<u8> {
    let spec = spec(KeyEncoding::Ordered, 300, PartSize::Variable);
    let mut b = KeyBuilder::new(spec, vec![0u8; 256]);
    b.set_key(*group, key).unwrap();
    b.compose(PartSize::Variable, ns, map_key).unwrap().bytes.to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn ordered_byte_order_is_tuple_order_and_equal_bytes_are_equal_tuples(a in tuple(), b in tuple()) {
        prop_assert_eq!(ordered_bytes(&a).cmp(&ordered_bytes(&b)), a.cmp(&b));
    }

    #[test]
    fn ordered_keys_split_into_the_parts_they_were_made_of(t in tuple()) {
        let bytes = ordered_bytes(&t);
        let spec = spec(KeyEncoding::Ordered, 300, PartSize::Variable);
        let parts = ordered::split(&spec, PartSize::Variable, &bytes).unwrap();
        prop_assert_eq!((parts.group, parts.key.to_vec(), parts.namespace.to_vec(), parts.map_key.to_vec()), t);
    }

    #[test]
    fn ordered_prefixes_select_exactly_their_entries(a in tuple(), b in tuple()) {
        let spec = spec(KeyEncoding::Ordered, 300, PartSize::Variable);
        let mut builder = KeyBuilder::new(spec, vec![0u8; 256]);
        let other = ordered_bytes(&b);
        for (scope, same) in [
            (Scope::Group(a.0), a.0 == b.0),
            (Scope::Key, (a.0, &a.1) == (b.0, &b.1)),
            (Scope::Namespace(&a.2), (a.0, &a.1, &a.2) == (b.0, &b.1, &b.2)),
        ] {
            builder.set_key(a.0, &a.1).unwrap();
            let prefix = builder.prefix(scope, PartSize::Variable).unwrap().bytes;
            prop_assert_eq!(other.starts_with(prefix), same, "{:?}", scope);
        }
    }

    #[test]
    fn ordered_fixed_parts_keep_order_and_prefixes_too(
        a in (0u32..128, any::<[u8; 3]>(), any::<[u8; 2]>(), awkward(4)),
        b in (0u32..128, any::<[u8; 3]>(), any::<[u8; 2]>(), awkward(4)),
    ) {
        let spec = spec(KeyEncoding::Ordered, 128, PartSize::Fixed(3));
        let mut builder = KeyBuilder::new(spec, vec![0u8; 64]);
        let mut bytes = |t: &(u32, [u8; 3], [u8; 2], Vec<u8>)| {
            builder.set_key(t.0, &t.1).unwrap();
            builder.compose(PartSize::Fixed(2), &t.2, &t.3).unwrap().bytes.to_vec()
        };
        prop_assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b));
    }

    #[test]
    fn ordered_integers_sort_as_numbers(a: i64, b: i64, c: i32, d: i32) {
        prop_assert_eq!(ordered::i64_bytes(a).cmp(&ordered::i64_bytes(b)), a.cmp(&b));
        prop_assert_eq!(ordered::i32_bytes(c).cmp(&ordered::i32_bytes(d)), c.cmp(&d));
    }

    #[test]
    fn ordered_split_never_panics_on_damaged_bytes(bytes in awkward(24)) {
        let spec = spec(KeyEncoding::Ordered, 300, PartSize::Variable);
        let _ = ordered::split(&spec, PartSize::Variable, &bytes);
    }
}

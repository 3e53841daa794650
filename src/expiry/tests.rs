use super::*;

const TTL: i64 = 100;

fn expiry(form: ValueForm) -> Expiry {
    Expiry { ttl_millis: TTL, form, entries_a_clock: 1, rewrite_seconds: 0 }
}

fn element(time: i64, element: &[u8]) -> Vec<u8> {
    [&time.to_be_bytes()[..], element].concat()
}

fn list(elements: &[(i64, &[u8])]) -> Vec<u8> {
    elements.iter().map(|(time, bytes)| element(*time, bytes)).collect::<Vec<_>>().join(&b","[..])
}

/// As Flink's `StringValue` writes it.
fn text(chars: &str) -> Vec<u8> {
    let number = |mut n: u32, out: &mut Vec<u8>| {
        while n >= 0x80 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
    };
    let units: Vec<u16> = chars.encode_utf16().collect();
    let mut out = Vec::new();
    number(units.len() as u32 + 1, &mut out);
    units.iter().for_each(|unit| number(u32::from(*unit), &mut out));
    out
}

#[test]
fn a_value_is_over_when_its_time_to_live_has_passed() {
    let value = expiry(ValueForm::Value);
    for (time, now, verdict) in [
        (1000, 1099, Verdict::Keep),
        (1000, 1100, Verdict::Drop),
        (0, 99, Verdict::Keep),
        (0, 100, Verdict::Drop),
        (-500, 0, Verdict::Drop),
        (i64::MAX - 50, i64::MAX - 1, Verdict::Keep),
        (i64::MAX, i64::MAX - 1, Verdict::Keep),
        (i64::MIN, i64::MIN + 99, Verdict::Keep),
    ] {
        assert_eq!(value.verdict(&element(time, b"v"), now), verdict, "{time} at {now}");
        assert_eq!(value.verdict(&element(time, b""), now), verdict);
    }
    // A time to live without end.
    let forever = Expiry { ttl_millis: i64::MAX, ..value };
    assert_eq!(forever.verdict(&element(1000, b"v"), i64::MAX - 1), Verdict::Keep);
}

#[test]
fn an_entry_of_a_map_has_its_time_behind_the_null_mark_and_null_stays() {
    let map = expiry(ValueForm::MapEntry);
    let over = element(1000, b"v");
    assert_eq!(map.verdict(&[&[0][..], &over].concat(), 2000), Verdict::Drop);
    assert_eq!(map.verdict(&[&[0][..], &over].concat(), 1050), Verdict::Keep);
    assert_eq!(map.verdict(&[&[1][..], &over].concat(), 2000), Verdict::Keep);
    assert_eq!(map.verdict(&[1], 2000), Verdict::Keep);
}

#[test]
fn of_a_list_the_first_elements_are_dropped_up_to_one_that_lives() {
    let bytes = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
    let forms: [(ElementForm, [Vec<u8>; 3]); 3] = [
        (ElementForm::Fixed(3), [b"a,,".to_vec(), b",,,".to_vec(), b"abc".to_vec()]),
        (ElementForm::Text, [text("a,\u{e4}\u{20ac}"), text(""), text(&"\u{1f600},".repeat(200))]),
        (ElementForm::Bytes, [bytes(b",,"), bytes(b""), bytes(&[b','; 300])]),
    ];
    for (form, [a, b, c]) in forms {
        let expiry = expiry(ValueForm::List(form));
        let all = list(&[(1000, &a), (1200, &b), (1100, &c)]);
        let second = 8 + a.len() + 1;
        for (now, verdict) in [
            (1099, Verdict::Keep),
            (1100, Verdict::DropFirst(second)),
            // The third is over, but the second lives.
            (1299, Verdict::DropFirst(second)),
            (1300, Verdict::Drop),
        ] {
            assert_eq!(expiry.verdict(&all, now), verdict, "{form:?} at {now}");
        }
        assert_eq!(expiry.verdict(&all[second..], 1199), Verdict::Keep);
        // Cut short anywhere it is no list: what is over as a whole goes, or it stays.
        for end in 0..all.len() {
            let verdict = expiry.verdict(&all[..end], 5000);
            let whole = end == second - 1 || end == second + 8 + b.len();
            assert_eq!(verdict, if whole { Verdict::Drop } else { Verdict::Keep }, "{form:?} {end}");
        }
    }
    // Null is a text too.
    let expiry = expiry(ValueForm::List(ElementForm::Text));
    assert_eq!(expiry.verdict(&list(&[(0, &[0]), (1000, &[0])]), 1000), Verdict::DropFirst(10));
}

#[test]
fn a_list_of_unknown_elements_goes_as_a_whole_once_no_reading_of_it_lives() {
    let expiry = expiry(ValueForm::List(ElementForm::Unknown));
    let all = list(&[(1000, b"some"), (1100, b""), (1200, b"more")]);
    assert_eq!(expiry.verdict(&all, 1299), Verdict::Keep);
    assert_eq!(expiry.verdict(&all, 1300), Verdict::Drop);
    // A delimiter inside an element could begin another, far in the future.
    let doubtful = list(&[(1000, b"a,bcdefghij"), (1200, b"more")]);
    assert_eq!(expiry.verdict(&doubtful, 5000), Verdict::Keep);
    // One behind which no time fits does not.
    assert_eq!(expiry.verdict(&list(&[(1000, b"a,bcdefghi")]), 5000), Verdict::Keep);
    assert_eq!(expiry.verdict(&list(&[(1000, b"a,bcdefgh")]), 5000), Verdict::Drop);
    // A time may itself have the byte of a delimiter.
    let time = i64::from_be_bytes([0, 0, 0, b',', 0, 0, 0, b',']);
    assert_eq!(expiry.verdict(&list(&[(time, b"x")]), time + TTL), Verdict::Drop);
    assert_eq!(expiry.verdict(&list(&[(1, b"x"), (time, b"x")]), time), Verdict::Keep);
}

/// Whatever the bytes are: no panic, and what stays of a list begins where an element could.
#[test]
fn any_bytes_are_taken() {
    let mut random = 0x1234_5678_9abc_def1_u64;
    let mut next = |n: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) % n
    };
    let forms = [
        ValueForm::Value,
        ValueForm::MapEntry,
        ValueForm::List(ElementForm::Fixed(0)),
        ValueForm::List(ElementForm::Fixed(1)),
        ValueForm::List(ElementForm::Fixed(usize::MAX)),
        ValueForm::List(ElementForm::Text),
        ValueForm::List(ElementForm::Bytes),
        ValueForm::List(ElementForm::Unknown),
    ];
    for _ in 0..30_000 {
        let value: Vec<u8> = (0..next(40))
            .map(|_| [0, 1, 0x7f, 0x80, 0xff, b',', next(256) as u8][next(7) as usize])
            .collect();
        for form in forms {
            for now in [i64::MIN, -1, 0, 1 << 50, i64::MAX] {
                match expiry(form).verdict(&value, now) {
                    Verdict::Keep | Verdict::Drop => {}
                    Verdict::DropFirst(len) => {
                        assert!(matches!(form, ValueForm::List(_)));
                        assert!(len >= 9 && len + 8 <= value.len());
                        assert_eq!(value[len - 1], b',');
                    }
                }
                if value.len() < 8 {
                    assert_eq!(expiry(form).verdict(&value, now), Verdict::Keep);
                }
            }
        }
    }
}

#[test]
fn a_clock_is_the_machines_until_a_time_is_set() {
    let clock = Clock::default();
    assert!(clock.now() > 1_600_000_000_000);
    clock.set(Some(-5));
    assert_eq!(clock.now(), -5);
    clock.set(None);
    assert!(clock.now() > 1_600_000_000_000);
}

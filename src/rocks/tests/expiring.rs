//! Compactions drop what is over, and nothing else.

use super::*;
use crate::expiry::{ElementForm, Expiry, ValueForm};

const TTL: i64 = 1000;

fn expiry(form: ValueForm) -> Expiry {
    Expiry { ttl_millis: TTL, form, entries_a_clock: 3, rewrite_seconds: 86_400 }
}

fn state(id: u32) -> StateInfo {
    states().remove(id as usize)
}

fn at(key: &[u8]) -> CompositeKey<'_> {
    CompositeKey { bytes: key, split: key.len() }
}

fn timed(time: i64, rest: &[u8]) -> Vec<u8> {
    [&time.to_be_bytes()[..], rest].concat()
}

fn get(session: &mut dyn EngineSession, state: u32, key: &[u8]) -> Option<Vec<u8>> {
    let mut value = vec![0; 1 << 16];
    let len = session.get(state, at(key), &mut value).unwrap()?;
    value.truncate(len);
    Some(value)
}

#[test]
fn values_that_are_over_go_and_all_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut session = session(&engine);
    let mut random = Random(5);
    let mut held = Model::new();
    engine.set_time(Some(0));
    assert!(engine.set_expiry(&state(VALUE), Some(expiry(ValueForm::Value))).unwrap());
    assert!(engine.set_expiry(&state(MAP), Some(expiry(ValueForm::MapEntry))).unwrap());
    for n in 0..20_000u32 {
        let key = [&[n as u8 % 128][..], &n.to_be_bytes()].concat();
        // Short ones among them, which have no time.
        let len = random.below(20);
        let value = if n % 7 == 0 { random.bytes(len) } else { timed(i64::from(n), &random.bytes(len)) };
        for (id, value) in [(VALUE, value.clone()), (MAP, [&[n as u8 % 2][..], &value].concat())] {
            session.put(id, at(&key), &value).unwrap();
            held.insert((id, key.clone()), value);
        }
    }
    for now in [0, 5000, 9000, 9000, 50_000] {
        engine.set_time(Some(now));
        for id in [VALUE, MAP] {
            engine.compact(&state(id)).unwrap();
        }
        held.retain(|(id, _), value| {
            let form = if *id == VALUE { ValueForm::Value } else { ValueForm::MapEntry };
            expiry(form).verdict(value, now) == crate::expiry::Verdict::Keep
        });
        for n in 0..20_000u32 {
            let key = [&[n as u8 % 128][..], &n.to_be_bytes()].concat();
            for id in [VALUE, MAP] {
                assert_eq!(
                    get(&mut *session, id, &key),
                    held.get(&(id, key.clone())).cloned(),
                    "{n} at {now}"
                );
            }
        }
    }
    assert!(held.len() > 5000, "null values and short ones stay");
}

#[test]
fn of_lists_the_first_elements_go_once_they_are_joined() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut session = session(&engine);
    engine.set_expiry(&state(LIST), Some(expiry(ValueForm::List(ElementForm::Fixed(2))))).unwrap();
    engine.set_time(Some(0));
    for key in 0..100u8 {
        for time in [0, 500, 800] {
            session.append(LIST, at(&[key, 1]), &timed(time, b",,")).unwrap();
        }
    }
    engine.compact(&state(LIST)).unwrap();
    let all = [timed(0, b",,"), timed(500, b",,"), timed(800, b",,")].join(&b","[..]);
    assert_eq!(get(&mut *session, LIST, &[3, 1]), Some(all.clone()));
    for (now, left) in [(999, Some(0)), (1000, Some(11)), (1500, Some(22)), (1800, None)] {
        engine.set_time(Some(now));
        engine.compact(&state(LIST)).unwrap();
        for key in 0..100u8 {
            assert_eq!(
                get(&mut *session, LIST, &[key, 1]),
                left.map(|left| all[left..].to_vec()),
                "at {now}"
            );
        }
    }
}

#[test]
fn what_was_appended_after_the_list_was_written_stays_with_what_lives_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut session = session(&engine);
    engine.set_expiry(&state(LIST), Some(expiry(ValueForm::List(ElementForm::Bytes)))).unwrap();
    engine.set_time(Some(1_000));
    let element = |time| timed(time, &[0, 0, 0, 1, b'x']);
    session.put(LIST, at(&[1, 1]), &element(0)).unwrap();
    engine.compact(&state(LIST)).unwrap();
    assert_eq!(get(&mut *session, LIST, &[1, 1]), None);
    session.append(LIST, at(&[1, 1]), &element(900)).unwrap();
    engine.compact(&state(LIST)).unwrap();
    session.append(LIST, at(&[1, 1]), &element(1000)).unwrap();
    engine.set_time(Some(1_950));
    engine.compact(&state(LIST)).unwrap();
    assert_eq!(get(&mut *session, LIST, &[1, 1]), Some(element(1000)));
}

#[test]
fn a_state_that_does_not_expire_is_left_alone_also_after_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path(), &small());
    let mut session = session(&engine);
    engine.set_time(Some(1 << 40));
    for n in 0..1000u32 {
        let key = [&[1][..], &n.to_be_bytes()].concat();
        session.put(VALUE, at(&key), &timed(0, b"v")).unwrap();
        session.put(MAP, at(&key), &timed(0, b"v")).unwrap();
    }
    engine.set_expiry(&state(VALUE), Some(expiry(ValueForm::Value))).unwrap();
    engine.set_expiry(&state(VALUE), None).unwrap();
    for id in [VALUE, MAP] {
        engine.compact(&state(id)).unwrap();
    }
    for n in 0..1000u32 {
        let key = [&[1][..], &n.to_be_bytes()].concat();
        assert!(get(&mut *session, VALUE, &key).is_some() && get(&mut *session, MAP, &key).is_some());
    }
}

#[test]
fn states_made_later_and_states_of_a_store_opened_again_expire_too() {
    let dir = tempfile::tempdir().unwrap();
    {
        let engine = open(dir.path(), &small());
        let mut session = session(&engine);
        session.put(VALUE, at(&[1, 2]), &timed(0, b"v")).unwrap();
        engine.flush().unwrap();
    }
    let engine = RocksEngine::open(dir.path(), &small(), &states()).unwrap();
    let mut session = session(&engine);
    let later = StateInfo { id: 9, name: "later".into(), ..state(VALUE) };
    engine.create_state(&later).unwrap();
    session.open_state(&later).unwrap();
    session.put(9, at(&[1, 2]), &timed(0, b"v")).unwrap();
    for state in [state(VALUE), later] {
        engine.compact(&state).unwrap();
        assert!(get(&mut *session, state.id, &[1, 2]).is_some());
        // By the machine's clock.
        assert!(engine.set_expiry(&state, Some(expiry(ValueForm::Value))).unwrap());
        engine.compact(&state).unwrap();
        assert!(get(&mut *session, state.id, &[1, 2]).is_none());
    }
}

#[test]
fn a_compaction_that_began_before_the_form_was_changed_drops_nothing_more() {
    let clock = std::sync::Arc::default();
    let expiring = crate::rocks::expiring::Expiring::new(&clock);
    clock.set(Some(1 << 40));
    assert!(expiring.filter().is_none());
    expiring.set(Some(expiry(ValueForm::Value)));
    let mut filter = expiring.filter().unwrap();
    assert_eq!(filter.verdict(&timed(0, b"v")), crate::expiry::Verdict::Drop);
    expiring.set(Some(expiry(ValueForm::Value)));
    assert_eq!(filter.verdict(&timed(0, b"v")), crate::expiry::Verdict::Keep);
    // The clock is read again after as many entries as it says.
    let mut filter = expiring.filter().unwrap();
    clock.set(Some(0));
    for verdict in [crate::expiry::Verdict::Drop; 3].into_iter().chain([crate::expiry::Verdict::Keep]) {
        assert_eq!(filter.verdict(&timed(0, b"v")), verdict);
    }
}

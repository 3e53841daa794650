//! Random operations against a `BTreeMap`. The seed is printed; run one again with `KEYBED_SEED=n`.
#![cfg(feature = "rocks")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeMap;

use keybed::block::BlockReader;
use keybed::key::{KeyEncoding, PartSize, Scope};
use keybed::options::StoreOptions;
use keybed::store::{KeyRequest, Scan, Session, StateId, StateKind, Store, WriteBatch};

/// group, key, namespace, map key: ordered as the composite keys are.
type Key = (u32, Vec<u8>, Vec<u8>, Vec<u8>);

/// A small generator that is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Bytes that provoke the encodings: mostly 00, 01 and FF.
    fn bytes(&mut self, len: u64) -> Vec<u8> {
        (0..len).map(|_| [0, 0xff, 1, 0x2c, self.next() as u8][self.below(5) as usize]).collect()
    }
}

struct Model {
    random: Random,
    states: [BTreeMap<Key, Vec<u8>>; 3],
    fixed: bool,
}

struct Subject {
    store: Store,
    session: Session,
    states: [StateId; 3],
    scan: Scan,
}

const KINDS: [StateKind; 3] = [StateKind::Value, StateKind::List, StateKind::Map];

impl Subject {
    fn open(dir: &std::path::Path, options: &StoreOptions, namespace: PartSize) -> Subject {
        let store = Store::open(dir, options).unwrap();
        let mut session = store.session().unwrap();
        let states =
            KINDS.map(|kind| session.open_state(&format!("state of {kind}"), kind, namespace).unwrap());
        let scan = session.new_scan(states[2]).unwrap();
        Subject { store, session, states, scan }
    }

    fn close(self) {
        drop(self.scan);
        drop(self.session);
        self.store.close().unwrap();
    }

    fn scan(&mut self, scope: Scope<'_>, block_bytes: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.session.start_scan(&mut self.scan, self.states[2], scope).unwrap();
        let mut block = vec![0; block_bytes];
        let mut entries = Vec::new();
        loop {
            let len = self.scan.fill(&mut block).unwrap();
            let reader = BlockReader::new(&block[..len]).unwrap();
            entries.extend(reader.iter().map(|(k, v)| (k.to_vec(), v.to_vec())));
            if !reader.more() {
                return entries;
            }
            if let Some(needed) = reader.needed() {
                assert!(needed > block.len());
                block.resize(needed, 0);
            }
        }
    }
}

impl Model {
    fn key(&mut self) -> Key {
        let r = &mut self.random;
        let (key, namespace) = if self.fixed {
            (vec![0, r.below(3) as u8, [0, 0xff][r.below(2) as usize]], r.bytes(2))
        } else {
            let len = 1 + r.below(3);
            let namespace_len = r.below(3);
            (r.bytes(len), r.bytes(namespace_len))
        };
        let map_key_len = r.below(3);
        ([0, 1, 127, 255, 299][r.below(5) as usize], key, namespace, r.bytes(map_key_len))
    }

    fn step(&mut self, subject: &mut Subject) {
        let key = self.key();
        let which = self.random.below(3) as usize;
        let map_key = if which == 2 { key.3.clone() } else { Vec::new() };
        let key: Key = (key.0, key.1, key.2, map_key);
        let (state, session) = (subject.states[which], &mut subject.session);
        session.set_key(key.0, &key.1).unwrap();
        match self.random.below(20) {
            0..=6 => {
                let len = [0, 1, 20, 300][self.random.below(4) as usize];
                let value = self.random.bytes(len);
                session.put(state, &key.2, &key.3, &value).unwrap();
                self.states[which].insert(key, value);
            }
            7..=8 => {
                session.delete(state, &key.2, &key.3).unwrap();
                self.states[which].remove(&key);
            }
            9..=10 if which == 1 => {
                let len = self.random.below(4);
                let element = self.random.bytes(len);
                session.append(state, &key.2, &element).unwrap();
                append(&mut self.states[1], key, &element);
            }
            11..=12 => self.batch(subject, &key),
            13 => self.multi_get(subject, which),
            14..=15 => self.scan(subject, &key),
            16 if self.random.below(4) == 0 => {
                let scope = [Scope::Key, Scope::Namespace(&key.2)][self.random.below(2) as usize];
                session.clear(state, scope).unwrap();
                self.states[which].retain(|k, _| !in_scope(k, &key, scope));
            }
            _ => {
                let mut out = [0; 400];
                let found = session.get(state, &key.2, &key.3, &mut out).unwrap();
                let expected = self.states[which].get(&key);
                assert_eq!(found, expected.map(Vec::len));
                assert_eq!(session.contains(state, &key.2, &key.3).unwrap(), expected.is_some());
                if let (Some(len), Some(value)) = (found, expected)
                    && len <= out.len()
                {
                    assert_eq!(&out[..len], &value[..]);
                }
            }
        }
    }

    /// Puts, appends and deletes around one key, with the caller's buffers scribbled over before the commit.
    fn batch(&mut self, subject: &mut Subject, key: &Key) {
        let mut batch = WriteBatch::new();
        let commits = self.random.below(5) != 0;
        for _ in 0..self.random.below(6) {
            let mut value = self.random.bytes(3);
            let mut namespace = key.2.clone();
            let session = &mut subject.session;
            match self.random.below(3) {
                0 => {
                    session.batch_put(&mut batch, subject.states[2], &namespace, &key.3, &value).unwrap();
                    if commits {
                        self.states[2].insert(key.clone(), value.clone());
                    }
                }
                1 => {
                    session.batch_append(&mut batch, subject.states[1], &namespace, &value).unwrap();
                    if commits {
                        let list = (key.0, key.1.clone(), key.2.clone(), Vec::new());
                        append(&mut self.states[1], list, &value);
                    }
                }
                _ => {
                    session.batch_delete(&mut batch, subject.states[2], &namespace, &key.3).unwrap();
                    if commits {
                        self.states[2].remove(key);
                    }
                }
            }
            value.fill(0x55);
            namespace.fill(0x55);
        }
        if commits {
            subject.session.commit(&mut batch).unwrap();
        }
    }

    fn multi_get(&mut self, subject: &mut Subject, which: usize) {
        let keys: Vec<Key> = (0..self.random.below(20)).map(|_| self.key()).collect();
        let keys: Vec<Key> =
            keys.into_iter().map(|k| if which == 2 { k } else { (k.0, k.1, k.2, Vec::new()) }).collect();
        let mut block = vec![0; 24 + self.random.below(2000) as usize];
        let mut answered = 0;
        while answered < keys.len() {
            let requests =
                keys.iter().map(|k| Ok(KeyRequest { group: k.0, key: &k.1, namespace: &k.2, map_key: &k.3 }));
            let len =
                subject.session.multi_get(subject.states[which], requests, answered, &mut block).unwrap();
            let reader = BlockReader::new(&block[..len]).unwrap();
            for (found, value) in reader.iter() {
                let expected = self.states[which].get(&keys[answered]);
                assert_eq!((found, value), expected.map_or((&[0u8][..], &[][..]), |v| (&[1], &v[..])));
                answered += 1;
            }
            assert_eq!(reader.more(), answered < keys.len());
            if let Some(needed) = reader.needed() {
                block.resize(needed, 0);
            }
        }
    }

    fn scan(&mut self, subject: &mut Subject, key: &Key) {
        let scopes = [Scope::Group(key.0), Scope::Key, Scope::Namespace(&key.2)];
        let scope = scopes[self.random.below(3) as usize];
        let block_bytes = 24 + self.random.below(600) as usize;
        let got = subject.scan(scope, block_bytes);
        let expected: Vec<(&Key, &Vec<u8>)> =
            self.states[2].iter().filter(|(k, _)| in_scope(k, key, scope)).collect();
        assert_eq!(got.len(), expected.len(), "{scope:?} of {key:?}");
        for ((map_key, value), (k, v)) in got.iter().zip(&expected) {
            assert_eq!(value, *v, "{scope:?}: values come in the order of their keys");
            if matches!(scope, Scope::Namespace(_)) {
                assert_eq!(map_key, &k.3);
            }
        }
    }
}

fn in_scope(k: &Key, of: &Key, scope: Scope<'_>) -> bool {
    match scope {
        Scope::Group(_) => k.0 == of.0,
        Scope::Key => (k.0, &k.1) == (of.0, &of.1),
        Scope::Namespace(_) => (k.0, &k.1, &k.2) == (of.0, &of.1, &of.2),
    }
}

fn append(list: &mut BTreeMap<Key, Vec<u8>>, key: Key, element: &[u8]) {
    match list.get_mut(&key) {
        Some(joined) => {
            joined.push(b',');
            joined.extend_from_slice(element);
        }
        None => {
            list.insert(key, element.to_vec());
        }
    }
}

fn run(encoding: KeyEncoding, fixed: bool, extra: &[(&str, &str)]) {
    let seed = std::env::var("KEYBED_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or_else(|| {
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64 | 1
    });
    println!("KEYBED_SEED={seed}");
    let dir = tempfile::tempdir().unwrap();
    let mut options = StoreOptions::from_pairs(extra.iter().copied()).unwrap();
    options.keys.encoding = encoding;
    options.keys.max_parallelism = 300;
    options.keys.key_size = if fixed { PartSize::Fixed(3) } else { PartSize::Variable };
    let namespace = if fixed { PartSize::Fixed(2) } else { PartSize::Variable };
    let mut model = Model { random: Random(seed), states: Default::default(), fixed };
    for _ in 0..4 {
        let mut subject = Subject::open(dir.path(), &options, namespace);
        for _ in 0..15_000 {
            model.step(&mut subject);
        }
        subject.close();
    }
    assert!(model.states.iter().all(|s| s.len() > 10), "the workload left something to compare");
}

#[test]
fn ordered_keys_of_any_size_behave_like_a_map() {
    run(KeyEncoding::Ordered, false, &[]);
}

#[test]
fn ordered_keys_of_fixed_size_behave_like_a_map() {
    run(KeyEncoding::Ordered, true, &[("rocks.bloom-bits-per-key", "0"), ("rocks.block-cache-bytes", "0")]);
}

#[test]
fn flink_keys_of_fixed_size_behave_like_a_map() {
    run(KeyEncoding::Flink, true, &[("rocks.memtable-bloom-ratio", "0"), ("rocks.wal", "true")]);
}

#[test]
fn small_write_buffers_flush_and_compact_under_the_same_operations() {
    let options =
        [("rocks.write-buffer-bytes", "65536"), ("rocks.options", "level0_file_num_compaction_trigger=2")];
    run(KeyEncoding::Ordered, false, &options);
}

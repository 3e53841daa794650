//! A store and what it should hold: random operations on both.

use std::collections::BTreeMap;
use std::path::Path;

use keybed::block::BlockReader;
use keybed::key::{KeyBuilder, KeySpec, PartSize, Scope};
use keybed::options::StoreOptions;
use keybed::store::{KeyRequest, Scan, Session, Snapshot, StateId, StateKind, Store, WriteBatch};

use super::random::Random;

/// group, key, namespace, map key: ordered as the composite keys are.
pub type Key = (u32, Vec<u8>, Vec<u8>, Vec<u8>);
/// What a value, a list and a map state hold.
pub type States = [BTreeMap<Key, Vec<u8>>; 3];

pub const KINDS: [StateKind; 3] = [StateKind::Value, StateKind::List, StateKind::Map];
/// The key groups in use: ends of the range, and of one byte.
pub const GROUPS: [u32; 5] = [0, 1, 127, 255, 299];
/// More than the greatest of them.
pub const MAX_PARALLELISM: u32 = 300;

pub fn name(kind: StateKind) -> String {
    format!("state of {kind}")
}

/// The store's side.
pub struct Subject {
    pub store: Store,
    pub session: Session,
    pub states: [StateId; 3],
    scans: [Scan; 3],
}

impl Subject {
    pub fn open(dir: &Path, options: &StoreOptions, namespace: PartSize) -> Subject {
        Subject::of(Store::open(dir, options).unwrap(), namespace)
    }

    /// The same of a store that is open, and has had no session.
    pub fn of(store: Store, namespace: PartSize) -> Subject {
        let mut session = store.session().unwrap();
        let states = KINDS.map(|kind| session.open_state(&name(kind), kind, namespace).unwrap());
        let scans = states.map(|state| session.new_scan(state).unwrap());
        Subject { store, session, states, scans }
    }

    pub fn close(self) {
        drop(self.scans);
        drop(self.session);
        self.store.close().unwrap();
    }

    fn scan(&mut self, which: usize, scope: Scope<'_>, block_bytes: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let scan = &mut self.scans[which];
        self.session.start_scan(scan, self.states[which], scope).unwrap();
        drain(scan, block_bytes)
    }
}

/// All entries that a scan still has to give.
pub fn drain(scan: &mut Scan, block_bytes: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut block = vec![0; block_bytes];
    let mut entries = Vec::new();
    loop {
        let len = scan.fill(&mut block).unwrap();
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

/// The model's side.
pub struct Model {
    pub random: Random,
    pub states: States,
    keys: KeySpec,
    namespace: PartSize,
}

impl Model {
    pub fn new(random: Random, keys: KeySpec, namespace: PartSize) -> Model {
        Model { random, states: Default::default(), keys, namespace }
    }

    fn key(&mut self) -> Key {
        let r = &mut self.random;
        let key = match self.keys.key_size {
            PartSize::Fixed(3) => vec![0, r.below(3) as u8, [0, 0xff][r.below(2) as usize]],
            _ => {
                let len = 1 + r.below(3);
                r.bytes(len)
            }
        };
        let namespace = match self.namespace {
            PartSize::Fixed(n) => r.bytes(n as u64),
            PartSize::Variable | PartSize::Delimited => {
                let len = r.below(3);
                r.bytes(len)
            }
        };
        let map_key_len = r.below(3);
        (GROUPS[r.below(5) as usize], key, namespace, r.bytes(map_key_len))
    }

    /// One random operation on both sides.
    pub fn step(&mut self, subject: &mut Subject) {
        let key = self.key();
        let which = self.random.below(3) as usize;
        let map_key = if which == 2 { key.3.clone() } else { Vec::new() };
        let key: Key = (key.0, key.1, key.2, map_key);
        let (state, session) = (subject.states[which], &mut subject.session);
        session.set_key(key.0, &key.1).unwrap();
        match self.random.below(22) {
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
            14..=15 => self.scan(subject, which, &key),
            16 if self.random.below(4) == 0 => {
                let scope = match self.random.below(12) {
                    0 => Scope::Group(key.0),
                    1..=5 => Scope::Key,
                    _ => Scope::Namespace(&key.2),
                };
                session.clear(state, scope).unwrap();
                self.states[which].retain(|k, _| !in_scope(k, &key, scope));
            }
            17..=18 => {
                let len = self.random.below(12);
                let default = self.random.bytes(len);
                session.update(state, &key.2, &key.3, &default, increment).unwrap();
                increment(self.states[which].entry(key).or_insert(default));
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
        let keys: Vec<Key> = (0..self.random.below(100)).map(|_| self.key()).collect();
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

    fn scan(&mut self, subject: &mut Subject, which: usize, key: &Key) {
        let scopes = [Scope::Group(key.0), Scope::Key, Scope::Namespace(&key.2)];
        let scope = scopes[self.random.below(3) as usize];
        let block_bytes = 24 + self.random.below(600) as usize;
        let got = subject.scan(which, scope, block_bytes);
        let expected = self.shown(&self.states, which, scope, key);
        assert_eq!(got, expected, "{scope:?} of {key:?} in byte order, without the prefix");
    }

    /// What a scan shows: entries in byte order, keys without the scope's prefix.
    pub fn shown(&self, of: &States, which: usize, scope: Scope<'_>, key: &Key) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut builder = KeyBuilder::new(self.keys, vec![0; 1 << 10]);
        builder.set_key(key.0, &key.1).unwrap();
        let prefix = builder.prefix(scope, self.namespace).unwrap().bytes.len();
        let entries = of[which].iter().filter(|(k, _)| in_scope(k, key, scope));
        let shown =
            |(k, v): (&Key, &Vec<u8>)| (composite(self.keys, self.namespace, k).split_off(prefix), v.clone());
        let shown: Vec<_> = entries.map(shown).collect();
        assert!(shown.is_sorted(), "the tuples' order is the bytes' order");
        shown
    }

    /// Whether a snapshot holds exactly these states: every key group, every byte.
    pub fn check_snapshot(snapshot: &Snapshot, of: &States, keys: KeySpec, namespace: PartSize) {
        for (kind, entries) in KINDS.iter().zip(of) {
            let mut expected: BTreeMap<Vec<u8>, &Vec<u8>> =
                entries.iter().map(|(k, v)| (composite(keys, namespace, k), v)).collect();
            for group in 0..snapshot.groups() {
                let each = |key: &[u8], value: &[u8]| {
                    assert_eq!(key[..2], (group as u16).to_be_bytes(), "an entry of another group");
                    let wanted = expected.remove(key);
                    assert_eq!(wanted.map(Vec::as_slice), Some(value), "{kind}: {key:x?}");
                    Ok(())
                };
                snapshot.for_each(&name(*kind), group, each).unwrap();
            }
            assert!(expected.is_empty(), "{kind}: missing {expected:x?}");
        }
    }
}

/// The composite key of an entry.
fn composite(keys: KeySpec, namespace: PartSize, k: &Key) -> Vec<u8> {
    let mut builder = KeyBuilder::new(keys, vec![0; 1 << 10]);
    builder.set_key(k.0, &k.1).unwrap();
    builder.compose(namespace, &k.2, &k.3).unwrap().bytes.to_vec()
}

/// A change that depends on every byte.
pub fn increment(bytes: &mut [u8]) {
    bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
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

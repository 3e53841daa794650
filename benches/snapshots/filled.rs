//! Stores with entries in them.

use std::path::Path;

use keybed::key::{PartSize, key_group};
use keybed::options::StoreOptions;
use keybed::store::{Session, StateId, StateKind, Store};

pub(crate) const GROUPS: u32 = 128;

pub(crate) fn options(engine: &str) -> StoreOptions {
    let mut options = StoreOptions::from_pairs([("engine", engine)]).unwrap();
    options.keys.max_parallelism = GROUPS;
    options.keys.key_size = PartSize::Fixed(8);
    options.table_flush_on_close = false;
    options
}

pub(crate) fn open(engine: &str, dir: &Path) -> (Store, Session, StateId) {
    let store = Store::open(dir, &options(engine)).unwrap();
    let mut session = store.session().unwrap();
    let state = session.open_state("state", StateKind::Value, PartSize::NONE).unwrap();
    (store, session, state)
}

/// Puts entry `number`: a key of eight bytes in one of the groups, a value that only it has in this round.
pub(crate) fn put(session: &mut Session, state: StateId, number: u64, round: u64, value: &mut [u8]) {
    let code = (number ^ number >> 32) as i32;
    session.set_key(key_group(code, GROUPS).unwrap(), &number.to_be_bytes()).unwrap();
    value[..8].copy_from_slice(&(number + round).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    session.put(state, b"", b"", value).unwrap();
}

pub(crate) fn fill(session: &mut Session, state: StateId, entries: u64, value_bytes: usize) {
    let mut value = vec![7; value_bytes];
    (0..entries).for_each(|number| put(session, state, number, 0, &mut value));
}

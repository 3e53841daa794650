use super::*;

/// A column family whose memtable is being flushed because it was full, and another that has been flushed more often
/// and has a new entry in memory.
fn being_flushed(engine: &RocksEngine, [full, other]: [u32; 2]) -> Model {
    let mut session = session(engine);
    for i in 0..10 {
        session.put(other, key(&[0, i]), &[i]).unwrap();
        engine.flush().unwrap();
    }
    let mut random = Random(7);
    let noise: Vec<u8> = (0..4 << 20).map(|_| random.below(256) as u8).collect();
    session.put(full, key(&[1]), &noise).unwrap();
    session.put(other, key(&[2]), b"the last").unwrap();
    everything(engine)
}

#[test]
fn a_flush_waits_for_its_own_memtables_and_not_for_those_of_a_flush_under_way() {
    for states in [[VALUE, MAP], [MAP, VALUE]].repeat(4) {
        let dir = tempfile::tempdir().unwrap();
        let engine = open(&dir.path().join("db"), &small());
        being_flushed(&engine, states);
        engine.flush().unwrap();
        for name in ["s/of value", "s/of map"] {
            let left = engine
                .db()
                .property_int_value_cf(&engine.column(name).unwrap(), "rocksdb.num-immutable-mem-table");
            assert_eq!(left, Ok(Some(0)), "{name} {states:?}");
        }
    }
}

#[test]
fn linked_files_have_what_was_in_memory_while_a_flush_was_under_way() {
    for states in [[VALUE, MAP], [MAP, VALUE]].repeat(4) {
        let dir = tempfile::tempdir().unwrap();
        let engine = open(&dir.path().join("db"), &small());
        let model = being_flushed(&engine, states);
        let linked = dir.path().join("linked");
        engine.link_files(&linked).unwrap();
        check(&open(&linked, &small()), &model);
    }
}

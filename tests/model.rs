//! Random operations against a `BTreeMap`. The seed is printed; run one again with `KEYBED_SEED=n`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::engines::{on_each_engine, rounds};
use common::model::{MAX_PARALLELISM, Model, Subject};
use common::random::Random;
use keybed::key::{KeyEncoding, PartSize};
use keybed::options::StoreOptions;

const STEPS: u64 = 15_000;

fn run(engine: &str, encoding: KeyEncoding, key_size: PartSize, namespace: PartSize, extra: &[(&str, &str)]) {
    let dir = tempfile::tempdir().unwrap();
    let pairs = [("engine", engine)].into_iter().chain(extra.iter().copied());
    let mut options = StoreOptions::from_pairs(pairs).unwrap();
    options.keys.encoding = encoding;
    options.keys.max_parallelism = MAX_PARALLELISM;
    options.keys.key_size = key_size;
    let mut model = Model::new(Random::seeded(), options.keys, namespace);
    for _ in 0..4 {
        let mut subject = Subject::open(dir.path(), &options, namespace);
        for _ in 0..rounds(STEPS) {
            model.step(&mut subject);
        }
        subject.close();
    }
    assert!(model.states.iter().all(|s| s.len() > 10), "the workload left something to compare");
}

fn ordered_keys_of_any_size_behave_like_a_map(engine: &str) {
    run(engine, KeyEncoding::Ordered, PartSize::Variable, PartSize::Variable, &[]);
}

fn keys_without_namespaces_behave_like_a_map(engine: &str) {
    run(engine, KeyEncoding::Ordered, PartSize::Variable, PartSize::NONE, &[]);
}

fn ordered_keys_of_fixed_size_behave_like_a_map(engine: &str) {
    let options = [("rocks.bloom-bits-per-key", "0"), ("rocks.block-cache-bytes", "0")];
    run(engine, KeyEncoding::Ordered, PartSize::Fixed(3), PartSize::Fixed(2), &options);
}

fn flink_keys_of_fixed_size_behave_like_a_map(engine: &str) {
    let options = [("rocks.memtable-bloom-ratio", "0"), ("rocks.wal", "true")];
    run(engine, KeyEncoding::Flink, PartSize::Fixed(3), PartSize::Fixed(2), &options);
}

on_each_engine!(
    ordered_keys_of_any_size_behave_like_a_map,
    keys_without_namespaces_behave_like_a_map,
    ordered_keys_of_fixed_size_behave_like_a_map,
    flink_keys_of_fixed_size_behave_like_a_map,
);

#[cfg(feature = "rocks")]
#[test]
fn small_write_buffers_flush_and_compact_under_the_same_operations() {
    let options =
        [("rocks.write-buffer-bytes", "65536"), ("rocks.options", "level0_file_num_compaction_trigger=2")];
    run("rocks", KeyEncoding::Ordered, PartSize::Variable, PartSize::Variable, &options);
}

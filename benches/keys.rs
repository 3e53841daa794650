//! What does a composite key cost? Whole keys, and the part that is left when the current key is kept.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use keybed::key::{KeyBuilder, KeyEncoding, KeySpec, PartSize};

fn builder(encoding: KeyEncoding, key_size: PartSize) -> KeyBuilder<Vec<u8>> {
    KeyBuilder::new(KeySpec { encoding, max_parallelism: 32_768, key_size }, vec![0; 4096])
}

fn keys(c: &mut Criterion) {
    let mut group = c.benchmark_group("key");
    for encoding in [KeyEncoding::Flink, KeyEncoding::Ordered] {
        let name = encoding.name();
        let mut fixed = builder(encoding, PartSize::Fixed(8));
        let mut n = 0u64;
        group.bench_function(BenchmarkId::new(name, "long key, 1-byte namespace (11 bytes)"), |b| {
            b.iter(|| {
                n += 1;
                fixed.set_key(black_box(29), &n.to_be_bytes()).unwrap();
                black_box(fixed.compose(PartSize::Fixed(1), &[0], &[]).unwrap());
            });
        });
        group.bench_function(BenchmarkId::new(name, "kept key, next map key of 8 bytes"), |b| {
            fixed.set_key(29, &42u64.to_be_bytes()).unwrap();
            b.iter(|| {
                n += 1;
                black_box(fixed.compose(PartSize::Fixed(1), &[0], &n.to_be_bytes()).unwrap());
            });
        });
        let mut variable = builder(encoding, PartSize::Variable);
        for len in [8, 24, 100] {
            let key = vec![7u8; len];
            let id = BenchmarkId::new(name, format!("variable key of {len} and namespace of 2 bytes"));
            group.bench_function(id, |b| {
                b.iter(|| {
                    variable.set_key(black_box(29), black_box(&key)).unwrap();
                    black_box(variable.compose(PartSize::Variable, b"ns", &[]).unwrap());
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, keys);
criterion_main!(benches);

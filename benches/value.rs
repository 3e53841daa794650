//! What does it cost to write a value? A context beside plain copying, a hand-written encoder, and other ways to use
//! rkyv; and what does reading one cost, checked and unchecked?
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]
#![allow(unsafe_code, reason = "unchecked access is measured")]

use std::hint::black_box;
use std::mem::MaybeUninit;

use criterion::{Criterion, criterion_group, criterion_main};
use keybed::value::{Context, Verified, access, rkyv};
use rkyv::ser::Serializer;
use rkyv::ser::allocator::SubAllocator;
use rkyv::ser::sharing::Share;

#[path = "../examples/records/directory_info.rs"]
mod directory_info;

use directory_info::DirectoryInfo;

/// What a scratch per call has, in systems that make one.
const SCRATCH_BYTES: usize = 64 << 10;

/// By hand: a fixed block, a block an entry, and the strings behind. Not to be read in place.
fn encode(info: &DirectoryInfo, out: &mut Vec<u8>) {
    for number in [info.object_id, info.update_id, info.parent_id, info.creation_time, info.modification_time]
    {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(&info.permissions.to_le_bytes());
    out.extend_from_slice(&(info.acls.len() as u16).to_le_bytes());
    for acl in &info.acls {
        out.push(acl.r#type as u8);
        out.push(acl.scope as u8);
        out.extend_from_slice(&acl.permissions.to_le_bytes());
    }
    for text in
        [&info.name, &info.owner, &info.group].into_iter().chain(info.acls.iter().map(|acl| &acl.name))
    {
        out.extend_from_slice(&(text.len() as u16).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
}

/// A zeroed scratch for each call, the output used again.
macro_rules! with_fresh_scratch {
    ($value:expr, $out:expr) => {{
        let mut scratch = vec![MaybeUninit::new(0u8); SCRATCH_BYTES];
        black_box(scratch.as_mut_ptr());
        let mut serializer = Serializer::new($out, SubAllocator::new(&mut scratch), Share::new());
        rkyv::api::serialize_using::<_, rkyv::rancor::Error>($value, &mut serializer).unwrap()
    }};
}

fn write_i64(c: &mut Criterion) {
    let mut group = c.benchmark_group("write i64");
    let mut context = Context::new();
    let mut out: Vec<u8> = Vec::with_capacity(64);
    group.bench_function("to_le_bytes into a reused buffer", |b| {
        b.iter(|| {
            out.clear();
            out.extend_from_slice(&black_box(42i64).to_le_bytes());
            black_box(&out);
        });
    });
    group.bench_function("context", |b| {
        b.iter(|| {
            out.clear();
            context.append(&mut out, 4096, &black_box(42i64)).unwrap();
            black_box(&out);
        });
    });
    group.bench_function("context, its own output", |b| {
        b.iter(|| black_box(context.serialize(&black_box(42i64)).unwrap().len()));
    });
    group.bench_function("rkyv::to_bytes", |b| {
        b.iter(|| rkyv::to_bytes::<rkyv::rancor::Error>(&black_box(42i64)).unwrap());
    });
    group.bench_function("fresh zeroed scratch of 64 KiB", |b| {
        b.iter(|| {
            out.clear();
            with_fresh_scratch!(&black_box(42i64), &mut out)
        });
    });
    group.finish();
}

fn write_record(c: &mut Criterion) {
    let mut group = c.benchmark_group("write DirectoryInfo");
    let info = DirectoryInfo::sample();
    let mut context = Context::new();
    let mut out: Vec<u8> = Vec::with_capacity(1024);
    encode(&info, &mut out);
    println!("DirectoryInfo: {} bytes, by hand {}", context.serialize(&info).unwrap().len(), out.len());
    group.bench_function("by hand", |b| {
        b.iter(|| {
            out.clear();
            encode(black_box(&info), &mut out);
            black_box(&out);
        });
    });
    group.bench_function("context", |b| {
        b.iter(|| {
            out.clear();
            context.append(&mut out, 4096, black_box(&info)).unwrap();
            black_box(&out);
        });
    });
    group.bench_function("context, its own output", |b| {
        b.iter(|| black_box(context.serialize(black_box(&info)).unwrap().len()));
    });
    group.bench_function("rkyv::to_bytes", |b| {
        b.iter(|| rkyv::to_bytes::<rkyv::rancor::Error>(black_box(&info)).unwrap());
    });
    group.bench_function("fresh zeroed scratch of 64 KiB", |b| {
        b.iter(|| {
            out.clear();
            with_fresh_scratch!(black_box(&info), &mut out)
        });
    });
    group.finish();
}

fn read_record(c: &mut Criterion) {
    let mut group = c.benchmark_group("read DirectoryInfo");
    let bytes = Context::new().serialize(&DirectoryInfo::sample()).unwrap().to_vec();
    let checksum = Verified::checksum(&bytes);
    group.bench_function("checksum", |b| {
        b.iter(|| Verified::check(black_box(&bytes), checksum).unwrap());
    });
    let verified = Verified::check(&bytes, checksum).unwrap();
    group.bench_function("one number, unchecked", |b| {
        // SAFETY: written above as a `DirectoryInfo`.
        b.iter(|| unsafe { black_box(verified).access::<DirectoryInfo>() }.unwrap().object_id.to_native());
    });
    group.bench_function("one number, checked", |b| {
        b.iter(|| access::<DirectoryInfo>(black_box(&bytes)).unwrap().object_id.to_native());
    });
    group.finish();
}

criterion_group!(benches, write_i64, write_record, read_record);
criterion_main!(benches);

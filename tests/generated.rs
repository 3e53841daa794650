//! What is generated and checked in is not stale. After a change of `src/capi`, `src/error.rs`, a record or the generator
//! of its Java class, run `make generate`, which runs this test with `KEYBED_BLESS=1`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;
use std::{env, fs};

use keybed::value::record::{Record, Schema, java};

#[path = "common/all_kinds.rs"]
#[allow(dead_code, reason = "only the schema is needed here")]
mod all_kinds;
#[path = "../examples/records/directory_info.rs"]
#[allow(dead_code, reason = "only the schema is needed here")]
mod directory_info;

fn compare(checked_in: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(checked_in);
    if env::var_os("KEYBED_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, generated).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == generated, "{checked_in} is stale: run 'make generate' and commit it");
}

#[test]
fn the_c_header_is_what_the_sources_say() {
    compare("include/keybed.h", include_str!(concat!(env!("OUT_DIR"), "/keybed.h")));
}

#[test]
fn the_java_error_codes_are_what_the_table_says() {
    compare(
        "java/core/src/main/java/dev/keybed/ErrorCode.java",
        include_str!(concat!(env!("OUT_DIR"), "/ErrorCode.java")),
    );
}

fn compare_records(folder: &str, package: &str, records: &[Schema]) {
    for file in java::generate(package, records).unwrap() {
        compare(&format!("{folder}/{}", file.path.display()), &file.text);
    }
}

#[test]
fn the_java_classes_of_the_test_records_are_what_their_schemas_say() {
    compare_records(
        "java/core/src/test/java",
        "dev.keybed.records",
        &[directory_info::DirectoryInfo::schema(), all_kinds::AllKinds::schema()],
    );
}

#[test]
fn the_java_classes_of_the_benches_are_what_their_schemas_say() {
    compare_records(
        "java/bench/src/main/java",
        "dev.keybed.bench.records",
        &[directory_info::DirectoryInfo::schema()],
    );
}

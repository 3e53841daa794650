//! What is generated and checked in is not stale. After a change of `src/capi` or `src/error.rs`, run
//! `make generate`, which runs this test with `KEYBED_BLESS=1`.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::{env, fs};

fn compare(checked_in: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(checked_in);
    if env::var_os("KEYBED_BLESS").is_some() {
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

//! The dumps that the tests of the generated Java classes read: records as bytes, and beside them what each accessor must
//! return. `make generate` writes them anew; this test fails when they are stale.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use keybed::value::{Checked, Context, Value, access, rkyv};

#[path = "common/all_kinds.rs"]
mod all_kinds;
#[path = "common/describe.rs"]
mod describe;
#[path = "../examples/records/directory_info.rs"]
mod directory_info;

use all_kinds::AllKinds;
use describe::Describe;
use directory_info::{Acl, AclScope, AclType, DirectoryInfo};

/// What reads an archive back.
type Back = rkyv::rancor::Strategy<rkyv::de::Pool, rkyv::rancor::Error>;

fn check<T>(name: &str, value: &T)
where
    T: Value + Checked + Describe + PartialEq + std::fmt::Debug,
    T::Archived: rkyv::Deserialize<T, Back>,
{
    let mut context = Context::new();
    let bytes = context.serialize(value).unwrap().to_vec();
    let back = rkyv::deserialize::<T, rkyv::rancor::Error>(access::<T>(&bytes).unwrap()).unwrap();
    assert_eq!(&back, value);
    let mut text = String::new();
    for (accessor, expected) in value.lines() {
        writeln!(text, "{accessor} {expected}").unwrap();
    }
    compare(&format!("java/core/src/test/resources/records/{name}.bin"), &bytes);
    compare(&format!("java/core/src/test/resources/records/{name}.txt"), text.as_bytes());
}

fn compare(checked_in: &str, bytes: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(checked_in);
    if env::var_os("KEYBED_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
    let found = fs::read(&path).unwrap_or_default();
    assert!(found == bytes, "{checked_in} is stale: run 'make generate' and commit it");
}

#[test]
fn the_sample_directory() {
    check("DirectoryInfo.sample", &DirectoryInfo::sample());
    let mut context = Context::new();
    let bytes = context.serialize(&DirectoryInfo::sample()).unwrap();
    assert_eq!(bytes.len(), 164);
    compare("java/bench/src/main/resources/DirectoryInfo.sample.bin", bytes);
}

#[test]
fn a_directory_without_anything() {
    let bare = DirectoryInfo {
        name: String::new(),
        owner: "a".into(),
        group: "exactly8".into(),
        acls: vec![],
        permissions: -1,
        object_id: u64::MAX,
        ..DirectoryInfo::sample()
    };
    check("DirectoryInfo.bare", &bare);
}

#[test]
fn a_directory_whose_names_are_not_ascii() {
    let acl = |name: &str| Acl {
        name: name.into(),
        r#type: AclType::Other,
        scope: AclScope::Default,
        permissions: i32::MIN,
    };
    let names = DirectoryInfo {
        name: "\u{e4}\u{f6}\u{fc} \u{6771}\u{4eac} \u{1f600} \u{fffd}".into(),
        owner: "\u{1f600}\u{1f600}".into(),
        group: "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\0".into(),
        acls: vec![acl("\u{e4}"), acl("not ascii: \u{e9}"), acl("")],
        ..DirectoryInfo::sample()
    };
    check("DirectoryInfo.names", &names);
}

#[test]
fn every_kind_of_field() {
    check("AllKinds.full", &AllKinds::full());
    check("AllKinds.bare", &AllKinds::bare());
}

//! A directory of a file system, with who may do what in it: the record of the benches.

keybed::record_enum! {
    /// Whom an entry concerns.
    #[allow(missing_docs, reason = "an example")]
    pub enum AclType { User, Group, Mask, Other }
}

keybed::record_enum! {
    /// What an entry is for.
    #[allow(missing_docs, reason = "an example")]
    pub enum AclScope { Access, Default }
}

keybed::record! {
    /// An entry of an access control list.
    #[derive(Debug, Clone, PartialEq)]
    #[allow(missing_docs, reason = "an example")]
    pub struct Acl {
        pub name: String,
        pub r#type: AclType,
        pub scope: AclScope,
        pub permissions: i32,
    }
}

keybed::record! {
    /// A directory.
    #[derive(Debug, Clone, PartialEq)]
    #[allow(missing_docs, reason = "an example")]
    pub struct DirectoryInfo {
        pub object_id: u64,
        pub update_id: u64,
        pub parent_id: u64,
        pub creation_time: u64,
        pub modification_time: u64,
        pub name: String,
        pub owner: String,
        pub group: String,
        pub permissions: i32,
        pub acls: Vec<Acl>,
    }
}

impl DirectoryInfo {
    /// The directory that is measured: 164 bytes.
    pub fn sample() -> Self {
        let acl = |scope| Acl { name: "otheruser".into(), r#type: AclType::User, scope, permissions: 7 };
        DirectoryInfo {
            object_id: 1_234_567_890,
            update_id: 1_700_000_000_000,
            parent_id: 9_987_654_321,
            creation_time: 1_700_000_000_001,
            modification_time: 1_700_000_000_002,
            name: "/abcdefghifklmno".into(),
            owner: "sodonnell".into(),
            group: "hadoop-read-write".into(),
            permissions: 755,
            acls: vec![acl(AclScope::Default), acl(AclScope::Access)],
        }
    }
}

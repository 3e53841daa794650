//! What is in a directory.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Every file below `dir` with its bytes.
pub fn content(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(content(&path));
        } else {
            files.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    files
}

/// Names of the files below `dir`, without it.
pub fn names(dir: &Path) -> Vec<String> {
    content(dir).into_keys().map(|name| name[dir.to_str().unwrap().len() + 1..].to_string()).collect()
}

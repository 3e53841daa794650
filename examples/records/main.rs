//! Generates the Java classes of records: `cargo run --example records -- PACKAGE FOLDER`.
//!
//! All that a program of your own needs: the records, and a call of the generator.

use std::error::Error;

use keybed::value::record::{Record, java};

mod directory_info;

use directory_info::DirectoryInfo;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [package, folder] = arguments.as_slice() else {
        return Err("usage: records PACKAGE FOLDER".into());
    };
    for file in java::generate(package, &[DirectoryInfo::schema()])? {
        file.write_below(folder.as_ref())?;
        println!("{}", file.path.display());
    }
    Ok(())
}

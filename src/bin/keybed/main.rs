//! The inspection tool `keybed`.

fn main() {}

#!/usr/bin/env bash
# Builds the library whose exports can be made to panic, runs the C panic tests with it, and keeps it for the Java ones as
# target/failpoints/libkeybed.so. It shares RocksDB with the real one: only this crate is compiled again.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo test -q --release --features failpoints --test panics
mkdir -p target/failpoints
cp target/release/deps/libkeybed.so target/failpoints/libkeybed.so

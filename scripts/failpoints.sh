#!/usr/bin/env bash
# Builds the library whose exports can be made to panic, as target/failpoints/libkeybed.so.
# It shares RocksDB with the real one: only this crate is compiled again.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build -q --release --lib --features failpoints
mkdir -p target/failpoints
cp target/release/libkeybed.so target/failpoints/libkeybed.so

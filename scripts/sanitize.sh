#!/usr/bin/env bash
# Runs the table's tests under a sanitizer, without RocksDB.
#   scripts/sanitize.sh address     reads of freed memory, the arena's own blocks too, and leaks
#   scripts/sanitize.sh thread      data races; needs the standard library's source (rustup component add rust-src),
#                                   because threads that meet inside an uninstrumented one look like a race
#
# The schedule tests are left out: their threads are coroutines, whose stacks a sanitizer does not know.
set -euo pipefail
cd "$(dirname "$0")/.."
which=${1:-address}
target=$(rustc -vV | sed -n 's/^host: //p')
flags="-Zsanitizer=$which"
[ "${target%%-*}" != x86_64 ] || flags="-Ctarget-cpu=x86-64-v2 $flags"
build=()
tests=(table:: memory::)

case $which in
address)
    # The arena tells the sanitizer which of its blocks are free, and two tests make sure that it is heard.
    flags="$flags --cfg keybed_asan"
    ;;
thread)
    if ! [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        echo "the thread sanitizer needs the standard library's source: rustup component add rust-src" >&2
        exit 1
    fi
    build=(-Zbuild-std)
    # The tests with more than one thread.
    tests=(table::tests::snapshots table::tests::lock table::arena store::tests)
    export TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}"
    ;;
*)
    echo "address or thread?" >&2
    exit 2
    ;;
esac

# Sanitizers are not stable yet: the flag lets the stable compiler have them, for this run alone.
RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" KEYBED_OPERATIONS=${KEYBED_OPERATIONS:-50000} \
    cargo test -q "${build[@]}" --no-default-features --target "$target" --target-dir "target/$which" --lib -- \
    "${tests[@]}" --skip schedules

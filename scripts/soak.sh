#!/usr/bin/env bash
# Runs the table's random tests again and again, with new seeds, for some minutes, and its schedules with more
# interruptions, and all of it under the sanitizers once. Stops at the first failure; the seed is above it.
#   scripts/soak.sh [MINUTES=30] [OPERATIONS=5000000]
set -euo pipefail
cd "$(dirname "$0")/.."
minutes=${1:-30}
operations=${2:-5000000}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
rounds=0 tests=0

# run NAME COMMAND...: shows the command's seeds and counts, and everything if it fails.
run() {
    local name=$1
    shift
    echo "==== $name"
    if ! "$@" >"$log" 2>&1; then
        cat "$log"
        echo "FAILED: $name, after $rounds rounds" >&2
        exit 1
    fi
    grep -hE 'KEYBED_SEED=|orders$|snapshots, |allocations failed|^test result' "$log" || true
    tests=$((tests + $(awk '/^test result/ { n += $4 } END { print n + 0 }' "$log")))
}

table() { # tests..., with an optimizer and with checked arithmetic
    RUSTFLAGS="${RUSTFLAGS:--Ctarget-cpu=native} -Coverflow-checks -Cdebug-assertions" \
        cargo test --release --no-default-features --target-dir target/soak --lib -- --nocapture --test-threads=2 "$@"
}

run "build" table --list
end=$((SECONDS + minutes * 60))
for preemptions in 3 4; do
    [ "$SECONDS" -lt "$end" ] || break
    KEYBED_PREEMPTIONS=$preemptions KEYBED_SCHEDULE_SECONDS=60 run "every order with $preemptions interruptions" table table::tests::schedules
done
for sanitizer in address thread; do
    if [ "$sanitizer" = thread ] && ! [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        echo "==== thread sanitizer: left out, the standard library's source is not installed"
        continue
    fi
    [ "$SECONDS" -lt "$end" ] || break
    KEYBED_OPERATIONS=200000 run "$sanitizer sanitizer" scripts/sanitize.sh "$sanitizer"
done
# One round at least, or nothing was shown.
while [ "$rounds" = 0 ] || [ "$SECONDS" -lt "$end" ]; do
    rounds=$((rounds + 1))
    export KEYBED_SEED=$(((RANDOM << 30 | RANDOM << 15 | RANDOM) * 2 + 1))
    KEYBED_OPERATIONS=$operations run "round $rounds, seed $KEYBED_SEED" table table::tests --skip schedules
done
echo "$rounds rounds of $operations operations, $tests tests passed"

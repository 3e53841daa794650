#!/usr/bin/env bash
# The whole suite: format, lints, Rust, C and Java tests. Closes with the number of tests that passed.
#   scripts/test.sh          everything
#   scripts/test.sh quick    what needs neither RocksDB nor Java
set -uo pipefail
cd "$(dirname "$0")/.."
quick=${1:-}
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
passed=0 failed=0 damaged=0
broken=()
engines=()

# step NAME COMMAND...: runs it, shows its output, notes whether it failed.
step() {
    local name=$1 file
    file="$log/$(echo "$1" | tr -c 'a-zA-Z0-9\n' _)"
    shift
    echo
    echo "==== $name"
    if ! "$@" 2>&1 | tee "$file"; then
        broken+=("$name")
    fi
    count "$file"
    damaged=$((damaged + $(awk '/ damaged snapshots restored/ { n += $1 } END { print n + 0 }' "$file")))
    while read -r line; do engines+=("$name: $line"); done < <(grep -h '^Tests by engine' "$file")
}

# Adds up cargo's and Surefire's closing lines.
count() {
    local p f
    read -r p f < <(awk '
        /^test result:/ { for (i = 1; i < NF; i++) { if ($(i+1) ~ /^passed/) p += $i; if ($(i+1) ~ /^failed/) f += $i } }
        /Tests run: [0-9]+, Failures: [0-9]+, Errors: [0-9]+, Skipped: [0-9]+$/ {
            gsub(/[^0-9 ]/, ""); r = $1; b = $2 + $3; s = $4; p += r - b - s; f += b
        }
        END { print p + 0, f + 0 }' "$1")
    passed=$((passed + p))
    failed=$((failed + f))
}

clippy() {
    if ! cargo clippy --version >/dev/null 2>&1; then
        echo "clippy is not installed with this Rust; the lints were not run"
        return 0
    fi
    cargo clippy -q "$@" -- -D warnings
}

# Slower by what they check; the optimized run does the million operations.
checked() {
    KEYBED_OPERATIONS=${KEYBED_OPERATIONS:-200000} cargo test -q --no-default-features --features cli
}

sanitized() {
    if ! compgen -G "$(rustc --print sysroot)/lib/rustlib/*/lib/librustc*_rt.asan.*" >/dev/null; then
        echo "this Rust has no address sanitizer; the run was left out"
        return 0
    fi
    scripts/sanitize.sh address
}

step "format" cargo fmt --check
if [ "$quick" = quick ]; then
    step "clippy, without RocksDB" clippy --no-default-features --features cli --all-targets
    step "Rust tests, without RocksDB, checked arithmetic" checked
else
    step "clippy, without RocksDB" clippy --no-default-features --features cli --all-targets
    step "clippy" clippy --release --all-targets
    step "Rust tests, without RocksDB, checked arithmetic" checked
    step "Rust and C tests" cargo test -q --release
    step "Tests of the table under the address sanitizer" sanitized
    # Only where the standard library can be built with the sanitizer; docs/testing.md says why.
    if [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
        step "Tests of the table under the thread sanitizer" scripts/sanitize.sh thread
    fi
    step "Panics from C" scripts/failpoints.sh
    step "Build the library" cargo build -q --release
    step "Build the Java classes" mvn -q -B -f java/pom.xml test-compile
    for jdk in $(scripts/jdks.sh); do
        step "Java tests on $(basename "$jdk")" scripts/java-tests.sh "$jdk"
    done
    for flink in 2.1.3 2.3.0; do
        step "Tests of the state backend on Flink $flink" scripts/flink-tests.sh "$flink"
    done
    for flink in 2.1.1 2.3.0; do
        step "SQL jobs on Flink $flink" scripts/flink-sql.sh "$flink"
    done
    step "Jobs on Flink clusters of several processes" scripts/flink-cluster.sh 3
    step "Demo on a library without RocksDB" make -s demo ENGINE=table DIR="$PWD/java" WORDS=1000000
fi

echo
echo "Damaged snapshots restored: $damaged"
[ ${#engines[@]} -eq 0 ] || printf '%s\n' "${engines[@]}"
if [ ${#broken[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${broken[@]}"
    # A step that failed without a failed test (a lint, a compiler) counts as one.
    [ "$failed" -gt 0 ] || failed=${#broken[@]}
fi
echo "$passed passed, $failed failed"
[ ${#broken[@]} -eq 0 ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

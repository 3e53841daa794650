#!/usr/bin/env bash
# The table beside the physical limit and hashbrown (benches/table). Markdown on the standard output; progress of cargo on
# the other.
#   scripts/bench-table.sh              everything, up to 10 million entries
#   scripts/bench-table.sh short        a look: fewer rounds, up to 1 million entries
#   scripts/bench-table.sh engines      the table engine beside RocksDB, through a session; compiles RocksDB
#   scripts/bench-table.sh PART...      parts and options as in benches/table/main.rs
set -euo pipefail
cd "$(dirname "$0")/.."

bench() {
    cargo bench -q --no-default-features --bench table -- "$@"
}

machine() {
    echo "# Table"
    echo
    echo "$(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n1), family" \
        "$(sed -n 's/^cpu family[^:]*: //p' /proc/cpuinfo | head -n1);" \
        "$(awk '/^MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo);" \
        "$(rustc --version | cut -d' ' -f1-2);" \
        "huge pages: $(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null || echo none);" \
        "load at the start: $(cut -d' ' -f1 /proc/loadavg)"
}

# The floor and the table are in huge pages and hashbrown is where malloc puts it. glibc from 2.35 on can be told to ask for
# huge pages too: the same cells with hashbrown at its best.
huge() {
    echo
    echo "With malloc asking for huge pages:"
    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 bench points "$@"
}

machine
case "${1:-all}" in
    all)
        bench memory points stalls snapshot
        huge --entries 10000000
        ;;
    short)
        bench memory stalls snapshot --entries 1000000 --runs 2
        bench points --entries 10000,1000000 --rounds 3
        ;;
    engines)
        cargo bench -q --bench table -- "$@"
        ;;
    *)
        bench "$@"
        ;;
esac

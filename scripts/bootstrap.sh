#!/usr/bin/env bash
# Installs what is missing to build, run and test Keybed on Debian (12 or newer), and says what it installs.
# Does nothing when everything is there.
#   scripts/bootstrap.sh          everything
#   scripts/bootstrap.sh table    what the demo on the engine table needs: no RocksDB, so neither C++ nor libclang
set -euo pipefail
only=${1:-}

RUST_NEEDED=1.89
JAVA_NEEDED=17

packages=()
why=()

need() { # package, reason
    packages+=("$1")
    why+=("$1 ($2)")
}

have() { command -v "$1" >/dev/null 2>&1; }

rust_is_new_enough() {
    have rustc && have cargo || return 1
    local version
    version=$(rustc --version | cut -d' ' -f2 | cut -d- -f1)
    [ "$(printf '%s\n%s\n' "$RUST_NEEDED" "$version" | sort -V | head -n1)" = "$RUST_NEEDED" ]
}

jdk_is_there() {
    local javac version
    for javac in "${JAVA_HOME:-/nonexistent}/bin/javac" $(command -v javac || true) /usr/lib/jvm/*/bin/javac; do
        [ -x "$javac" ] || continue
        version=$("$javac" -version 2>&1 | sed 's/[^0-9]*\([0-9]*\).*/\1/')
        [ "${version:-0}" -ge "$JAVA_NEEDED" ] && return 0
    done
    return 1
}

libclang_is_there() {
    # libclang-cpp.so is another library: clang's formatter and linter bring it without this one.
    [ -n "${LIBCLANG_PATH:-}" ] || find /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu -maxdepth 1 \
        \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' \) 2>/dev/null | grep -q .
}

have gcc || need gcc "C compiler"
have make || need make "runs the targets"
if [ "$only" != table ]; then
    have g++ || need g++ "C++ compiler for RocksDB"
    have readelf || need binutils "checks of the shared library"
    have git || need git "clones"
    libclang_is_there || need libclang-dev "reads RocksDB's C header"
    [ -x /usr/bin/ccache ] || need ccache "so that RocksDB is compiled once on this machine"
fi
jdk_is_there || need "openjdk-$JAVA_NEEDED-jdk-headless" "Java $JAVA_NEEDED or newer"
have mvn || need maven "builds the Java parts"

rust_how=
if ! rust_is_new_enough; then
    # Debian's own rustc is older; its -web packages follow Firefox and are new enough.
    rust_how="rustc-web cargo-web rustfmt-web rust-web-clippy"
    for package in $rust_how; do need "$package" "Rust $RUST_NEEDED or newer"; done
fi

if [ ${#packages[@]} -eq 0 ]; then
    exit 0
fi

echo "Keybed needs, and this machine lacks: $(printf '%s, ' "${why[@]}" | sed 's/, $//')"
if ! have apt-get; then
    echo "This is not Debian: please install the above with your package manager, and run the command again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Please run as root:  apt-get update && apt-get install -y ${packages[*]}" >&2
    exit 1
fi
echo "Installing ${packages[*]} ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
if ! apt-get install -y -qq --no-install-recommends "${packages[@]}" >/tmp/keybed-bootstrap.log 2>&1; then
    tail -n 20 /tmp/keybed-bootstrap.log >&2
    if [ -n "$rust_how" ]; then
        echo "If it is Rust that this Debian lacks: install Rust $RUST_NEEDED or newer with rustup, and run the command again." >&2
    fi
    exit 1
fi
rm -f /tmp/keybed-bootstrap.log
if ! rust_is_new_enough; then
    echo "Rust is older than $RUST_NEEDED here: install it with rustup, and run the command again." >&2
    exit 1
fi

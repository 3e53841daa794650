#!/usr/bin/env bash
# Lists the JDKs of version 17 or newer below /usr/lib/jvm, one home a line, each once.
set -euo pipefail
for java in /usr/lib/jvm/*/bin/java; do
    home=$(readlink -f "$(dirname "$(dirname "$java")")")
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release" 2>/dev/null || true)
    [ "${version:-0}" -ge 17 ] && echo "$home"
done | sort -u

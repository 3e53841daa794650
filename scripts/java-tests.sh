#!/usr/bin/env bash
# Runs the Java tests on one JDK with assertions and -Xcheck:jni, and fails on any JNI warning.
#   scripts/java-tests.sh JDK_HOME            on every engine
#   scripts/java-tests.sh JDK_HOME ENGINE     on one: table or rocks
set -euo pipefail
cd "$(dirname "$0")/.."
jdk=$1
engine=${2:-}
version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$jdk/release")
flags=
[ "$version" -lt 22 ] || flags=--enable-native-access=ALL-UNNAMED
log=$(mktemp)
trap 'rm -f "$log"' EXIT

rm -rf java/*/target/surefire-reports
mvn -B -ntp -f java/pom.xml -pl core,demo test -Djvm="$jdk/bin/java" -Dkeybed.test.jvm.args="$flags" \
    -Dkeybed.test.engine="$engine" | tee "$log"

# The checks of -Xcheck:jni print to the test JVM's own output, which Surefire keeps in its reports or dump files.
warnings=$(grep -rhaE 'WARNING in native method|FATAL ERROR in native method|WARNING: JNI local refs' \
    "$log" java/*/target/surefire-reports || true)
if [ -n "$warnings" ]; then
    echo "JNI warnings:" >&2
    echo "$warnings" | sort | uniq -c >&2
    exit 1
fi

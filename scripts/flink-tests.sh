#!/usr/bin/env bash
# Runs the tests of the Flink state backend, Flink's own suites among them, on every engine.
#   scripts/flink-tests.sh FLINK_VERSION            on every engine
#   scripts/flink-tests.sh FLINK_VERSION ENGINE     on one: table or rocks
# On the oldest JDK there is: Flink 2.1 to 2.3 run on 11, 17 and 21.
set -euo pipefail
cd "$(dirname "$0")/.."
jdk=$(scripts/jdks.sh | head -n1)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

rm -rf java/flink/target/surefire-reports
# The classes are compiled against the oldest version; the tests against the one named, on which they run.
mvn -q -B -ntp -f java/pom.xml -pl core,flink compile
mvn -B -ntp -f java/pom.xml -pl core,flink test -Dmaven.main.skip=true -Djvm="$jdk/bin/java" -Dflink.version="$1" \
    -Dkeybed.test.engine="${2:-}" -Dtest='dev.keybed.flink.*Test' -Dsurefire.failIfNoSpecifiedTests=false | tee "$log"

warnings=$(grep -rhaE 'WARNING in native method|FATAL ERROR in native method|WARNING: JNI local refs' \
    "$log" java/flink/target/surefire-reports || true)
if [ -n "$warnings" ]; then
    echo "JNI warnings:" >&2
    echo "$warnings" | sort | uniq -c >&2
    exit 1
fi

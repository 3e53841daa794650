#!/usr/bin/env bash
# Runs SQL jobs on the state backend, on every engine. The native library must be built.
#   scripts/flink-sql.sh [FLINK_VERSION=2.1.1] [TESTS=*Test]
set -euo pipefail
cd "$(dirname "$0")/.."
jdk=$(scripts/jdks.sh | head -n1)
rm -rf java/sql/target/surefire-reports
# The backend is compiled against its oldest version, whichever it runs on.
mvn -q -B -ntp -f java/pom.xml -pl core,flink compile
mvn -B -ntp -f java/pom.xml -pl core,flink,sql test -Dmaven.main.skip=true -Djvm="$jdk/bin/java" -Dflink.version="${1:-2.1.1}" \
    -Dtest="dev.keybed.sql.${2:-*Test}" -Dsurefire.failIfNoSpecifiedTests=false

#!/usr/bin/env bash
# Runs jobs on Flink clusters of several processes, with the jar as it is packaged: TaskManagers are killed, jobs rescaled, started
# and cancelled fifty times; and the tests of the demo on Flink. The native library must be built.
#   scripts/flink-cluster.sh [ROUNDS=3] [FLINK_VERSION=2.1.3] [TESTS=*Test]
set -euo pipefail
cd "$(dirname "$0")/.."
jdk=$(scripts/jdks.sh | head -n1)
rm -rf java/cluster/target/surefire-reports
# The jar is compiled against the oldest version, whichever it runs on.
mvn -q -B -ntp -f java/pom.xml -pl core,flink,demo-flink,cluster package -DskipTests
mvn -B -ntp -f java/pom.xml -pl core,flink,demo-flink,cluster test -Dmaven.main.skip=true -Djvm="$jdk/bin/java" -Dflink.version="${2:-2.1.3}" \
    -Dkeybed.cluster.rounds="${1:-3}" -Dtest="dev.keybed.cluster.${3:-*Test},dev.keybed.demo.flink.${3:-*Test}" -Dsurefire.failIfNoSpecifiedTests=false

# Keybed. `make help` lists the targets.
SHELL := /bin/bash
# Debian's ccache has compilers of the usual names there; where it is not installed the path does nothing.
export PATH := /usr/lib/ccache:$(PATH)

DIR ?= /usr
ENGINE ?= table
JAVA ?= $(shell h=$$(scripts/jdks.sh | head -n1); echo $${JAVA_HOME:-$$h}/bin/java)
LIB := $(CURDIR)/target/release/libkeybed.so
# With the engine table alone it is built in a minute or two; in a directory of its own it leaves the full one as it is.
TABLE_LIB := $(CURDIR)/target/table/release/libkeybed.so
ON_TABLE := $(filter table,$(ENGINE))
# Processor time and allocation of the measured thread alone: on a shared machine the figures that mean something.
JMH := $(JAVA) -Dkeybed.native.path=$(LIB) -jar java/bench/target/benchmarks.jar \
	-prof gc -prof dev.keybed.bench.MeasuredThread -rf json -f 1 -wi 2 -i 3 -w 1 -r 1
REPORT := $(JAVA) -cp java/bench/target/benchmarks.jar dev.keybed.bench.Report
# The demo on Flink: directories of texts (none: those of the system), and how many words are enough (0: all of them).
TEXTS ?=
WORDS ?= 3000000
FLINK_DEMO = mvn -q -B -ntp -f java/pom.xml -pl core,flink,demo-flink package -DskipTests && \
	$(JAVA) -Xmx1g --add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.lang=ALL-UNNAMED \
	-Dkeybed.native.path=$(if $(ON_TABLE),$(TABLE_LIB),$(LIB)) \
	-cp java/core/target/classes:java/flink/target/classes:java/demo-flink/target/keybed-demo-flink-0.1.0.jar \
	dev.keybed.demo.flink.WordDemo $(foreach text,$(TEXTS),--dir "$(text)") --engine "$(ENGINE)" --words $(WORDS)
BENCH ?=
MINUTES ?= 30
ROUNDS ?= 200
CLUSTER_ROUNDS ?= 10
# On which Flink; `make test` takes the oldest.
FLINK ?= 2.3.0

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-18s %s\n", $$1, $$2}'

.PHONY: bootstrap
bootstrap: ## Install what is missing (Debian)
	@scripts/bootstrap.sh

.PHONY: build
build: bootstrap ## The native library and the Java classes
	@[ -f $(LIB) ] || echo "Building the native library; RocksDB is compiled once, which takes about 10 to 20 minutes on two cores."
	cargo build --release
	mvn -q -B -f java/pom.xml compile

.PHONY: bootstrap-table
bootstrap-table:
	@scripts/bootstrap.sh table

.PHONY: build-table
build-table: bootstrap-table
	@[ -f $(TABLE_LIB) ] || echo "Building the native library without RocksDB, which takes one or two minutes."
	cargo build --release --no-default-features --target-dir target/table
	mvn -q -B -f java/pom.xml -pl core,demo compile

.PHONY: demo
demo: $(if $(ON_TABLE),build-table,build) ## A directory tree in native state, then a Flink job that counts words: make demo ENGINE=table|rocks|both
	@$(JAVA) --enable-native-access=ALL-UNNAMED -Dkeybed.native.path=$(if $(ON_TABLE),$(TABLE_LIB),$(LIB)) -cp java/core/target/classes:java/demo/target/classes \
		dev.keybed.demo.DirectoryDemo --dir "$(DIR)" --engine "$(ENGINE)"
	@echo
	@$(FLINK_DEMO)

.PHONY: demo-flink
demo-flink: $(if $(ON_TABLE),build-table,build) ## The second part of it alone: make demo-flink ENGINE=rocks TEXTS="/usr/share/doc /some/books" WORDS=0
	@$(FLINK_DEMO)

.PHONY: jar
jar: build ## The Java library with the native one inside: java/core/target/keybed-core-0.1.0.jar
	mvn -q -B -f java/pom.xml -pl core package -DskipTests
	@ls java/core/target/keybed-core-*.jar

.PHONY: flink-jar
flink-jar: build ## The jar for Flink's lib/, with the native library inside: java/flink/target/keybed-flink-0.1.0.jar
	mvn -q -B -ntp -f java/pom.xml -pl core,flink package -DskipTests
	@ls java/flink/target/keybed-flink-[0-9]*.jar

.PHONY: check
check: bootstrap ## Fast checks: format, lints and the tests that need no RocksDB
	@scripts/test.sh quick

.PHONY: test
test: bootstrap ## Everything: format, lints, Rust, C and Java tests on every JDK from 17 on
	@scripts/test.sh

.PHONY: soak
soak: build ## Random tests, schedules and sanitizers for a while, then Flink clusters: make soak MINUTES=30 CLUSTER_ROUNDS=10
	@scripts/soak.sh $(MINUTES)
	@scripts/flink-cluster.sh $(CLUSTER_ROUNDS) $(FLINK)

.PHONY: cluster
cluster: build ## Jobs on Flink clusters of several processes, of which some are killed: make cluster CLUSTER_ROUNDS=10
	@scripts/flink-cluster.sh $(CLUSTER_ROUNDS) $(FLINK)

.PHONY: crash
crash: bootstrap ## Kill processes that write, flush, take snapshots and restore: make crash ROUNDS=200
	KEYBED_ROUNDS=$(ROUNDS) cargo test -q --release --test snapshot_crash -- --nocapture

.PHONY: generate
generate: bootstrap ## Write the generated files again: include/keybed.h, ErrorCode.java, views of records and their dumps, docs/flink-options.md
	KEYBED_BLESS=1 cargo test -q --release --test generated --test record_dumps
	KEYBED_BLESS=1 mvn -q -B -ntp -f java/pom.xml -pl core,flink test -Dtest=OptionsPageTest -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: fmt
fmt: ## Format the Rust code
	cargo fmt

.PHONY: bench
bench: bootstrap ## Rust benches (criterion); BENCH=filter
	cargo bench --bench keys --bench blocks --bench rocks -- --noplot $(BENCH)

.PHONY: bench-rescale
bench-rescale: bootstrap ## RocksDB state divided among other tasks, from files beside inserting: three minutes
	cargo bench --bench rescale

.PHONY: bench-table
bench-table: bootstrap-table ## The table beside the physical limit and hashbrown: stalls, snapshots, memory; ten minutes
	@scripts/bench-table.sh $(BENCH)

.PHONY: bench-snapshots
bench-snapshots: bootstrap-table ## Snapshots of a table written beside a plain write, restored, in series: five minutes
	cargo bench --no-default-features --bench snapshots -- $(BENCH)

.PHONY: bench-jar
bench-jar: build
	mvn -q -B -f java/pom.xml package -DskipTests

# Those of the engine table, which have a target of their own: beside other things than rocksdbjni.
TABLE_BENCHES := TableBenchmark|TableMultiGetBenchmark|EngineBenchmark
# All that is not about rocksdbjni.
OTHER_BENCHES := $(TABLE_BENCHES)|RecordBenchmark

.PHONY: bench-java
bench-java: bench-jar ## Java benches (JMH) beside rocksdbjni: three rounds, half an hour; BENCH=filter
	for round in 1 2 3; do $(JMH) -e '$(OTHER_BENCHES)' -rff java/bench/target/jmh-$$round.json $(BENCH) || exit 1; done
	$(REPORT) java/bench/target/jmh-[123].json

.PHONY: bench-java-short
bench-java-short: bench-jar ## The same, one round: ten minutes
	$(JMH) -e '$(OTHER_BENCHES)' -rff java/bench/target/jmh-short.json $(BENCH)
	$(REPORT) java/bench/target/jmh-short.json

.PHONY: bench-java-table
bench-java-table: bench-jar ## Java benches (JMH) of the engine table beside HashMap and rocks, 6 GiB of heap: fifteen minutes
	$(JMH) -rff java/bench/target/jmh-table.json '$(TABLE_BENCHES)'
	$(REPORT) java/bench/target/jmh-table.json

FLINK_BENCH := $(JAVA) --add-opens=java.base/java.util=ALL-UNNAMED -Dkeybed.native.path=$(LIB)
FLINK_JAR := java/bench-flink/target/benchmarks-flink.jar
FLINK_JMH := $(FLINK_BENCH) -jar $(FLINK_JAR) -foe true -prof gc -rf json

.PHONY: bench-flink
bench-flink: bench-jar ## The Flink state backend beside Flink's own (JMH), all 20 methods: twenty minutes; BENCH=filter
	$(FLINK_JMH) -rff java/bench-flink/target/jmh.json $(BENCH)
	@$(FLINK_BENCH) -cp $(FLINK_JAR) dev.keybed.bench.flink.StateReport java/bench-flink/target/jmh.json

.PHONY: bench-flink-short
bench-flink-short: bench-jar ## The same methods without JMH, in one process by processor time: five minutes; BENCH=regex
	$(FLINK_BENCH) -Xms5g -Xmx5g -cp $(FLINK_JAR) dev.keybed.bench.flink.ShortRun $(BENCH)

.PHONY: bench-flink-checkpoints
bench-flink-checkpoints: bench-jar ## Its checkpoints, restoring and rescaling beside Flink's own; BENCH='keys=1000000 incremental=false,true'
	$(FLINK_BENCH) -Xmx8g -cp $(FLINK_JAR) dev.keybed.bench.flink.CheckpointBench $(BENCH)

.PHONY: bench-records
bench-records: bootstrap-table ## Records: writing beside a hand-written encoder, reading from Java beside FlatBuffers and Protocol Buffers
	cargo bench -q --no-default-features --bench value -- --noplot $(BENCH)
	mvn -q -B -f java/pom.xml package -DskipTests
	$(JMH) -rff java/bench/target/jmh-records.json RecordBenchmark
	$(REPORT) java/bench/target/jmh-records.json

.PHONY: clean
clean: ## Remove everything that was built
	cargo clean
	rm -rf java/*/target

/* Takes a snapshot of a store while it is written to, looks into the file, and restores it into two stores with half of the
 * key groups each. Build: see `make test`, or
 *   cc -Iinclude examples/snapshot.c -Ltarget/release -lkeybed -Wl,-rpath,target/release -o snapshot
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keybed.h"

enum { KEY_GROUPS = 128, KEYS = 1000 };

static void check(int32_t status, const char *what) {
    if (status != KEYBED_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, keybed_status_name(status), keybed_last_error_message());
        exit(1);
    }
}

static const keybed_slice_t NONE = {NULL, 0};

/* Adds 1 to the number of every key. */
static void count_all(keybed_store_t store) {
    keybed_session_t session;
    keybed_state_t numbers;
    uint32_t i, group;
    int64_t sum;

    check(keybed_session_open(store, &session), "session");
    check(keybed_state_open(session, "numbers", KEYBED_STATE_VALUE, 0, &numbers), "state");
    for (i = 0; i < KEYS; i++) {
        keybed_slice_t key = {(const uint8_t *)&i, sizeof i};
        check(keybed_key_group((int32_t)i, KEY_GROUPS, &group), "key group");
        check(keybed_set_key(session, group, key), "key");
        check(keybed_add_i64(session, numbers, NONE, NONE, 1, &sum), "add");
    }
    check(keybed_session_close(session), "close session");
}

/* Makes a store of a task's key groups and counts its entries. */
static void restore(const char *base, const char *engine, const char *groups, const char *file) {
    keybed_option_t options[2] = {{"engine", NULL}, {"key-groups", NULL}};
    keybed_store_t store;
    keybed_snapshot_t snapshot;
    uint32_t group, first, last;
    uint64_t count, entries = 0;
    char path[4096];

    options[0].value = engine;
    options[1].value = groups;
    snprintf(path, sizeof path, "%s-%s", base, groups);
    check(keybed_store_restore(path, options, 2, &file, 1, &store), "restore");
    check(keybed_snapshot_open(store, &snapshot), "snapshot");
    check(keybed_snapshot_key_groups(snapshot, &first, &last), "key groups");
    for (group = first; group <= last; group++) {
        check(keybed_snapshot_count(snapshot, "numbers", group, &count), "count");
        entries += count;
    }
    printf("key groups %u to %u: %llu entries\n", first, last, (unsigned long long)entries);
    check(keybed_snapshot_close(snapshot), "close snapshot");
    check(keybed_store_close(store), "close store");
}

int main(int argc, char **argv) {
    keybed_option_t engine = {"engine", "table"}, compression = {"compression", "lz4"};
    keybed_store_t store;
    keybed_snapshot_t snapshot;
    keybed_snapshot_summary_t summary;
    keybed_snapshot_info_t info;
    keybed_stored_snapshot_t stored;
    keybed_stored_scan_t scan;
    keybed_slice_t key, value;
    uint32_t group;
    uint64_t ones = 0;
    bool deleted;
    int32_t status;
    char file[4096];

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s DIRECTORY [ENGINE]\n", argv[0]);
        return 2;
    }
    if (argc == 3)
        engine.value = argv[2];
    snprintf(file, sizeof file, "%s.kbs", argv[1]);
    check(keybed_store_open(argv[1], &engine, 1, &store), "open");
    count_all(store);
    check(keybed_snapshot_open(store, &snapshot), "snapshot");
    count_all(store); /* The snapshot does not see it. */
    check(keybed_snapshot_write(snapshot, file, &compression, 1, &summary), "write");
    printf("%llu entries written\n", (unsigned long long)summary.entries);
    check(keybed_snapshot_close(snapshot), "close snapshot");
    check(keybed_store_close(store), "close store");

    check(keybed_snapshot_verify(file, &info), "verify");
    check(keybed_stored_snapshot_open(file, &stored), "open file");
    check(keybed_stored_scan_open(stored, "numbers", info.first_group, info.last_group, &scan), "scan");
    while ((status = keybed_stored_scan_next(scan, &group, &key, &value, &deleted)) == KEYBED_OK)
        ones += value.len == 8 && value.data[7] == 1;
    if (status != KEYBED_ABSENT)
        check(status, "next");
    printf("%llu of them are 1\n", (unsigned long long)ones);
    check(keybed_stored_scan_close(scan), "close scan");
    check(keybed_stored_snapshot_close(stored), "close file");

    restore(argv[1], engine.value, "0-63", file);
    restore(argv[1], engine.value, "64-127", file);
    return 0;
}

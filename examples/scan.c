/* Stores a small map and scans it. Build: see `make test`, or
 *   cc -Iinclude examples/scan.c -Ltarget/release -lkeybed -Wl,-rpath,target/release -o scan
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keybed.h"

static void check(int32_t status, const char *what) {
    if (status != KEYBED_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, keybed_status_name(status), keybed_last_error_message());
        exit(1);
    }
}

static keybed_slice_t text(const char *s) {
    keybed_slice_t slice = {(const uint8_t *)s, strlen(s)};
    return slice;
}

int main(int argc, char **argv) {
    const keybed_slice_t none = {NULL, 0};
    const char *const fruits[][2] = {{"pear", "green"}, {"apple", "red"}, {"plum", "blue"}};
    keybed_option_t engine = {"engine", "table"};
    keybed_store_t store;
    keybed_session_t session;
    keybed_state_t colours;
    keybed_scan_t scan;
    keybed_slice_t key, value;
    int32_t status;
    size_t i;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s DIRECTORY [ENGINE]\n", argv[0]);
        return 2;
    }
    if (argc == 3)
        engine.value = argv[2];
    check(keybed_store_open(argv[1], &engine, 1, &store), "open");
    check(keybed_session_open(store, &session), "session");
    check(keybed_state_open(session, "colours", KEYBED_STATE_MAP, 0, &colours), "state");
    check(keybed_set_key(session, 7, text("basket")), "key");
    for (i = 0; i < sizeof fruits / sizeof fruits[0]; i++)
        check(keybed_put(session, colours, none, text(fruits[i][0]), text(fruits[i][1])), "put");

    check(keybed_scan_open(session, colours, KEYBED_SCOPE_NAMESPACE, 0, none, &scan), "scan");
    while ((status = keybed_scan_next(scan, &key, &value)) == KEYBED_OK)
        printf("%.*s is %.*s\n", (int)key.len, (const char *)key.data, (int)value.len, (const char *)value.data);
    if (status != KEYBED_ABSENT)
        check(status, "next");

    check(keybed_scan_close(scan), "close scan");
    check(keybed_session_close(session), "close session");
    check(keybed_store_close(store), "close store");
    return 0;
}

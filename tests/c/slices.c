/* Takes ranges out of the block of a multi-get, writes each with one writev, and reads them again as blocks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "keybed.h"

#define KEYS 12

static void check(int32_t status, const char *what) {
    if (status != KEYBED_OK) {
        fprintf(stderr, "%s: %s: %s\n", what, keybed_status_name(status), keybed_last_error_message());
        exit(1);
    }
}

static void equal(keybed_slice_t a, keybed_slice_t b, const char *what) {
    if (a.len != b.len || (a.len > 0 && memcmp(a.data, b.data, a.len) != 0)) {
        fprintf(stderr, "%s differ\n", what);
        exit(1);
    }
}

/* Entries from..to of a block, through a pipe; returns the length. */
static size_t send_range(keybed_slice_t block, size_t from, size_t to, uint8_t *out, size_t room) {
    keybed_block_slice_t slice;
    struct iovec parts[3];
    int ends[2];
    size_t len;

    check(keybed_block_slice(block, from, to, &slice), "slice");
    parts[0].iov_base = slice.header;
    parts[0].iov_len = slice.header_len;
    parts[1].iov_base = (void *)slice.payload.data;
    parts[1].iov_len = slice.payload.len;
    parts[2].iov_base = (void *)slice.index.data;
    parts[2].iov_len = slice.index.len;
    len = slice.header_len + slice.payload.len + slice.index.len;
    if (pipe(ends) != 0 || len > room || writev(ends[1], parts, 3) != (ssize_t)len ||
        read(ends[0], out, room) != (ssize_t)len) {
        fprintf(stderr, "the pipe failed\n");
        exit(1);
    }
    close(ends[0]);
    close(ends[1]);
    return len;
}

int main(int argc, char **argv) {
    const keybed_slice_t none = {NULL, 0};
    keybed_option_t engine = {"engine", "table"};
    keybed_store_t store;
    keybed_session_t session;
    keybed_state_t state;
    keybed_request_t requests[KEYS];
    uint8_t keys[KEYS], value[KEYS], buffer[1024], sent[1024], again[1024];
    keybed_slice_t block, part, last, a, b, c, d;
    size_t i, from, to, count, needed;
    bool more;

    if (argc != 3)
        return 2;
    engine.value = argv[2];
    check(keybed_store_open(argv[1], &engine, 1, &store), "open");
    check(keybed_session_open(store, &session), "session");
    check(keybed_state_open(session, "values", KEYBED_STATE_VALUE, 0, &state), "state");
    memset(requests, 0, sizeof requests);
    memset(value, 7, sizeof value);
    for (i = 0; i < KEYS; i++) {
        keys[i] = (uint8_t)i;
        requests[i].group = 3;
        requests[i].key.data = &keys[i];
        requests[i].key.len = 1;
        a.data = value;
        a.len = i;
        check(keybed_set_key(session, 3, requests[i].key), "key");
        check(keybed_put(session, state, none, none, a), "put");
    }
    block.data = buffer;
    check(keybed_multi_get(session, state, requests, KEYS, 0, buffer, sizeof buffer, &block.len), "multi-get");

    for (from = 0; from <= KEYS; from++) {
        for (to = from; to <= KEYS; to++) {
            part.data = sent;
            part.len = send_range(block, from, to, sent, sizeof sent);
            check(keybed_block_info(part, &count, &more, &needed), "info");
            if (count != to - from || more != (from < to && to < KEYS) || needed != 0) {
                fprintf(stderr, "%zu..%zu has %zu entries\n", from, to, count);
                return 1;
            }
            for (i = 0; i < count; i++) {
                check(keybed_block_entry(block, from + i, &a, &b), "entry");
                check(keybed_block_entry(part, i, &c, &d), "entry of a slice");
                equal(a, c, "keys");
                equal(b, d, "values");
            }
            if (count > 0) {
                last.data = again;
                last.len = send_range(part, count - 1, count, again, sizeof again);
                check(keybed_block_entry(last, 0, &a, &d), "entry of a slice of a slice");
                equal(b, d, "last values");
            }
        }
    }
    check(keybed_session_close(session), "close session");
    check(keybed_store_close(store), "close store");
    return 0;
}

/* Every function with every bad argument: a status, never a crash, and the store works afterwards.
 * Arguments: a directory to be made, a file, the engine. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keybed.h"

static int checks = 0, failures = 0;

static void expect_at(int line, const char *call, int32_t got, int32_t want) {
    checks++;
    if (got != want) {
        failures++;
        fprintf(stderr, "line %d: %s gave %s (%s), not %s\n", line, call, keybed_status_name(got),
                keybed_last_error_message() ? keybed_last_error_message() : "", keybed_status_name(want));
    }
}
#define EXPECT(want, call) expect_at(__LINE__, #call, (call), (want))

static keybed_slice_t text(const char *s) {
    keybed_slice_t slice = {(const uint8_t *)s, strlen(s)};
    return slice;
}

static const keybed_slice_t NONE = {NULL, 0};
static const keybed_slice_t NULL_BYTES = {NULL, 5};

struct other_thread {
    keybed_session_t session;
    keybed_state_t state;
};

static void *use_elsewhere(void *arg) {
    struct other_thread *t = arg;
    uint8_t out[8];
    int64_t sum;
    size_t len;
    EXPECT(KEYBED_WRONG_THREAD, keybed_set_key(t->session, 0, text("k")));
    EXPECT(KEYBED_WRONG_THREAD, keybed_get(t->session, t->state, NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_WRONG_THREAD, keybed_add_i64(t->session, t->state, NONE, NONE, 1, &sum));
    EXPECT(KEYBED_WRONG_THREAD, keybed_session_close(t->session));
    EXPECT(KEYBED_WRONG_THREAD, keybed_session_acquire(t->session));
    EXPECT(KEYBED_WRONG_THREAD, keybed_session_release(t->session));
    return NULL;
}

static void *take_over(void *arg) {
    struct other_thread *t = arg;
    EXPECT(KEYBED_OK, keybed_session_acquire(t->session));
    EXPECT(KEYBED_OK, keybed_set_key(t->session, 0, text("moved")));
    EXPECT(KEYBED_OK, keybed_session_release(t->session));
    return NULL;
}

/* Handles that are not of a session: never given out, of another type, closed. */
static void bad_sessions(keybed_session_t bad, int32_t want) {
    keybed_state_t state;
    keybed_scan_t scan;
    keybed_batch_t batch;
    uint8_t out[8];
    int64_t sum;
    size_t len;
    EXPECT(KEYBED_OK, keybed_batch_create(&batch));
    EXPECT(want, keybed_state_open(bad, "x", KEYBED_STATE_VALUE, 0, &state));
    EXPECT(want, keybed_set_key(bad, 0, text("k")));
    EXPECT(want, keybed_get(bad, 0, NONE, NONE, out, sizeof out, &len));
    EXPECT(want, keybed_contains(bad, 0, NONE, NONE));
    EXPECT(want, keybed_put(bad, 0, NONE, NONE, text("v")));
    EXPECT(want, keybed_add_i64(bad, 0, NONE, NONE, 1, &sum));
    EXPECT(want, keybed_append(bad, 0, NONE, text("v")));
    EXPECT(want, keybed_delete(bad, 0, NONE, NONE));
    EXPECT(want, keybed_clear(bad, 0, KEYBED_SCOPE_KEY, 0, NONE));
    EXPECT(want, keybed_composite_key(bad, 0, NONE, NONE, out, sizeof out, &len));
    EXPECT(want, keybed_multi_get(bad, 0, NULL, 0, 0, out, sizeof out, &len));
    EXPECT(want, keybed_scan_open(bad, 0, KEYBED_SCOPE_KEY, 0, NONE, &scan));
    EXPECT(want, keybed_batch_put(batch, bad, 0, NONE, NONE, text("v")));
    EXPECT(want, keybed_batch_append(batch, bad, 0, NONE, text("v")));
    EXPECT(want, keybed_batch_delete(batch, bad, 0, NONE, NONE));
    EXPECT(want, keybed_batch_commit(batch, bad));
    EXPECT(want, keybed_session_release(bad));
    EXPECT(want, keybed_session_acquire(bad));
    EXPECT(KEYBED_OK, keybed_batch_destroy(batch));
}

#include "snapshot_misuse.h"

int main(int argc, char **argv) {
    keybed_store_t store;
    keybed_session_t session, second;
    keybed_state_t value, list, map, other;
    keybed_scan_t scan;
    keybed_batch_t batch;
    keybed_slice_t key, found;
    keybed_option_t null_name = {NULL, "x"}, unknown = {"no-such", "x"};
    keybed_option_t options[2] = {{"engine", NULL}, {"max-value-bytes", "8"}};
    keybed_request_t bad_request;
    struct other_thread t;
    pthread_t thread;
    uint8_t out[64];
    int64_t sum = 99;
    uint64_t figure = 0;
    char block[256];
    keybed_block_slice_t part;
    size_t len = 99, count, needed;
    bool more;
    uint32_t group;

    if (argc != 4)
        return 2;
    options[0].value = argv[3];
    /* Opening. */
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_open(NULL, NULL, 0, &store));
    if (keybed_last_error_message() == NULL || strstr(keybed_last_error_message(), "path is NULL") == NULL)
        failures++;
    if (strcmp(keybed_status_name(KEYBED_LOCKED), "KEYBED_LOCKED") != 0)
        failures++;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_open(argv[1], NULL, 0, NULL));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_open("", NULL, 0, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_open(argv[1], NULL, 3, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_open(argv[1], &null_name, 1, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_open(argv[1], options, (size_t)-1, &store));
    EXPECT(KEYBED_INVALID_OPTION, keybed_store_open(argv[1], &unknown, 1, &store));
    EXPECT(KEYBED_NOT_A_DIRECTORY, keybed_store_open(argv[2], NULL, 0, &store));
    EXPECT(KEYBED_OK, keybed_store_open(argv[1], options, 2, &store));
    EXPECT(KEYBED_LOCKED, keybed_store_open(argv[1], options, 1, &second));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_session_open(store, NULL));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_session_open(0, &session));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_session_open(store ^ 1, &session));
    EXPECT(KEYBED_OK, keybed_session_open(store, &session));
    EXPECT(KEYBED_OK, keybed_session_open(store, &second));

    /* States. */
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_state_open(session, NULL, KEYBED_STATE_VALUE, 0, &value));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_state_open(session, "", KEYBED_STATE_VALUE, 0, &value));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_state_open(session, "\xff", KEYBED_STATE_VALUE, 0, &value));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_state_open(session, "v", 3, 0, &value));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_state_open(session, "v", KEYBED_STATE_VALUE, -3, &value));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_state_open(session, "v", KEYBED_STATE_VALUE, 0, NULL));
    EXPECT(KEYBED_OK, keybed_state_open(session, "v", KEYBED_STATE_VALUE, 0, &value));
    EXPECT(KEYBED_STATE_ALREADY_OPEN, keybed_state_open(session, "v", KEYBED_STATE_VALUE, 0, &other));
    EXPECT(KEYBED_STATE_MISMATCH, keybed_state_open(second, "v", KEYBED_STATE_LIST, 0, &other));
    EXPECT(KEYBED_STATE_MISMATCH, keybed_state_open(second, "v", KEYBED_STATE_VALUE, -1, &other));
    EXPECT(KEYBED_OK, keybed_state_open(session, "l", KEYBED_STATE_LIST, 0, &list));
    EXPECT(KEYBED_OK, keybed_state_open(session, "m", KEYBED_STATE_MAP, 0, &map));

    /* Keys and values. */
    EXPECT(KEYBED_NO_KEY, keybed_put(session, value, NONE, NONE, text("v")));
    EXPECT(KEYBED_NO_KEY, keybed_add_i64(session, value, NONE, NONE, 1, &sum));
    EXPECT(KEYBED_EMPTY_KEY, keybed_set_key(session, 0, NONE));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_set_key(session, 0, NULL_BYTES));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE, keybed_set_key(session, 128, text("k")));
    EXPECT(KEYBED_OK, keybed_set_key(session, 0, text("k")));
    EXPECT(KEYBED_VALUE_TOO_LARGE, keybed_put(session, value, NONE, NONE, text("123456789")));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_put(session, value, NONE, NONE, NULL_BYTES));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_put(session, value, NULL_BYTES, NONE, text("v")));
    EXPECT(KEYBED_KEY_PART_LENGTH, keybed_put(session, value, text("ns"), NONE, text("v")));
    EXPECT(KEYBED_WRONG_STATE_KIND, keybed_put(session, value, NONE, text("map key"), text("v")));
    EXPECT(KEYBED_WRONG_STATE_KIND, keybed_append(session, value, NONE, text("v")));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_put(second, value, NONE, NONE, text("v")));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_put(session, -1, NONE, NONE, text("v")));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_put(session, value + 3, NONE, NONE, text("v")));
    EXPECT(KEYBED_ABSENT, keybed_get(session, value, NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_OK, keybed_put(session, value, NONE, NONE, text("12345678")));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_get(session, value, NONE, NONE, NULL, 8, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_get(session, value, NONE, NONE, out, sizeof out, NULL));
    EXPECT(KEYBED_BUFFER_TOO_SMALL, keybed_get(session, value, NONE, NONE, out, 7, &len));
    if (len != 8)
        failures++;
    EXPECT(KEYBED_OK, keybed_get(session, value, NONE, NONE, out, 8, &len));
    if (len != 8 || memcmp(out, "12345678", 8) != 0)
        failures++;
    EXPECT(KEYBED_BUFFER_TOO_SMALL, keybed_composite_key(session, value, NONE, NONE, out, 1, &len));
    EXPECT(KEYBED_OK, keybed_composite_key(session, value, NONE, NONE, out, sizeof out, &len));
    if (len != 4 || memcmp(out, "\0k\0\0", 4) != 0)
        failures++;
    EXPECT(KEYBED_OK, keybed_add_i64(session, value, NONE, NONE, 1, &sum));
    if (sum != 0x3132333435363739)
        failures++;
    sum = 99;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_add_i64(session, value, NONE, NONE, 1, NULL));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_add_i64(session, value, NULL_BYTES, NONE, 1, &sum));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_add_i64(session, map, NONE, NULL_BYTES, 1, &sum));
    EXPECT(KEYBED_WRONG_STATE_KIND, keybed_add_i64(session, list, NONE, NONE, 1, &sum));
    EXPECT(KEYBED_WRONG_STATE_KIND, keybed_add_i64(session, value, NONE, text("map key"), 1, &sum));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_add_i64(second, value, NONE, NONE, 1, &sum));
    EXPECT(KEYBED_OK, keybed_put(session, map, NONE, text("no number"), text("12")));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_add_i64(session, map, NONE, text("no number"), 1, &sum));
    EXPECT(KEYBED_OK, keybed_get(session, map, NONE, text("no number"), out, sizeof out, &len));
    if (sum != 99 || len != 2 || memcmp(out, "12", 2) != 0)
        failures++;
    EXPECT(KEYBED_OK, keybed_add_i64(session, map, NONE, text("number"), INT64_MAX, &sum));
    EXPECT(KEYBED_OK, keybed_add_i64(session, map, NONE, text("number"), 1, &sum));
    if (sum != INT64_MIN)
        failures++;
    EXPECT(KEYBED_OK, keybed_clear(session, map, KEYBED_SCOPE_KEY, 0, NONE));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_clear(session, value, 3, 0, NONE));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE, keybed_clear(session, value, KEYBED_SCOPE_GROUP, 128, NONE));
    EXPECT(KEYBED_OK, keybed_append(session, list, NONE, text("e")));
    EXPECT(KEYBED_OK, keybed_contains(session, value, NONE, NONE));
    EXPECT(KEYBED_OK, keybed_delete(session, list, NONE, NONE));
    EXPECT(KEYBED_ABSENT, keybed_contains(session, list, NONE, NONE));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_key_group(1, 0, &group));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_key_group(1, 128, NULL));
    EXPECT(KEYBED_OK, keybed_key_group(42, 128, &group));
    if (group != 29)
        failures++;

    /* Scans, blocks, multi-gets. */
    EXPECT(KEYBED_OK, keybed_put(session, map, NONE, text("a"), text("1")));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_scan_open(session, map, -1, 0, NONE, &scan));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_scan_open(session, map, KEYBED_SCOPE_KEY, 0, NONE, NULL));
    EXPECT(KEYBED_OK, keybed_scan_open(session, map, KEYBED_SCOPE_NAMESPACE, 0, NONE, &scan));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_scan_next(scan, NULL, &found));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_scan_next(session, &key, &found));
    EXPECT(KEYBED_OK, keybed_scan_next(scan, &key, &found));
    EXPECT(KEYBED_ABSENT, keybed_scan_next(scan, &key, &found));
    EXPECT(KEYBED_ABSENT, keybed_scan_next(scan, &key, &found));
    EXPECT(KEYBED_OK, keybed_scan_close(scan));
    EXPECT(KEYBED_OK, keybed_scan_close(scan));
    EXPECT(KEYBED_CLOSED, keybed_scan_next(scan, &key, &found));
    EXPECT(KEYBED_CORRUPTION, keybed_block_info(text("no block"), &count, &more, &needed));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_block_info(NONE, NULL, &more, &needed));
    EXPECT(KEYBED_CORRUPTION, keybed_block_entry(NONE, 0, &key, &found));
    EXPECT(KEYBED_CORRUPTION, keybed_block_slice(text("no block"), 0, 0, &part));
    memset(&bad_request, 0, sizeof bad_request);
    EXPECT(KEYBED_EMPTY_KEY, keybed_multi_get(session, value, &bad_request, 1, 0, out, sizeof out, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_multi_get(session, value, NULL, 1, 0, out, sizeof out, &len));
    EXPECT(KEYBED_BUFFER_TOO_SMALL, keybed_multi_get(session, value, NULL, 0, 0, out, 3, &len));
    bad_request.key = text("k");
    EXPECT(KEYBED_OK, keybed_multi_get(session, value, &bad_request, 1, 0, (uint8_t *)block, sizeof block, &len));
    found.data = (const uint8_t *)block;
    found.len = len;
    EXPECT(KEYBED_OK, keybed_block_info(found, &count, &more, &needed));
    if (count != 1 || more || needed != 0)
        failures++;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_block_slice(found, 0, 1, NULL));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_block_slice(found, 0, 2, &part));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_block_slice(found, 1, 0, &part));
    EXPECT(KEYBED_OK, keybed_block_slice(found, 0, 1, &part));
    if (part.header_len + part.payload.len + part.index.len != len || memcmp(part.header, block, part.header_len) != 0 ||
        part.payload.data != (const uint8_t *)block + part.header_len)
        failures++;
    EXPECT(KEYBED_OK, keybed_block_entry(found, 0, &key, &found));
    if (key.len != 1 || key.data[0] != 1 || found.len != 8)
        failures++;

    /* Batches. */
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_batch_create(NULL));
    EXPECT(KEYBED_OK, keybed_batch_create(&batch));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_batch_put(session, session, value, NONE, NONE, text("b")));
    EXPECT(KEYBED_OK, keybed_batch_put(batch, session, value, NONE, NONE, text("b")));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_batch_commit(batch, second));
    EXPECT(KEYBED_WRONG_STATE_KIND, keybed_batch_append(batch, session, value, NONE, text("b")));
    EXPECT(KEYBED_OK, keybed_batch_append(batch, session, list, NONE, text("b")));
    EXPECT(KEYBED_OK, keybed_batch_delete(batch, session, list, NONE, NONE));
    EXPECT(KEYBED_OK, keybed_batch_commit(batch, session));
    EXPECT(KEYBED_OK, keybed_batch_clear(batch));
    EXPECT(KEYBED_OK, keybed_clear(session, list, KEYBED_SCOPE_KEY, 0, NONE));
    EXPECT(KEYBED_OK, keybed_clear(session, list, KEYBED_SCOPE_GROUP, 7, NONE));
    EXPECT(KEYBED_OK, keybed_store_flush(store));
    EXPECT(KEYBED_OK, keybed_store_figure(store, "memory-used-bytes", &figure));
    if (figure == 0)
        failures++;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_figure(store, "no-such-figure", &figure));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_figure(store, NULL, &figure));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_figure(store, "memory-used-bytes", NULL));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_store_figure(session, "memory-used-bytes", &figure));
    EXPECT(KEYBED_OK, keybed_batch_destroy(batch));
    EXPECT(KEYBED_OK, keybed_batch_destroy(batch));
    EXPECT(KEYBED_CLOSED, keybed_batch_clear(batch));

    misuse_snapshots(store, argv[1], argv[3], argv[2]);

    /* Threads. */
    t.session = session;
    t.state = value;
    pthread_create(&thread, NULL, use_elsewhere, &t);
    pthread_join(thread, NULL);
    EXPECT(KEYBED_OK, keybed_session_release(session));
    EXPECT(KEYBED_WRONG_THREAD, keybed_set_key(session, 0, text("k")));
    pthread_create(&thread, NULL, take_over, &t);
    pthread_join(thread, NULL);
    EXPECT(KEYBED_OK, keybed_session_acquire(session));
    EXPECT(KEYBED_OK, keybed_set_key(session, 0, text("k")));

    /* Closing in any order, twice. */
    EXPECT(KEYBED_OK, keybed_session_close(second));
    EXPECT(KEYBED_OK, keybed_session_close(second));
    bad_sessions(second, KEYBED_CLOSED);
    bad_sessions(0, KEYBED_FOREIGN_HANDLE);
    bad_sessions(store, KEYBED_FOREIGN_HANDLE);
    bad_sessions(UINT64_MAX, KEYBED_FOREIGN_HANDLE);
    EXPECT(KEYBED_OK, keybed_scan_open(session, map, KEYBED_SCOPE_NAMESPACE, 0, NONE, &scan));
    EXPECT(KEYBED_OK, keybed_store_close(store));
    EXPECT(KEYBED_OK, keybed_store_close(store));
    EXPECT(KEYBED_CLOSED, keybed_store_flush(store));
    EXPECT(KEYBED_CLOSED, keybed_store_figure(store, "memory-used-bytes", &figure));
    EXPECT(KEYBED_CLOSED, keybed_get(session, value, NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_CLOSED, keybed_add_i64(session, value, NONE, NONE, 1, &sum));
    EXPECT(KEYBED_CLOSED, keybed_scan_next(scan, &key, &found));
    EXPECT(KEYBED_OK, keybed_session_close(session));
    EXPECT(KEYBED_OK, keybed_scan_close(scan));
    EXPECT(KEYBED_OK, keybed_store_open(argv[1], options, 2, &store));
    EXPECT(KEYBED_OK, keybed_store_close(store));

    printf("%d checks, %d failures\n", checks, failures);
    return failures == 0 ? 0 : 1;
}

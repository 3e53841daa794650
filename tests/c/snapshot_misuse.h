/* Every function about snapshots with every bad argument. Part of misuse.c. */

static void bad_snapshots(keybed_snapshot_t bad, int32_t want) {
    keybed_snapshot_stream_t stream;
    keybed_snapshot_summary_t summary;
    keybed_state_info_t state;
    uint64_t count;
    uint32_t first, last;
    EXPECT(want, keybed_snapshot_key_groups(bad, &first, &last));
    EXPECT(want, keybed_snapshot_state(bad, 0, &state));
    EXPECT(want, keybed_snapshot_count(bad, "v", 0, &count));
    EXPECT(want, keybed_snapshot_release(bad, "v", 0));
    EXPECT(want, keybed_snapshot_write(bad, "/nowhere", NULL, 0, &summary));
    EXPECT(want, keybed_snapshot_stream_open(bad, NULL, 0, &stream));
}

static void bad_stored(keybed_stored_snapshot_t bad, int32_t want) {
    keybed_stored_scan_t scan;
    keybed_snapshot_info_t info;
    keybed_state_info_t state;
    uint8_t out[8];
    uint64_t count;
    size_t len;
    EXPECT(want, keybed_stored_snapshot_info(bad, &info));
    EXPECT(want, keybed_stored_snapshot_state(bad, 0, &state, &count));
    EXPECT(want, keybed_stored_snapshot_get(bad, "v", 0, text("k"), NONE, NONE, out, sizeof out, &len));
    EXPECT(want, keybed_stored_scan_open(bad, "v", 0, 127, &scan));
}

static void *scan_elsewhere(void *arg) {
    keybed_stored_scan_t *scan = arg;
    keybed_slice_t key, value;
    uint32_t group;
    bool deleted;
    EXPECT(KEYBED_WRONG_THREAD, keybed_stored_scan_next(*scan, &group, &key, &value, &deleted));
    EXPECT(KEYBED_WRONG_THREAD, keybed_stored_scan_close(*scan));
    return NULL;
}

static void *stream_elsewhere(void *arg) {
    keybed_snapshot_stream_t *stream = arg;
    keybed_snapshot_summary_t summary;
    EXPECT(KEYBED_OK, keybed_snapshot_stream_summary(*stream, &summary));
    return NULL;
}

static void misuse_stream(keybed_snapshot_t snapshot) {
    keybed_option_t unknown = {"no-such", "x"}, groups = {"key-groups", "100-128"};
    keybed_snapshot_stream_t stream;
    keybed_snapshot_summary_t summary;
    static uint8_t block[400 * 1024];
    size_t len = 0, total = 0;
    int32_t status;
    pthread_t thread;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_stream_open(snapshot, NULL, 0, NULL));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_stream_open(snapshot, NULL, 1, &stream));
    EXPECT(KEYBED_INVALID_OPTION, keybed_snapshot_stream_open(snapshot, &unknown, 1, &stream));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE, keybed_snapshot_stream_open(snapshot, &groups, 1, &stream));
    EXPECT(KEYBED_OK, keybed_snapshot_stream_open(snapshot, NULL, 0, &stream));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_stream_next(stream, NULL, 8, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_stream_next(stream, block, sizeof block, NULL));
    EXPECT(KEYBED_BUFFER_TOO_SMALL, keybed_snapshot_stream_next(stream, block, 8, &len));
    if (len < 8 || len > sizeof block)
        failures++;
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_stream_next(snapshot, block, sizeof block, &len));
    pthread_create(&thread, NULL, stream_elsewhere, &stream);
    pthread_join(thread, NULL);
    while ((status = keybed_snapshot_stream_next(stream, block, sizeof block, &len)) == KEYBED_OK)
        total += len;
    EXPECT(KEYBED_ABSENT, status);
    EXPECT(KEYBED_ABSENT, keybed_snapshot_stream_next(stream, block, sizeof block, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_stream_summary(stream, NULL));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_stream_summary(snapshot, &summary));
    EXPECT(KEYBED_OK, keybed_snapshot_stream_summary(stream, &summary));
    if (summary.bytes != total || strlen(summary.id) != 32)
        failures++;
    EXPECT(KEYBED_OK, keybed_snapshot_stream_close(stream));
    EXPECT(KEYBED_OK, keybed_snapshot_stream_close(stream));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_stream_close(snapshot));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_stream_next(stream, block, sizeof block, &len));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_stream_summary(stream, &summary));
}

static void misuse_stored(const char *file, const char *foreign) {
    keybed_stored_snapshot_t stored;
    keybed_stored_scan_t scan;
    keybed_snapshot_info_t info;
    keybed_state_info_t state;
    keybed_slice_t key, value;
    pthread_t thread;
    uint8_t out[64];
    uint64_t count;
    uint32_t group;
    size_t len;
    bool deleted;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_verify(NULL, &info));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_verify(file, NULL));
    EXPECT(KEYBED_IO, keybed_snapshot_verify("/no/such/file", &info));
    EXPECT(KEYBED_FOREIGN_FORMAT, keybed_snapshot_verify(foreign, &info));
    EXPECT(KEYBED_OK, keybed_snapshot_verify(file, &info));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_snapshot_open(NULL, &stored));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_snapshot_open(file, NULL));
    EXPECT(KEYBED_FOREIGN_FORMAT, keybed_stored_snapshot_open(foreign, &stored));
    EXPECT(KEYBED_OK, keybed_stored_snapshot_open(file, &stored));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_snapshot_info(stored, NULL));
    EXPECT(KEYBED_OK, keybed_stored_snapshot_info(stored, &info));
    if (strlen(info.id) != 32 || info.base[0] != 0 || info.last_group != 127 || info.states != 3 || info.files != 1)
        failures++;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_snapshot_state(stored, 0, NULL, &count));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_snapshot_state(stored, 0, &state, NULL));
    EXPECT(KEYBED_OK, keybed_stored_snapshot_state(stored, 0, &state, &count));
    if (state.name.len != 1 || state.name.data[0] != 'v' || state.kind != KEYBED_STATE_VALUE || count != 1)
        failures++;
    EXPECT(KEYBED_ABSENT, keybed_stored_snapshot_state(stored, 3, &state, &count));
    EXPECT(KEYBED_ABSENT, keybed_stored_snapshot_state(stored, (size_t)-1, &state, &count));
    EXPECT(KEYBED_INVALID_ARGUMENT,
           keybed_stored_snapshot_get(stored, NULL, 0, text("k"), NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT,
           keybed_stored_snapshot_get(stored, "v", 0, NULL_BYTES, NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT,
           keybed_stored_snapshot_get(stored, "v", 0, text("k"), NULL_BYTES, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_snapshot_get(stored, "v", 0, text("k"), NONE, NONE, NULL, 8, &len));
    EXPECT(KEYBED_INVALID_ARGUMENT,
           keybed_stored_snapshot_get(stored, "v", 0, text("k"), NONE, NONE, out, sizeof out, NULL));
    EXPECT(KEYBED_STATE_NOT_FOUND,
           keybed_stored_snapshot_get(stored, "x", 0, text("k"), NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_EMPTY_KEY, keybed_stored_snapshot_get(stored, "v", 0, NONE, NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE,
           keybed_stored_snapshot_get(stored, "v", 128, text("k"), NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_WRONG_STATE_KIND,
           keybed_stored_snapshot_get(stored, "v", 0, text("k"), NONE, text("m"), out, sizeof out, &len));
    EXPECT(KEYBED_ABSENT, keybed_stored_snapshot_get(stored, "v", 0, text("x"), NONE, NONE, out, sizeof out, &len));
    EXPECT(KEYBED_OK, keybed_stored_snapshot_get(stored, "v", 0, text("k"), NONE, NONE, out, sizeof out, &len));
    if (len != 1 || out[0] != 'b')
        failures++;
    EXPECT(KEYBED_BUFFER_TOO_SMALL, keybed_stored_snapshot_get(stored, "v", 0, text("k"), NONE, NONE, out, 0, &len));

    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_scan_open(stored, NULL, 0, 127, &scan));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_scan_open(stored, "v", 0, 127, NULL));
    EXPECT(KEYBED_STATE_NOT_FOUND, keybed_stored_scan_open(stored, "x", 0, 127, &scan));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE, keybed_stored_scan_open(stored, "v", 3, 2, &scan));
    EXPECT(KEYBED_OK, keybed_stored_scan_open(stored, "v", 0, 127, &scan));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_scan_next(scan, NULL, &key, &value, &deleted));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_scan_next(scan, &group, NULL, &value, &deleted));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_scan_next(scan, &group, &key, NULL, &deleted));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_stored_scan_next(scan, &group, &key, &value, NULL));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_stored_scan_next(stored, &group, &key, &value, &deleted));
    pthread_create(&thread, NULL, scan_elsewhere, &scan);
    pthread_join(thread, NULL);
    EXPECT(KEYBED_OK, keybed_stored_snapshot_close(stored));
    EXPECT(KEYBED_OK, keybed_stored_snapshot_close(stored));
    bad_stored(stored, KEYBED_CLOSED);
    bad_stored(scan, KEYBED_FOREIGN_HANDLE);
    bad_stored(0, KEYBED_FOREIGN_HANDLE);
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_stored_snapshot_close(scan));
    EXPECT(KEYBED_OK, keybed_stored_scan_next(scan, &group, &key, &value, &deleted));
    if (group != 0 || value.len != 1 || value.data[0] != 'b' || deleted)
        failures++;
    EXPECT(KEYBED_ABSENT, keybed_stored_scan_next(scan, &group, &key, &value, &deleted));
    EXPECT(KEYBED_OK, keybed_stored_scan_close(scan));
    EXPECT(KEYBED_OK, keybed_stored_scan_close(scan));
    EXPECT(KEYBED_CLOSED, keybed_stored_scan_next(scan, &group, &key, &value, &deleted));
}

static void misuse_files(keybed_snapshot_files_t files, const char *directory, const char *file) {
    keybed_snapshot_files_t again;
    keybed_snapshot_info_t info;
    keybed_snapshot_file_t one;
    keybed_state_info_t state;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_files_info(files, NULL));
    EXPECT(KEYBED_OK, keybed_snapshot_files_info(files, &info));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_files_state(files, 0, NULL));
    EXPECT(KEYBED_OK, keybed_snapshot_files_state(files, info.states - 1, &state));
    EXPECT(KEYBED_ABSENT, keybed_snapshot_files_state(files, info.states, &state));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_files_file(files, 0, NULL));
    EXPECT(KEYBED_OK, keybed_snapshot_files_file(files, info.files - 1, &one));
    if (one.name.len == 0 || strlen(one.identity) != 32)
        failures++;
    EXPECT(KEYBED_ABSENT, keybed_snapshot_files_file(files, info.files, &one));
    EXPECT(KEYBED_OK, keybed_snapshot_files_close(files));
    EXPECT(KEYBED_OK, keybed_snapshot_files_close(files));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_files_info(files, &info));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_files_state(files, 0, &state));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_files_file(files, 0, &one));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_files_close(0));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_files_open(NULL, true, &again));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_files_open(directory, true, NULL));
    EXPECT(KEYBED_NOT_A_DIRECTORY, keybed_snapshot_files_open(file, false, &again));
    EXPECT(KEYBED_OK, keybed_snapshot_files_open(directory, true, &again));
    EXPECT(KEYBED_OK, keybed_snapshot_files_close(again));
}

static void misuse_series(keybed_store_t store, const char *directory, const char *file) {
    keybed_option_t unknown = {"no-such", "x"};
    keybed_snapshot_series_t series;
    keybed_prepared_snapshot_t prepared, given_up;
    keybed_snapshot_files_t files;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_series_open(store, NULL, 0, NULL));
    EXPECT(KEYBED_INVALID_OPTION, keybed_snapshot_series_open(store, &unknown, 1, &series));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_series_open(0, NULL, 0, &series));
    EXPECT(KEYBED_OK, keybed_snapshot_series_open(store, NULL, 0, &series));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_series_prepare(series, NULL, &prepared));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_series_prepare(series, directory, NULL));
    EXPECT(KEYBED_SNAPSHOT_EXISTS, keybed_snapshot_series_prepare(series, file, &prepared));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_series_prepare(store, directory, &prepared));
    EXPECT(KEYBED_OK, keybed_snapshot_series_prepare(series, directory, &given_up));
    EXPECT(KEYBED_LOCKED, keybed_snapshot_series_prepare(series, directory, &prepared));
    EXPECT(KEYBED_OK, keybed_prepared_snapshot_close(given_up));
    EXPECT(KEYBED_OK, keybed_prepared_snapshot_close(given_up));
    EXPECT(KEYBED_CLOSED, keybed_prepared_snapshot_finish(given_up, &files));
    EXPECT(KEYBED_OK, keybed_snapshot_series_prepare(series, directory, &prepared));
    EXPECT(KEYBED_OK, keybed_snapshot_series_close(series));
    EXPECT(KEYBED_OK, keybed_snapshot_series_close(series));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_series_close(prepared));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_series_prepare(series, directory, &given_up));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_prepared_snapshot_finish(prepared, NULL));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_prepared_snapshot_finish(store, &files));
    EXPECT(KEYBED_OK, keybed_prepared_snapshot_finish(prepared, &files));
    misuse_files(files, directory, file);
    EXPECT(KEYBED_CLOSED, keybed_prepared_snapshot_finish(prepared, &files));
    EXPECT(KEYBED_OK, keybed_prepared_snapshot_close(prepared));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_prepared_snapshot_close(store));
}

static void misuse_restore(const char *base, const char *engine, const char *file, const char *directory) {
    keybed_option_t options[2] = {{"engine", NULL}, {"key-groups", "64-127"}};
    const char *twice[2], *null_path[1] = {NULL};
    keybed_store_t store;
    char path[4096];
    options[0].value = engine;
    twice[0] = file;
    twice[1] = directory;
    snprintf(path, sizeof path, "%s-restored", base);
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_restore(NULL, options, 2, &file, 1, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_restore(path, NULL, 2, &file, 1, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_restore(path, options, 2, NULL, 1, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_restore(path, options, 2, null_path, 1, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_restore(path, options, 2, NULL, 0, &store));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_store_restore(path, options, 2, &file, 1, NULL));
    EXPECT(KEYBED_SNAPSHOT_MISMATCH, keybed_store_restore(path, options, 2, twice, 2, &store));
    EXPECT(KEYBED_STORE_EXISTS, keybed_store_restore(base, options, 2, &file, 1, &store));
    EXPECT(KEYBED_OK, keybed_store_restore(path, options, 2, &file, 1, &store));
    EXPECT(KEYBED_OK, keybed_store_close(store));
}

/* All of it; `base` is the store's directory, `foreign` a file of something else. */
static void misuse_snapshots(keybed_store_t store, const char *base, const char *engine, const char *foreign) {
    keybed_option_t null_name = {NULL, "x"}, unknown = {"no-such", "x"};
    keybed_snapshot_t snapshot;
    keybed_snapshot_summary_t summary;
    keybed_state_info_t state;
    uint64_t count;
    uint32_t first, last;
    char file[4096], directory[4096];
    snprintf(file, sizeof file, "%s.kbs", base);
    snprintf(directory, sizeof directory, "%s-snapshot", base);
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_open(store, NULL));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_open(0, &snapshot));
    EXPECT(KEYBED_OK, keybed_snapshot_open(store, &snapshot));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_key_groups(snapshot, NULL, &last));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_key_groups(snapshot, &first, NULL));
    EXPECT(KEYBED_OK, keybed_snapshot_key_groups(snapshot, &first, &last));
    if (first != 0 || last != 127)
        failures++;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_state(snapshot, 0, NULL));
    EXPECT(KEYBED_OK, keybed_snapshot_state(snapshot, 2, &state));
    if (state.name.len != 1 || state.name.data[0] != 'm' || state.kind != KEYBED_STATE_MAP)
        failures++;
    EXPECT(KEYBED_ABSENT, keybed_snapshot_state(snapshot, 3, &state));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_count(snapshot, NULL, 0, &count));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_count(snapshot, "v", 0, NULL));
    EXPECT(KEYBED_STATE_NOT_FOUND, keybed_snapshot_count(snapshot, "x", 0, &count));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE, keybed_snapshot_count(snapshot, "v", 128, &count));
    EXPECT(KEYBED_OK, keybed_snapshot_count(snapshot, "v", 0, &count));
    if (count != 1)
        failures++;
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_write(snapshot, NULL, NULL, 0, &summary));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_write(snapshot, "", NULL, 0, &summary));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_write(snapshot, file, NULL, 1, &summary));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_write(snapshot, file, &null_name, 1, &summary));
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_write(snapshot, file, NULL, 0, NULL));
    EXPECT(KEYBED_INVALID_OPTION, keybed_snapshot_write(snapshot, file, &unknown, 1, &summary));
    EXPECT(KEYBED_SNAPSHOT_EXISTS, keybed_snapshot_write(snapshot, foreign, NULL, 0, &summary));
    EXPECT(KEYBED_IO, keybed_snapshot_write(snapshot, "/no/such/directory/x", NULL, 0, &summary));
    EXPECT(KEYBED_OK, keybed_snapshot_write(snapshot, file, NULL, 0, &summary));
    EXPECT(KEYBED_SNAPSHOT_EXISTS, keybed_snapshot_write(snapshot, file, NULL, 0, &summary));
    misuse_stream(snapshot);
    misuse_stored(file, foreign);
    misuse_series(store, directory, file);
    misuse_restore(base, engine, file, directory);
    EXPECT(KEYBED_INVALID_ARGUMENT, keybed_snapshot_release(snapshot, NULL, 0));
    EXPECT(KEYBED_STATE_NOT_FOUND, keybed_snapshot_release(snapshot, "x", 0));
    EXPECT(KEYBED_KEY_GROUP_OUT_OF_RANGE, keybed_snapshot_release(snapshot, "v", 128));
    EXPECT(KEYBED_OK, keybed_snapshot_release(snapshot, "v", 0));
    EXPECT(KEYBED_OK, keybed_snapshot_release(snapshot, "v", 0));
    EXPECT(KEYBED_CLOSED, keybed_snapshot_count(snapshot, "v", 0, &count));
    EXPECT(KEYBED_OK, keybed_snapshot_close(snapshot));
    EXPECT(KEYBED_OK, keybed_snapshot_close(snapshot));
    EXPECT(KEYBED_FOREIGN_HANDLE, keybed_snapshot_close(store));
    bad_snapshots(snapshot, KEYBED_CLOSED);
    bad_snapshots(store, KEYBED_FOREIGN_HANDLE);
    bad_snapshots(UINT64_MAX, KEYBED_FOREIGN_HANDLE);
}

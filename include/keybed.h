/*
 * Keybed: native keyed state. The C interface. Generated from src/capi; do not edit.
 *
 * Statuses. Every function that can fail returns an int32_t: KEYBED_OK (0), KEYBED_ABSENT (1, not an error), or the
 * code of an error. keybed_last_error_message() says more, for the calling thread. An output is written only on success
 * (and *len on KEYBED_BUFFER_TOO_SMALL); outputs come last and must not be NULL. After an error nothing has changed.
 *
 * Handles. Stores, sessions, scans, batches, snapshots and what belongs to them are numbers, never pointers; 0 is never one. A stale, closed, foreign or
 * wrong-typed handle gives KEYBED_CLOSED or KEYBED_FOREIGN_HANDLE, whatever it is. Objects may be closed in any order
 * and twice. What is not closed is kept until the process ends.
 *
 * Ownership. Slices that go in are read during the call only, never kept and never freed. Slices that come out point into
 * memory of the object or block they were read from and are valid until its next call, unless it says otherwise. Nothing is ever to be freed by
 * the caller. An output must not overlap an input or another output of the same call.
 *
 * Threads. A store may be used by any thread, and so may snapshots, stored snapshots and series. Sessions, scans and batches belong to the thread that made them; a call
 * from another thread gives KEYBED_WRONG_THREAD. A session may move: keybed_session_release there,
 * keybed_session_acquire here. Threads are told apart by pthread_self: what a thread leaves open when it ends passes to
 * a later thread that the system gives the same id, and to no other.
 *
 * Failures inside. A panic never crosses this interface: it gives KEYBED_PANIC, and a store it had in hand refuses further work
 * (KEYBED_POISONED) until it is closed and opened again.
 */


#ifndef KEYBED_H
#define KEYBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of this interface; compare with keybed_abi_version(). */
#define KEYBED_ABI_VERSION 1

/* Statuses. Never renumbered, never reused. */
#define KEYBED_OK 0
/* There is no value, or no further entry. Not an error. */
#define KEYBED_ABSENT 1
/* The object or its store has been closed. */
#define KEYBED_CLOSED 2
/* The handle is stale, of another type, or was never given out. */
#define KEYBED_FOREIGN_HANDLE 3
/* A session is used by a thread that does not own it. */
#define KEYBED_WRONG_THREAD 4
/* An earlier internal failure left the store in doubt; it refuses further work. Close it and open it again. */
#define KEYBED_POISONED 5
/* An internal failure (a bug); the store is poisoned. */
#define KEYBED_PANIC 6
/* No current key has been set. */
#define KEYBED_NO_KEY 7
/* The scan has not been started, is at its end, or is of another state. */
#define KEYBED_CURSOR_INVALID 8
/* The table of native objects is full. */
#define KEYBED_TOO_MANY_HANDLES 9
/* An argument is outside its range. */
#define KEYBED_INVALID_ARGUMENT 20
/* The key has no bytes. */
#define KEYBED_EMPTY_KEY 21
/* The composite key is longer than max-key-bytes. */
#define KEYBED_KEY_TOO_LARGE 22
/* The value is longer than max-value-bytes. */
#define KEYBED_VALUE_TOO_LARGE 23
/* A key part of fixed size has another length. */
#define KEYBED_KEY_PART_LENGTH 24
/* The key group is not below max-parallelism, or not one of the store's. */
#define KEYBED_KEY_GROUP_OUT_OF_RANGE 25
/* The output buffer is too small; nothing was written. */
#define KEYBED_BUFFER_TOO_SMALL 27
/* The output buffer is read-only. */
#define KEYBED_READ_ONLY_BUFFER 28
/* A direct buffer is needed. */
#define KEYBED_NOT_A_DIRECT_BUFFER 29
/* An option is unknown or its value is out of range. */
#define KEYBED_INVALID_OPTION 30
/* The store has no state of that name or id. */
#define KEYBED_STATE_NOT_FOUND 40
/* The state is already open in this session. */
#define KEYBED_STATE_ALREADY_OPEN 41
/* The state exists with another kind or namespace size. */
#define KEYBED_STATE_MISMATCH 42
/* The operation does not exist for this kind of state. */
#define KEYBED_WRONG_STATE_KIND 43
/* The operating system reported an I/O error. */
#define KEYBED_IO 60
/* The file system has no room left. */
#define KEYBED_STORAGE_FULL 61
/* Another store, in this process or another, has the directory open. */
#define KEYBED_LOCKED 62
/* The path is not a directory. */
#define KEYBED_NOT_A_DIRECTORY 63
/* The file or directory is not one of Keybed's. */
#define KEYBED_FOREIGN_FORMAT 64
/* The store or snapshot was written by a newer version. */
#define KEYBED_NEWER_FORMAT 65
/* Stored bytes are damaged. */
#define KEYBED_CORRUPTION 66
/* This library was built without that engine. */
#define KEYBED_ENGINE_UNAVAILABLE 67
/* The store was created with other fixed options. */
#define KEYBED_OPTIONS_MISMATCH 68
/* The storage engine reported an error. */
#define KEYBED_ENGINE 69
/* There is a store already, and error-if-exists is set. */
#define KEYBED_STORE_EXISTS 70
/* There is no store, and create-if-missing is not set. */
#define KEYBED_STORE_MISSING 71
/* There is something at the path of the new snapshot already; a snapshot is never overwritten. */
#define KEYBED_SNAPSHOT_EXISTS 72
/* The snapshots do not fit together, or do not fit what is asked of them: key groups overlap or are missing, or other keys. */
#define KEYBED_SNAPSHOT_MISMATCH 73
/* The memory budget is used up; nothing was changed. */
#define KEYBED_MEMORY_BUDGET 80
/* The system has no memory left. */
#define KEYBED_OUT_OF_MEMORY 81
/* The native library could not be loaded (raised by Java). */
#define KEYBED_LIBRARY_LOAD 90

/* Kinds of states. */
#define KEYBED_STATE_VALUE 0
#define KEYBED_STATE_LIST 1
#define KEYBED_STATE_MAP 2

/* Scopes of scans and clears: all entries of a key group, of a key, of a key and namespace (one map). */
#define KEYBED_SCOPE_GROUP 0
#define KEYBED_SCOPE_KEY 1
#define KEYBED_SCOPE_NAMESPACE 2


// A name and a value.
typedef struct {
  // Name of the option, NUL-terminated.
  const char *name;
  // Its value, NUL-terminated.
  const char *value;
} keybed_option_t;

// A store. Any thread may use it.
typedef uint64_t keybed_store_t;

// A session. Only the thread that owns it may use it.
typedef uint64_t keybed_session_t;

// A state opened in a session; valid in that session only.
typedef int32_t keybed_state_t;

// Bytes that somebody else owns. `data` may be NULL when `len` is 0.
typedef struct {
  // First byte.
  const uint8_t *data;
  // Number of bytes.
  size_t len;
} keybed_slice_t;

// One request of a multi-get.
typedef struct {
  // Key group.
  uint32_t group;
  // Key.
  keybed_slice_t key;
  // Namespace.
  keybed_slice_t name_space;
  // Map key; empty for other states.
  keybed_slice_t map_key;
} keybed_request_t;

// A scan. Only the thread that opened it may use it.
typedef uint64_t keybed_scan_t;

// A write batch. Only the thread that created it may use it.
typedef uint64_t keybed_batch_t;

// Some of a block's entries as three pieces of memory: written one after the other (writev) they are a block. Only the
// header is new; payload and index point into the block.
typedef struct {
  // The header.
  uint8_t header[20];
  // How many bytes of it count.
  size_t header_len;
  // Keys and values.
  keybed_slice_t payload;
  // Where they end.
  keybed_slice_t index;
} keybed_block_slice_t;

// A snapshot. Any thread may use it.
typedef uint64_t keybed_snapshot_t;

// A state, as snapshots have it.
typedef struct {
  // Its name, UTF-8.
  keybed_slice_t name;
  // One of KEYBED_STATE_*.
  int32_t kind;
  // Size of its namespaces: a number of bytes (0 = no namespaces), -1 for variable or -2 for delimited.
  int32_t namespace_size;
} keybed_state_info_t;

// What was written of a snapshot.
typedef struct {
  // Its id: 32 hexadecimal digits, NUL-terminated.
  char id[33];
  // Its length in bytes.
  uint64_t bytes;
  // Blocks of entries.
  uint64_t blocks;
  // Entries of all states; of changes, the deleted ones count.
  uint64_t entries;
} keybed_snapshot_summary_t;

// A stream of a snapshot. Any thread may use it, one at a time.
typedef uint64_t keybed_snapshot_stream_t;

// A stored snapshot. Any thread may use it.
typedef uint64_t keybed_stored_snapshot_t;

// What a stored snapshot is of.
typedef struct {
  // Its id: 32 hexadecimal digits, NUL-terminated.
  char id[33];
  // Of changes: the id of the snapshot that they follow. Of a full snapshot: empty.
  char base[33];
  // The engine that held the state, such as "table". Never freed.
  const char *engine;
  // The option key-encoding of its store, such as "ordered". Never freed.
  const char *key_encoding;
  // The option max-parallelism of its store.
  uint32_t max_parallelism;
  // The option key-size of its store; -1 for variable, -2 for delimited.
  int32_t key_size;
  // The first key group that it holds.
  uint32_t first_group;
  // The last one.
  uint32_t last_group;
  // Number of states.
  uint32_t states;
  // Number of files; 1 unless it is a directory.
  uint32_t files;
  // Length of all files in bytes.
  uint64_t bytes;
  // Blocks of entries; 0 of a directory, which does not say.
  uint64_t blocks;
  // Entries of all states; of changes, the deleted ones count; 0 of a directory, which does not say.
  uint64_t entries;
} keybed_snapshot_info_t;

// A scan of a stored snapshot. Only the thread that opened it may use it.
typedef uint64_t keybed_stored_scan_t;

// A series of snapshots. Any thread may use it.
typedef uint64_t keybed_snapshot_series_t;

// A snapshot of a series that is still to be written. Any thread may use it.
typedef uint64_t keybed_prepared_snapshot_t;

// A description of the files of a snapshot of a series. Any thread may use it.
typedef uint64_t keybed_snapshot_files_t;

// A file of a snapshot of a series.
typedef struct {
  // Its name in the directory.
  keybed_slice_t name;
  // Files of the same identity are the same, whatever snapshots they are in: 32 hexadecimal digits, NUL-terminated.
  char identity[33];
  // Its length.
  uint64_t bytes;
  // The checksum of all its bytes.
  uint32_t crc32c;
  // Other snapshots may have it, too.
  bool shared;
  // It has entries, and they are of key groups first_group to last_group.
  bool has_groups;
  // The first key group that has entries in it.
  uint32_t first_group;
  // The last one.
  uint32_t last_group;
} keybed_snapshot_file_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of this binary interface: KEYBED_ABI_VERSION of the header the library was built with.
uint32_t keybed_abi_version(void);

// The version of the library, such as "0.1.0". Never freed.
const char *keybed_version(void);

// What the library was built with, comma-separated, such as "rocks". Never freed.
const char *keybed_features(void);

// The message of the last call that failed on this thread, NUL-terminated UTF-8, or NULL if none has. Valid until the
// next call fails on this thread. It is for people; decide by the status.
const char *keybed_last_error_message(void);

// The name of a status, such as "KEYBED_LOCKED"; "KEYBED_UNKNOWN" for a number that is none. Never freed.
const char *keybed_status_name(int32_t status);

// The key group of an object with this Java hash code, as Flink assigns it: murmur(java_hash) % max_parallelism.
//
// KEYBED_INVALID_ARGUMENT unless max_parallelism is 1 to 32768.
//
// Memory: `group` must be NULL or writable.
int32_t keybed_key_group(int32_t java_hash,
                         uint32_t max_parallelism,
                         uint32_t *group);

// Opens the store in directory `path`, making it when there is none. `options` are `count` names and values; the README
// lists them.
//
// KEYBED_NOT_A_DIRECTORY, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, KEYBED_CORRUPTION, KEYBED_LOCKED (another store
// has the directory open, here or in another process), KEYBED_OPTIONS_MISMATCH, KEYBED_INVALID_OPTION,
// KEYBED_ENGINE_UNAVAILABLE, KEYBED_IO, KEYBED_STORAGE_FULL, KEYBED_ENGINE. `*store` is untouched then.
//
// Memory: `path`, and the names and values of `options`, must be NULL or NUL-terminated; `options` must be readable for `count`
// elements; `store` must be NULL or writable.
int32_t keybed_store_open(const char *path,
                          const keybed_option_t *options,
                          size_t count,
                          keybed_store_t *store);

// Makes the store in directory `path`, a new or empty one, with what the snapshots at `snapshots` hold of the key groups
// that the option `key-groups` names; each of these must be in exactly one of the `snapshot_count` snapshots. A snapshot is a
// file or a directory. On RocksDB the store is on disk afterwards, a table is after the next flush.
//
// KEYBED_STORE_EXISTS, KEYBED_SNAPSHOT_MISMATCH, KEYBED_CORRUPTION, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, and those of
// keybed_store_open. Nothing is left then.
//
// Memory: As keybed_store_open; `snapshots` must be readable for `snapshot_count` elements, each NULL or NUL-terminated.
int32_t keybed_store_restore(const char *path,
                             const keybed_option_t *options,
                             size_t count,
                             const char *const *snapshots,
                             size_t snapshot_count,
                             keybed_store_t *store);

// Flushes and closes a store. Its sessions and scans are refused from now on (KEYBED_CLOSED); the files are let go when
// the last of them is closed. Closing a closed store is no error. A failed flush is reported, and the store is closed all the
// same.
int32_t keybed_store_close(keybed_store_t store);

// Writes everything that is only in memory to files, and waits for it.
int32_t keybed_store_flush(keybed_store_t store);

// A number about a store, such as "memory-used-bytes", of this moment; the README lists the names. Costs next to nothing, and may
// be asked for by any thread.
//
// KEYBED_INVALID_ARGUMENT if the engine has no figure of that name; `*value` is untouched then.
//
// Memory: `name` must be NULL or NUL-terminated; `value` must be NULL or writable.
int32_t keybed_store_figure(keybed_store_t store,
                            const char *name,
                            uint64_t *value);

// Opens a session, owned by the calling thread.
//
// Memory: `session` must be NULL or writable.
int32_t keybed_session_open(keybed_store_t store, keybed_session_t *session);

// Closes a session. Closing a closed session is no error; KEYBED_WRONG_THREAD unless the caller owns it or it has been
// released.
int32_t keybed_session_close(keybed_session_t session);

// Gives up ownership of a session, so that another thread can acquire it.
int32_t keybed_session_release(keybed_session_t session);

// Takes ownership of a released session.
int32_t keybed_session_acquire(keybed_session_t session);

// Opens a state, making it when the store has none of that name. `kind` is one of KEYBED_STATE_*; `namespace_size` is a
// number of bytes (0 = no namespaces), -1 for variable or -2 for delimited.
//
// KEYBED_STATE_ALREADY_OPEN when this session has it open; KEYBED_STATE_MISMATCH when it exists with another kind or
// namespace size.
//
// Memory: `name` must be NULL or NUL-terminated; `state` must be NULL or writable.
int32_t keybed_state_open(keybed_session_t session,
                          const char *name,
                          int32_t kind,
                          int32_t namespace_size,
                          keybed_state_t *state);

// Makes `key` in key group `group` the current key of the session. Its encoded form is kept until the next call.
//
// KEYBED_EMPTY_KEY, KEYBED_KEY_PART_LENGTH, KEYBED_KEY_GROUP_OUT_OF_RANGE, KEYBED_KEY_TOO_LARGE; there is no current key
// then.
//
// Memory: `key` must be readable.
int32_t keybed_set_key(keybed_session_t session,
                       uint32_t group,
                       keybed_slice_t key);

// Copies the value of the current key to `out` and sets `*len` to its length. KEYBED_ABSENT when there is none.
// KEYBED_BUFFER_TOO_SMALL when it is longer than `capacity`: `*len` is set, nothing is copied. `map_key` is empty for
// states that are no maps.
//
// Memory: `name_space` and `map_key` must be readable, `out` writable for `capacity` bytes, `len` NULL or writable.
int32_t keybed_get(keybed_session_t session,
                   keybed_state_t state,
                   keybed_slice_t name_space,
                   keybed_slice_t map_key,
                   uint8_t *out,
                   size_t capacity,
                   size_t *len);

// KEYBED_OK when the current key has a value, KEYBED_ABSENT when it has none.
//
// Memory: `name_space` and `map_key` must be readable.
int32_t keybed_contains(keybed_session_t session,
                        keybed_state_t state,
                        keybed_slice_t name_space,
                        keybed_slice_t map_key);

// Sets the value of the current key. KEYBED_VALUE_TOO_LARGE above the store's max-value-bytes.
//
// Memory: `name_space`, `map_key` and `value` must be readable.
int32_t keybed_put(keybed_session_t session,
                   keybed_state_t state,
                   keybed_slice_t name_space,
                   keybed_slice_t map_key,
                   keybed_slice_t value);

// Adds `delta` to the number that the current key has, 8 bytes big-endian, and sets `*sum` to the result, which wraps. An
// absent number counts as 0. One call in place of a get and a put.
//
// KEYBED_WRONG_STATE_KIND for list states; KEYBED_INVALID_ARGUMENT when the value has not 8 bytes: it stays as it is.
//
// Memory: `name_space` and `map_key` must be readable; `sum` must be NULL or writable.
int32_t keybed_add_i64(keybed_session_t session,
                       keybed_state_t state,
                       keybed_slice_t name_space,
                       keybed_slice_t map_key,
                       int64_t delta,
                       int64_t *sum);

// Appends an element to a list state; elements are joined by ','. KEYBED_WRONG_STATE_KIND for other states.
//
// Memory: `name_space` and `element` must be readable.
int32_t keybed_append(keybed_session_t session,
                      keybed_state_t state,
                      keybed_slice_t name_space,
                      keybed_slice_t element);

// Removes the value of the current key; no error when there is none.
//
// Memory: `name_space` and `map_key` must be readable.
int32_t keybed_delete(keybed_session_t session,
                      keybed_state_t state,
                      keybed_slice_t name_space,
                      keybed_slice_t map_key);

// Removes all entries of a scope, all or none: of key group `group` (KEYBED_SCOPE_GROUP), of the current key
// (KEYBED_SCOPE_KEY), or of the current key in namespace `name_space` (KEYBED_SCOPE_NAMESPACE).
//
// Memory: `name_space` must be readable.
int32_t keybed_clear(keybed_session_t session,
                     keybed_state_t state,
                     int32_t scope,
                     uint32_t group,
                     keybed_slice_t name_space);

// Writes the composite key of the current key, as the engine sees it, to `out` and sets `*len`.
// KEYBED_BUFFER_TOO_SMALL as in keybed_get.
//
// Memory: As keybed_get.
int32_t keybed_composite_key(keybed_session_t session,
                             keybed_state_t state,
                             keybed_slice_t name_space,
                             keybed_slice_t map_key,
                             uint8_t *out,
                             size_t capacity,
                             size_t *len);

// Answers `requests[from..count]` in order with one block in `out`, and sets `*len` to the block's length. Entry keys
// are one byte: 1 found, 0 absent. keybed_block_info says how many were answered; go on with `from` raised by that. The
// current key stays as it is.
//
// Memory: `requests` and the slices in it must be readable; `out` writable for `capacity` bytes; `len` NULL or writable.
int32_t keybed_multi_get(keybed_session_t session,
                         keybed_state_t state,
                         const keybed_request_t *requests,
                         size_t count,
                         size_t from,
                         uint8_t *out,
                         size_t capacity,
                         size_t *len);

// Opens a scan over all entries of a scope, in byte order: of key group `group` (KEYBED_SCOPE_GROUP), of the current key
// (KEYBED_SCOPE_KEY), or of the current key in namespace `name_space` (KEYBED_SCOPE_NAMESPACE). It sees the state as it
// is now. It keeps files and memory of the engine in use until it is closed.
//
// Memory: `name_space` must be readable; `scan` must be NULL or writable.
int32_t keybed_scan_open(keybed_session_t session,
                         keybed_state_t state,
                         int32_t scope,
                         uint32_t group,
                         keybed_slice_t name_space,
                         keybed_scan_t *scan);

// The next entry: its key without the scanned prefix (for KEYBED_SCOPE_NAMESPACE of a map state the map key), and its
// value. KEYBED_ABSENT at the end. Both point into the scan's memory and are valid until the next call on the scan.
//
// Memory: `key` and `value` must be NULL or writable.
int32_t keybed_scan_next(keybed_scan_t scan,
                         keybed_slice_t *key,
                         keybed_slice_t *value);

// Closes a scan. Closing a closed scan is no error.
int32_t keybed_scan_close(keybed_scan_t scan);

// Creates an empty write batch, owned by the calling thread.
//
// Memory: `batch` must be NULL or writable.
int32_t keybed_batch_create(keybed_batch_t *batch);

// Adds a put of the session's current key. Key and value are copied at once.
//
// KEYBED_FOREIGN_HANDLE when the batch holds operations of another session.
//
// Memory: `name_space`, `map_key` and `value` must be readable.
int32_t keybed_batch_put(keybed_batch_t batch,
                         keybed_session_t session,
                         keybed_state_t state,
                         keybed_slice_t name_space,
                         keybed_slice_t map_key,
                         keybed_slice_t value);

// Adds an append to a list of the session's current key. Key and element are copied at once.
//
// Memory: `name_space` and `element` must be readable.
int32_t keybed_batch_append(keybed_batch_t batch,
                            keybed_session_t session,
                            keybed_state_t state,
                            keybed_slice_t name_space,
                            keybed_slice_t element);

// Adds a delete of the session's current key. The key is copied at once.
//
// Memory: `name_space` and `map_key` must be readable.
int32_t keybed_batch_delete(keybed_batch_t batch,
                            keybed_session_t session,
                            keybed_state_t state,
                            keybed_slice_t name_space,
                            keybed_slice_t map_key);

// Forgets all operations of a batch.
int32_t keybed_batch_clear(keybed_batch_t batch);

// Applies all operations of a batch in order, all or none, and clears it. On an error the batch stays as it is.
int32_t keybed_batch_commit(keybed_batch_t batch,
                            keybed_session_t session);

// Destroys a batch; what was not committed is discarded. Destroying a destroyed batch is no error.
int32_t keybed_batch_destroy(keybed_batch_t batch);

// What a block holds: `*count` entries, whether more follow (`*more`), and, when there is none because the next one
// does not fit, the buffer length that it needs (`*needed`, else 0). KEYBED_CORRUPTION when it is no block.
//
// Memory: `block` must be readable, the others NULL or writable.
int32_t keybed_block_info(keybed_slice_t block,
                          size_t *count,
                          bool *more,
                          size_t *needed);

// Key and value of entry `index` of a block, pointing into it. KEYBED_ABSENT behind the last entry.
//
// Memory: `block` must be readable, and stay so while key and value are used; `key` and `value` NULL or writable.
int32_t keybed_block_entry(keybed_slice_t block,
                           size_t index,
                           keybed_slice_t *key,
                           keybed_slice_t *value);

// The entries from number `from` to before number `to` of a block, as a block in three pieces; nothing is copied.
// KEYBED_INVALID_ARGUMENT when the block has no such range.
//
// Memory: `block` must be readable, and stay so while payload and index are used; `slice` NULL or writable.
int32_t keybed_block_slice(keybed_slice_t block,
                           size_t from,
                           size_t to,
                           keybed_block_slice_t *slice);

// Opens a snapshot: what all states hold now, to be read by any thread while sessions go on, and after the store is closed.
// It keeps what is overwritten from now on, in memory or in files, until its key groups are released or it is closed.
//
// Memory: `snapshot` must be NULL or writable.
int32_t keybed_snapshot_open(keybed_store_t store,
                             keybed_snapshot_t *snapshot);

// The key groups that the snapshot's store may hold, from `*first` to `*last`.
//
// Memory: `first` and `last` must be NULL or writable.
int32_t keybed_snapshot_key_groups(keybed_snapshot_t snapshot, uint32_t *first, uint32_t *last);

// State number `index` of a snapshot, from 0 on; its name is valid until the snapshot is closed. KEYBED_ABSENT behind the
// last.
//
// Memory: `state` must be NULL or writable.
int32_t keybed_snapshot_state(keybed_snapshot_t snapshot,
                              size_t index,
                              keybed_state_info_t *state);

// Number of entries of a key group of a state: known to the engine table, counted one by one by rocks.
//
// KEYBED_STATE_NOT_FOUND, KEYBED_KEY_GROUP_OUT_OF_RANGE, KEYBED_CLOSED when the key group has been released.
//
// Memory: `state` must be NULL or NUL-terminated; `count` must be NULL or writable.
int32_t keybed_snapshot_count(keybed_snapshot_t snapshot,
                              const char *state,
                              uint32_t group,
                              uint64_t *count);

// Lets go of a key group of a state, so that the store need no longer keep it. Releasing it twice is no error.
//
// Memory: `state` must be NULL or NUL-terminated.
int32_t keybed_snapshot_release(keybed_snapshot_t snapshot,
                                const char *state,
                                uint32_t group);

// Writes a snapshot to a new file, whole or not at all. `options` are `count` names and values; the README lists them.
//
// KEYBED_SNAPSHOT_EXISTS when there is something at `path`, KEYBED_LOCKED while another snapshot of that name is written,
// KEYBED_INVALID_OPTION, KEYBED_KEY_GROUP_OUT_OF_RANGE, KEYBED_IO, KEYBED_STORAGE_FULL.
//
// Memory: `path`, and the names and values of `options`, must be NULL or NUL-terminated; `options` must be readable for `count`
// elements; `summary` must be NULL or writable.
int32_t keybed_snapshot_write(keybed_snapshot_t snapshot,
                              const char *path,
                              const keybed_option_t *options,
                              size_t count,
                              keybed_snapshot_summary_t *summary);

// Closes a snapshot; its streams go on. Closing a closed snapshot is no error.
int32_t keybed_snapshot_close(keybed_snapshot_t snapshot);

// Opens a stream of a snapshot, which gives the bytes of a snapshot file block by block. `options` are `count` names and
// values; the README lists them. The stream goes on when snapshot and store are closed.
//
// Memory: `options` must be readable for `count` elements, their names and values NULL or NUL-terminated; `stream` must be NULL or
// writable.
int32_t keybed_snapshot_stream_open(keybed_snapshot_t snapshot,
                                    const keybed_option_t *options,
                                    size_t count,
                                    keybed_snapshot_stream_t *stream);

// Writes the next block to `out` and sets `*len` to its length. KEYBED_ABSENT at the end. KEYBED_BUFFER_TOO_SMALL when
// `capacity` is too small: `*len` is what it needs, and the call may be repeated. 320 KiB are enough for the default
// block-bytes and entries of that size.
//
// KEYBED_WRONG_THREAD while another thread is in a call on the stream; KEYBED_CLOSED when a key group that is still to come
// has been released, or an earlier call failed.
//
// Memory: `out` must be writable for `capacity` bytes, `len` NULL or writable.
int32_t keybed_snapshot_stream_next(keybed_snapshot_stream_t stream,
                                    uint8_t *out,
                                    size_t capacity,
                                    size_t *len);

// What the stream has given so far; after its end, all of the snapshot.
//
// Memory: `summary` must be NULL or writable.
int32_t keybed_snapshot_stream_summary(keybed_snapshot_stream_t stream,
                                       keybed_snapshot_summary_t *summary);

// Closes a stream, at its end or before; any thread may, and a call that runs on another comes to its end. Closing a closed
// stream is no error.
int32_t keybed_snapshot_stream_close(keybed_snapshot_stream_t stream);

// Opens the snapshot in a file. Its head and its index are checked now, its blocks when they are read.
//
// KEYBED_IO, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, KEYBED_CORRUPTION (the message names file and position).
//
// Memory: `path` must be NULL or NUL-terminated; `stored` must be NULL or writable.
int32_t keybed_stored_snapshot_open(const char *path,
                                    keybed_stored_snapshot_t *stored);

// What a stored snapshot is of.
//
// Memory: `info` must be NULL or writable.
int32_t keybed_stored_snapshot_info(keybed_stored_snapshot_t stored, keybed_snapshot_info_t *info);

// State number `index` of a stored snapshot, from 0 on, and how many entries it has; its name is valid until the snapshot is
// closed. KEYBED_ABSENT behind the last.
//
// Memory: `state` and `entries` must be NULL or writable.
int32_t keybed_stored_snapshot_state(keybed_stored_snapshot_t stored,
                                     size_t index,
                                     keybed_state_info_t *state,
                                     uint64_t *entries);

// Copies the value of a key to `out` and sets `*len` to its length. Looks through the blocks that have its key group.
// KEYBED_ABSENT when there is none. KEYBED_BUFFER_TOO_SMALL as in keybed_get. KEYBED_SNAPSHOT_MISMATCH for a snapshot of
// changes.
//
// Memory: `state` must be NULL or NUL-terminated; `key`, `name_space` and `map_key` must be readable, `out` writable for `capacity`
// bytes, `len` NULL or writable.
int32_t keybed_stored_snapshot_get(keybed_stored_snapshot_t stored,
                                   const char *state,
                                   uint32_t group,
                                   keybed_slice_t key,
                                   keybed_slice_t name_space,
                                   keybed_slice_t map_key,
                                   uint8_t *out,
                                   size_t capacity,
                                   size_t *len);

// Closes a stored snapshot; its scans go on. Closing a closed one is no error.
int32_t keybed_stored_snapshot_close(keybed_stored_snapshot_t stored);

// Reads the snapshot in a file from its first byte to its last and checks all of it. The message of an error names file and
// position of the first damage. Errors as keybed_stored_snapshot_open.
//
// Memory: `path` must be NULL or NUL-terminated; `info` must be NULL or writable.
int32_t keybed_snapshot_verify(const char *path,
                               keybed_snapshot_info_t *info);

// Opens a scan over the entries that a state has in key groups `first_group` to `last_group`, in the order of the file: key
// group by key group; within one by the bytes of the keys if the engine was rocks.
//
// Memory: `state` must be NULL or NUL-terminated; `scan` must be NULL or writable.
int32_t keybed_stored_scan_open(keybed_stored_snapshot_t stored,
                                const char *state,
                                uint32_t first_group,
                                uint32_t last_group,
                                keybed_stored_scan_t *scan);

// The next entry: its key group, its composite key without the key group, its value, and, in a snapshot of changes, whether it
// was deleted. KEYBED_ABSENT at the end. Key and value point into the scan's memory and are valid until its next call.
//
// Memory: `group`, `key`, `value` and `deleted` must be NULL or writable.
int32_t keybed_stored_scan_next(keybed_stored_scan_t scan,
                                uint32_t *group,
                                keybed_slice_t *key,
                                keybed_slice_t *value,
                                bool *deleted);

// Closes a scan of a stored snapshot. Closing a closed scan is no error.
int32_t keybed_stored_scan_close(keybed_stored_scan_t scan);

// Opens a series of snapshots of a store: each is a directory that is complete by itself, and writes only what the ones before
// have not. `options` are `count` names and values; the README lists them.
//
// Memory: `options` must be readable for `count` elements, their names and values NULL or NUL-terminated; `series` must be NULL or
// writable.
int32_t keybed_snapshot_series_open(keybed_store_t store,
                                    const keybed_option_t *options,
                                    size_t count,
                                    keybed_snapshot_series_t *series);

// Fixes the moment of a snapshot, which will be in the new directory `path`. Write it with keybed_prepared_snapshot_finish, on
// any thread, while sessions go on; or close it, and it has never been.
//
// KEYBED_SNAPSHOT_EXISTS, KEYBED_LOCKED, KEYBED_CLOSED, KEYBED_IO, KEYBED_STORAGE_FULL.
//
// Memory: `path` must be NULL or NUL-terminated; `prepared` must be NULL or writable.
int32_t keybed_snapshot_series_prepare(keybed_snapshot_series_t series,
                                       const char *path,
                                       keybed_prepared_snapshot_t *prepared);

// Writes a prepared snapshot and says what its directory has; close both. Once only, whether it succeeds or not
// (KEYBED_CLOSED later). After an error there is no directory, and the series is as it was.
//
// Memory: `files` must be NULL or writable.
int32_t keybed_prepared_snapshot_finish(keybed_prepared_snapshot_t prepared,
                                        keybed_snapshot_files_t *files);

// Closes a prepared snapshot; one that was not finished has never been. Closing a closed one is no error.
int32_t keybed_prepared_snapshot_close(keybed_prepared_snapshot_t prepared);

// Closes a series; snapshots that were prepared can still be finished. Closing a closed series is no error.
int32_t keybed_snapshot_series_close(keybed_snapshot_series_t series);

// Reads what the snapshot in directory `path` has. With `verify`, also reads its files from the first byte to the last and
// checks their checksums; else only whether they are there and how long they are.
//
// KEYBED_IO, KEYBED_FOREIGN_FORMAT, KEYBED_NEWER_FORMAT, KEYBED_CORRUPTION (the message names the file).
//
// Memory: `path` must be NULL or NUL-terminated; `files` must be NULL or writable.
int32_t keybed_snapshot_files_open(const char *path,
                                   bool verify,
                                   keybed_snapshot_files_t *files);

// What the snapshot is of.
//
// Memory: `info` must be NULL or writable.
int32_t keybed_snapshot_files_info(keybed_snapshot_files_t files, keybed_snapshot_info_t *info);

// State number `index`, from 0 on; its name is valid until the description is closed. KEYBED_ABSENT behind the last.
//
// Memory: `state` must be NULL or writable.
int32_t keybed_snapshot_files_state(keybed_snapshot_files_t files,
                                    size_t index,
                                    keybed_state_info_t *state);

// File number `index`, from 0 on; its name is valid until the description is closed. KEYBED_ABSENT behind the last.
//
// Memory: `file` must be NULL or writable.
int32_t keybed_snapshot_files_file(keybed_snapshot_files_t files,
                                   size_t index,
                                   keybed_snapshot_file_t *file);

// Closes a description. Closing a closed one is no error.
int32_t keybed_snapshot_files_close(keybed_snapshot_files_t files);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* KEYBED_H */

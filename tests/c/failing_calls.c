/* Makes the n-th file operation below a directory fail. Loaded with LD_PRELOAD; KEYBED_FAIL_UNDER names the directory.
 *
 * A test says what is to fail by renaming a name that does not exist, and asks what came of it by reading a link:
 *
 *   rename  /keybed-fail/CLASSES/N/ERRNO/AGAIN   from now on the N-th call of these classes fails; AGAIN: and all after it
 *   readlink /keybed-fail                        no more failures; "CALLS FAILED", and the name of the call that failed first
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define CONTROL "/keybed-fail"
enum { CHANGES = 1, READS = 2 };

static atomic_int armed, classes, failing_errno, again;
static atomic_long calls, failed, at;
static _Atomic(const char *) first;

static int below(const char *path) {
    static const char *dir;
    if (!dir) dir = getenv("KEYBED_FAIL_UNDER");
    return dir && path && strncmp(path, dir, strlen(dir)) == 0;
}

static ssize_t (*real_readlink)(const char *, char *, size_t);

static int fd_below(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (!real_readlink) real_readlink = (ssize_t(*)(const char *, char *, size_t))dlsym(RTLD_NEXT, "readlink");
    ssize_t len = real_readlink(link, path, sizeof path - 1);
    if (len < 0) return 0;
    path[len] = 0;
    return below(path);
}

/* Whether this call is to fail. */
static int fails(int class, const char *name) {
    if (!armed || !(classes & class)) return 0;
    long n = ++calls;
    if (n != at && !(again && n > at)) return 0;
    if (failed++ == 0) first = name;
    errno = failing_errno;
    return 1;
}

#define REAL(type, name, ...)                                        \
    static type (*real)(__VA_ARGS__);                                \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define ON_FD(class, type, name, params, args, ...)                      \
    type name params {                                                   \
        REAL(type, name, __VA_ARGS__);                                   \
        if (armed && fd_below(fd) && fails(class, #name)) return -1;     \
        return real args;                                                \
    }

#define ON_PATHS(type, name, params, args, one, other, ...)                              \
    type name params {                                                                   \
        REAL(type, name, __VA_ARGS__);                                                   \
        if (armed && (below(one) || below(other)) && fails(CHANGES, #name)) return -1;   \
        return real args;                                                                \
    }

ON_FD(CHANGES, ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), int, const void *, size_t)
ON_FD(CHANGES, ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), int, const void *, size_t, off_t)
ON_FD(CHANGES, ssize_t, pwrite64, (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o), int, const void *, size_t, off64_t)
ON_FD(CHANGES, ssize_t, writev, (int fd, const struct iovec *v, int n), (fd, v, n), int, const struct iovec *, int)
ON_FD(CHANGES, int, fsync, (int fd), (fd), int)
ON_FD(CHANGES, int, fdatasync, (int fd), (fd), int)
ON_FD(CHANGES, int, ftruncate, (int fd, off_t n), (fd, n), int, off_t)
ON_FD(CHANGES, int, ftruncate64, (int fd, off64_t n), (fd, n), int, off64_t)
ON_FD(READS, ssize_t, read, (int fd, void *b, size_t n), (fd, b, n), int, void *, size_t)
ON_FD(READS, ssize_t, pread, (int fd, void *b, size_t n, off_t o), (fd, b, n, o), int, void *, size_t, off_t)
ON_FD(READS, ssize_t, pread64, (int fd, void *b, size_t n, off64_t o), (fd, b, n, o), int, void *, size_t, off64_t)

ON_PATHS(int, link, (const char *a, const char *b), (a, b), a, b, const char *, const char *)
ON_PATHS(int, linkat, (int f, const char *a, int g, const char *b, int k), (f, a, g, b, k), a, b, int, const char *, int, const char *, int)
ON_PATHS(int, mkdir, (const char *a, mode_t m), (a, m), a, a, const char *, mode_t)

ssize_t copy_file_range(int in, off64_t *a, int fd, off64_t *b, size_t n, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    if (armed && fd_below(fd) && fails(CHANGES, "copy_file_range")) return -1;
    return real(in, a, fd, b, n, flags);
}

int rename(const char *a, const char *b) {
    REAL(int, rename, const char *, const char *);
    if (strncmp(a, CONTROL "/", strlen(CONTROL) + 1) == 0) {
        int c, e, g;
        long n;
        if (sscanf(a + strlen(CONTROL), "/%d/%ld/%d/%d", &c, &n, &e, &g) != 4) return -1;
        classes = c;
        at = n;
        failing_errno = e;
        again = g;
        calls = 0;
        failed = 0;
        first = "";
        armed = 1;
        return 0;
    }
    if (armed && (below(a) || below(b)) && fails(CHANGES, "rename")) return -1;
    return real(a, b);
}

ssize_t readlink(const char *path, char *out, size_t size) {
    if (!real_readlink) real_readlink = (ssize_t(*)(const char *, char *, size_t))dlsym(RTLD_NEXT, "readlink");
    if (strcmp(path, CONTROL) != 0) return real_readlink(path, out, size);
    armed = 0;
    char text[128];
    int len = snprintf(text, sizeof text, "%ld %ld %s", (long)calls, (long)failed, failed ? first : "-");
    memcpy(out, text, (size_t)len < size ? (size_t)len : size);
    return (size_t)len < size ? len : (ssize_t)size;
}

/* Opening counts when it may make or cut a file. */
#define OPEN(name)                                                                                          \
    int name(const char *path, int flags, ...) {                                                            \
        REAL(int, name, const char *, int, ...);                                                            \
        mode_t mode = 0;                                                                                    \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                                \
            va_list list;                                                                                   \
            va_start(list, flags);                                                                          \
            mode = va_arg(list, mode_t);                                                                    \
            va_end(list);                                                                                   \
        }                                                                                                   \
        int class = flags & (O_CREAT | O_TRUNC) ? CHANGES : READS;                                          \
        if (armed && below(path) && fails(class, #name)) return -1;                                         \
        return real(path, flags, mode);                                                                     \
    }
OPEN(open)
OPEN(open64)

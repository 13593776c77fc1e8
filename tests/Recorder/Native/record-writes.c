/*
 * Preloaded into a process: writes down, in order, everything that process asks of the files below $RECORD_DIR that
 * could be lost by a power cut, so that a test can make the states a disk may be left in.
 *
 * $RECORD_LOG is a sequence of records, numbers little endian:
 *   1 byte operation: 'o' opened or made, 'w' written, 't' cut to a length, 's' synced, 'd' synced a directory,
 *                     'e' a sync that failed: what it was asked for is dropped, as Linux does, and no later one has it,
 *                     'u' unlinked, 'r' renamed, 'a' the process printed "kept N": what went before is acknowledged
 *   2 bytes length of the name, the name within the directory (for 'r' two names with a zero byte between)
 *   8 bytes offset or length, 4 bytes length of the content, the content
 *
 * It can also fail: of the writes, cuts, syncs, renames and deletions below $RECORD_DIR the one with number $FAIL_FROM,
 * from 0, and the next $FAIL_COUNT - 1 give the error $FAIL_ERRNO; with $FAIL_SHORT a write does half of its work.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define MAX_FD 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *names[MAX_FD];
static int log_fd = -1;
static const char *directory;
static size_t directory_length;
static long fail_from = -1, fail_count, fail_errno, fail_short, operations;

static long number(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

__attribute__((constructor)) static void begin(void)
{
    fail_from = number("FAIL_FROM", -1);
    fail_count = number("FAIL_COUNT", 1);
    fail_errno = number("FAIL_ERRNO", EIO);
    fail_short = number("FAIL_SHORT", 0);
    directory = getenv("RECORD_DIR");
    directory_length = directory ? strlen(directory) : 0;
    const char *log = getenv("RECORD_LOG");
    if (log) {
        log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

static const char *inside(const char *path)
{
    if (!directory || strncmp(path, directory, directory_length) != 0) {
        return NULL;
    }

    return path[directory_length] == '/' ? path + directory_length + 1 : path[directory_length] == 0 ? "" : NULL;
}

static void put(char op, const char *name, size_t name_length, uint64_t at, const void *bytes, uint32_t count)
{
    unsigned char head[3] = { op, name_length & 255, name_length >> 8 };
    syscall(SYS_write, log_fd, head, 3);
    syscall(SYS_write, log_fd, name, name_length);
    syscall(SYS_write, log_fd, &at, 8);
    syscall(SYS_write, log_fd, &count, 4);
    syscall(SYS_write, log_fd, bytes, count);
}

static void opened(int fd, const char *path)
{
    const char *name = fd >= 0 && fd < MAX_FD ? inside(path) : NULL;
    if (name) {
        pthread_mutex_lock(&lock);
        names[fd] = strdup(name);
        if (log_fd >= 0) {
            put('o', name, strlen(name), 0, "", 0);
        }

        pthread_mutex_unlock(&lock);
    }
}

/* True when the operation that is about to be done is one that fails; errno is set then. */
static int fails(void)
{
    long now = __atomic_fetch_add(&operations, 1, __ATOMIC_RELAXED);
    if (fail_from < 0 || now < fail_from || now >= fail_from + fail_count) {
        return 0;
    }

    errno = fail_errno;
    return 1;
}

static int is_inside(int fd)
{
    return fd >= 0 && fd < MAX_FD && names[fd];
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                              \
    int name(const char *path, int flags, ...)                  \
    {                                                           \
        va_list rest;                                           \
        va_start(rest, flags);                                  \
        mode_t mode = va_arg(rest, mode_t);                     \
        va_end(rest);                                           \
        int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name); \
        int fd = real(path, flags, mode);                       \
        opened(fd, path);                                       \
        return fd;                                              \
    }

OPEN(open)
OPEN(open64)

int close(int fd)
{
    REAL(close);
    pthread_mutex_lock(&lock);
    if (is_inside(fd)) {
        free(names[fd]);
        names[fd] = NULL;
    }

    pthread_mutex_unlock(&lock);
    return real(fd);
}

static void note(int fd, char op, uint64_t at, const void *bytes, uint32_t count)
{
    if (is_inside(fd) && log_fd >= 0) {
        pthread_mutex_lock(&lock);
        put(op == 's' && names[fd][0] == 0 ? 'd' : op, names[fd], strlen(names[fd]), at, bytes, count);
        pthread_mutex_unlock(&lock);
    }
}

#define PWRITE(name, offset_type)                                               \
    ssize_t name(int fd, const void *bytes, size_t count, offset_type offset)   \
    {                                                                           \
        REAL(name);                                                             \
        if (is_inside(fd) && fails()) {                                         \
            if (!fail_short) {                                                  \
                return -1;                                                      \
            }                                                                   \
            count /= 2;                                                         \
        }                                                                       \
        ssize_t written = real(fd, bytes, count, offset);                       \
        if (written > 0) {                                                      \
            note(fd, 'w', offset, bytes, written);                              \
        }                                                                       \
        return written;                                                         \
    }

PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *bytes, size_t count)
{
    REAL(write);
    if (log_fd >= 0 && count > 5 && memcmp(bytes, "kept ", 5) == 0) {
        pthread_mutex_lock(&lock);
        put('a', "", 0, 0, bytes, count);
        pthread_mutex_unlock(&lock);
    }

    /* .NET prints to a copy of its standard output, so the text tells and not the descriptor. */
    return real(fd, bytes, count);
}

#define TRUNCATE(name, offset_type)         \
    int name(int fd, offset_type length)    \
    {                                       \
        REAL(name);                         \
        if (is_inside(fd) && fails()) {     \
            return -1;                      \
        }                                   \
        int result = real(fd, length);      \
        if (result == 0) {                  \
            note(fd, 't', length, "", 0);   \
        }                                   \
        return result;                      \
    }

TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(name)                      \
    int name(int fd)                    \
    {                                   \
        REAL(name);                     \
        if (is_inside(fd) && fails()) { \
            note(fd, 'e', 0, "", 0);    \
            errno = fail_errno;         \
            return -1;                  \
        }                               \
        int result = real(fd);          \
        if (result == 0) {              \
            note(fd, 's', 0, "", 0);    \
        }                               \
        return result;                  \
    }

SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path)
{
    REAL(unlink);
    const char *name = inside(path);
    int result = name && fails() ? -1 : real(path);
    if (result == 0 && name && log_fd >= 0) {
        pthread_mutex_lock(&lock);
        put('u', name, strlen(name), 0, "", 0);
        pthread_mutex_unlock(&lock);
    }

    return result;
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    const char *a = inside(from), *b = inside(to);
    int result = a && b && fails() ? -1 : real(from, to);
    if (result == 0 && a && b && log_fd >= 0) {
        char both[1024];
        int length = snprintf(both, sizeof both, "%s", a) + 1;
        length += snprintf(both + length, sizeof both - length, "%s", b);
        pthread_mutex_lock(&lock);
        put('r', both, length, 0, "", 0);
        pthread_mutex_unlock(&lock);
    }

    return result;
}

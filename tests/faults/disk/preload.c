/* Stands between a program (SQLite in it) and libc: keeps a log of what is written and synced below
 * one directory, and makes the n-th such operation fail, or kill the process.
 *
 * Loaded with LD_PRELOAD; driven by environment (tests.faults.disk.preload) or, in the process, by
 * disk_watch, disk_fault, disk_count. 64-bit Linux. Not seen: vectored writes, sendfile, mmap (of
 * SQLite only the -shm, which no promise rests on), what libc's own stdio writes.
 *
 * An operation and its line in the log are one step under one lock, so the log's order is the
 * order in which things happened.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == 8, "64-bit offsets only");

/* Kinds of operation, as they stand in the log and in a fault's `kinds`. */
enum {
    CREATED = 'c',
    EMPTIED = 'e', /* opened with O_TRUNC */
    WRITTEN = 'w',
    SIZED = 't',
    SYNCED = 's',
    SYNC_FAILED = 'f',
    UNLINKED = 'u',
    RENAMED = 'r',
};

struct record { /* tests.faults.disk.writelog reads it */
    uint8_t kind;
    uint8_t unused[3];
    uint32_t path_length;
    uint64_t offset; /* of the write; the new size */
    uint64_t data_length;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char under[PATH_MAX];
static int log_file = -1;

static struct {
    char kinds[16];  /* which kinds count; empty: no fault is armed */
    char suffix[32]; /* of the file's name; empty: all */
    long nth;        /* from 1 */
    int error;       /* errno, or -SIGKILL */
    char until[PATH_MAX]; /* it lasts while this file exists; empty: it strikes once */
    long seen;
} fault;

static int raw_open(const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* The path relative to the directory that is watched, or NULL for any other. */
static const char *inside(const char *path) {
    size_t length = strlen(under);
    if (length == 0 || strncmp(path, under, length) != 0) return NULL;
    if (path[length] == '\0') return ".";
    return path[length] == '/' ? path + length + 1 : NULL;
}

static const char *inside_absolute(const char *path, char *room) {
    if (path[0] == '/') return inside(path);
    char here[PATH_MAX];
    if (getcwd(here, sizeof here) == NULL) return NULL;
    if (snprintf(room, PATH_MAX, "%s/%s", here, path) >= PATH_MAX) return NULL;
    return inside(room);
}

/* What is unlinked and still open has " (deleted)" behind its name: no crash brings it back. */
static const char *inside_open(int file, char *room) {
    if (under[0] == '\0') return NULL;
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, room, PATH_MAX - 1);
    if (length <= 0) return NULL;
    room[length] = '\0';
    static const char gone[] = " (deleted)";
    size_t tail = sizeof gone - 1;
    if ((size_t)length > tail && strcmp(room + length - tail, gone) == 0) return NULL;
    return inside(room);
}

static void note(int kind, const char *path, uint64_t offset, const void *data, size_t length) {
    if (log_file < 0) return;
    struct record head = {.kind = (uint8_t)kind,
                          .path_length = (uint32_t)strlen(path),
                          .offset = offset,
                          .data_length = length};
    syscall(SYS_write, log_file, &head, sizeof head);
    syscall(SYS_write, log_file, path, strlen(path));
    if (length > 0) syscall(SYS_write, log_file, data, length);
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* The errno with which this operation is to fail, 0 for none. What the program notes about itself
 * (*.notes) never fails. */
static int struck(int kind, const char *path) {
    if (strchr(fault.kinds, kind) == NULL || fault.kinds[0] == '\0') return 0;
    if (ends_with(path, ".notes") || !ends_with(path, fault.suffix)) return 0;
    fault.seen += 1;
    if (fault.seen < fault.nth) return 0;
    if (fault.until[0] == '\0') {
        if (fault.seen > fault.nth) return 0;
    } else if (syscall(SYS_faccessat, AT_FDCWD, fault.until, F_OK) != 0) {
        return 0;
    }
    if (fault.error < 0) syscall(SYS_kill, getpid(), -fault.error);
    return fault.error;
}

void disk_watch(const char *directory, const char *log) {
    pthread_mutex_lock(&lock);
    if (log_file >= 0) close(log_file);
    snprintf(under, sizeof under, "%s", directory);
    log_file = log[0] == '\0' ? -1
        : raw_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    pthread_mutex_unlock(&lock);
}

void disk_fault(const char *kinds, const char *suffix, long nth, int error, const char *until) {
    pthread_mutex_lock(&lock);
    snprintf(fault.kinds, sizeof fault.kinds, "%s", kinds);
    snprintf(fault.suffix, sizeof fault.suffix, "%s", suffix);
    snprintf(fault.until, sizeof fault.until, "%s", until);
    fault.nth = nth;
    fault.error = error;
    fault.seen = 0;
    pthread_mutex_unlock(&lock);
}

/* Operations that a fault's `kinds` and `suffix` have matched since it was armed. */
long disk_count(void) {
    pthread_mutex_lock(&lock);
    long seen = fault.seen;
    pthread_mutex_unlock(&lock);
    return seen;
}

static const char *set_to(const char *name) {
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

__attribute__((constructor)) static void begin(void) {
    if (set_to("DISK_UNDER")[0] == '\0') return;
    disk_watch(set_to("DISK_UNDER"), set_to("DISK_LOG"));
    if (set_to("DISK_KINDS")[0] == '\0') return;
    disk_fault(set_to("DISK_KINDS"), set_to("DISK_SUFFIX"), atol(set_to("DISK_NTH")),
               atoi(set_to("DISK_ERROR")), set_to("DISK_UNTIL"));
}

/* From here on the symbols that programs call. */

static int opened(const char *path, int flags, mode_t mode) {
    if (!(flags & (O_CREAT | O_TRUNC)) || under[0] == '\0') return raw_open(path, flags, mode);
    char room[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = inside_absolute(path, room);
    int was_there = name == NULL || syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
    int error = name != NULL && !was_there ? struck(CREATED, name) : 0;
    int file = -1;
    if (error != 0) {
        errno = error;
    } else {
        file = raw_open(path, flags, mode);
    }
    if (file >= 0 && name != NULL) {
        if (!was_there) note(CREATED, name, 0, NULL, 0);
        else if (flags & O_TRUNC) note(EMPTIED, name, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return file;
}

#define OPEN(name)                               \
    int name(const char *path, int flags, ...) { \
        va_list rest;                            \
        va_start(rest, flags);                   \
        mode_t mode = va_arg(rest, mode_t);      \
        va_end(rest);                            \
        return opened(path, flags, mode);        \
    }
OPEN(open)
OPEN(open64)

/* A write that fails has put down the first half, as a disk that fills up in the middle does. */
static ssize_t written(int file, const void *data, size_t length, off_t offset, int at_offset) {
    char room[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = inside_open(file, room);
    ssize_t done;
    if (name == NULL) {
        pthread_mutex_unlock(&lock);
        return at_offset ? syscall(SYS_pwrite64, file, data, length, offset)
                         : syscall(SYS_write, file, data, length);
    }
    if (!at_offset) {
        int appends = fcntl(file, F_GETFL) & O_APPEND;
        offset = lseek(file, 0, appends ? SEEK_END : SEEK_CUR);
    }
    int error = struck(WRITTEN, name);
    if (error != 0) {
        done = syscall(SYS_pwrite64, file, data, length / 2, offset);
    } else {
        done = at_offset ? syscall(SYS_pwrite64, file, data, length, offset)
                         : syscall(SYS_write, file, data, length);
    }
    int after = errno;
    if (done > 0) note(WRITTEN, name, (uint64_t)offset, data, (size_t)done);
    pthread_mutex_unlock(&lock);
    errno = error != 0 ? error : after;
    return error != 0 ? -1 : done;
}

ssize_t write(int file, const void *data, size_t length) {
    return written(file, data, length, 0, 0);
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
    return written(file, data, length, offset, 1);
}

ssize_t pwrite64(int file, const void *data, size_t length, off_t offset) {
    return written(file, data, length, offset, 1);
}

/* Runs `call` unless it is struck; notes it when it was done. */
#define WATCHED(kind, name, offset, data, length, call)            \
    do {                                                           \
        int error = (name) == NULL ? 0 : struck(kind, name);       \
        int result = error != 0 ? -1 : (int)(call);                \
        int after = error != 0 ? error : errno;                    \
        if (result == 0 && (name) != NULL)                         \
            note(kind, name, offset, data, length);                \
        else if (error != 0 && (kind) == SYNCED)                   \
            note(SYNC_FAILED, name, 0, NULL, 0);                   \
        pthread_mutex_unlock(&lock);                               \
        errno = after;                                             \
        return result;                                             \
    } while (0)

static int sized(int file, off_t size) {
    char room[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = inside_open(file, room);
    WATCHED(SIZED, name, (uint64_t)size, NULL, 0, syscall(SYS_ftruncate, file, size));
}

int ftruncate(int file, off_t size) { return sized(file, size); }

int ftruncate64(int file, off_t size) { return sized(file, size); }

static int synced(int file, long call) {
    char room[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = inside_open(file, room);
    WATCHED(SYNCED, name, 0, NULL, 0, syscall(call, file));
}

int fsync(int file) { return synced(file, SYS_fsync); }

int fdatasync(int file) { return synced(file, SYS_fdatasync); }

/* Returns the error, as posix_fallocate does. Counts as a write and is noted as a new size. */
static int reserved(int file, off_t offset, off_t length) {
    char room[PATH_MAX];
    struct stat before;
    pthread_mutex_lock(&lock);
    const char *name = inside_open(file, room);
    int error = name == NULL ? 0 : struck(WRITTEN, name);
    if (error == 0 && fstat(file, &before) != 0) error = errno;
    if (error == 0 && syscall(SYS_fallocate, file, 0, offset, length) != 0) error = errno;
    if (error == 0 && name != NULL && offset + length > before.st_size)
        note(SIZED, name, (uint64_t)(offset + length), NULL, 0);
    pthread_mutex_unlock(&lock);
    return error;
}

int posix_fallocate(int file, off_t offset, off_t length) { return reserved(file, offset, length); }

int posix_fallocate64(int file, off_t offset, off_t length) {
    return reserved(file, offset, length);
}

int unlink(const char *path) {
    char room[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = inside_absolute(path, room);
    WATCHED(UNLINKED, name, 0, NULL, 0, syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int rename(const char *from, const char *to) {
    char room[PATH_MAX], other[PATH_MAX];
    pthread_mutex_lock(&lock);
    const char *name = inside_absolute(from, room);
    const char *new_name = inside_absolute(to, other);
    if (new_name == NULL) name = NULL; /* moved out of sight: nobody does */
    WATCHED(RENAMED, name, 0, new_name, new_name == NULL ? 0 : strlen(new_name),
            syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

/* Stands between a program and the files below one folder: counts what it does to them, ends it at one of these steps as
 * `kill -9` would, or makes the disk fail. Loaded by LD_PRELOAD; the environment says what to do:
 *
 *   DISK_FOLDER   the folder
 *   DISK_STEPS    a file of eight octets: the number of steps so far, also of a program that was killed
 *   DISK_KILL     the number of the step that is not done any more
 *   DISK_TORN     if set, half of that step is done where it is a write
 *   DISK_FAULT    a file whose content is the fault that the disk has now: `full`, `read-only`, `sync`, `slow`
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 4096

static const char *folder, *fault;
static uint64_t kill_at;
static int torn;
static _Atomic uint64_t local_steps, *steps = &local_steps;
static atomic_bool ours[FILES];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("DISK_STEPS"), *number = getenv("DISK_KILL");
    folder = getenv("DISK_FOLDER");
    fault = getenv("DISK_FAULT");
    torn = getenv("DISK_TORN") != NULL;
    kill_at = number ? strtoull(number, NULL, 10) : 0;
    if (file) {
        int opened = REAL(open)(file, O_RDWR | O_CREAT, 0600);
        if (opened >= 0 && REAL(ftruncate)(opened, 8) == 0) {
            void *mapped = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
            if (mapped != MAP_FAILED) steps = mapped;
        }
    }
}

static int is_below(const char *path) {
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_ours(int file) {
    return file >= 0 && file < FILES && ours[file];
}

/* Whether this step is the last one; half of it may still be done. */
static int is_last(void) {
    return atomic_fetch_add(steps, 1) + 1 == kill_at;
}

static void end(void) {
    raise(SIGKILL);
}

/* The fault of the disk now: its first letter. */
static char fault_now(void) {
    char word = 0;
    int saved = errno, file = fault ? REAL(open)(fault, O_RDONLY) : -1;
    if (file >= 0) {
        if (read(file, &word, 1) != 1) word = 0;
        REAL(close)(file);
    }
    errno = saved;
    return word;
}

static int cannot_write(void) {
    char now = fault_now();
    if (now == 'f') errno = ENOSPC;
    if (now == 'r') errno = EROFS;
    return now == 'f' || now == 'r';
}

static int remember(int file, const char *path) {
    if (file >= 0 && file < FILES) ours[file] = is_below(path);
    return file;
}

static int opening(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    if (is_below(path) && (flags & (O_CREAT | O_TRUNC))) {
        if (is_last()) end();
        if (access(path, F_OK) != 0 && cannot_write()) return -1;
    }
    return remember(real(path, flags, mode), path);
}

#define OPEN(name)                                                                                        \
    int name(const char *path, int flags, ...) {                                                          \
        va_list rest;                                                                                     \
        va_start(rest, flags);                                                                            \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                           \
        va_end(rest);                                                                                     \
        return opening((int (*)(const char *, int, ...))REAL(name), path, flags, mode);                   \
    }
OPEN(open)
OPEN(open64)

int close(int file) {
    if (file >= 0 && file < FILES) ours[file] = 0;
    return REAL(close)(file);
}

#define BEFORE_WRITE(half)                                                                                \
    if (is_ours(file)) {                                                                                  \
        if (is_last()) {                                                                                  \
            if (torn) half;                                                                               \
            end();                                                                                        \
        }                                                                                                 \
        if (cannot_write()) return -1;                                                                    \
    }

ssize_t write(int file, const void *octets, size_t length) {
    BEFORE_WRITE(REAL(write)(file, octets, length / 2))
    return REAL(write)(file, octets, length);
}

ssize_t writev(int file, const struct iovec *pieces, int count) {
    BEFORE_WRITE(REAL(write)(file, pieces->iov_base, pieces->iov_len / 2))
    return REAL(writev)(file, pieces, count);
}

ssize_t pwrite(int file, const void *octets, size_t length, off_t place) {
    BEFORE_WRITE(REAL(pwrite)(file, octets, length / 2, place))
    return REAL(pwrite)(file, octets, length, place);
}

ssize_t pwrite64(int file, const void *octets, size_t length, off64_t place) {
    BEFORE_WRITE(REAL(pwrite64)(file, octets, length / 2, place))
    return REAL(pwrite64)(file, octets, length, place);
}

int ftruncate(int file, off_t length) {
    BEFORE_WRITE((void)0)
    return REAL(ftruncate)(file, length);
}

int ftruncate64(int file, off64_t length) {
    BEFORE_WRITE((void)0)
    return REAL(ftruncate64)(file, length);
}

static int syncing(int (*real)(int), int file) {
    if (is_ours(file)) {
        if (is_last()) end();
        char now = fault_now();
        if (now == 's') {
            char word[5] = "";
            int opened = REAL(open)(fault, O_RDONLY);
            if (opened >= 0 && read(opened, word, 4) < 0) word[0] = 0;
            if (opened >= 0) REAL(close)(opened);
            if (strcmp(word, "sync") == 0) {
                errno = EIO;
                return -1;
            }
            usleep(300 * 1000);
        }
    }
    return real(file);
}

int fsync(int file) {
    return syncing(REAL(fsync), file);
}

int fdatasync(int file) {
    return syncing(REAL(fdatasync), file);
}

#define NAMES(name, parameters, arguments)                                                                \
    int name parameters {                                                                                 \
        if (is_below(path)) {                                                                             \
            if (is_last()) end();                                                                         \
            if (fault_now() == 'r') {                                                                     \
                errno = EROFS;                                                                            \
                return -1;                                                                                \
            }                                                                                             \
        }                                                                                                 \
        return REAL(name) arguments;                                                                      \
    }
NAMES(rename, (const char *path, const char *to), (path, to))
NAMES(unlink, (const char *path), (path))
NAMES(mkdir, (const char *path, mode_t mode), (path, mode))

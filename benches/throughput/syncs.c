/* Counts what a program and its children have synced, and makes each sync take longer. Loaded by LD_PRELOAD:
 *
 *   SYNCS_COUNT   a file of eight octets: the number of syncs so far
 *   SYNCS_DELAY   milliseconds that each takes longer
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint64_t local_count, *count = &local_count;
static useconds_t delay;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("SYNCS_COUNT"), *milliseconds = getenv("SYNCS_DELAY");
    int opened = file ? open(file, O_RDWR) : -1;
    if (opened >= 0) {
        void *mapped = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
        if (mapped != MAP_FAILED) count = mapped;
        close(opened);
    }
    delay = milliseconds ? 1000 * (useconds_t)atoi(milliseconds) : 0;
}

static int counted(const char *name, int file) {
    atomic_fetch_add(count, 1);
    if (delay) usleep(delay);
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}

int fsync(int file) {
    return counted("fsync", file);
}

int fdatasync(int file) {
    return counted("fdatasync", file);
}

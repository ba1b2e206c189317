/* A clock that can be set and hurried, for a program that is started with it. Loaded by LD_PRELOAD; CLOCK_FILE names a file of
 * two doubles:
 *
 *   how many times as fast as the real time all clocks run
 *   by how many seconds the time of day is off
 *
 * Waiting for events or for another thread until some time ends after a few milliseconds, so that the program looks at the clock:
 * the system knows only the real one.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const double *settings;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Since `began` the clocks run at `speed`; they had gained so many seconds by then. */
static double began, gained, speed = 1;
static int (*real_time)(clockid_t, struct timespec *);

static double seconds(const struct timespec *at) {
    return (double)at->tv_sec + (double)at->tv_nsec / 1e9;
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("CLOCK_FILE");
    int opened = file ? open(file, O_RDONLY) : -1;
    real_time = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (opened >= 0) {
        void *mapped = mmap(NULL, 2 * sizeof *settings, PROT_READ, MAP_SHARED, opened, 0);
        if (mapped != MAP_FAILED) settings = mapped;
        close(opened);
    }
}

/* How much the clocks are ahead of the real ones. */
static double ahead(void) {
    struct timespec now;
    real_time(CLOCK_MONOTONIC, &now);
    pthread_mutex_lock(&lock);
    double real = seconds(&now), wanted = settings[0];
    if (wanted != speed) {
        gained += (real - began) * (speed - 1);
        began = real;
        speed = wanted;
    }
    double sum = gained + (real - began) * (speed - 1);
    pthread_mutex_unlock(&lock);
    return sum;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int failed = real_time ? real_time(clock, at) : -1;
    if (failed || !settings) return failed;
    int is_of_day = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (!is_of_day && clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_COARSE) return 0;
    double more = ahead() + (is_of_day ? settings[1] : 0);
    long long whole = (long long)more;
    at->tv_sec += whole;
    at->tv_nsec += (long)((more - (double)whole) * 1e9);
    if (at->tv_nsec < 0) {
        at->tv_nsec += 1000000000;
        at->tv_sec--;
    }
    if (at->tv_nsec >= 1000000000) {
        at->tv_nsec -= 1000000000;
        at->tv_sec++;
    }
    return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

int epoll_wait(int file, struct epoll_event *events, int most, int timeout) {
    static int (*real)(int, struct epoll_event *, int, int);
    if (!real) real = (int (*)(int, struct epoll_event *, int, int))dlsym(RTLD_NEXT, "epoll_wait");
    return real(file, events, most, timeout < 0 || timeout > 5 ? 5 : timeout);
}

/* Rust's threads wait for each other with this. */
long syscall(long number, ...) {
    static long (*real)(long, ...);
    if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    long given[6];
    va_list rest;
    va_start(rest, number);
    for (int place = 0; place < 6; place++) given[place] = va_arg(rest, long);
    va_end(rest);
    struct timespec soon;
    if (number == SYS_futex && settings && given[3] && (given[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) {
        real_time(given[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, &soon);
        soon.tv_nsec += 5000000;
        if (soon.tv_nsec >= 1000000000) {
            soon.tv_nsec -= 1000000000;
            soon.tv_sec++;
        }
        given[3] = (long)&soon;
    }
    return real(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

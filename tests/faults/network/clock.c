/* The wall clock of one process, as a test says: loaded with LD_PRELOAD.

   FAULT_CLOCK names a file of two 64-bit numbers of this machine's byte order: nanoseconds to add
   to the real time, and, where it is not 0, the nanoseconds since 1970 at which the clock stands.
   It is mapped, so that a change is seen at the next call. Monotonic clocks are left alone: they
   cannot be set. All of libc's ways to the wall clock lead through here, Python's and OpenSSL's. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SECOND = 1000000000 };

static volatile const int64_t *lever;

__attribute__((constructor)) static void map_lever(void)
{
    const char *path = getenv("FAULT_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, 2 * sizeof *lever, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED)
        lever = mapped;
    close(file);
}

static int64_t wall_ns(void)
{
    struct timespec real;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
    int64_t now = (int64_t)real.tv_sec * SECOND + real.tv_nsec;
    if (lever == NULL)
        return now;
    return lever[1] != 0 ? lever[1] : now + lever[0];
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)
        return (int)syscall(SYS_clock_gettime, clock, out);
    int64_t now = wall_ns();
    out->tv_sec = now / SECOND;
    out->tv_nsec = now % SECOND;
    return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    (void)zone;
    int64_t now = wall_ns();
    out->tv_sec = now / SECOND;
    out->tv_usec = now % SECOND / 1000;
    return 0;
}

time_t time(time_t *out)
{
    time_t now = wall_ns() / SECOND;
    if (out != NULL)
        *out = now;
    return now;
}

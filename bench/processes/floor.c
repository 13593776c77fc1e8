/*
 * The floor: what reading the process table costs a C program that does nothing else. Each tick it lists /proc and
 * reads stat and io of every process, and looks at none of the bytes.
 *
 *   floor keep   TICKS    descriptors of stat and io kept open, re-read at offset 0
 *   floor reopen TICKS    opened and closed each time
 *
 * Prints the mean CPU time per tick of this process (user and system) in microseconds, over the ticks after the third.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_PID 4194304
#define WARM_UP 3

struct entry {
    unsigned long long inode;
    long long offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static int stat_of[MAX_PID]; /* descriptor + 1, 0 when none */
static int io_of[MAX_PID];
static char buffer[16384];
static char listing[65536];

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int open_of(int proc, int pid, const char *file)
{
    char path[32];
    snprintf(path, sizeof path, "%d/%s", pid, file);
    return openat(proc, path, O_RDONLY | O_CLOEXEC);
}

static void read_file(int proc, int pid, const char *file, int *kept, int keep)
{
    int fd = *kept - 1;
    if (fd < 0) {
        fd = open_of(proc, pid, file);
        if (fd < 0) {
            return;
        }
    }

    ssize_t n = pread(fd, buffer, sizeof buffer, 0);
    if (!keep || (n < 0 && errno == ESRCH)) {
        close(fd);
        *kept = 0;
    } else {
        *kept = fd + 1;
    }
}

static int scan(int proc, int keep)
{
    int count = 0;
    lseek(proc, 0, SEEK_SET);
    for (;;) {
        long n = syscall(SYS_getdents64, proc, listing, sizeof listing);
        if (n <= 0) {
            return count;
        }

        for (long at = 0; at < n;) {
            struct entry *e = (struct entry *)(listing + at);
            at += e->length;
            if (e->name[0] < '1' || e->name[0] > '9') {
                continue;
            }

            int pid = atoi(e->name);
            read_file(proc, pid, "stat", &stat_of[pid], keep);
            read_file(proc, pid, "io", &io_of[pid], keep);
            count++;
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: floor keep|reopen TICKS\n");
        return 2;
    }

    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int keep = strcmp(argv[1], "keep") == 0;
    int ticks = atoi(argv[2]);
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    double total = 0;
    int count = 0;
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (int tick = 0; tick < ticks + WARM_UP; tick++) {
        double before = cpu_us();
        count = scan(proc, keep);
        if (tick >= WARM_UP) {
            total += cpu_us() - before;
        }

        next.tv_sec++;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }

    printf("%-14s %5d processes  %8.0f us/tick\n", keep ? "C, kept" : "C, reopened", count, total / ticks);
    return 0;
}

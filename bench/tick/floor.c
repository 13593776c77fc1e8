/*
 * The floor of a tick: what it costs a C program that does nothing else to read what our sampler reads. It is given
 * the operations, looks at none of the bytes, and ticks once a second until it is ended.
 *
 *   floor OPERATIONS              those of the file alone
 *   floor OPERATIONS processes    and stat and io of every process, through descriptors that it keeps open
 *
 * OPERATIONS is what bench/tick/operations prints of a running Hostscope, one a line:
 *
 *   TICKS WHAT READS PATH         every TICKS ticks; WHAT is one of
 *     kept                        READS reads of a file that stays open
 *     opened                      opened, READS reads, closed
 *     missing                     opened in vain
 *     listed                      a directory: opened, listed, closed
 *     asked                       access(2)
 *     space                       statvfs(3)
 *     clock                       adjtimex(2)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define MAX_PID 4194304
#define MAX_OPERATIONS 1024

struct operation {
    long ticks;
    char what[16];
    int reads;
    char path[256];
    int kept; /* descriptor + 1, 0 when none */
};

struct entry {
    unsigned long long inode;
    long long offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static struct operation operations[MAX_OPERATIONS];
static int operation_count;
static int stat_of[MAX_PID];
static int io_of[MAX_PID];
static char buffer[16384];
static char listing[65536];

static void read_all(int fd, int reads)
{
    ssize_t at = 0;
    for (int i = 0; i < reads; i++) {
        ssize_t n = pread(fd, buffer + at, sizeof buffer - (size_t)at, at);
        at += n > 0 ? n : 0;
    }
}

static void keep(struct operation *o)
{
    if (o->kept == 0) {
        o->kept = open(o->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) + 1;
    }

    if (o->kept > 0) {
        read_all(o->kept - 1, o->reads);
    }
}

static void reopen(const struct operation *o, int is_list)
{
    int fd = open(o->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return;
    }

    while (is_list && syscall(SYS_getdents64, fd, listing, sizeof listing) > 0) {
    }

    read_all(fd, o->reads);
    close(fd);
}

static void run(struct operation *o)
{
    struct statvfs space;
    struct timex clock = {0};
    switch (o->what[0]) {
    case 'k':
        keep(o);
        break;
    case 'a':
        (void)!access(o->path, F_OK);
        break;
    case 's':
        statvfs(o->path, &space);
        break;
    case 'c':
        clock_adjtime(CLOCK_REALTIME, &clock);
        break;
    default:
        reopen(o, o->what[0] == 'l');
        break;
    }
}

static void read_kept(int proc, int pid, const char *file, int *kept)
{
    if (*kept == 0) {
        char path[32];
        snprintf(path, sizeof path, "%d/%s", pid, file);
        *kept = openat(proc, path, O_RDONLY | O_CLOEXEC) + 1;
    }

    if (*kept > 0 && pread(*kept - 1, buffer, sizeof buffer, 0) < 0 && errno == ESRCH) {
        close(*kept - 1);
        *kept = 0;
    }
}

static void scan(int proc)
{
    lseek(proc, 0, SEEK_SET);
    for (;;) {
        long n = syscall(SYS_getdents64, proc, listing, sizeof listing);
        if (n <= 0) {
            return;
        }

        for (long at = 0; at < n;) {
            struct entry *e = (struct entry *)(listing + at);
            at += e->length;
            if (e->name[0] >= '1' && e->name[0] <= '9') {
                int pid = atoi(e->name);
                read_kept(proc, pid, "stat", &stat_of[pid]);
                read_kept(proc, pid, "io", &io_of[pid]);
            }
        }
    }
}

static int load(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 0;
    }

    struct operation *o = operations;
    while (operation_count < MAX_OPERATIONS &&
           fscanf(file, "%ld %15s %d %255s", &o->ticks, o->what, &o->reads, o->path) == 4) {
        operation_count++;
        o++;
    }

    fclose(file);
    return operation_count;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3 || load(argv[1]) == 0) {
        fprintf(stderr, "usage: floor OPERATIONS [processes]\n");
        return 2;
    }

    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (long tick = 0;; tick++) {
        for (int i = 0; i < operation_count; i++) {
            if (tick % operations[i].ticks == 0) {
                run(&operations[i]);
            }
        }

        if (argc == 3) {
            scan(proc);
        }

        next.tv_sec++;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
}

/*
 * CPU time of other processes, user and system, threads that ended included, to the nanosecond, where /proc/PID/stat
 * counts hundredths of a second.
 *
 *   cpu PID...       prints their sum in nanoseconds
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
    long long sum = 0;
    for (int i = 1; i < argc; i++) {
        clockid_t clock;
        struct timespec t;
        if (clock_getcpuclockid(atoi(argv[i]), &clock) != 0 || clock_gettime(clock, &t) != 0) {
            fprintf(stderr, "cpu: there is no process %s\n", argv[i]);
            return 1;
        }

        sum += t.tv_sec * 1000000000LL + t.tv_nsec;
    }

    printf("%lld\n", sum);
    return 0;
}

/*
 * Fills the process table: forks sleepers until the machine has COUNT processes, then waits to be ended.
 *
 *   sleepers COUNT
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int processes(void)
{
    int count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e; (e = readdir(proc)) != NULL;) {
        count += e->d_name[0] >= '1' && e->d_name[0] <= '9';
    }

    closedir(proc);
    return count;
}

int main(int argc, char **argv)
{
    signal(SIGUSR1, SIG_IGN);
    int wanted = argc == 2 ? atoi(argv[1]) : 0;
    if (wanted <= 0) {
        fprintf(stderr, "usage: sleepers COUNT\n");
        return 2;
    }

    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGINT);
    sigprocmask(SIG_BLOCK, &end, NULL);
    setpgid(0, 0);
    for (int missing = wanted - processes(); missing > 0; missing--) {
        pid_t child = fork();
        if (child < 0) {
            perror("sleepers: fork");
            return 1;
        }

        if (child == 0) {
            signal(SIGUSR1, SIG_DFL);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            for (;;) {
                pause();
            }
        }
    }

    printf("ready\n");
    fflush(stdout);
    int which;
    sigwait(&end, &which);

    /* Not before the last has gone: the next one counts what is there. */
    killpg(0, SIGUSR1);
    while (wait(NULL) > 0) {
    }

    return 0;
}

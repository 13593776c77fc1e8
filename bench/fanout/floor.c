/*
 * floor: the least a fan-out can cost. Answers every WebSocket handshake with a fixed line, and once a second gives
 * every connection the same bytes by one write(2) each. Nothing else: no parsing, no limits, no slow readers.
 *
 *   floor PORT BYTES      frames of about BYTES bytes, with "seq" and "t" at their beginning
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { LARGEST = 65535 };

static int *connections, connection_count, connection_room;

static void accept_all(int listener, int epoll_fd)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    }
}

static void on_bytes(int fd)
{
    static const char answer[] =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
    char buffer[4096];
    ssize_t length = read(fd, buffer, sizeof buffer);
    if (length <= 0) {
        for (int i = 0; i < connection_count; i++)
            if (connections[i] == fd)
                connections[i--] = connections[--connection_count];
        close(fd);
    } else if (length > 4 && !memcmp(buffer, "GET ", 4) && write(fd, answer, sizeof answer - 1) > 0) {
        if (connection_count == connection_room) {
            connection_room = connection_room ? connection_room * 2 : 1024;
            connections = realloc(connections, (size_t)connection_room * sizeof *connections);
        }
        connections[connection_count++] = fd;
    }
}

static void tick(int payload_length)
{
    static long sequence;
    static uint8_t frame[LARGEST + 4];
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    memset(frame, ' ', sizeof frame);
    frame[0] = 0x81;
    frame[1] = 126;
    frame[2] = (uint8_t)(payload_length >> 8);
    frame[3] = (uint8_t)payload_length;
    int head = sprintf((char *)frame + 4, "{\"type\":\"frame\",\"seq\":%ld,\"t\":%lld,\"v\":[", ++sequence,
        (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000);
    frame[4 + head] = ' ';
    memcpy(frame + 4 + payload_length - 2, "]}", 2);
    for (int i = 0; i < connection_count; i++)
        if (write(connections[i], frame, (size_t)payload_length + 4) < 0)
            continue;
}

int main(int count, char **words)
{
    int port = count > 1 ? atoi(words[1]) : 4700, length = count > 2 ? atoi(words[2]) : 2000, yes = 1;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll_fd = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) < 0 || listen(listener, 4096) < 0)
        return perror("floor"), 1;
    struct itimerspec second = {{1, 0}, {1, 0}};
    timerfd_settime(timer, 0, &second, NULL);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = timer;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer, &event);
    for (;;) {
        struct epoll_event events[256];
        uint64_t expired;
        int ready = epoll_wait(epoll_fd, events, 256, -1);
        for (int i = 0; i < ready; i++)
            if (events[i].data.fd == listener)
                accept_all(listener, epoll_fd);
            else if (events[i].data.fd == timer) {
                if (read(timer, &expired, sizeof expired) == sizeof expired)
                    tick(length < LARGEST ? length : LARGEST);
            } else
                on_bytes(events[i].data.fd);
    }
}

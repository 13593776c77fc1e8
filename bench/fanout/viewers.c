/*
 * viewers: opens N WebSocket viewers from one thread and says what each of them received.
 *
 *   viewers --port 4678 --path /api/v1/hosts/local/live?topics=system --viewers 9000 --seconds 60 --pid PID
 *           [--mode plain|socketio|signalr] [--stalled 500] [--interval 1]
 *
 * Connections come from 127.0.0.2 and up, 4,000 from each, so that the ports of one address do not run out.
 *
 * Every message is looked through for "seq":N and "t":MS. A viewer is complete when it saw every sequence number from
 * the first to the last that any viewer saw in the measured window. Age is the wall clock at arrival minus "t" (same
 * machine, so the same clock). Jitter is how far the "t" of two frames of the first viewer are from --interval (s)
 * apart. CPU and memory are those of process PID over the window, from /proc. --stalled opens further viewers that
 * never read, within the window; of them it says how many the server has cut off, and after how long. tcp_kib is what
 * all sockets of the machine held in kernel memory at most.
 *
 * It prints one line of "key=value" words, so that a script can make a table of it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum mode { PLAIN, SOCKETIO, SIGNALR };
enum state { CONNECTING, HANDSHAKE, OPEN, CLOSED };

/* What is kept of a message: enough to find seq and t, wherever a protocol puts its envelope. */
enum { HEAD = 160 };

struct viewer {
    int fd;
    enum state state;
    uint8_t header[14];     /* of the frame being read */
    int header_length;
    uint64_t remaining;     /* payload bytes of it still to come */
    int opcode;
    int head_length;
    char head[HEAD];        /* first bytes of the message, or the tail of the HTTP answer */
    int64_t last_seq;
    uint32_t frames, missed;
};

static struct {
    int port, viewers, stalled;
    double seconds, interval;
    int pid;
    const char *path;
    enum mode mode;
} options = {4678, 100, 0, 10, 1, 0, "/api/v1/hosts/local/live?topics=system", PLAIN};

static struct viewer *viewers;
static int epoll_fd, open_viewers, closed_viewers;
static int measuring;
static int64_t first_seq = -1, newest_seq = -1;
static uint64_t messages, bytes;
static uint32_t *ages;      /* milliseconds, one an arrival in the window */
static size_t age_count, age_room;
static int64_t last_time = -1, jitter;

static int *stalled;
static double *stalled_since, slowest_cut;
static int stalled_open, stalled_cut;
static long kernel_kib;

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what)
{
    fprintf(stderr, "viewers: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void close_viewer(struct viewer *v)
{
    if (v->state == CLOSED)
        return;
    if (v->state == OPEN)
        open_viewers--;
    v->state = CLOSED;
    closed_viewers++;
    close(v->fd);
}

/* A client frame must be masked; a mask of zeros leaves the payload as it is (RFC 6455, 5.3). */
static void send_frame(struct viewer *v, int opcode, const char *payload, size_t length)
{
    uint8_t frame[256] = {(uint8_t)(0x80 | opcode), (uint8_t)(0x80 | length)};
    if (length > 125)
        length = 0;
    memcpy(frame + 6, payload, length);
    if (send(v->fd, frame, 6 + length, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        close_viewer(v);
}

static int64_t number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

static void take_message(struct viewer *v)
{
    v->head[v->head_length < HEAD ? v->head_length : HEAD - 1] = 0;
    if (options.mode == SOCKETIO && v->head[0] == '0')
        send_frame(v, 1, "40", 2);
    if (options.mode == SOCKETIO && v->head[0] == '2')
        send_frame(v, 1, "3", 1);
    int64_t seq = number_after(v->head, "\"seq\":");
    int64_t t = number_after(v->head, "\"t\":");
    if (seq < 0 || t < 0 || strstr(v->head, "\"hello\""))
        return;
    if (measuring) {
        int64_t age = (int64_t)(now(CLOCK_REALTIME) * 1000) - t;
        if (age_count == age_room) {
            age_room = age_room ? age_room * 2 : 1 << 20;
            ages = realloc(ages, age_room * sizeof *ages);
            if (!ages)
                fail("out of memory");
        }
        ages[age_count++] = age < 0 ? 0 : (uint32_t)age;
        if (v->last_seq >= 0 && seq > v->last_seq + 1)
            v->missed += (uint32_t)(seq - v->last_seq - 1);
        v->frames++;
        if (v == viewers) {
            int64_t off = last_time < 0 ? 0 : t - last_time - (int64_t)(options.interval * 1000);
            jitter = llabs(off) > jitter ? llabs(off) : jitter;
            last_time = t;
        }
        if (first_seq < 0)
            first_seq = seq;
        if (seq > newest_seq)
            newest_seq = seq;
    }
    v->last_seq = seq;
}

static void end_of_frame(struct viewer *v)
{
    messages++;
    if (v->opcode == 9)
        send_frame(v, 10, v->head, (size_t)(v->head_length < 125 ? v->head_length : 125));
    else if (v->opcode == 8)
        close_viewer(v);
    else
        take_message(v);
    v->header_length = 0;
    v->head_length = 0;
}

static int header_size(const struct viewer *v)
{
    if (v->header_length < 2)
        return 2;
    int length = v->header[1] & 0x7f;
    return length == 126 ? 4 : length == 127 ? 10 : 2;
}

static void take_bytes(struct viewer *v, const uint8_t *data, size_t length)
{
    while (length > 0 && v->state == OPEN) {
        if (v->header_length < header_size(v)) {
            v->header[v->header_length++] = *data++;
            length--;
            if (v->header_length < header_size(v))
                continue;
            int short_length = v->header[1] & 0x7f;
            v->remaining = (uint64_t)short_length;
            if (short_length >= 126) {
                v->remaining = 0;
                for (int i = 2; i < v->header_length; i++)
                    v->remaining = v->remaining << 8 | v->header[i];
            }
            v->opcode = v->header[0] & 0x0f;
            if (v->remaining == 0)
                end_of_frame(v);
            continue;
        }
        size_t take = length < v->remaining ? length : (size_t)v->remaining;
        size_t room = v->head_length < HEAD - 1 ? (size_t)(HEAD - 1 - v->head_length) : 0;
        size_t keep = take < room ? take : room;
        memcpy(v->head + v->head_length, data, keep);
        v->head_length += (int)keep;
        data += take;
        length -= take;
        v->remaining -= take;
        if (v->remaining == 0)
            end_of_frame(v);
    }
}

static void shake_hands(struct viewer *v)
{
    char request[512];
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Origin: http://127.0.0.1:%d\r\n\r\n", options.path, options.port, options.port);
    if (send(v->fd, request, (size_t)length, MSG_NOSIGNAL) != length)
        close_viewer(v);
    v->state = HANDSHAKE;
    v->head_length = 0;
}

/* Looks for the empty line that ends the HTTP answer; what follows it is frames already. */
static void take_answer(struct viewer *v, const uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        memmove(v->head, v->head + 1, 3);
        v->head[3] = (char)data[i];
        if (memcmp(v->head, "\r\n\r\n", 4) != 0)
            continue;
        v->state = OPEN;
        v->head_length = 0;
        v->header_length = 0;
        open_viewers++;
        if (options.mode == SIGNALR)
            send_frame(v, 1, "{\"protocol\":\"json\",\"version\":1}\x1e", 32);
        take_bytes(v, data + i + 1, length - i - 1);
        return;
    }
}

static void on_event(struct viewer *v, uint32_t events)
{
    static uint8_t buffer[1 << 18];
    if (v->state == CONNECTING && (events & EPOLLOUT)) {
        struct epoll_event in = {.events = EPOLLIN, .data.ptr = v};
        shake_hands(v);
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, v->fd, &in);
        return;
    }
    ssize_t length = recv(v->fd, buffer, sizeof buffer, 0);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (length <= 0) {
        close_viewer(v);
        return;
    }
    if (measuring)
        bytes += (uint64_t)length;
    if (v->state == HANDSHAKE)
        take_answer(v, buffer, (size_t)length);
    else if (v->state == OPEN)
        take_bytes(v, buffer, (size_t)length);
}

/* Kernel memory of all TCP sockets of the machine: pages, the number after "mem" in the line of TCP. */
static long tcp_kib(void)
{
    char line[256];
    long pages = 0;
    FILE *file = fopen("/proc/net/sockstat", "r");
    while (file && fgets(line, sizeof line, file)) {
        const char *at = !strncmp(line, "TCP:", 4) ? strstr(line, " mem ") : NULL;
        if (at)
            pages = strtol(at + 5, NULL, 10);
    }
    if (file)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Never read: the state of a connection tells whether the server has given up on it. */
static void watch_stalled(void)
{
    long kib = tcp_kib();
    kernel_kib = kib > kernel_kib ? kib : kernel_kib;
    for (int i = 0; i < stalled_open; i++) {
        struct tcp_info info;
        socklen_t size = sizeof info;
        if (stalled[i] < 0 || getsockopt(stalled[i], IPPROTO_TCP, TCP_INFO, &info, &size) < 0
            || info.tcpi_state == TCP_ESTABLISHED)
            continue;
        double took = now(CLOCK_MONOTONIC) - stalled_since[i];
        slowest_cut = took > slowest_cut ? took : slowest_cut;
        stalled_cut++;
        close(stalled[i]);
        stalled[i] = -1;
    }
}

static void run_until(double end)
{
    struct epoll_event events[512];
    double looked = 0;
    for (double left; (left = end - now(CLOCK_MONOTONIC)) > 0;) {
        int count = epoll_wait(epoll_fd, events, 512, left > 0.1 ? 100 : (int)(left * 1000) + 1);
        for (int i = 0; i < count; i++)
            on_event(events[i].data.ptr, events[i].events);
        if (now(CLOCK_MONOTONIC) - looked > 0.1) {
            looked = now(CLOCK_MONOTONIC);
            watch_stalled();
        }
    }
}

static int dial(int receive_buffer)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket (is the limit of open files high enough?)");
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    static uint32_t dialled;
    struct sockaddr_in from = {.sin_family = AF_INET};
    int yes = 1;
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + dialled++ / 4000);
    /* The port is chosen when the other end is known: it may then be used once for each of them. */
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) < 0)
        fail("bind");
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
        fail("connect");
    return fd;
}

static void add_viewer(struct viewer *v)
{
    v->fd = dial(0);
    v->state = CONNECTING;
    v->last_seq = -1;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = v};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, v->fd, &event) < 0)
        fail("epoll_ctl");
}

/* CPU seconds that a process has used: fields 14 and 15 of /proc/PID/stat, after the name in brackets. */
static double cpu_seconds(int pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = 0;
    char *after = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    if (after)
        sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long rss_kib(int pid)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "VmRSS: %ld", &kib);
    if (file)
        fclose(file);
    return kib;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void report(double cpu, double seconds, long rss_before, long rss_after)
{
    uint64_t frames = 0, missed = 0;
    int complete = 0;
    for (int i = 0; i < options.viewers; i++) {
        frames += viewers[i].frames;
        missed += viewers[i].missed;
        complete += viewers[i].state == OPEN && viewers[i].missed == 0 && viewers[i].last_seq >= newest_seq;
    }
    if (age_count)
        qsort(ages, age_count, sizeof *ages, by_value);
    printf("viewers=%d open=%d complete=%d frames=%llu missed=%llu seconds=%.1f ticks=%lld ", options.viewers,
        open_viewers, complete, (unsigned long long)frames, (unsigned long long)missed, seconds,
        (long long)(newest_seq - first_seq + 1));
    printf("jitter_ms=%lld ", (long long)jitter);
    printf("age_p50_ms=%u age_p99_ms=%u age_max_ms=%u ", age_count ? ages[age_count / 2] : 0,
        age_count ? ages[age_count * 99 / 100] : 0, age_count ? ages[age_count - 1] : 0);
    printf("cpu_ms_per_s=%.2f cpu_us_per_frame=%.2f bytes_per_frame=%.0f ", cpu * 1000 / seconds,
        frames ? cpu * 1e6 / (double)frames : 0, frames ? (double)bytes / (double)frames : 0);
    printf("rss_before_kib=%ld rss_kib=%ld kib_per_viewer=%.1f ", rss_before, rss_after,
        (double)(rss_after - rss_before) / (options.viewers + options.stalled));
    printf("stalled=%d stalled_cut=%d slowest_cut_s=%.1f tcp_kib=%ld\n", stalled_open, stalled_cut, slowest_cut,
        kernel_kib);
}

static void read_options(int count, char **words)
{
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = words[i], *value = words[i + 1];
        if (!strcmp(name, "--port")) options.port = atoi(value);
        else if (!strcmp(name, "--path")) options.path = value;
        else if (!strcmp(name, "--viewers")) options.viewers = atoi(value);
        else if (!strcmp(name, "--stalled")) options.stalled = atoi(value);
        else if (!strcmp(name, "--interval")) options.interval = atof(value);
        else if (!strcmp(name, "--seconds")) options.seconds = atof(value);
        else if (!strcmp(name, "--pid")) options.pid = atoi(value);
        else if (!strcmp(name, "--mode"))
            options.mode = !strcmp(value, "socketio") ? SOCKETIO : !strcmp(value, "signalr") ? SIGNALR : PLAIN;
        else {
            fprintf(stderr, "viewers: unknown option %s; see the head of viewers.c\n", name);
            exit(2);
        }
    }
}

static void open_viewers_slowly(void)
{
    for (int i = 0; i < options.viewers; i++) {
        add_viewer(&viewers[i]);
        /* A thousand a second: a viewer's first message is its backlog, and it must be read. */
        if (i % 50 == 49)
            run_until(now(CLOCK_MONOTONIC) + 0.05);
    }
    double deadline = now(CLOCK_MONOTONIC) + 60;
    while (open_viewers + closed_viewers < options.viewers && now(CLOCK_MONOTONIC) < deadline)
        run_until(now(CLOCK_MONOTONIC) + 0.2);
}

static void open_stalled(void)
{
    for (int i = 0; i < options.stalled; i++) {
        struct viewer v = {.fd = dial(4096)};
        struct pollfd ready = {.fd = v.fd, .events = POLLOUT};
        poll(&ready, 1, 1000);
        shake_hands(&v);
        stalled[i] = v.fd;
        stalled_since[i] = now(CLOCK_MONOTONIC);
        stalled_open++;
        run_until(now(CLOCK_MONOTONIC) + 0.002);
    }
}

int main(int count, char **words)
{
    read_options(count, words);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    viewers = calloc((size_t)options.viewers, sizeof *viewers);
    stalled = calloc((size_t)options.stalled + 1, sizeof *stalled);
    stalled_since = calloc((size_t)options.stalled + 1, sizeof *stalled_since);
    if (!viewers || !stalled || !stalled_since)
        fail("out of memory");
    long rss_before = rss_kib(options.pid);
    open_viewers_slowly();
    run_until(now(CLOCK_MONOTONIC) + 3);
    measuring = 1;
    double cpu = cpu_seconds(options.pid), start = now(CLOCK_MONOTONIC);
    open_stalled();
    run_until(start + options.seconds);
    cpu = cpu_seconds(options.pid) - cpu;
    double seconds = now(CLOCK_MONOTONIC) - start;
    report(cpu, seconds, rss_before, rss_kib(options.pid));
    return 0;
}

#define _GNU_SOURCE
#include "CPoll.h"
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

int poll_make(void) { return epoll_create1(EPOLL_CLOEXEC); }

void poll_watch(int poll, int descriptor, unsigned happenings, int is_new) {
    struct epoll_event event = {.data = {.fd = descriptor}};
    if (happenings & POLL_READABLE) event.events |= EPOLLIN;
    if (happenings & POLL_WRITABLE) event.events |= EPOLLOUT;
    epoll_ctl(poll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

int poll_wait(int poll, struct poll_event *events, int count, long long nanoseconds) {
    struct epoll_event found[1024];
    struct timespec limit = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int number = epoll_pwait2(poll, found, count < 1024 ? count : 1024, &limit, NULL);
    for (int index = 0; index < number; index++) {
        unsigned bits = found[index].events;
        events[index].descriptor = found[index].data.fd;
        events[index].happenings = (bits & EPOLLIN ? POLL_READABLE : 0) | (bits & EPOLLOUT ? POLL_WRITABLE : 0) |
                                   (bits & EPOLLERR ? POLL_FAILED : 0) | (bits & EPOLLHUP ? POLL_ENDED : 0);
    }
    return number < 0 ? 0 : number;
}

void timers_ring_on_time(void) { prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0); }

const void *find_bytes(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    return memmem(bytes, count, needle, needle_count);
}

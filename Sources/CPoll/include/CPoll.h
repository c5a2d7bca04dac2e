// What the load generator needs of Linux and Swift's Glibc module does not have. Without Linux's own headers, so that none of their types
// seem to be this module's.
#pragma once
#include <stddef.h>

enum poll_happening { POLL_READABLE = 1, POLL_WRITABLE = 2, POLL_FAILED = 4, POLL_ENDED = 8 };

struct poll_event {
    int descriptor;
    unsigned happenings;
};

// epoll_create1. Negative: it failed.
int poll_make(void);
// Begins to watch a descriptor, or changes what is watched for. Failures and ends are always told.
void poll_watch(int poll, int descriptor, unsigned happenings, int is_new);
// Waits for at most so long, and returns how many events there are.
int poll_wait(int poll, struct poll_event *events, int count, long long nanoseconds);
// The thread's timers ring on time, not up to 50 µs later so that they can ring together.
void timers_ring_on_time(void);
// memmem.
const void *find_bytes(const void *bytes, size_t count, const void *needle, size_t needle_count);

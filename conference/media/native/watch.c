/* A thread that waits for packets and takes them in (intake.c), so that no interpreter has to be woken for those
   that need none: a wake-up costs 9 µs here and three times that through an event loop in Python.

   It takes turns with Python's thread, which has its turn whenever it is not waiting for something to happen
   (turns.py). So both find the media plane as if they were one thread. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fanout.h"
#include "feedback.h"
#include "receive.h"
#include "stun.h"
#include "intake.h"
#include "watch.h"

/* From Linux 6.12 on a shorter slice than others have (milliseconds) means a shorter wait for the processor, not a
   larger part of it, so that nobody needs a privilege for it. Without it a thread that wakes up waits for the next
   tick of the clock, 4 ms here, when both processors are busy. */
#define SLICE 100000 /* nanoseconds, the least there is */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned long long next_ticket, serving;

void majlis_enter(void) {
    pthread_mutex_lock(&mutex);
    unsigned long long ticket = next_ticket++;
    while (ticket != serving) {
        pthread_cond_wait(&changed, &mutex);
    }
    pthread_mutex_unlock(&mutex);
}

void majlis_leave(void) {
    pthread_mutex_lock(&mutex);
    serving++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

int majlis_wanted(void) {
    return __atomic_load_n(&next_ticket, __ATOMIC_RELAXED) - __atomic_load_n(&serving, __ATOMIC_RELAXED) > 1;
}

static double monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void ring(int bell) {
    uint64_t one = 1;
    while (write(bell, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

static void add_up(struct majlis_watch *watch) {
    struct majlis_taken *sum = watch->totals, *taken = &watch->taken;
    sum->datagrams += taken->datagrams;
    sum->packets += taken->packets;
    sum->forwarded += taken->forwarded;
    sum->sent += taken->sent;
    sum->dropped_send += taken->dropped_send;
    sum->dropped_srtp += taken->dropped_srtp;
    sum->bytes += taken->bytes;
    sum->bytes_out += taken->bytes_out;
}

static void *run(void *given) {
    struct majlis_watch *watch = given;
    struct pollfd ready[2] = {{watch->listener->fd, POLLIN, 0}, {watch->hatch, POLLIN, 0}};
    for (;;) {
        poll(ready, 2, -1);
        majlis_enter();
        if (watch->ending) {
            majlis_leave();
            return NULL;
        }
        int pending = 0;
        watch->now = monotonic();
        if (majlis_take(watch->listener, watch->crypto, watch->now, &watch->arrivals, &watch->taken) > 0) {
            add_up(watch);
            pending = watch->pending = watch->taken.events > 0;
        }
        majlis_leave();
        if (pending) {
            ring(watch->bell);
            pthread_mutex_lock(&mutex);
            while (watch->pending && !watch->ending) {
                pthread_cond_wait(&changed, &mutex);
            }
            pthread_mutex_unlock(&mutex);
        }
    }
}

/* struct sched_attr of the kernel, which not every C library has. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t slice, deadline, period;
};

static int ask_for_slice(struct attributes *found) {
    if (syscall(SYS_sched_getattr, 0, found, sizeof *found, 0) != 0 || found->policy != SCHED_OTHER) {
        return 0;
    }
    found->slice = SLICE;
    return syscall(SYS_sched_setattr, 0, found, 0) == 0 &&
           syscall(SYS_sched_getattr, 0, found, sizeof *found, 0) == 0;
}

/* A filter of system calls may end who makes this one: then let it be a child. */
static int may_ask(void) {
    struct attributes attributes = {0};
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(!ask_for_slice(&attributes));
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

unsigned long long majlis_hasten(void) {
    struct attributes attributes = {0};
    return may_ask() && ask_for_slice(&attributes) ? attributes.slice : 0;
}

int majlis_watch_start(struct majlis_watch *watch) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all); /* signals are for Python's thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, NULL, run, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    watch->thread = (unsigned long long)thread;
    watch->running = !failed;
    return failed;
}

void majlis_watch_fetched(struct majlis_watch *watch) {
    uint64_t count;
    while (read(watch->bell, &count, sizeof count) < 0 && errno == EINTR) {
    }
    pthread_mutex_lock(&mutex);
    watch->pending = 0;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

void majlis_watch_stop(struct majlis_watch *watch) {
    if (!watch->running) {
        return;
    }
    pthread_mutex_lock(&mutex);
    watch->ending = 1;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    ring(watch->hatch);
    majlis_leave();
    pthread_join((pthread_t)watch->thread, NULL);
    majlis_enter();
    watch->running = 0;
}

double majlis_watch_cpu(const struct majlis_watch *watch) {
    clockid_t clock;
    struct timespec spent;
    if (!watch->running || pthread_getcpuclockid((pthread_t)watch->thread, &clock) != 0 ||
        clock_gettime(clock, &spent) != 0) {
        return 0;
    }
    return (double)spent.tv_sec + (double)spent.tv_nsec * 1e-9;
}

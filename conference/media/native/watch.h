/* What Python and C share of taking packets in on a thread of its own; as in fanout.h, no includes and no macros. */

/* One socket and its thread. `pending`: `taken` holds events that Python has not fetched; until it has, nothing more
   is taken in. */
struct majlis_watch {
    struct majlis_listener *listener;
    const struct majlis_crypto *crypto;
    int bell; /* an eventfd that is readable while something is pending */
    int hatch; /* one that ends the thread */
    int pending;
    double now; /* of the latest batch, monotonic seconds */
    int ending;
    int running;
    unsigned long long thread; /* pthread_t */
    struct majlis_arrivals arrivals;
    struct majlis_taken taken;
    /* of batches that left nothing to Python, since it looked last */
    struct majlis_taken *totals;
};

/* Whose turn it is: nothing of the media plane is touched by two threads at a time, and everybody gets a turn in
   the order of asking. */
void majlis_enter(void);
void majlis_leave(void);
/* Whether somebody waits for whoever has the turn now. */
int majlis_wanted(void);

/* Have the calling thread, and those it begins, looked at by the scheduler as soon as they have something to do.
   Returns the slice of time they run in, in nanoseconds; 0 where the kernel gives everybody the same. */
unsigned long long majlis_hasten(void);

/* Start the thread; 0, or an errno. */
int majlis_watch_start(struct majlis_watch *watch);
/* Tell Python's turn that the events of `taken` have been dealt with. */
void majlis_watch_fetched(struct majlis_watch *watch);
/* End it, in Python's turn, which is given up meanwhile. */
void majlis_watch_stop(struct majlis_watch *watch);
/* Seconds of processor time it has taken. */
double majlis_watch_cpu(const struct majlis_watch *watch);

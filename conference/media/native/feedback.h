/* What Python and C share of reading transport-wide feedback; as in fanout.h, no includes and no macros. */

/* sending.SendLog: `state` holds the next number, the bytes sent in all, the last number reported on and the
   last reference time; the rings hold `slots` packets. */
struct majlis_log {
    long long *state;
    double *times;
    unsigned short *sizes;
    unsigned slots;
};

/* One packet reported on; `arrived` 0: lost. */
struct majlis_ack {
    double sent;
    double arrival;
    unsigned size;
    unsigned arrived;
};

/* Arrivals that are looked at as one (arrivals.py). */
struct majlis_group {
    double first;
    double last;
    double delay;
    double size;
};

struct majlis_heard {
    double count;
    double skipped;  /* bytes never reported on */
    double lost;
    double runs;     /* of losses */
    double received; /* bytes */
    double newest_sent;
    double newest_arrival;
    double groups;
    double open_until; /* of the feedback after this one */
    struct majlis_group group[2048];
    struct majlis_ack acks[2048];
};

/* Read a feedback (twcc.parse_feedback), note in the log what it reports (SendLog.on_feedback) and sum it up
   (heard.sum_up). `open_until`: arrivals before this belong to the latest group already there.
   Returns 0; 1 when it is malformed; 2 when Python must read it. In both cases nothing has changed. */
int majlis_feedback(const unsigned char *body, unsigned size, const struct majlis_log *log, double open_until,
                    double group_seconds, struct majlis_heard *heard);

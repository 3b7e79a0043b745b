/* Transport-wide feedback of one viewer: which of our packets arrived when, in a form that is cheap to judge.

   Ten times a second for every viewer this is two dozen packets, each a number, a time and a size; in Python
   it cost as much as sending them. tests/media/test_heard.py compares it with the same work in Python. */

#include "feedback.h"

#define MOST 2048 /* packets of one feedback; more is left to Python, which has no limit */
#define UNKNOWN (-(1LL << 62))
#define TICK 0.00025

static unsigned char symbols[MOST];
static long long ticks[MOST]; /* after the reference time */

static unsigned get16(const unsigned char *at) {
    return (unsigned)at[0] << 8 | at[1];
}

/* The integer congruent to `value` nearest to `reference` (rtp.unwrap). */
static long long unwrap(long long value, long long reference, int bits) {
    long long half = 1LL << (bits - 1), mask = (1LL << bits) - 1;
    return reference + ((value - reference + half) & mask) - half;
}

/* Fill `symbols`; where the deltas begin, or 0 when the packet ends before. */
static unsigned read_symbols(const unsigned char *body, unsigned size, unsigned wanted) {
    unsigned position = 8, known = 0;
    while (known < wanted) {
        if (position + 2 > size) {
            return 0;
        }
        unsigned word = get16(body + position);
        position += 2;
        if (!(word & 0x8000)) {
            unsigned run = word & 0x1FFF;
            if (run == 0) {
                return 0;
            }
            for (; run > 0 && known < wanted; run--) {
                symbols[known++] = (unsigned char)(word >> 13 & 3);
            }
        } else if (word & 0x4000) {
            for (int shift = 12; shift >= 0 && known < wanted; shift -= 2) {
                symbols[known++] = (unsigned char)(word >> shift & 3);
            }
        } else {
            for (int shift = 13; shift >= 0 && known < wanted; shift--) {
                symbols[known++] = (unsigned char)(word >> shift & 1);
            }
        }
    }
    return position;
}

/* Fill `ticks` of the packets that arrived; 0 when the deltas are cut short or a symbol is reserved. */
static int read_ticks(const unsigned char *body, unsigned size, unsigned position, unsigned wanted) {
    long long current = 0;
    for (unsigned i = 0; i < wanted; i++) {
        if (symbols[i] == 1 && position + 1 <= size) {
            current += body[position];
            position += 1;
        } else if (symbols[i] == 2 && position + 2 <= size) {
            current += (short)get16(body + position);
            position += 2;
        } else if (symbols[i] != 0) {
            return 0;
        }
        ticks[i] = current;
    }
    return 1;
}

static void add(struct majlis_heard *heard, double sent, unsigned size, int arrived, double arrival) {
    struct majlis_ack *ack = &heard->acks[(unsigned)heard->count];
    heard->count += 1;
    ack->sent = sent;
    ack->size = size;
    ack->arrived = (unsigned)arrived;
    ack->arrival = arrival;
}

static void sum_up(struct majlis_heard *heard, double open_until, double group_seconds) {
    unsigned count = (unsigned)heard->count, groups = 0;
    int whole = 1;
    struct majlis_group *group = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct majlis_ack *ack = &heard->acks[i];
        if (!ack->arrived) {
            heard->lost += 1;
            heard->runs += whole;
            whole = 0;
            continue;
        }
        whole = 1;
        double delay = ack->arrival - ack->sent;
        heard->received += ack->size;
        heard->newest_sent = ack->sent;
        heard->newest_arrival = ack->arrival;
        if (group == 0 || !(ack->arrival < open_until)) {
            if (group != 0 || !(ack->arrival < open_until)) {
                open_until = ack->arrival + group_seconds;
            }
            group = &heard->group[groups++];
            group->first = group->last = ack->arrival;
            group->delay = delay;
            group->size = ack->size;
            continue;
        }
        group->size += ack->size;
        if (delay < group->delay) {
            group->delay = delay;
        }
        if (ack->arrival > group->last) {
            group->last = ack->arrival;
        }
    }
    heard->groups = groups;
    heard->open_until = open_until;
}

int majlis_feedback(const unsigned char *body, unsigned size, const struct majlis_log *log, double open_until,
                    double group_seconds, struct majlis_heard *heard) {
    if (size < 8) {
        return 1;
    }
    unsigned wanted = get16(body + 2);
    heard->count = heard->skipped = heard->lost = heard->runs = heard->received = heard->groups = 0;
    heard->newest_sent = heard->newest_arrival = -1;
    heard->open_until = open_until;
    if (wanted > MOST) {
        return 2;
    }
    unsigned deltas = read_symbols(body, size, wanted);
    if (deltas == 0 || !read_ticks(body, size, deltas, wanted)) {
        return 1;
    }
    if (wanted == 0) {
        return 0;
    }
    long long *state = log->state;
    long long reference = (long long)body[4] << 16 | body[5] << 8 | body[6];
    if (state[3] != UNKNOWN) {
        reference = unwrap(reference, state[3], 24);
    }
    state[3] = reference;
    long long newest = state[0], slots = log->slots;
    long long oldest = state[2] + 1 > newest - slots ? state[2] + 1 : newest - slots;
    long long index = unwrap(get16(body), newest, 16);
    for (long long missing = oldest; missing < index && missing < newest; missing++) {
        heard->skipped += log->sizes[missing % slots];
    }
    for (unsigned i = 0; i < wanted; i++, index++) {
        if (oldest <= index && index < newest) {
            long long slot = index % slots;
            double arrival = (double)(reference * 256 + ticks[i]) * TICK;
            add(heard, log->times[slot], log->sizes[slot], symbols[i] != 0, arrival);
        }
    }
    index -= 1;
    if (index < newest && index > state[2]) {
        state[2] = index;
    }
    sum_up(heard, open_until, group_seconds);
    return 0;
}

/* Taking packets in: what a publisher sends is decrypted, noted, kept and forwarded, and what a viewer reports is
   read, without Python, as long as it is what was expected next. Whatever is out of the ordinary is left to
   Python in the order in which it came; tests/media/test_intake.py compares the two. */

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "fanout.h"
#include "feedback.h"
#include "receive.h"
#include "stun.h"
#include "intake.h"

#define SLOT 2048
#define LEFTS 4096
#define BUCKETS 10

enum { RAW, RTP, RTCP, LEFT };
enum { HIGHEST, DELIVERED, TOP, RECEIVED, BYTES, HOLES };
enum { LAST, JITTER, TRANSIT };
enum { LOUDNESS, AT, LOUD_AT, BEGUN, PLACED };

typedef int (*crypto_function)(void *session, void *packet, int *size);

/* The media plane of a process runs on one thread, and so does this. */
static struct majlis_heard heard;

static unsigned get16(const unsigned char *at) {
    return (unsigned)at[0] << 8 | at[1];
}

static unsigned get32(const unsigned char *at) {
    return get16(at) << 16 | get16(at + 2);
}

/* ------------------------------------------------------------------------------------------- addresses */

static unsigned home(const struct majlis_listener *listener, const unsigned char *address, unsigned size) {
    unsigned hash = 2166136261u;
    for (unsigned i = 0; i < size; i++) {
        hash = (hash ^ address[i]) * 16777619u;
    }
    return (hash ^ hash >> 15) & (listener->capacity - 1);
}

static struct majlis_entry *find(const struct majlis_listener *listener, const unsigned char *address,
                                 unsigned size) {
    unsigned at = home(listener, address, size);
    for (;; at = (at + 1) & (listener->capacity - 1)) {
        struct majlis_entry *entry = &listener->entries[at];
        if (entry->peer == NULL ||
            (entry->address_size == size && memcmp(entry->address, address, size) == 0)) {
            return entry;
        }
    }
}

/* Close the gap, so that whoever stood behind it is still found. */
static void take_out(struct majlis_listener *listener, struct majlis_entry *entry) {
    unsigned mask = listener->capacity - 1, gap = (unsigned)(entry - listener->entries);
    for (unsigned at = (gap + 1) & mask; listener->entries[at].peer != NULL; at = (at + 1) & mask) {
        struct majlis_entry *next = &listener->entries[at];
        unsigned wants = home(listener, next->address, next->address_size);
        if (((at - wants) & mask) >= ((at - gap) & mask)) {
            listener->entries[gap] = *next;
            gap = at;
        }
    }
    listener->entries[gap].peer = NULL;
    listener->used--;
}

struct majlis_peer *majlis_bind(struct majlis_listener *listener, const unsigned char *address, unsigned size,
                                struct majlis_peer *peer) {
    if (size > sizeof listener->entries->address) {
        return NULL;
    }
    struct majlis_entry *entry = find(listener, address, size);
    struct majlis_peer *before = entry->peer;
    if (peer == NULL) {
        if (entry->peer != NULL) {
            take_out(listener, entry);
        }
        return before;
    }
    if (entry->peer == NULL) {
        memcpy(entry->address, address, size);
        entry->address_size = size;
        listener->used++;
    }
    entry->peer = peer;
    return before;
}

/* --------------------------------------------------------------------------------------------- packets */

/* One RTP packet, as far as it has been understood. */
struct parsed {
    const unsigned char *payload;
    unsigned size;
    int number; /* transport-wide; −1: none */
    int level;  /* the audio level's byte; −1: none */
    struct majlis_packet packet;
};

/* The header in the clear: whether this is the very packet its stream goes on with (incoming.receive). */
static struct majlis_stream *expected(const struct majlis_publisher *publisher, const unsigned char *data,
                                      unsigned size) {
    if ((data[0] & 0xEF) != 0x80 || size < 12) { /* version 2, no padding, no CSRC */
        return NULL;
    }
    unsigned ssrc = get32(data + 8);
    for (unsigned i = 0; i < publisher->stream_count; i++) {
        struct majlis_stream *stream = publisher->streams[i];
        if (stream->ssrc == ssrc) {
            long long highest = stream->counts[HIGHEST];
            return stream->open && (data[1] & 0x7F) == stream->payload_type && highest >= 0 &&
                           get16(data + 2) == (unsigned)((highest + 1) & 0xFFFF)
                       ? stream
                       : NULL;
        }
    }
    return NULL;
}

/* RFC 8285 §4.2, as rtp.parse_rtp; 0: left to Python. */
static int read_extensions(const struct majlis_publisher *publisher, const unsigned char *data, unsigned size,
                           struct parsed *found) {
    unsigned position = 12;
    found->number = found->level = -1;
    if (data[0] & 0x10) {
        if (position + 4 > size || get16(data + position) != 0xBEDE) {
            return 0;
        }
        unsigned end = position + 4 + 4 * get16(data + position + 2);
        position += 4;
        if (end > size) {
            return 0;
        }
        while (position < end) {
            unsigned head = data[position++];
            if (head == 0) {
                continue;
            }
            if (head >> 4 == 15) {
                break;
            }
            unsigned length = (head & 15) + 1;
            if (position + length > end || head >> 4 == 0) {
                return 0;
            }
            if (head >> 4 == publisher->number_id) {
                found->number = length == 2 ? (int)get16(data + position) : -1;
            }
            if (head >> 4 == publisher->level_id) {
                found->level = data[position];
            }
            position += length;
        }
        position = end;
    }
    found->payload = data + position;
    found->size = size - position;
    return 1;
}

/* The VP8 descriptor (RFC 7741 §4.2, vp8.read_descriptor); 0 for what is malformed and for the first packet of a
   key frame, with which much begins that is decided in Python. */
static int read_picture(struct parsed *found) {
    const unsigned char *payload = found->payload;
    unsigned size = found->size, at = 1;
    struct majlis_packet *packet = &found->packet;
    found->level = -1; /* only sound has one */
    if (size == 0) {
        return 0;
    }
    if (payload[0] & 0x80) {
        if (size < 2) {
            return 0;
        }
        unsigned flags = payload[1];
        at = 2;
        if (flags & 0x80) {
            if (at >= size) {
                return 0;
            }
            packet->picture_at = (int)at;
            if (payload[at] & 0x80) {
                if (at + 1 >= size) {
                    return 0;
                }
                packet->picture_id = (int)(get16(payload + at) & 0x7FFF);
                packet->picture_bits = 15;
                at += 2;
            } else {
                packet->picture_id = payload[at];
                packet->picture_bits = 7;
                at += 1;
            }
        }
        if (flags & 0x40) {
            if (at >= size) {
                return 0;
            }
            packet->tl0_at = (int)at;
            packet->tl0 = payload[at++];
        }
        if (flags & 0x30) {
            if (at >= size) {
                return 0;
            }
            packet->temporal = flags & 0x20 ? payload[at] >> 6 : 0;
            at += 1;
        }
    }
    packet->descriptor_size = (unsigned char)at;
    return !((payload[0] & 0x17) == 0x10 && size > at && !(payload[at] & 1));
}

/* Whether a packet of sound is forwarded whatever the others in the room do: its microphone has a place, or tells
   nothing of how loud it is. */
static int read_sound(const struct majlis_stream *stream, struct parsed *found) {
    found->packet.key = 1;
    return found->size > 0 && (found->level < 0 || stream->voice == NULL || stream->voice[PLACED] > 0);
}

/* publisher.Publisher._within_rate, of which nothing is changed when the packet is too much. */
static int within_rate(struct majlis_publisher *publisher, unsigned size, double now) {
    double tokens = publisher->bucket[0] + (now - publisher->bucket[1]) * publisher->byte_rate;
    if (tokens > publisher->burst) {
        tokens = publisher->burst;
    }
    if (tokens < size) {
        return 0;
    }
    publisher->bucket[0] = tokens - size;
    publisher->bucket[1] = now;
    return 1;
}

/* incoming.IncomingStream.receive and .place of the packet that is next. */
static long long receive(struct majlis_stream *stream, unsigned timestamp, unsigned size, double now) {
    long long *counts = stream->counts;
    double *measures = stream->measures;
    double transit = now * stream->clock_rate - timestamp, step = fabs(transit - measures[TRANSIT]);
    measures[LAST] = now;
    if (step < stream->clock_rate * 10) { /* not before the first: NaN is less than nothing */
        measures[JITTER] += (step - measures[JITTER]) / 16;
    }
    measures[TRANSIT] = transit;
    counts[RECEIVED]++;
    counts[BYTES] += size;
    counts[DELIVERED] = ++counts[HIGHEST];
    counts[TOP] = counts[HIGHEST] - counts[HOLES];
    return counts[TOP];
}

/* layer_rate.LayerRate._roll */
static void roll(struct majlis_stream *stream, long long slot) {
    long long *bytes = stream->rate + 2, *pictures = bytes + BUCKETS, known = stream->rate[0];
    double *shares = stream->shares;
    long long passed = slot - known;
    if (known < 0 || passed >= 2 * BUCKETS) {
        stream->rate[1] = slot;
    }
    if (known >= 0) {
        for (long long step = 0; step < passed && step < BUCKETS; step++) {
            bytes[(slot - step) % BUCKETS] = pictures[(slot - step) % BUCKETS] = 0;
        }
    }
    long long before = known >= 0 ? known / BUCKETS : -1;
    if (slot / BUCKETS != before) {
        double total = shares[0] + shares[1] + shares[2];
        if (total > 0) {
            shares[3] = shares[0] / total;
            shares[4] = (shares[0] + shares[1]) / total;
            for (int i = 0; i < 3; i++) {
                shares[i] *= 0.5;
            }
        }
    }
    stream->rate[0] = slot;
}

static void note_rate(struct majlis_stream *stream, unsigned size, int ends, unsigned temporal, double now) {
    long long slot = (long long)(now * BUCKETS);
    if (slot != stream->rate[0]) {
        roll(stream, slot);
    }
    stream->rate[2 + slot % BUCKETS] += size;
    if (ends) {
        stream->rate[2 + BUCKETS + slot % BUCKETS]++;
    }
    stream->shares[temporal < 3 ? temporal : 2] += size;
}

/* speaking.VoiceGate.hears of a microphone that has a place. */
static void note_level(struct majlis_stream *stream, int level, double now) {
    double *voice = stream->voice;
    level &= 0x7F;
    if (level < *stream->loudest) {
        *stream->loudest = level;
    }
    if (voice == NULL) {
        return;
    }
    double passed = now - voice[AT], faded = voice[LOUDNESS] - 30.0 * (passed > 0 ? passed : 0);
    voice[LOUDNESS] = 127.0 - level > faded ? 127.0 - level : faded;
    voice[AT] = now;
    if (level <= 60) {
        if (now - voice[LOUD_AT] >= 0.4) {
            voice[BEGUN] = now;
        }
        voice[LOUD_AT] = now;
    }
}

static void keep(struct majlis_stream *stream, const struct parsed *found) {
    const struct majlis_packet *packet = &found->packet;
    struct majlis_kept *kept = &stream->kept[packet->index % stream->kept_slots];
    kept->index = packet->index;
    kept->timestamp = packet->timestamp;
    kept->marker = packet->marker;
    kept->key = packet->key;
    kept->level = (unsigned short)(found->level < 0 ? 0 : stream->level_head << 8 | found->level);
    kept->size = (unsigned short)found->size;
    kept->present = 1;
    memcpy(kept->payload, found->payload, found->size);
}

static struct majlis_event *leave(struct majlis_taken *taken, unsigned place, unsigned what, unsigned size) {
    struct majlis_event *event = &taken->event[taken->events++];
    memset(event, 0, sizeof *event);
    event->place = place;
    event->what = what;
    event->size = size;
    return event;
}

static void forward(const struct majlis_crypto *crypto, struct majlis_stream *stream, struct parsed *found,
                    unsigned place, struct majlis_taken *taken) {
    struct majlis_result result;
    unsigned first = taken->lefts;
    unsigned count = majlis_fan_out(crypto->protect, &found->packet, found->payload, stream->lanes,
                                    stream->lane_count, taken->left + first, &result);
    taken->forwarded += result.forwarded;
    taken->sent += result.sent;
    taken->bytes_out += result.bytes;
    taken->dropped_send += result.dropped;
    if (count) {
        struct majlis_event *event = leave(taken, place, LEFT, 0);
        event->first = first;
        event->count = count;
        event->stream = stream->number;
        event->index = found->packet.index;
        taken->lefts += count;
    }
}

/* wire.shared_elements: abs-send-time and, of sound, the audio level or padding in its place. */
static void write_elements(const struct majlis_stream *stream, struct parsed *found, double now) {
    struct majlis_packet *packet = &found->packet;
    unsigned time = (unsigned)((unsigned long long)(now * 262144) & 0xFFFFFF);
    packet->elements[0] = stream->stamp_head;
    packet->elements[1] = (unsigned char)(time >> 16);
    packet->elements[2] = (unsigned char)(time >> 8);
    packet->elements[3] = (unsigned char)time;
    packet->elements[4] = found->level < 0 ? 0 : stream->level_head;
    packet->elements[5] = found->level < 0 ? 0 : (unsigned char)found->level;
    packet->elements_size = stream->sound ? 6 : 4;
}

/* Whether a datagram's way ends here; if not, it may have been decrypted meanwhile (`what`, `size`). */
static int take_rtp(const struct majlis_crypto *crypto, struct majlis_peer *peer, unsigned char *data,
                    unsigned place, double now, struct majlis_taken *taken, unsigned *size, unsigned *what) {
    struct majlis_publisher *publisher = peer->publisher;
    struct majlis_stream *stream = publisher != NULL ? expected(publisher, data, *size) : NULL;
    if (stream == NULL || publisher->arrived >= 256 || taken->lefts + stream->lane_count > LEFTS) {
        return 0;
    }
    int length = (int)*size;
    if (((crypto_function)crypto->unprotect)(peer->inbound, data, &length) != 0) {
        taken->dropped_srtp++;
        return 1;
    }
    struct parsed found = {0};
    *what = RTP;
    *size = (unsigned)length;
    peer->seen = now;
    if (!read_extensions(publisher, data, *size, &found) || found.size > sizeof stream->kept->payload ||
        !(stream->sound ? read_sound(stream, &found) : read_picture(&found)) || !within_rate(publisher, *size, now)) {
        return 0;
    }
    taken->packets++;
    if (found.number >= 0) {
        publisher->numbers[publisher->arrived] = (unsigned short)found.number;
        publisher->arrivals[publisher->arrived++] = now;
    }
    struct majlis_packet *packet = &found.packet;
    packet->source = stream->number;
    packet->size = found.size;
    packet->timestamp = get32(data + 4);
    packet->marker = data[1] & 0x80;
    packet->now = now;
    write_elements(stream, &found, now);
    packet->index = receive(stream, packet->timestamp, *size, now);
    keep(stream, &found);
    note_rate(stream, found.size, stream->sound || packet->marker, (unsigned)packet->temporal, now);
    if (found.level >= 0) {
        note_level(stream, found.level, now);
    }
    forward(crypto, stream, &found, place, taken);
    return 1;
}

/* --------------------------------------------------------------------------------------------- reports */

/* Keep a feedback with those that wait; 0: it must be judged at once, or there is no room for it. Nothing has
   changed then. */
static int keep_feedback(struct majlis_hearing *hearing, const unsigned char *data, unsigned length, double now) {
    length -= data[0] & 0x20 ? data[length - 1] : 0; /* padding */
    if (length < 20 || length > 4 + 4 * get16(data + 2)) {
        return 0;
    }
    long long reported = hearing->log.state[2], reference = hearing->log.state[3];
    int failed = majlis_feedback(data + 12, length - 12, &hearing->log, hearing->open_until, hearing->group_seconds,
                                 &heard);
    unsigned count = failed ? 0 : (unsigned)heard.count, groups = failed ? 0 : (unsigned)heard.groups;
    int waits = !failed && heard.lost == 0 && hearing->waiting < sizeof hearing->came / sizeof *hearing->came &&
                hearing->groups + groups <= sizeof hearing->group / sizeof *hearing->group;
    for (unsigned i = 0; i < groups; i++) {
        waits &= heard.group[i].delay <= hearing->calm;
    }
    if (!waits) {
        hearing->log.state[2] = reported;
        hearing->log.state[3] = reference;
        return 0;
    }
    if (count == 0) {
        return 1;
    }
    hearing->newest = hearing->came[hearing->waiting] = now;
    hearing->first[hearing->waiting++] = heard.acks[0].sent;
    hearing->last = heard.acks[count - 1].sent;
    hearing->packets += heard.count;
    hearing->received += heard.received;
    hearing->skipped += heard.skipped;
    hearing->newest_sent = heard.newest_sent;
    hearing->newest_arrival = heard.newest_arrival;
    memcpy(hearing->group + hearing->groups, heard.group, groups * sizeof *heard.group);
    hearing->groups += groups;
    hearing->open_until = heard.open_until;
    return 1;
}

/* Keep a reception report, which may be followed by a description of its sender; 0: there is more in it, or no room. */
static int keep_report(struct majlis_hearing *hearing, const unsigned char *data, unsigned size, double now) {
    struct majlis_report *report = &hearing->report[hearing->reports];
    if (hearing->reports == sizeof hearing->report / sizeof *report || size > sizeof report->data) {
        return 0;
    }
    for (unsigned at = 0; at < size; at += 4 + 4 * get16(data + at + 2)) {
        if (at + 4 > size || data[at] >> 6 != 2 || at + 4 + 4 * get16(data + at + 2) > size ||
            data[at + 1] != (at ? 202 : 201)) {
            return 0;
        }
    }
    report->now = now;
    report->size = size;
    memcpy(report->data, data, size);
    hearing->reports++;
    return 1;
}

/* A single transport-wide feedback or reception report; `*what` is RTCP when it has been decrypted but must be read
   in Python. */
static int take_rtcp(const struct majlis_crypto *crypto, struct majlis_peer *peer, unsigned char *data,
                     unsigned place, double now, struct majlis_taken *taken, unsigned *size, unsigned *what) {
    struct majlis_hearing *hearing = peer->hearing;
    int feedback = (data[0] & 0xDF) == 0x8F && data[1] == 205, report = data[1] == 201;
    (void)place;
    if (hearing == NULL || !(feedback || report) || !(hearing->calm > -1e300)) {
        return 0;
    }
    int length = (int)*size;
    if (((crypto_function)crypto->unprotect_rtcp)(peer->inbound, data, &length) != 0) {
        taken->dropped_srtp++;
        return 1;
    }
    *what = RTCP;
    *size = (unsigned)length;
    peer->seen = now;
    if (report) {
        return keep_report(hearing, data, *size, now);
    }
    return length >= 20 && 4 + 4 * get16(data + 2) == (unsigned)length && keep_feedback(hearing, data, *size, now);
}

/* A check of connectivity from where the peer is sent to already. */
static int take_check(const struct majlis_listener *listener, struct majlis_peer *peer, const unsigned char *data,
                      unsigned size, const unsigned char *address, unsigned address_size, double now,
                      struct majlis_taken *taken) {
    unsigned char reply[128];
    unsigned length = majlis_answer(&peer->consent, data, size, address, address_size, reply);
    if (length == 0) {
        return 0;
    }
    peer->consent.checked = now;
    if (sendto(listener->fd, reply, length, MSG_DONTWAIT, (const void *)address, address_size) == (ssize_t)length) {
        taken->sent++;
        taken->bytes_out += length;
    } else {
        taken->dropped_send++;
    }
    return 1;
}

int majlis_take(struct majlis_listener *listener, const struct majlis_crypto *crypto, double now,
                struct majlis_arrivals *arrivals, struct majlis_taken *taken) {
    memset(taken, 0, offsetof(struct majlis_taken, event));
    int count = majlis_receive(listener->fd, arrivals);
    listener->batch++;
    for (int i = 0; i < count; i++) {
        unsigned place = (unsigned)i, size = arrivals->sizes[i], what = RAW, whole = size;
        unsigned char *data = arrivals->data + place * SLOT;
        struct majlis_peer *peer = NULL;
        const unsigned char *address = arrivals->addresses + place * 32;
        int media = size >= 12 && data[0] >= 128 && data[0] <= 191;
        if (media || (size >= 20 && data[0] == 0)) {
            peer = find(listener, address, arrivals->address_sizes[i])->peer;
        }
        int done = 0;
        if (peer != NULL && peer->held != listener->batch) {
            int control = data[1] >= 192 && data[1] <= 223; /* RFC 5761 §4 */
            done = media ? (control ? take_rtcp : take_rtp)(crypto, peer, data, place, now, taken, &size, &what)
                         : take_check(listener, peer, data, size, address, arrivals->address_sizes[i], now, taken);
        }
        if (done || what != RAW) {
            taken->datagrams++;
            taken->bytes += whole;
        }
        if (done) {
            continue;
        }
        if (peer != NULL) {
            peer->held = listener->batch;
        }
        leave(taken, place, what, size);
    }
    return count;
}

/* The inner loop of forwarding: one packet to all viewers whose state does not change with it.

   Does for each what outgoing_video.OutgoingVideo.forward, transport.Transport.send_rtp and udp.UdpPath.send
   do, byte for byte; tests/media/test_fanout.py compares them. Whatever is out of the ordinary is left to
   Python. */

#define _GNU_SOURCE
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "fanout.h"

#define BATCH 64
#define SLOT 2048
#define SENT 64
#define NOTHING 0xFFFFFFFFFFFFFFFEull /* a lane's source while no packet matters */
#define TRAILER 160 /* SRTP_MAX_TRAILER_LEN of libsrtp 2, rounded up */

typedef int (*protect_function)(void *session, void *packet, int *size);

/* The media plane of a process runs on one thread, and so does this. */
static unsigned char slots[BATCH][SLOT] __attribute__((aligned(16)));
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

static void put16(unsigned char *at, unsigned value) {
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static void put32(unsigned char *at, unsigned value) {
    put16(at, value >> 16);
    put16(at + 2, value);
}

/* A full buffer loses what is left, as sending one by one would: media that waits is worth nothing. */
static void flush(int fd, unsigned count, struct majlis_result *result) {
    unsigned done = 0;
    while (done < count) {
        int sent = sendmmsg(fd, messages + done, count - done, MSG_DONTWAIT);
        if (sent <= 0) {
            result->dropped++;
            done++;
            continue;
        }
        for (int i = 0; i < sent; i++) {
            result->bytes += messages[done + (unsigned)i].msg_len;
        }
        result->sent += (unsigned)sent;
        done += (unsigned)sent;
    }
}

/* PictureID and TL0PICIDX (RFC 7741 §4.2), each within its own width. */
static void move_pictures(const struct majlis_packet *packet, const struct majlis_lane *lane,
                          unsigned char *payload) {
    unsigned picture = (unsigned)(packet->picture_id + lane->picture_offset);
    if (packet->picture_bits == 15) {
        put16(payload + packet->picture_at, 0x8000 | (picture & 0x7FFF));
    } else if (packet->picture_bits == 7) {
        payload[packet->picture_at] = (unsigned char)(picture & 0x7F);
    }
    if (packet->tl0_at > 0) {
        payload[packet->tl0_at] = (unsigned char)(packet->tl0 + lane->tl0_offset);
    }
}

/* Python checks the same when it parses; here a mistake would write outside the packet. */
static int well_formed(const struct majlis_packet *packet) {
    int picture_end = packet->picture_at + (packet->picture_bits == 15 ? 2 : 1);
    return packet->elements_size <= sizeof packet->elements && packet->descriptor_size <= packet->size &&
           packet->picture_at >= 0 && packet->tl0_at >= 0 &&
           (packet->picture_bits == 0 || picture_end <= packet->descriptor_size) &&
           (packet->tl0_at == 0 || packet->tl0_at < packet->descriptor_size);
}

/* What is not of its source concerns a lane only when it could begin with it. */
static int ignores(const struct majlis_lane *lane, const struct majlis_packet *packet) {
    if (lane->source == 0 || lane->held) {
        return 0;
    }
    return lane->source == NOTHING || (lane->source != packet->source && !packet->key);
}

static int takes(const struct majlis_lane *lane, const struct majlis_packet *packet) {
    const struct majlis_route *route = lane->route;
    return !lane->held && lane->source == packet->source && packet->temporal <= lane->temporal && route != NULL &&
           route->session != NULL && route->socket != NULL && route->socket->fd >= 0 &&
           route->address_size <= sizeof route->address && lane->head_size <= sizeof lane->head &&
           lane->head_size >= 12 &&
           (lane->elements_at == 0 || lane->elements_at + packet->elements_size <= lane->head_size) &&
           (lane->sent == NULL || lane->head_size + packet->size <= sizeof lane->sent->data) &&
           lane->number_at + 2 <= lane->head_size && (lane->number_at == 0 || route->log_state != NULL) &&
           lane->head_size + packet->size + TRAILER <= SLOT;
}

/* Note a packet in the send log and give its transport-wide number (sending.SendLog.note). */
static unsigned number_of(const struct majlis_route *route, unsigned payload_size, double now) {
    long long number = route->log_state[0]++;
    unsigned slot = (unsigned)(number % route->log_slots);
    unsigned size = payload_size + route->log_overhead;
    route->log_times[slot] = now;
    route->log_sizes[slot] = (unsigned short)size;
    route->log_state[1] += size;
    return (unsigned)number & 0xFFFF;
}

static void keep_sent(struct majlis_lane *lane, long long number, const unsigned char *packet, unsigned size) {
    struct majlis_sent *sent = &lane->sent[(unsigned long long)number % SENT];
    sent->number = number;
    sent->size = (unsigned short)size;
    memcpy(sent->data, packet, size);
}

static int write_packet(const struct majlis_packet *packet, const unsigned char *payload,
                        struct majlis_lane *lane, unsigned char *slot) {
    memcpy(slot, lane->head, lane->head_size);
    slot[1] = packet->marker | lane->payload_type;
    put16(slot + 2, (unsigned)((packet->index + lane->offset) & 0xFFFF));
    put32(slot + 4, packet->timestamp + lane->timestamp_offset);
    put32(slot + 8, lane->ssrc);
    if (lane->elements_at) {
        memcpy(slot + lane->elements_at, packet->elements, packet->elements_size);
    }
    if (lane->number_at) {
        put16(slot + lane->number_at, number_of(lane->route, packet->size, packet->now));
    }
    memcpy(slot + lane->head_size, payload, packet->size);
    if (lane->picture_offset || lane->tl0_offset) {
        move_pictures(packet, lane, slot + lane->head_size);
    }
    if (lane->sent != NULL) {
        keep_sent(lane, packet->index + lane->offset, slot, lane->head_size + packet->size);
    }
    lane->last_index = packet->index;
    lane->last_time = packet->now;
    lane->packets++;
    lane->octets += packet->size;
    return (int)(lane->head_size + packet->size);
}

unsigned majlis_fan_out(void *protect, const struct majlis_packet *packet, const unsigned char *payload,
                        struct majlis_lane **lanes, unsigned count, unsigned *left, struct majlis_result *result) {
    protect_function srtp_protect = (protect_function)protect;
    unsigned remaining = 0, batched = 0;
    int fd = -1;
    memset(result, 0, sizeof *result);
    if (!well_formed(packet)) {
        for (; remaining < count; remaining++) {
            left[remaining] = remaining;
        }
        return remaining;
    }
    for (unsigned i = 0; i < count; i++) {
        struct majlis_lane *lane = lanes[i];
        if (ignores(lane, packet)) {
            continue;
        }
        if (!takes(lane, packet)) {
            lane->held = 1;
            left[remaining++] = i;
            continue;
        }
        if (batched == BATCH || (batched && fd != lane->route->socket->fd)) {
            flush(fd, batched, result);
            batched = 0;
        }
        fd = lane->route->socket->fd;
        int size = write_packet(packet, payload, lane, slots[batched]);
        result->forwarded++;
        if (srtp_protect(lane->route->session, slots[batched], &size) != 0) {
            result->dropped++;
            continue;
        }
        vectors[batched].iov_base = slots[batched];
        vectors[batched].iov_len = (size_t)size;
        struct msghdr *header = &messages[batched].msg_hdr;
        memset(header, 0, sizeof *header);
        header->msg_name = lane->route->address;
        header->msg_namelen = lane->route->address_size;
        header->msg_iov = &vectors[batched];
        header->msg_iovlen = 1;
        batched++;
    }
    if (batched) {
        flush(fd, batched, result);
    }
    return remaining;
}

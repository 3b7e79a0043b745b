/* What Python and C share of the fan-out. The C compiler and cffi both read this file, so that they cannot
   disagree about a field; it therefore has no includes and no macros. */

/* A UDP socket; fd is -1 once it has been closed. */
struct majlis_socket {
    int fd;
};

/* Where one viewer's packets go: socket and address, SRTP session, transport-wide send log. */
struct majlis_route {
    struct majlis_socket *socket; /* NULL: not over UDP, Python must send */
    void *session;                /* srtp_t */
    unsigned char address[32];    /* struct sockaddr_in or sockaddr_in6 */
    unsigned address_size;
    long long *log_state; /* next number, total bytes; NULL: packets carry no number */
    double *log_times;
    unsigned short *log_sizes;
    unsigned log_slots;
    unsigned log_overhead; /* bytes of a packet beside its payload, as the log counts them */
};

/* A packet of sound as it went out, before it was encrypted: it may be asked for again (sent_sound.py). */
struct majlis_sent {
    long long number;
    unsigned short size; /* 0: none */
    unsigned char data[246]; /* what is longer is left to Python */
};

/* The numbers of one outgoing stream while nothing about it changes. */
struct majlis_lane {
    unsigned long long source; /* the incoming stream it follows; 0: Python decides about each packet; all ones:
                                  none, nothing but a key frame matters; all ones but the last: nothing matters */
    struct majlis_route *route;
    long long offset; /* to be added to a packet's index */
    unsigned timestamp_offset;
    unsigned ssrc;
    int temporal; /* highest temporal layer to be sent */
    int picture_offset;
    int tl0_offset;
    unsigned char payload_type;
    unsigned char head_size; /* RTP header and extensions; at most 64 */
    unsigned char elements_at; /* 0: the shared elements do not travel */
    unsigned char number_at; /* of the transport-wide number; 0: none */
    unsigned char held;      /* Python has a packet for it that it has not seen yet: what comes must wait behind it */
    unsigned char head[64];
    struct majlis_sent *sent; /* the last 64 by number; NULL: not kept here */
    /* What has happened since Python last looked. */
    long long last_index;
    double last_time;
    unsigned long long packets;
    unsigned long long octets;
};

/* One packet of an incoming stream; `picture_bits` 0, 7 or 15, `tl0_at` 0 when it has none. fanout.py writes it
   at one go. */
struct majlis_packet {
    unsigned long long source;
    unsigned size; /* of the payload */
    unsigned elements_size;
    unsigned char elements[16];
    long long index;
    unsigned timestamp;
    int temporal;
    double now;
    unsigned char marker;
    unsigned char key;
    unsigned char picture_bits;
    unsigned char tl0;
    unsigned char descriptor_size;
    int picture_at;
    int picture_id;
    int tl0_at;
};

struct majlis_result {
    unsigned forwarded;
    unsigned sent;
    unsigned dropped;
    unsigned long long bytes;
};

/* Send `packet` with its payload on every lane that follows its source; write the places of the others into `left` and return
   how many they are. `protect` is libsrtp's srtp_protect. */
unsigned majlis_fan_out(void *protect, const struct majlis_packet *packet, const unsigned char *payload,
                        struct majlis_lane **lanes, unsigned count, unsigned *left, struct majlis_result *result);

/* What Python and C share of taking packets in; as in fanout.h, no includes and no macros. */

/* One packet kept for retransmission (cache.PacketCache); `present` 0: the slot is empty. */
struct majlis_kept {
    long long index;
    unsigned timestamp;
    unsigned short size;
    unsigned char marker;
    unsigned char present;
    unsigned char key;
    unsigned short level; /* the audio-level element as it goes out; 0: none */
    unsigned char payload[1344]; /* what is longer is left to Python */
};

/* An incoming stream of VP8 or sound. The arrays are those of incoming.IncomingStream, layer_rate.LayerRate and,
   of sound, track.Track and speaking.VoiceGate. */
struct majlis_stream {
    unsigned long long number;
    unsigned ssrc;
    unsigned char payload_type;
    unsigned char open;       /* 0: Python takes every packet */
    unsigned char sound;
    unsigned char stamp_head; /* first byte of the send-time element */
    unsigned char level_head; /* and of the audio level's */
    unsigned kept_slots;
    unsigned lane_count;
    struct majlis_lane **lanes; /* of the track's viewers */
    struct majlis_kept *kept;
    long long *counts;  /* highest index, delivered, top, received, bytes, holes */
    double *measures;   /* last packet, jitter, transit time (NaN before the first) */
    long long *rate;    /* slot, start, bytes and pictures of ten slots each */
    double *shares;     /* bytes of three temporal layers, two shares */
    double clock_rate;
    long long *loudest; /* smallest level since it was asked for */
    double *voice;      /* loudness, when, last loud, begun, whether it has a place; NULL: there is no gate */
};

/* One client's sending side. */
struct majlis_publisher {
    double *bucket; /* tokens, when they were counted (publisher.Publisher) */
    double byte_rate;
    double burst;       /* bytes */
    unsigned number_id; /* of the transport-wide number's extension; 0: none was agreed */
    unsigned level_id;  /* of the audio level's */
    unsigned stream_count;
    struct majlis_stream *streams[16];
    unsigned arrived; /* transport-wide numbers noted and not yet taken over (twcc.ArrivalLog) */
    unsigned short numbers[256];
    double arrivals[256];
};

/* A reception report as it came (RFC 3550 §6.4.2). */
struct majlis_report {
    double now;
    unsigned size;
    unsigned char data[180];
};

/* One viewer's reports. While nothing arrives later than `calm` (the delay in majlis_group) and nothing is lost,
   they wait for the next look; −infinity: Python reads each. Feedback that waits is summed up as one
   (heard.Waited): what it said, and of each when it came and when the first packet it speaks of was sent. */
struct majlis_hearing {
    struct majlis_log log;
    double calm;
    double open_until;
    double group_seconds;
    double newest; /* when the latest came, −infinity before the first */
    double packets;
    double last;
    double received;
    double skipped;
    double newest_sent;
    double newest_arrival;
    unsigned waiting;
    unsigned groups;
    unsigned reports;
    double came[64];
    double first[64];
    struct majlis_group group[160];
    struct majlis_report report[8];
};

/* One transport whose keys are known; `publisher` or `hearing` or neither. */
struct majlis_peer {
    void *inbound; /* srtp_t */
    double seen;   /* when a packet of it was authenticated here */
    struct majlis_publisher *publisher;
    struct majlis_hearing *hearing;
    struct majlis_consent consent;
    unsigned long long held; /* the batch of which Python has something of this peer: the rest follows it */
};

struct majlis_entry {
    struct majlis_peer *peer; /* NULL: free */
    unsigned address_size;
    unsigned char address[32];
};

/* A socket and its peers by address; `capacity` is a power of two and never full. */
struct majlis_listener {
    int fd;
    unsigned capacity;
    unsigned used;
    unsigned long long batch;
    struct majlis_entry *entries;
};

/* libsrtp, which is inside pylibsrtp. */
struct majlis_crypto {
    void *protect;
    void *unprotect;
    void *unprotect_rtcp;
};

/* What is left to Python, in order. `what` is 0 for a datagram as it came, 1 for decrypted RTP, 2 for decrypted
   RTCP, and 3 for a packet that has been forwarded but to the viewers whose places are `count` of `left` from `first`
   on. */
struct majlis_event {
    unsigned place;
    unsigned what;
    unsigned size;
    unsigned first;
    unsigned count;
    unsigned long long stream;
    long long index;
};

struct majlis_taken {
    unsigned datagrams; /* of which Python need not count anything any more */
    unsigned packets;
    unsigned forwarded;
    unsigned sent;
    unsigned dropped_send;
    unsigned dropped_srtp;
    unsigned long long bytes;
    unsigned long long bytes_out;
    unsigned events;
    unsigned lefts;
    struct majlis_event event[64];
    unsigned left[4096];
};

/* Take what the socket holds, and do all there is to do with packets that are the next of their stream. Returns
   how many datagrams there were, −1 for an error that the next call does not see, such as an ICMP message. */
int majlis_take(struct majlis_listener *listener, const struct majlis_crypto *crypto, double now,
                struct majlis_arrivals *arrivals, struct majlis_taken *taken);

/* Whose packets from an address are; NULL takes it out. Python sees to it that there is room. Returns whose they were. */
struct majlis_peer *majlis_bind(struct majlis_listener *listener, const unsigned char *address, unsigned size,
                                struct majlis_peer *peer);

/* What Python and C share of receiving; as in fanout.h, no includes and no macros. */

/* Datagrams of one wake-up: their sizes, and the senders' struct sockaddr_in or sockaddr_in6. */
struct majlis_arrivals {
    unsigned sizes[64];
    unsigned address_sizes[64];
    unsigned char addresses[2048]; /* 32 bytes each */
    unsigned char data[131072];    /* 2048 bytes each; what is longer is cut off */
};

/* Take what the socket holds. Returns how many datagrams; 0 when there is none, −1 for an error that the next
   call does not see, such as an ICMP message. */
int majlis_receive(int fd, struct majlis_arrivals *arrivals);

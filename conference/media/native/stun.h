/* What Python and C share of answering connectivity checks; as in fanout.h, no includes and no macros. */

/* The only checks that may be answered for a peer: they name it, know its one password, and come from the address
   that is sent to already, so nothing follows from them but consent to go on (RFC 7675). */
struct majlis_consent {
    unsigned char name[32]; /* our half of USERNAME */
    unsigned char password[64];
    unsigned char address[32]; /* struct sockaddr_in or sockaddr_in6 */
    unsigned name_size;        /* 0: Python answers all */
    unsigned password_size;
    unsigned address_size;
    double checked; /* when such a check came last */
};

/* Write the answer to a check that has just come into `reply` (at least 128 bytes). Returns its size; 0 when Python must look
   at the message, whatever is the matter with it. */
unsigned majlis_answer(const struct majlis_consent *consent, const unsigned char *data, unsigned size,
                       const unsigned char *address, unsigned address_size, unsigned char *reply);

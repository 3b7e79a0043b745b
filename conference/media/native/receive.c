/* Many datagrams in one system call (recvmmsg), without the call that only says that there are no more.

   Python's socket makes an object of each sender's address, and an exception of "no more": together a fifth
   of what a received packet cost. */

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "receive.h"

#define BATCH 64
#define SLOT 2048
#define ADDRESS 32

static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

static const struct majlis_arrivals *prepared;
static unsigned used; /* of the headers, since they were prepared */

/* All of them for other buffers than the last time; else those that the last call wrote into, for each is a line
   of the cache that somebody else has taken meanwhile. */
static void prepare(struct majlis_arrivals *arrivals) {
    unsigned count = prepared == arrivals ? used : BATCH;
    for (unsigned i = 0; i < count; i++) {
        vectors[i].iov_base = arrivals->data + i * SLOT;
        vectors[i].iov_len = SLOT;
        struct msghdr *header = &messages[i].msg_hdr;
        memset(header, 0, sizeof *header);
        header->msg_name = arrivals->addresses + i * ADDRESS;
        header->msg_namelen = ADDRESS;
        header->msg_iov = &vectors[i];
        header->msg_iovlen = 1;
    }
    prepared = arrivals;
}

int majlis_receive(int fd, struct majlis_arrivals *arrivals) {
    prepare(arrivals);
    int count = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        used = BATCH; /* whatever it did before it failed */
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    }
    used = (unsigned)count;
    for (int i = 0; i < count; i++) {
        arrivals->sizes[i] = messages[i].msg_len;
        arrivals->address_sizes[i] = messages[i].msg_hdr.msg_namelen;
    }
    return count;
}

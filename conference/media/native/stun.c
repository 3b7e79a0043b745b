/* Consent checks: STUN Binding requests of a peer that is known and stays where it is (RFC 8489, RFC 7675).

   Each client sends one every few seconds, and each woke an interpreter with cold caches for a sixth of what its
   packets of a second cost. Only what is exactly as it should be is answered; binding.py reads everything else, and
   tests/media/test_stun.py lets it judge what is done here. */

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "stun.h"

#define BLOCK 64
#define DIGEST 20
#define HEADER 20
#define COOKIE 0x2112A442u
#define FINGERPRINT_XOR 0x5354554Eu
#define MOST 1200 /* bytes of a request; browsers' have about 100 */

enum { USERNAME = 0x0006, MESSAGE_INTEGRITY = 0x0008, XOR_MAPPED_ADDRESS = 0x0020 };
enum { FINGERPRINT = 0x8028, ICE_CONTROLLED = 0x8029 };

static unsigned get16(const unsigned char *at) {
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t get32(const unsigned char *at) {
    return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(unsigned char *at, unsigned value) {
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static void put32(unsigned char *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value & 0xFFFF);
}

/* ----------------------------------------------------------------------------- SHA-1 (FIPS 180-4), HMAC (RFC 2104) */

struct sha1 {
    uint32_t state[5];
    unsigned char block[BLOCK];
    unsigned used;
    uint64_t size;
};

static uint32_t rotate(uint32_t value, int bits) {
    return value << bits | value >> (32 - bits);
}

static void digest_block(uint32_t *state, const unsigned char *block) {
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 16; i++) {
        w[i] = get32(block + 4 * i);
    }
    for (int i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) {
            f = (b & c) | (~b & d), k = 0x5A827999u;
        } else if (i < 40) {
            f = b ^ c ^ d, k = 0x6ED9EBA1u;
        } else if (i < 60) {
            f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDCu;
        } else {
            f = b ^ c ^ d, k = 0xCA62C1D6u;
        }
        uint32_t next = rotate(a, 5) + f + e + k + w[i];
        e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

static void begin(struct sha1 *sha) {
    static const uint32_t initial[5] = {0x67452301u, 0xEFCDAB89u, 0x98BADCFEu, 0x10325476u, 0xC3D2E1F0u};
    memcpy(sha->state, initial, sizeof initial);
    sha->used = 0;
    sha->size = 0;
}

static void add(struct sha1 *sha, const unsigned char *data, unsigned size) {
    sha->size += size;
    while (size > 0) {
        unsigned part = BLOCK - sha->used < size ? BLOCK - sha->used : size;
        memcpy(sha->block + sha->used, data, part);
        sha->used += part;
        data += part;
        size -= part;
        if (sha->used == BLOCK) {
            digest_block(sha->state, sha->block);
            sha->used = 0;
        }
    }
}

static void end(struct sha1 *sha, unsigned char *digest) {
    static const unsigned char padding[BLOCK] = {0x80};
    unsigned char size[8];
    put32(size, (uint32_t)(sha->size >> 29));
    put32(size + 4, (uint32_t)(sha->size << 3));
    add(sha, padding, sha->used < 56 ? 56 - sha->used : 120 - sha->used);
    add(sha, size, sizeof size);
    for (int i = 0; i < 5; i++) {
        put32(digest + 4 * i, sha->state[i]);
    }
}

static void pad_key(const struct majlis_consent *consent, unsigned char with, unsigned char *block) {
    memset(block, with, BLOCK);
    for (unsigned i = 0; i < consent->password_size; i++) {
        block[i] ^= consent->password[i];
    }
}

/* ------------------------------------------------------------------------------------------------------- checksums */

/* Both checksums count themselves into the length they cover (RFC 8489 §14.5, §14.7): here is the header with it. */
static void head_with(const unsigned char *message, unsigned position, unsigned attribute, unsigned char *head) {
    memcpy(head, message, HEADER);
    put16(head + 2, position - HEADER + attribute);
}

static void integrity(const struct majlis_consent *consent, const unsigned char *message, unsigned position,
                      unsigned char *digest) {
    struct sha1 sha;
    unsigned char block[BLOCK], head[HEADER];
    head_with(message, position, 4 + DIGEST, head);
    begin(&sha);
    pad_key(consent, 0x36, block);
    add(&sha, block, BLOCK);
    add(&sha, head, HEADER);
    add(&sha, message + HEADER, position - HEADER);
    end(&sha, digest);
    begin(&sha);
    pad_key(consent, 0x5C, block);
    add(&sha, block, BLOCK);
    add(&sha, digest, DIGEST);
    end(&sha, digest);
}

static uint32_t crc32(uint32_t crc, const unsigned char *data, unsigned size) {
    static const uint32_t table[16] = {
        0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
        0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
    };
    for (unsigned i = 0; i < size; i++) {
        crc = table[(crc ^ data[i]) & 15] ^ crc >> 4;
        crc = table[(crc ^ data[i] >> 4) & 15] ^ crc >> 4;
    }
    return crc;
}

static uint32_t fingerprint(const unsigned char *message, unsigned position) {
    unsigned char head[HEADER];
    head_with(message, position, 8, head);
    uint32_t crc = crc32(crc32(0xFFFFFFFFu, head, HEADER), message + HEADER, position - HEADER);
    return ~crc ^ FINGERPRINT_XOR;
}

/* In a time that does not tell how much of it was right. */
static int same(const unsigned char *one, const unsigned char *other, unsigned size) {
    unsigned char different = 0;
    for (unsigned i = 0; i < size; i++) {
        different |= one[i] ^ other[i];
    }
    return different == 0;
}

/* -------------------------------------------------------------------------------------------------------- messages */

static int names(const struct majlis_consent *consent, const unsigned char *name, unsigned size) {
    return size > consent->name_size && name[consent->name_size] == ':' &&
           memcmp(name, consent->name, consent->name_size) == 0;
}

/* binding.read_check, for a request that wants nothing but an answer. */
static int is_consent(const struct majlis_consent *consent, const unsigned char *data, unsigned size) {
    if (size < HEADER || size > MOST || get16(data) != 0x0001 || get32(data + 4) != COOKIE ||
        get16(data + 2) + HEADER != size) {
        return 0;
    }
    int named = 0, authentic = 0;
    unsigned next = HEADER;
    for (unsigned at = HEADER; at + 4 <= size; at = next) {
        unsigned attribute = get16(data + at), length = get16(data + at + 2);
        const unsigned char *value = data + at + 4;
        if (at + 4 + length > size) {
            return 0;
        }
        next = at + 4 + (length + 3) / 4 * 4;
        if (attribute == FINGERPRINT) {
            if (length != 4 || get32(value) != fingerprint(data, at)) {
                return 0;
            }
        } else if (authentic) {
            continue;
        } else if (attribute == MESSAGE_INTEGRITY) {
            unsigned char digest[DIGEST];
            integrity(consent, data, at, digest);
            if (length != DIGEST || !same(value, digest, DIGEST)) {
                return 0;
            }
            authentic = 1;
        } else if (attribute == USERNAME) {
            if (named || !names(consent, value, length)) {
                return 0;
            }
            named = 1;
        } else if (attribute == ICE_CONTROLLED) {
            return 0;
        }
    }
    return named && authentic;
}

static unsigned put_address(unsigned char *at, const unsigned char *transaction, const unsigned char *address,
                            unsigned address_size) {
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    const unsigned char *host;
    unsigned host_size, port;
    unsigned char mask[16];
    if (address_size == sizeof four) {
        memcpy(&four, address, sizeof four);
        host = (const unsigned char *)&four.sin_addr;
        host_size = 4;
        port = ntohs(four.sin_port);
    } else if (address_size == sizeof six) {
        memcpy(&six, address, sizeof six);
        host = (const unsigned char *)&six.sin6_addr;
        host_size = 16;
        port = ntohs(six.sin6_port);
    } else {
        return 0;
    }
    put32(mask, COOKIE);
    memcpy(mask + 4, transaction, 12);
    put16(at, XOR_MAPPED_ADDRESS);
    put16(at + 2, 4 + host_size);
    put16(at + 4, host_size == 4 ? 1 : 2);
    put16(at + 6, port ^ COOKIE >> 16);
    for (unsigned i = 0; i < host_size; i++) {
        at[8 + i] = host[i] ^ mask[i];
    }
    return 8 + host_size;
}

unsigned majlis_answer(const struct majlis_consent *consent, const unsigned char *data, unsigned size,
                       const unsigned char *address, unsigned address_size, unsigned char *reply) {
    if (consent->name_size == 0 || consent->password_size == 0 || consent->password_size > BLOCK ||
        consent->address_size != address_size || memcmp(consent->address, address, address_size) != 0 ||
        !is_consent(consent, data, size)) {
        return 0;
    }
    put16(reply, 0x0101);
    memcpy(reply + 4, data + 4, 16);
    unsigned position = HEADER + put_address(reply + HEADER, data + 8, address, address_size);
    if (position == HEADER) {
        return 0;
    }
    put16(reply + position, MESSAGE_INTEGRITY);
    put16(reply + position + 2, DIGEST);
    integrity(consent, reply, position, reply + position + 4);
    position += 4 + DIGEST;
    put16(reply + 2, position + 8 - HEADER);
    put16(reply + position, FINGERPRINT);
    put16(reply + position + 2, 4);
    put32(reply + position + 4, fingerprint(reply, position));
    return position + 8;
}

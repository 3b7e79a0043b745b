/**
 * What a peer connection puts on the wire, headers included: what people pay for. Pure: fed with getStats reports.
 *
 * A candidate pair counts what is inside its datagrams (SRTP, SRTCP, DTLS; W3C webrtc-stats, RTCIceCandidatePairStats)
 * and, apart from that, its STUN checks. What the network adds to each is known.
 */

export interface StatEntry {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Traffic {
  readonly received: number;
  readonly sent: number;
}

const IPV4 = 20;
const IPV6 = 40;
const UDP = 8;
/** TCP with timestamps (RFC 7323) and the length before each packet (RFC 4571); every other segment is acknowledged. */
const TCP = 32 + 2;
const TCP_ACKNOWLEDGEMENT = 32;
/** A TLS 1.3 record around each packet (RFC 8446 §5.2), and a TURN channel's header (RFC 8656 §12.4). */
const TLS = 5 + 1 + 16;
const TURN = 4;
/** Binding request and success response as browsers and our server make them (RFC 8445 §7). */
const STUN_REQUEST = 108;
const STUN_RESPONSE = 64;

interface Path {
  /** Bytes the network adds to each packet, and those that go the other way because of it. */
  readonly around: number;
  readonly back: number;
}

/** Traffic since it was made, over every connection it was shown. */
export class WireBytes {
  #received = 0;
  #sent = 0;
  /** By connection and candidate pair; a pair that ended keeps what it had counted. */
  readonly #before = new Map<string, Traffic>();

  get total(): Traffic {
    return { received: this.#received, sent: this.#sent };
  }

  /** Takes one report in; `connection` tells reports of different connections apart. Returns what came since the last. */
  add(connection: string, report: Iterable<StatEntry>): Traffic {
    let [received, sent] = [0, 0];
    for (const [id, now] of pairs([...report])) {
      const before = this.#before.get(`${connection} ${id}`) ?? { received: 0, sent: 0 };
      received += Math.max(0, now.received - before.received);
      sent += Math.max(0, now.sent - before.sent);
      this.#before.set(`${connection} ${id}`, now);
    }
    this.#received += received;
    this.#sent += sent;
    return { received, sent };
  }
}

/** The traffic of each candidate pair since it began. */
function pairs(report: readonly StatEntry[]): Map<string, Traffic> {
  const byId = new Map(report.map((entry) => [entry.id, entry]));
  const found = report.filter(({ type }) => type === "candidate-pair");
  const main = found.reduce<StatEntry | null>(
    (best, pair) => (best === null || bytes(pair) > bytes(best) ? pair : best),
    null,
  );
  const traffic = new Map<string, Traffic>();
  for (const pair of found) {
    const path = pathOf(pair, byId);
    const packets = packetsOf(pair, report, pair === main);
    const requests = number(pair, "requestsSent") + number(pair, "consentRequestsSent");
    const checks = number(pair, "requestsReceived");
    const inward = packets.received + number(pair, "responsesReceived") + checks;
    const outward = packets.sent + requests + number(pair, "responsesSent");
    traffic.set(pair.id, {
      received:
        number(pair, "bytesReceived") +
        number(pair, "responsesReceived") * STUN_RESPONSE +
        checks * STUN_REQUEST +
        inward * path.around +
        outward * path.back,
      sent:
        number(pair, "bytesSent") +
        requests * STUN_REQUEST +
        number(pair, "responsesSent") * STUN_RESPONSE +
        outward * path.around +
        inward * path.back,
    });
  }
  return traffic;
}

/** Browsers that do not count a pair's packets (Firefox) count those of the streams; RTCP adds a few in the hundred. */
function packetsOf(pair: StatEntry, report: readonly StatEntry[], main: boolean): Traffic {
  if ("packetsReceived" in pair) {
    return { received: number(pair, "packetsReceived"), sent: number(pair, "packetsSent") };
  }
  if (!main) return { received: 0, sent: 0 };
  const sum = (type: string, field: string) =>
    report.filter((entry) => entry.type === type).reduce((all, entry) => all + number(entry, field), 0);
  return { received: sum("inbound-rtp", "packetsReceived"), sent: sum("outbound-rtp", "packetsSent") };
}

function pathOf(pair: StatEntry, byId: ReadonlyMap<string, StatEntry>): Path {
  const local = byId.get(String(pair.localCandidateId));
  const remote = byId.get(String(pair.remoteCandidateId));
  const address = String(remote?.address ?? remote?.ip ?? "");
  const ip = address.includes(":") ? IPV6 : IPV4;
  const relay = local?.candidateType === "relay" ? String(local.relayProtocol ?? "udp") : "";
  const protocol = relay || String(local?.protocol ?? "udp");
  const turn = relay ? TURN : 0;
  if (protocol === "udp") return { around: ip + UDP + turn, back: 0 };
  const tls = protocol === "tls" ? TLS : 0;
  return { around: ip + TCP + turn + tls, back: (ip + TCP_ACKNOWLEDGEMENT) / 2 };
}

function bytes(pair: StatEntry): number {
  return number(pair, "bytesReceived") + number(pair, "bytesSent");
}

function number(entry: StatEntry, field: string): number {
  const value = entry[field];
  return typeof value === "number" ? value : 0;
}

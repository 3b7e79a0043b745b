/** Connection quality in plain numbers, from getStats of both peer connections. */

export interface Quality {
  /** Round trip to the server, ms; null before the first answer. */
  readonly rttMs: number | null;
  /** Packets lost since the last reading, per cent. */
  readonly lossDown: number;
  readonly lossUp: number;
  readonly kbitDown: number;
  readonly kbitUp: number;
  /** Pictures arrive in pieces only: packets came, but no frame could be made of them. */
  readonly frozen: boolean;
  /** Totals since joining, over reconnections. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

interface Reading {
  at: number;
  rtt: number | null;
  received: number;
  sent: number;
  packets: number;
  lost: number;
  lossUp: number;
  /** Packets and decoded frames of each received video, by its id. */
  videos: Map<string, { packets: number; frames: number }>;
}

export class QualityMeter {
  readonly #before = new Map<RTCPeerConnection, Reading>();
  #bytesReceived = 0;
  #bytesSent = 0;

  /** Reads both connections (either may be absent); call every second or two. */
  async read(connections: readonly (RTCPeerConnection | null)[]): Promise<Quality> {
    const rtts: number[] = [];
    let [lossUp, kbitDown, kbitUp, packets, lost] = [0, 0, 0, 0, 0];
    let frozen = false;
    const present = connections.filter((connection) => connection !== null);
    for (const gone of [...this.#before.keys()].filter((old) => !present.includes(old)))
      this.#before.delete(gone);
    for (const connection of present) {
      const now = await readOne(connection);
      const before = this.#before.get(connection) ?? { ...now, at: now.at - 1000, received: 0, sent: 0 };
      this.#before.set(connection, now);
      const seconds = Math.max(0.001, (now.at - before.at) / 1000);
      const down = Math.max(0, now.received - before.received);
      const up = Math.max(0, now.sent - before.sent);
      this.#bytesReceived += down;
      this.#bytesSent += up;
      kbitDown += (down * 8) / 1000 / seconds;
      kbitUp += (up * 8) / 1000 / seconds;
      packets += Math.max(0, now.packets - before.packets);
      lost += Math.max(0, now.lost - before.lost);
      lossUp = Math.max(lossUp, now.lossUp);
      frozen ||= [...now.videos].some(([id, video]) => {
        const earlier = before.videos.get(id);
        return earlier && video.packets > earlier.packets && video.frames === earlier.frames;
      });
      if (now.rtt !== null) rtts.push(now.rtt);
    }
    return {
      rttMs: rtts.length ? Math.round(Math.min(...rtts) * 1000) : null,
      lossDown: packets + lost ? (100 * lost) / (packets + lost) : 0,
      lossUp: 100 * lossUp,
      kbitDown: Math.round(kbitDown),
      kbitUp: Math.round(kbitUp),
      frozen,
      bytesReceived: this.#bytesReceived,
      bytesSent: this.#bytesSent,
    };
  }
}

interface AnyStat {
  id: string;
  type: string;
  kind?: string;
  framesDecoded?: number;
  nominated?: boolean;
  state?: string;
  currentRoundTripTime?: number;
  bytesReceived?: number;
  bytesSent?: number;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
}

async function readOne(connection: RTCPeerConnection): Promise<Reading> {
  const reading: Reading = {
    at: performance.now(),
    rtt: null,
    received: 0,
    sent: 0,
    packets: 0,
    lost: 0,
    lossUp: 0,
    videos: new Map(),
  };
  for (const stat of (await connection.getStats()).values() as Iterable<AnyStat>) {
    if (stat.type === "candidate-pair" && (stat.bytesReceived || stat.bytesSent)) {
      reading.received += stat.bytesReceived ?? 0;
      reading.sent += stat.bytesSent ?? 0;
      if (stat.state === "succeeded" && stat.currentRoundTripTime !== undefined) {
        reading.rtt = stat.currentRoundTripTime;
      }
    } else if (stat.type === "inbound-rtp") {
      reading.packets += stat.packetsReceived ?? 0;
      reading.lost += stat.packetsLost ?? 0;
      if (stat.kind === "video") {
        const { packetsReceived = 0, framesDecoded = 0 } = stat;
        reading.videos.set(stat.id, { packets: packetsReceived, frames: framesDecoded });
      }
    } else if (stat.type === "remote-inbound-rtp") {
      reading.lossUp = Math.max(reading.lossUp, stat.fractionLost ?? 0);
    }
  }
  return reading;
}

/** Connection quality in plain numbers, from getStats of both peer connections. */

import { type StatEntry, WireBytes } from "./wire_bytes";

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
  /** What the browser believes its uplink carries, kbit/s; null when it does not say. */
  readonly uplinkKbit: number | null;
  /** Totals on the wire since joining, headers included, over reconnections. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

interface Reading {
  at: number;
  rtt: number | null;
  uplink: number | null;
  packets: number;
  lost: number;
  lossUp: number;
  /** Packets and decoded frames of each received video, by its id. */
  videos: Map<string, { packets: number; frames: number }>;
}

export class QualityMeter {
  readonly #before = new Map<RTCPeerConnection, Reading>();
  readonly #names = new WeakMap<RTCPeerConnection, string>();
  readonly #wire = new WireBytes();
  #named = 0;

  /** Reads both connections (either may be absent); call every second or two. */
  async read(connections: readonly (RTCPeerConnection | null)[]): Promise<Quality> {
    const rtts: number[] = [];
    let [lossUp, kbitDown, kbitUp, packets, lost] = [0, 0, 0, 0, 0];
    let frozen = false;
    let uplinkKbit: number | null = null;
    const present = connections.filter((connection) => connection !== null);
    for (const gone of [...this.#before.keys()].filter((old) => !present.includes(old)))
      this.#before.delete(gone);
    for (const connection of present) {
      const report = [...(await connection.getStats()).values()] as StatEntry[];
      const now = readOne(report);
      // What a new connection has lost by now it has lost since the last reading.
      const before = this.#before.get(connection) ?? { ...now, at: now.at - 1000, packets: 0, lost: 0 };
      this.#before.set(connection, now);
      const seconds = Math.max(0.001, (now.at - before.at) / 1000);
      const traffic = this.#wire.add(this.#name(connection), report);
      kbitDown += (traffic.received * 8) / 1000 / seconds;
      kbitUp += (traffic.sent * 8) / 1000 / seconds;
      packets += Math.max(0, now.packets - before.packets);
      lost += Math.max(0, now.lost - before.lost);
      lossUp = Math.max(lossUp, now.lossUp);
      frozen ||= [...now.videos].some(([id, video]) => {
        const earlier = before.videos.get(id);
        return earlier && video.packets > earlier.packets && video.frames === earlier.frames;
      });
      if (now.rtt !== null) rtts.push(now.rtt);
      uplinkKbit = now.uplink ?? uplinkKbit;
    }
    const { received, sent } = this.#wire.total;
    return {
      rttMs: rtts.length ? Math.round(Math.min(...rtts) * 1000) : null,
      lossDown: packets + lost ? (100 * lost) / (packets + lost) : 0,
      lossUp: 100 * lossUp,
      kbitDown: Math.round(kbitDown),
      kbitUp: Math.round(kbitUp),
      frozen,
      uplinkKbit,
      bytesReceived: received,
      bytesSent: sent,
    };
  }

  #name(connection: RTCPeerConnection): string {
    let name = this.#names.get(connection);
    if (name === undefined) {
      name = String(++this.#named);
      this.#names.set(connection, name);
    }
    return name;
  }
}

interface AnyStat {
  id: string;
  type: string;
  kind?: string;
  framesDecoded?: number;
  state?: string;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
  bytesReceived?: number;
  bytesSent?: number;
  packetsReceived?: number;
  packetsSent?: number;
  packetsLost?: number;
  fractionLost?: number;
}

function readOne(report: readonly StatEntry[]): Reading {
  const reading: Reading = {
    at: performance.now(),
    rtt: null,
    uplink: null,
    packets: 0,
    lost: 0,
    lossUp: 0,
    videos: new Map(),
  };
  let sends = false;
  for (const stat of report as unknown as Iterable<AnyStat>) {
    if (stat.type === "candidate-pair" && (stat.bytesReceived || stat.bytesSent)) {
      if (stat.state === "succeeded" && stat.currentRoundTripTime !== undefined) {
        reading.rtt = stat.currentRoundTripTime;
      }
      if (stat.availableOutgoingBitrate) reading.uplink = Math.round(stat.availableOutgoingBitrate / 1000);
    } else if (stat.type === "inbound-rtp") {
      reading.packets += stat.packetsReceived ?? 0;
      reading.lost += stat.packetsLost ?? 0;
      if (stat.kind === "video") {
        const { packetsReceived = 0, framesDecoded = 0 } = stat;
        reading.videos.set(stat.id, { packets: packetsReceived, frames: framesDecoded });
      }
    } else if (stat.type === "remote-inbound-rtp") {
      reading.lossUp = Math.max(reading.lossUp, stat.fractionLost ?? 0);
    } else if (stat.type === "outbound-rtp") sends ||= (stat.packetsSent ?? 0) > 0;
  }
  if (!sends) reading.uplink = null; // an estimate of a path on which nothing is sent says nothing
  return reading;
}

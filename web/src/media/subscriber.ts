/** The subscribe peer connection: the server offers, the client answers, and tells which track is whose. */

import { codeOf, type Offer, Serial, type Signal, type Source } from "./signal";

export type OnTrack = (participantId: string, source: Source, track: MediaStreamTrack | null) => void;

interface Shown {
  readonly participantId: string;
  readonly source: Source;
  readonly mid: string;
}

export class Subscriber {
  readonly #signal: Signal;
  readonly #configuration: RTCConfiguration;
  readonly #onTrack: OnTrack;
  readonly #onState: () => void;
  readonly #serial = new Serial();
  #shown = new Map<string, Shown>();
  #connection: RTCPeerConnection | null = null;
  #version = 0;
  #session = "";
  #wanted = false;

  constructor(signal: Signal, configuration: RTCConfiguration, onTrack: OnTrack, onState: () => void) {
    this.#signal = signal;
    this.#configuration = configuration;
    this.#onTrack = onTrack;
    this.#onState = onState;
  }

  get connection(): RTCPeerConnection | null {
    return this.#connection;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  /** A new connection; one that existed is closed. */
  rebuild(): Promise<void> {
    this.#wanted = true;
    return this.#serial.run(async () => {
      const offer = await this.#signal.subscribe();
      this.#drop();
      const connection = new RTCPeerConnection(this.#configuration);
      connection.onconnectionstatechange = this.#onState;
      this.#connection = connection;
      this.#session = sessionOf(offer.sdp);
      await this.#apply(offer);
    });
  }

  restart(): Promise<void> {
    return this.#serial.run(async () => this.#apply(await this.#signal.restartSubscribe()));
  }

  /** An offer the server made by itself, because tracks came or went. */
  offered(offer: Offer): Promise<void> {
    return this.#serial.run(() => this.#apply(offer));
  }

  close(): void {
    this.#wanted = false;
    this.#drop();
  }

  #drop(): void {
    this.#show(new Map());
    this.#version = 0;
    const old = this.#connection;
    this.#connection = null;
    if (old) {
      old.onconnectionstatechange = null;
      old.close();
    }
  }

  async #apply(offer: Offer): Promise<void> {
    const connection = this.#connection;
    // Overtaken on its way: by a newer version, or by a new connection.
    if (!connection || offer.version <= this.#version || sessionOf(offer.sdp) !== this.#session) return;
    this.#version = offer.version;
    await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    await connection.setLocalDescription();
    try {
      await this.#signal.answer(offer.version, abridge(connection.localDescription?.sdp ?? ""));
    } catch (error) {
      if (codeOf(error) !== "media.stale-answer") throw error; // else a newer offer is on its way
    }
    this.#show(readTracks(offer.sdp));
  }

  #show(next: Map<string, Shown>): void {
    const before = this.#shown;
    this.#shown = next;
    for (const [key, { participantId, source, mid }] of before) {
      if (next.get(key)?.mid !== mid) this.#onTrack(participantId, source, null);
    }
    for (const [key, { participantId, source, mid }] of next) {
      if (before.get(key)?.mid === mid) continue;
      const transceiver = this.#connection?.getTransceivers().find((candidate) => candidate.mid === mid);
      if (transceiver) this.#onTrack(participantId, source, transceiver.receiver.track);
    }
  }
}

function sessionOf(sdp: string): string {
  return /^o=\S+ (\S+)/m.exec(sdp)?.[1] ?? "";
}

/**
 * What the server reads of our answer: credentials once, and of each m-line its id and direction. A tenth of the whole,
 * on a link where every renegotiation is paid for.
 */
function abridge(sdp: string): string {
  const said = new Set<string>();
  const kept = sdp.split(/\r?\n/).filter((line) => {
    if (/^([vost]=|m=|a=mid:|a=(sendrecv|sendonly|recvonly|inactive)$)/.test(line)) return true;
    if (!/^a=(ice-ufrag|ice-pwd|fingerprint|setup):/.test(line) || said.has(line)) return false;
    said.add(line);
    return true;
  });
  return `${kept.join("\r\n")}\r\n`;
}

/**
 * Participant and source → on which m-line. The msid is `participant~group participant~source~unique`, see
 * docs/media.md; ids contain no `~`.
 */
function readTracks(sdp: string): Map<string, Shown> {
  const tracks = new Map<string, Shown>();
  for (const section of sdp.split(/\r?\nm=/).slice(1)) {
    const mid = /\r?\na=mid:(\S+)/.exec(section)?.[1];
    const id = /\r?\na=msid:\S+ (\S+)/.exec(section)?.[1];
    if (mid === undefined || id === undefined || !/\r?\na=sendonly/.test(section)) continue;
    const [participantId = "", source = ""] = id.split("~");
    tracks.set(`${participantId}~${source}`, { participantId, source: source as Source, mid });
  }
  return tracks;
}

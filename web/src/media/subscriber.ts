/** The subscribe peer connection: the server offers, the client answers, and tells which track is whose. */

import { codeOf, type Offer, Serial, type Signal, type Source } from "./signal";

export type OnTrack = (participantId: string, source: Source, track: MediaStreamTrack | null) => void;

interface Place {
  readonly participantId: string;
  readonly source: Source;
  readonly mid: string;
}

interface Shown {
  readonly participantId: string;
  readonly source: Source;
  readonly track: MediaStreamTrack;
}

const PATIENCE_MS = 1_000;
/** Not seen as a freeze, which WebRTC's statistics count from 150 ms more than usual between two pictures. */
const STEP_MS = 120;
const STEP_EVERY_MS = 350;

export class Subscriber {
  readonly #signal: Signal;
  readonly #configuration: () => RTCConfiguration;
  readonly #onTrack: OnTrack;
  readonly #onState: () => void;
  readonly #serial = new Serial();
  #shown = new Map<string, Shown>();
  #connection: RTCPeerConnection | null = null;
  /** What is shown comes from here until the connection that takes its place is connected. */
  #former: RTCPeerConnection | null = null;
  #tracks: ReadonlyMap<string, Place> = new Map();
  #version = 0;
  #session = "";
  /** What was last agreed on, and with it how to restart ICE without asking. */
  #agreed = "";
  #wanted = false;
  /** Milliseconds that sound is held back, and that pictures are by now. */
  #patience: number | null = null;
  #held: number | null = null;

  constructor(signal: Signal, configuration: () => RTCConfiguration, onTrack: OnTrack, onState: () => void) {
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

  /** A new connection; what one that existed shows stays until it is connected. */
  rebuild(): Promise<void> {
    this.#wanted = true;
    return this.#serial.run(async () => {
      const offer = await this.#signal.subscribe();
      if (!this.#wanted) return;
      // Of two unfinished ones the older has nothing to show.
      if (this.#former) close(this.#connection);
      else this.#former = this.#connection;
      const connection = new RTCPeerConnection(this.#configuration());
      connection.onconnectionstatechange = () => {
        if (connection !== this.#connection) return;
        this.#settle();
        this.#onState();
      };
      this.#connection = connection;
      this.#session = sessionOf(offer.sdp);
      this.#version = 0;
      this.#agreed = "";
      await this.#apply(offer);
    });
  }

  async restart(): Promise<void> {
    // Nothing waits for this answer, which over a dead link never comes; an overtaken one is not applied.
    const offer = await this.#signal.restartSubscribe();
    await this.#serial.run(() => this.#apply(offer));
  }

  /** An ICE restart with the spare credentials (RFC 8445 §9): for when the server cannot be asked yet. */
  renew(): Promise<void> {
    return this.#serial.run(async () => {
      const connection = this.#connection;
      const sdp = withSpare(this.#agreed);
      if (!sdp || connection?.signalingState !== "stable") return;
      await connection.setRemoteDescription({ type: "offer", sdp });
      await agree(connection);
      this.#agreed = sdp;
    });
  }

  /** An offer the server made by itself, because tracks came or went. */
  offered(offer: Offer): Promise<void> {
    return this.#serial.run(() => this.#apply(offer));
  }

  /**
   * Holds sound and pictures back for a second before they are played, so that what is lost can be sent again in
   * time, and again: for those who listen over a link that loses packets. Who takes part in the talk would talk into
   * others' sentences. Pictures follow their sound by themselves, but by 80 ms a second, and freeze meanwhile.
   */
  patient(wanted: boolean): void {
    const before = this.#patience;
    this.#patience = wanted ? PATIENCE_MS : null;
    if (before === this.#patience) return;
    this.#held = null;
    if (wanted) this.#ease();
    else this.#wait();
  }

  /** Pictures that are seen already are held back bit by bit: slower for three seconds instead of a second still. */
  #ease(): void {
    if (this.#patience === null || !this.#wanted) return;
    this.#held = Math.min(this.#patience, (this.#held ?? 0) + STEP_MS);
    this.#wait();
    if (this.#held < this.#patience) setTimeout(() => this.#ease(), STEP_EVERY_MS);
  }

  #wait(): void {
    for (const { receiver } of this.#connection?.getTransceivers() ?? []) {
      if (!("jitterBufferTarget" in receiver)) continue;
      receiver.jitterBufferTarget = receiver.track.kind === "video" ? this.#held : this.#patience;
    }
  }

  close(): void {
    this.#wanted = false;
    this.#drop();
  }

  #drop(): void {
    this.#tracks = new Map();
    this.#show();
    this.#version = 0;
    close(this.#connection);
    close(this.#former);
    this.#connection = this.#former = null;
  }

  /** Show what the newest connection brings, unless an older one still has to stand in for it. */
  #settle(): void {
    if (this.#former && this.#connection?.connectionState !== "connected") return;
    this.#show();
    close(this.#former);
    this.#former = null;
  }

  async #apply(offer: Offer): Promise<void> {
    const connection = this.#connection;
    // Overtaken on its way: by a newer version, or by a new connection.
    if (!connection || offer.version <= this.#version || sessionOf(offer.sdp) !== this.#session) return;
    this.#version = offer.version;
    await connection.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    this.#wait(); // what begins with it need not be slowed down to get it
    await agree(connection);
    this.#agreed = offer.sdp;
    try {
      await this.#signal.answer(offer.version, abridge(connection.localDescription?.sdp ?? ""));
    } catch (error) {
      if (codeOf(error) !== "media.stale-answer") throw error; // else a newer offer is on its way
    }
    this.#tracks = readTracks(offer.sdp);
    this.#settle();
  }

  #show(): void {
    const before = this.#shown;
    const next = new Map<string, Shown>();
    for (const [key, { participantId, source, mid }] of this.#tracks) {
      const transceiver = this.#connection?.getTransceivers().find((candidate) => candidate.mid === mid);
      if (transceiver) next.set(key, { participantId, source, track: transceiver.receiver.track });
    }
    this.#shown = next;
    for (const [key, { participantId, source }] of before) {
      if (!next.has(key)) this.#onTrack(participantId, source, null);
    }
    for (const [key, { participantId, source, track }] of next) {
      if (before.get(key)?.track !== track) this.#onTrack(participantId, source, track);
    }
  }
}

function close(connection: RTCPeerConnection | null): void {
  if (!connection) return;
  connection.onconnectionstatechange = null;
  connection.close();
}

/**
 * Answers so that the server opens the DTLS handshake (RFC 8842 §5.3 leaves it to the answerer): its ClientHello is a
 * tenth of a browser's, whose keys for quantum computers take two datagrams and half a second on 32 kbit/s. Later
 * answers repeat what was agreed. A browser that does not let us choose has its own way.
 */
async function agree(connection: RTCPeerConnection): Promise<void> {
  const { sdp = "" } = await connection.createAnswer();
  try {
    await connection.setLocalDescription({
      type: "answer",
      sdp: sdp.replaceAll("a=setup:active", "a=setup:passive"),
    });
  } catch {
    await connection.setLocalDescription();
  }
}

/** The same description with the two sets of ICE credentials exchanged; empty when there is no spare one. */
function withSpare(sdp: string): string {
  const pattern = /a=ice-ufrag:(\S+)\r\na=ice-pwd:(\S+)((?:.|\s)*?)a=x-ice-spare:(\S+) (\S+)/;
  return pattern.test(sdp) ? sdp.replace(pattern, "a=ice-ufrag:$4\r\na=ice-pwd:$5$3a=x-ice-spare:$1 $2") : "";
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
    // That it reports what arrives and when; once is enough, it is one transport.
    if (/^a=rtcp-fb:\S+ transport-cc$/.test(line)) return !said.has("cc") && !!said.add("cc");
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
function readTracks(sdp: string): Map<string, Place> {
  const tracks = new Map<string, Place>();
  for (const section of sdp.split(/\r?\nm=/).slice(1)) {
    const mid = /\r?\na=mid:(\S+)/.exec(section)?.[1];
    const id = /\r?\na=msid:\S+ (\S+)/.exec(section)?.[1];
    if (mid === undefined || id === undefined || !/\r?\na=sendonly/.test(section)) continue;
    const [participantId = "", source = ""] = id.split("~");
    tracks.set(`${participantId}~${source}`, { participantId, source: source as Source, mid });
  }
  return tracks;
}

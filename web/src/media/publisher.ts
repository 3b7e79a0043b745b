/** The publish peer connection: the client offers, the server answers. One transceiver per source, used again. */

import { encodingsFor, expectedUplink, tune, type Uplink } from "./encodings";
import { Serial, type Signal, type Source } from "./signal";

export class Publisher {
  readonly #signal: Signal;
  readonly #configuration: () => RTCConfiguration;
  readonly #onState: () => void;
  readonly #serial = new Serial();
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  readonly #tuning = new Serial();
  /** The layers of a source that somebody wants; everything until the server says otherwise. */
  readonly #layers = new Map<Source, readonly string[]>();
  #uplink = expectedUplink();
  #transceivers = new Map<Source, RTCRtpTransceiver>();
  #connection: RTCPeerConnection | null = null;
  /** Goes on sending until the connection that takes its place is connected. */
  #former: Former | null = null;

  constructor(signal: Signal, configuration: () => RTCConfiguration, onState: () => void) {
    this.#signal = signal;
    this.#configuration = configuration;
    this.#onState = onState;
  }

  get connection(): RTCPeerConnection | null {
    return this.#connection;
  }

  /** Whether there is anything to keep connected. */
  get wanted(): boolean {
    return this.#tracks.size > 0;
  }

  get sources(): readonly Source[] {
    return [...this.#tracks.keys()];
  }

  track(source: Source): MediaStreamTrack | null {
    return this.#tracks.get(source) ?? null;
  }

  /**
   * Publishes, replaces (no negotiation needed) or, with null, removes a source. A source that could not be published
   * is not kept; one that was removed is gone here even when the server could not be told.
   */
  set(source: Source, track: MediaStreamTrack | null): Promise<void> {
    return this.#serial.run(async () => {
      const before = this.#tracks.get(source) ?? null;
      if (before === track) return;
      if (track) this.#tracks.set(source, track);
      else this.#tracks.delete(source);
      const transceiver = this.#transceivers.get(source);
      if (!before) this.#layers.delete(source); // the server begins anew as well
      try {
        await this.#place(source, track);
        if (track && transceiver) await this.#tune(source);
        if (!(before && track && transceiver)) await this.#negotiate({});
      } catch (error) {
        if (track) {
          if (before) this.#tracks.set(source, before);
          else this.#tracks.delete(source);
          await this.#place(source, before);
        } else if (!this.wanted) {
          this.#drop(); // the goodbye travels with the media
        }
        throw error;
      }
    });
  }

  /** Somebody wants these layers of a source, nobody the others: they are not encoded. */
  layersWanted(source: Source, rids: readonly string[]): Promise<void> {
    this.#layers.set(source, rids);
    return this.#tune(source);
  }

  /** The track's `contentHint` has changed: `detail` for text, `motion` for what moves. */
  hint(source: Source): Promise<void> {
    return this.#tune(source);
  }

  /** Sends no more than such an uplink bears. */
  async limit(uplink: Uplink): Promise<void> {
    this.#uplink = uplink;
    await Promise.all(this.sources.map((source) => this.#tune(source)));
  }

  /** ICE restart on the existing connection (RFC 8829 §4.1.8). */
  restart(): Promise<void> {
    return this.#serial.run(() => this.#negotiate({ iceRestart: true }));
  }

  /** A new connection with the same tracks; the old one sends until it is connected. */
  rebuild(): Promise<void> {
    return this.#serial.run(() => this.#rebuild());
  }

  async #rebuild(): Promise<void> {
    if (this.#former)
      close(this.#connection); // that one was not finished; the former still sends
    else if (this.#connection)
      this.#former = { connection: this.#connection, transceivers: this.#transceivers };
    this.#connection = null;
    this.#transceivers = new Map();
    try {
      for (const [source, track] of this.#tracks) await this.#place(source, track);
      if (this.wanted) await this.#negotiate({});
    } catch (error) {
      this.#goBack();
      throw error;
    }
    this.#settle();
  }

  close(): void {
    this.#tracks.clear();
    this.#drop();
  }

  #drop(): void {
    this.#transceivers.clear();
    close(this.#connection);
    close(this.#former?.connection);
    this.#connection = this.#former = null;
  }

  /** The new connection could not be agreed on: stay with the former. */
  #goBack(): void {
    close(this.#connection);
    this.#connection = this.#former?.connection ?? null;
    this.#transceivers = this.#former?.transceivers ?? new Map();
    this.#former = null;
  }

  /** Nothing is left for the former to do once the new connection stands, or none is needed. */
  #settle(): void {
    if (this.#connection && this.#connection.connectionState !== "connected") return;
    close(this.#former?.connection);
    this.#former = null;
  }

  async #place(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const transceiver = this.#transceivers.get(source);
    if (transceiver) {
      await transceiver.sender.replaceTrack(track);
      transceiver.direction = track ? "sendonly" : "inactive";
    } else if (track) {
      const connection = this.#open();
      const encodings = encodingsFor(source, track);
      tune(encodings, source, track, this.#wishes(source));
      const added = addSending(connection, track, encodings);
      preferForwardedCodecs(added, track.kind);
      this.#transceivers.set(source, added);
    }
  }

  #wishes(source: Source) {
    return { uplink: this.#uplink, wanted: this.#layers.get(source) ?? null };
  }

  /** Changes a running source; needs no negotiation. */
  #tune(source: Source): Promise<void> {
    return this.#tuning.run(async () => {
      const sender = this.#transceivers.get(source)?.sender;
      const parameters = sender?.getParameters();
      if (!sender || !parameters?.encodings?.length) return;
      tune(parameters.encodings, source, sender.track, this.#wishes(source));
      try {
        await sender.setParameters(parameters);
      } catch {
        // Overtaken by a negotiation or by the end of the connection: what follows tunes again, or nothing need.
      }
    });
  }

  #open(): RTCPeerConnection {
    if (!this.#connection) {
      this.#layers.clear(); // to the server these are new sources, of which it takes everything
      const connection = new RTCPeerConnection(this.#configuration());
      connection.onconnectionstatechange = () => {
        if (connection !== this.#connection) return;
        this.#settle();
        this.#onState();
      };
      this.#connection = connection;
    }
    return this.#connection;
  }

  async #negotiate(options: RTCOfferOptions): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    const offer = await connection.createOffer(options);
    try {
      await connection.setLocalDescription({ type: "offer", sdp: askForRepair(offer.sdp ?? "") });
    } catch {
      await connection.setLocalDescription(offer);
    }
    try {
      const said = letServerOpen(connection.localDescription?.sdp ?? "");
      const answer = await this.#signal.publishOffer(said, this.#sources());
      const before = connection.currentRemoteDescription?.sdp;
      if (before && answerNumber(answer) <= answerNumber(before)) {
        // The server had given this connection up, and its DTLS keys with it; ours would never agree on new ones.
        await connection.setLocalDescription({ type: "rollback" });
        await this.#rebuild();
        return;
      }
      const sdp = this.#uplink === "good" ? answer : inLongPackets(answer);
      await connection.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      if (connection.signalingState === "have-local-offer") {
        await connection.setLocalDescription({ type: "rollback" });
      }
      throw error;
    }
  }

  #sources(): Record<string, Source> {
    const sources: Record<string, Source> = {};
    for (const [source, transceiver] of this.#transceivers) {
      if (transceiver.mid !== null && transceiver.direction === "sendonly") sources[transceiver.mid] = source;
    }
    return sources;
  }
}

interface Former {
  readonly connection: RTCPeerConnection;
  readonly transceivers: Map<Source, RTCRtpTransceiver>;
}

function close(connection: RTCPeerConnection | null | undefined): void {
  if (!connection) return;
  connection.onconnectionstatechange = null;
  connection.close();
}

/** The server counts its answers to one connection (RFC 8866 §5.2, session version). */
function answerNumber(sdp: string): number {
  return Number(/^o=\S+ \S+ (\d+)/m.exec(sdp)?.[1]);
}

/** Browsers differ in which encodings they take: each attempt asks for less, the last for a single plain one. */
function addSending(
  connection: RTCPeerConnection,
  track: MediaStreamTrack,
  encodings: RTCRtpEncodingParameters[],
): RTCRtpTransceiver {
  const plain = encodings.map((encoding) => ({ ...encoding, scalabilityMode: undefined }));
  for (const sendEncodings of [encodings, plain]) {
    try {
      return connection.addTransceiver(track, { direction: "sendonly", sendEncodings });
    } catch {
      // The next attempt asks for less.
    }
  }
  return connection.addTransceiver(track, { direction: "sendonly" });
}

/**
 * Told so, the server opens the DTLS handshake (RFC 8842 §5.2), as it does for what we watch: `subscriber.ts` says why.
 * What we keep ourselves stays open to both: browsers take nothing else for an offer of their own.
 */
function letServerOpen(sdp: string): string {
  return sdp.replaceAll("a=setup:actpass", "a=setup:passive");
}

/** Lets the server ask for lost sound again (RFC 4585 §4.2): browsers can, but do not offer it by themselves. */
function askForRepair(sdp: string): string {
  return sdp.replace(/(a=rtpmap:(\d+) opus.*\r\n)/g, "$1a=rtcp-fb:$2 nack\r\n");
}

/** On a weak uplink headers cost as much as speech: 60 ms to a packet (RFC 8866 §6.4). */
function inLongPackets(sdp: string): string {
  return sdp.replace(/(a=rtpmap:\d+ opus.*\r\n)/g, "$1a=ptime:60\r\n");
}

/** Offering only what the server forwards keeps an offer a few kilobytes smaller. */
function preferForwardedCodecs(transceiver: RTCRtpTransceiver, kind: string): void {
  const all = RTCRtpSender.getCapabilities?.(kind)?.codecs ?? [];
  const has = (name: string) => all.some((codec) => codec.mimeType.toLowerCase() === name);
  // Every viewer has VP8; H264 is for a browser that cannot encode it.
  const names =
    kind === "audio" ? ["audio/opus"] : [has("video/vp8") ? "video/vp8" : "video/h264", "video/rtx"];
  const kept = all.filter((codec) => names.includes(codec.mimeType.toLowerCase()));
  if (kept.length === 0 || !("setCodecPreferences" in transceiver)) return;
  try {
    transceiver.setCodecPreferences(kept);
  } catch {
    // Older browsers want receive capabilities here; the full list is as good, only longer.
  }
}

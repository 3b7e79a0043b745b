/** The publish peer connection: the client offers, the server answers. One transceiver per source, used again. */

import { Serial, type Signal, type Source } from "./signal";

const ENCODING: Record<Source, RTCRtpEncodingParameters> = {
  camera: { maxBitrate: 600_000, maxFramerate: 24 },
  screen: { maxBitrate: 1_500_000, maxFramerate: 15 },
  microphone: { maxBitrate: 32_000 },
  "screen-audio": { maxBitrate: 64_000 },
};

export class Publisher {
  readonly #signal: Signal;
  readonly #configuration: RTCConfiguration;
  readonly #onState: () => void;
  readonly #serial = new Serial();
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  readonly #transceivers = new Map<Source, RTCRtpTransceiver>();
  #connection: RTCPeerConnection | null = null;

  constructor(signal: Signal, configuration: RTCConfiguration, onState: () => void) {
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
      try {
        await this.#place(source, track);
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

  /** ICE restart on the existing connection (RFC 8829 §4.1.8). */
  restart(): Promise<void> {
    return this.#serial.run(() => this.#negotiate({ iceRestart: true }));
  }

  /** A new connection with the same tracks. */
  rebuild(): Promise<void> {
    return this.#serial.run(async () => {
      this.#drop();
      for (const [source, track] of this.#tracks) await this.#place(source, track);
      if (this.wanted) await this.#negotiate({});
    });
  }

  close(): void {
    this.#tracks.clear();
    this.#drop();
  }

  #drop(): void {
    this.#transceivers.clear();
    const old = this.#connection;
    this.#connection = null;
    if (old) {
      old.onconnectionstatechange = null;
      old.close();
    }
  }

  async #place(source: Source, track: MediaStreamTrack | null): Promise<void> {
    const transceiver = this.#transceivers.get(source);
    if (transceiver) {
      await transceiver.sender.replaceTrack(track);
      transceiver.direction = track ? "sendonly" : "inactive";
    } else if (track) {
      const added = this.#open().addTransceiver(track, {
        direction: "sendonly",
        sendEncodings: [{ ...ENCODING[source] }],
      });
      preferForwardedCodecs(added, track.kind);
      this.#transceivers.set(source, added);
    }
  }

  #open(): RTCPeerConnection {
    if (!this.#connection) {
      this.#connection = new RTCPeerConnection(this.#configuration);
      this.#connection.onconnectionstatechange = this.#onState;
    }
    return this.#connection;
  }

  async #negotiate(options: RTCOfferOptions): Promise<void> {
    const connection = this.#connection;
    if (!connection) return;
    await connection.setLocalDescription(await connection.createOffer(options));
    try {
      const answer = await this.#signal.publishOffer(connection.localDescription?.sdp ?? "", this.#sources());
      await connection.setRemoteDescription({ type: "answer", sdp: answer });
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

/** Offering only what the server forwards keeps an offer a few kilobytes smaller. */
function preferForwardedCodecs(transceiver: RTCRtpTransceiver, kind: string): void {
  const all = RTCRtpSender.getCapabilities?.(kind)?.codecs ?? [];
  const names = kind === "video" ? ["video/vp8", "video/rtx"] : ["audio/opus"];
  const kept = all.filter((codec) => names.includes(codec.mimeType.toLowerCase()));
  if (kept.length === 0 || !("setCodecPreferences" in transceiver)) return;
  try {
    transceiver.setCodecPreferences(kept);
  } catch {
    // Older browsers want receive capabilities here; the full list is as good, only longer.
  }
}

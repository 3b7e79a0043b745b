/**
 * A tab's media: publishes its sources, shows the others', and reconnects by itself.
 *
 * The application brings `signal` (requests to the server), calls `offered` for every subscribe offer the server makes
 * by itself, and `liveAgain` when the live channel has come back.
 */

import type { Uplink } from "./encodings";
import { Publisher } from "./publisher";
import { type Quality, QualityMeter } from "./quality";
import { Recovery } from "./recovery";
import { isForbidden, isRefusal, type Offer, type Signal, type Source } from "./signal";
import { type OnTrack, Subscriber } from "./subscriber";

export type MediaState = "connecting" | "connected" | "reconnecting" | "failed";

export interface MediaOptions {
  readonly signal: Signal;
  /** A track came (perhaps one seen before, for someone else), took the place of another, or, with null, went. */
  readonly onTrack: OnTrack;
  readonly onState: (state: MediaState) => void;
  /** Every two seconds while open. */
  readonly onQuality?: (quality: Quality) => void;
  /** A source ended by itself: the browser's "stop sharing", an unplugged camera. It has been unpublished. */
  readonly onEnded?: (source: Source) => void;
  /** TURN servers and their credentials as they are now; asked for each new connection. */
  readonly iceServers?: () => RTCIceServer[];
}

const QUALITY_MS = 2_000;
/** The first look at what is lost comes early: pictures that begin late need not be slowed down later. */
const GLANCE_MS = 1_000;
const LOSSY_PERCENT = 1;

export class MediaConnection {
  readonly #options: MediaOptions;
  readonly #publisher: Publisher;
  readonly #subscriber: Subscriber;
  readonly #publishing: Recovery;
  readonly #watching: Recovery;
  readonly #meter = new QualityMeter();
  readonly #online = () => {
    this.reached();
    this.liveAgain();
  };
  #timer: ReturnType<typeof setInterval> | undefined;
  #state: MediaState = "connecting";
  #closed = false;
  /** Packets were lost on the way to somebody who only listens; not taken back, for each change can be heard. */
  #lossy = false;

  constructor(options: MediaOptions) {
    this.#options = options;
    const configuration = (): RTCConfiguration => ({
      bundlePolicy: "max-bundle",
      iceServers: options.iceServers?.() ?? [],
    });
    this.#publisher = new Publisher(options.signal, configuration, () => this.#changed());
    this.#subscriber = new Subscriber(options.signal, configuration, options.onTrack, () => this.#changed());
    const tell = () => this.#tell();
    this.#publishing = new Recovery(this.#publisher, tell, (error) => this.#refused(error));
    this.#watching = new Recovery(this.#subscriber, tell, () => undefined);
    window.addEventListener("online", this.#online);
    this.#timer = setInterval(() => void this.#measure(), QUALITY_MS);
    setTimeout(() => void this.#measure(false), GLANCE_MS);
  }

  get state(): MediaState {
    return this.#state;
  }

  /** Starts receiving. Rejects with the server's refusal; a lost live channel is retried. */
  async watch(): Promise<void> {
    try {
      await this.#subscriber.rebuild();
    } catch (error) {
      if (isRefusal(error)) throw error;
      this.#watching.retry();
    }
  }

  /** Stops receiving and closes that connection, once it has been measured for the last time; `watch` begins anew. */
  async unwatch(): Promise<void> {
    await this.#measure();
    this.#subscriber.close();
    this.#watching.nudge(); // a recovery that waits finds nothing left to recover
    this.#tell();
  }

  /** The server's own offer, from the live channel. */
  async offered(offer: Offer): Promise<void> {
    try {
      await this.#subscriber.offered(offer);
    } catch {
      // Not applied, or its answer not delivered: only a fresh description is sure to agree with the server's.
      this.#watching.retry();
    }
  }

  /** Publishes a source, or replaces its track (another camera) without a negotiation. Rejects when refused. */
  async publish(source: Source, track: MediaStreamTrack): Promise<void> {
    await this.#publisher.set(source, track);
    track.addEventListener("ended", () => {
      if (this.#publisher.track(source) !== track || this.#closed) return;
      void this.unpublish(source).finally(() => this.#options.onEnded?.(source));
    });
  }

  /** Stops sending a source and releases its device, whether or not the server can be told now. */
  async unpublish(source: Source): Promise<void> {
    const track = this.#publisher.track(source);
    track?.stop();
    try {
      await this.#publisher.set(source, null);
    } catch (error) {
      if (!isRefusal(error)) this.#publishing.retry();
    }
  }

  /** Stops sending everything at once, without asking: off the floor the server refuses a negotiation. */
  stopPublishing(): void {
    for (const source of this.#publisher.sources) this.#publisher.track(source)?.stop();
    this.#publisher.close();
    this.#publishing.nudge(); // a recovery that waits finds nothing left to recover
    this.#tell();
  }

  published(source: Source): MediaStreamTrack | null {
    return this.#publisher.track(source);
  }

  /** The person's own mute: silence is sent. The chair's mute is the server's and needs nothing from us. */
  setEnabled(source: Source, enabled: boolean): void {
    const track = this.#publisher.track(source);
    if (track) track.enabled = enabled;
  }

  /** The layers of a source that somebody wants, from the live channel. */
  layersWanted(source: Source, rids: readonly string[]): void {
    void this.#publisher.layersWanted(source, rids);
  }

  /** The `contentHint` of a published track has changed: its frame rate and bit rate follow. */
  hint(source: Source): void {
    void this.#publisher.hint(source);
  }

  /** Limits what is sent: `weak` to one camera layer and lean sound, `poor` to lean sound. */
  limit(uplink: Uplink): void {
    void this.#publisher.limit(uplink);
  }

  /** A new publishing connection with the same tracks, though the present one looks whole. */
  async renewPublishing(): Promise<void> {
    await this.#publisher.rebuild().catch(() => this.#publishing.retry());
  }

  /** The live channel, or the network, is back. */
  liveAgain(): void {
    this.#publishing.nudge();
    this.#watching.nudge();
  }

  /** The server can be reached again, while the live channel is still on its way. */
  reached(): void {
    if (this.#subscriber.connection?.connectionState !== "connected")
      this.#subscriber.renew().catch(() => undefined); // the live channel's return does it the longer way
  }

  /** The network is another one, or the device has slept: both connections look for their way anew. */
  networkChanged(): void {
    this.#subscriber.renew().catch(() => undefined);
    if (this.#publisher.wanted) this.#publishing.doubt();
    if (this.#subscriber.wanted) this.#watching.doubt();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    window.removeEventListener("online", this.#online);
    clearInterval(this.#timer);
    this.#publishing.close();
    this.#watching.close();
    this.#publisher.close();
    this.#subscriber.close();
  }

  /** The peer connections, for diagnosis and tests. */
  get connections(): { publish: RTCPeerConnection | null; subscribe: RTCPeerConnection | null } {
    return { publish: this.#publisher.connection, subscribe: this.#subscriber.connection };
  }

  /** While reconnecting the server may find that we are no longer on the floor: stop sending, and say so. */
  #refused(error: unknown): void {
    if (!isForbidden(error)) return;
    const sources = this.#publisher.sources;
    for (const source of sources) this.#publisher.track(source)?.stop();
    this.#publisher.close();
    for (const source of sources) this.#options.onEnded?.(source);
  }

  #changed(): void {
    if (this.#publisher.wanted) this.#publishing.changed();
    this.#watching.changed();
    this.#tell();
  }

  #tell(): void {
    if (this.#closed) return;
    const next = this.#overall();
    if (next !== this.#state) {
      this.#state = next;
      this.#options.onState(next);
    }
  }

  #overall(): MediaState {
    if (this.#publishing.hopeless || this.#watching.hopeless) return "failed";
    const recovering = this.#publishing.running || this.#watching.running;
    const states = [this.#subscriber.connection?.connectionState];
    if (this.#publisher.wanted) states.push(this.#publisher.connection?.connectionState);
    const wanted = states.filter((state) => state !== undefined);
    if (!recovering && wanted.length > 0 && wanted.every((state) => state === "connected"))
      return "connected";
    return recovering || wanted.includes("disconnected") ? "reconnecting" : "connecting";
  }

  async #measure(told = true): Promise<void> {
    const report = this.#options.onQuality;
    if (!report || this.#closed) return;
    try {
      const quality = await this.#meter.read([this.#publisher.connection, this.#subscriber.connection]);
      this.#lossy = !this.published("microphone") && (this.#lossy || quality.lossDown >= LOSSY_PERCENT);
      this.#subscriber.patient(this.#lossy);
      if (told) report(quality);
    } catch {
      // A connection closed while it was being read; the next reading is two seconds away.
    }
  }
}

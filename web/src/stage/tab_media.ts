// What this tab sends and receives: the media connection, made anew when the server no longer knows it.

import { type LiveClient, LiveError } from "../live/client";
import { MediaConnection, type MediaState, type Quality } from "../media";
import { Cell } from "./cell";
import type { OwnDevices } from "./own_sources";
import type { TrackSource } from "./wire";

export type Tracks = ReadonlyMap<string, MediaStreamTrack>;

export const trackKey = (participant: string, source: TrackSource): string => `${participant} ${source}`;

interface Hooks {
  onState(state: MediaState): void;
  onQuality(quality: Quality): void;
  /** A device or a shared screen ended by itself. */
  onEnded(source: TrackSource): void;
}

const PICTURES = "majlis.pictures";

export class TabMedia {
  readonly tracks = new Cell<Tracks>(new Map());
  /** False: sound only, to save data. Remembered on this device. */
  readonly pictures = new Cell(remembered());
  private connection: MediaConnection | null = null;

  constructor(
    private readonly live: LiveClient,
    private readonly devices: OwnDevices,
    private readonly hooks: Hooks,
  ) {
    live.on(
      "MediaOffered",
      (offer) =>
        void this.connection?.offered({ version: offer.version as number, sdp: offer.sdp as string }),
    );
  }

  get connected(): boolean {
    return this.connection !== null;
  }

  /** Whether anything is being sent. */
  get sending(): boolean {
    return (["microphone", "camera", "screen"] as const).some((source) => this.connection?.published(source));
  }

  /** From nothing: the first time, and after the server lost this tab. Rejects with the server's refusal. */
  async connect(): Promise<void> {
    this.close();
    this.connection = new MediaConnection({
      signal: {
        publishOffer: async (sdp, sources) =>
          (await this.ask<{ sdp: string }>("PublishMedia", { sdp, sources })).sdp,
        subscribe: () => this.ask("SubscribeMedia"),
        restartSubscribe: () => this.ask("RestartMedia"),
        answer: (version, sdp) => this.ask("AnswerMedia", { version, sdp }),
      },
      onTrack: (participant, source, track) => this.received(participant, source, track),
      onState: this.hooks.onState,
      onQuality: this.hooks.onQuality,
      onEnded: this.hooks.onEnded,
    });
    // Before anything is received: whoever saves data must not pay for the first seconds.
    if (!this.pictures.value) await this.ask("ChooseViewing", { pictures: "none" });
    await this.connection.watch();
  }

  /** The live channel is back. */
  liveAgain(): void {
    this.connection?.liveAgain();
  }

  close(): void {
    this.connection?.close();
    this.connection = null;
    this.tracks.set(new Map());
  }

  /** Send whatever devices are open. */
  async publishOpen(): Promise<void> {
    const { microphone, camera, screen, screenAudio } = this.devices.state.value;
    if (microphone) await this.publish("microphone", microphone);
    if (camera) await this.publish("camera", camera);
    if (screen) await this.publish("screen", screen);
    if (screenAudio) await this.publish("screen-audio", screenAudio);
  }

  /** Rejects with the server's refusal; the device is then closed again. */
  async publish(source: TrackSource, track: MediaStreamTrack): Promise<void> {
    try {
      if (!this.connection) throw new LiveError({ code: "live.offline", message: "" });
      await this.connection.publish(source, track);
    } catch (error) {
      if (source !== "screen-audio") this.devices.close(source);
      throw error;
    }
  }

  unpublish(source: TrackSource): void {
    // Giving something back that the server has already taken is no news to anybody.
    this.connection?.unpublish(source).catch(() => undefined);
  }

  /** Nothing is sent any more and every device is released. */
  stopSending(): void {
    this.devices.closeAll();
    this.connection?.stopPublishing();
  }

  /** Receive cameras and screens, or sound only. */
  async choosePictures(pictures: boolean): Promise<void> {
    this.pictures.set(pictures);
    remember(pictures);
    await this.ask("ChooseViewing", { pictures: pictures ? "auto" : "none" });
  }

  private received(participant: string, source: TrackSource, track: MediaStreamTrack | null): void {
    this.tracks.change((tracks) => {
      const next = new Map(tracks);
      if (track) next.set(trackKey(participant, source), track);
      else next.delete(trackKey(participant, source));
      return next;
    });
  }

  private async ask<Answer>(type: string, body: Record<string, unknown> = {}): Promise<Answer> {
    return (await this.live.send(type, body)) as Answer;
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(PICTURES) !== "off";
  } catch {
    return true; // storage is forbidden in some private windows
  }
}

function remember(pictures: boolean): void {
  try {
    localStorage.setItem(PICTURES, pictures ? "on" : "off");
  } catch {
    // Only a convenience.
  }
}

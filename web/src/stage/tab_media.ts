// What this tab sends and receives: the media connection, made anew when the server no longer knows it.

import { extras } from "../later/fetched";
import { type LiveClient, LiveError } from "../live/client";
import {
  expectedUplink,
  MediaConnection,
  type MediaState,
  type Quality,
  type Uplink,
  UplinkJudge,
} from "../media";
import { Cell } from "./cell";
import type { CapLevel } from "./data_cap";
import type { OwnDevices } from "./own_sources";
import type { SendLimits } from "./sending";
import { ShownTiles } from "./shown_tiles";
import { store, stored } from "./stored";
import { type Choice, isChoice, type Viewing, viewingOf } from "./viewing";
import type { StageSnapshot, TrackSource } from "./wire";

export type Tracks = ReadonlyMap<string, MediaStreamTrack>;

export const trackKey = (participant: string, source: TrackSource): string => `${participant} ${source}`;

interface Hooks {
  onState(state: MediaState): void;
  onQuality(quality: Quality): void;
  /** A device or a shared screen ended by itself. */
  onEnded(source: TrackSource): void;
  /** The connection was closed; the next one begins its figures anew. */
  onClosed(): void;
}

const CHOICE = "majlis.viewing";
const DEFAULT = JSON.stringify(viewingOf("auto", "free", null));

export class TabMedia {
  readonly tracks = new Cell<Tracks>(new Map());
  /** What the person wants to get. Remembered on this device. */
  readonly choice = new Cell<Choice>(rememberedChoice());
  /** There once something was sent. */
  limits: SendLimits | null = null;
  /** What the way up is held to carry; only somebody who sends learns it. */
  readonly carries = new Cell<Uplink>(expectedUplink());
  readonly tiles: ShownTiles;
  connection: MediaConnection | null = null;
  private cap: CapLevel = "free";
  private speaker: string | null = null;
  /** What a new tab is known by the server to want; saves a round trip before the first sound. */
  private told = DEFAULT;
  private watching = false;
  private readonly uplink = new UplinkJudge(this.carries.value);
  private sends: Uplink = this.carries.value;
  private iceServers: RTCIceServer[] = [];

  constructor(
    private readonly live: LiveClient,
    private readonly devices: OwnDevices,
    private readonly hooks: Hooks,
  ) {
    this.tiles = new ShownTiles(
      (tiles) => this.ask("ShowTiles", { tiles }),
      () => document.pictureInPictureElement,
    );
    live.onSnapshot("stage", (part) => {
      this.iceServers = (part as StageSnapshot).ice_servers ?? [];
    });
    live.on(
      "MediaOffered",
      (offer) =>
        void this.connection?.offered({ version: offer.version as number, sdp: offer.sdp as string }),
    );
    live.on("LayersWanted", (said) =>
      this.connection?.layersWanted(said.source as TrackSource, said.rids as string[]),
    );
  }

  get connected(): boolean {
    return this.connection !== null;
  }

  /** Whether anything is being sent. */
  get sending(): boolean {
    return (["microphone", "camera", "screen"] as const).some((source) => this.connection?.published(source));
  }

  /** What the way up is held to carry, for somebody whose picture goes that way. */
  get uphill(): Uplink {
    return this.connection?.published("camera") || this.connection?.published("screen")
      ? this.carries.value
      : "good";
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
      onQuality: (quality) => {
        this.carries.set(this.uplink.judge(quality));
        this.pace();
        this.hooks.onQuality(quality);
      },
      onEnded: this.hooks.onEnded,
      iceServers: () => this.iceServers,
    });
    this.sends = expectedUplink(); // as the new connection begins
    this.pace();
    // Before anything is received: whoever saves data must not pay for the first seconds.
    await this.tellViewing();
    this.tiles.again();
  }

  /** The live channel is back: tell anew what it may have missed. */
  liveAgain(): void {
    this.connection?.liveAgain();
    this.tiles.again();
  }

  /** The network is another one, or the device has slept: a connection that looks whole may be dead. */
  networkChanged(): void {
    this.connection?.networkChanged();
  }

  close(): void {
    this.connection?.close();
    if (this.connection) this.hooks.onClosed();
    this.connection = null;
    if (this.told !== DEFAULT) this.told = "";
    this.watching = false;
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
    // Not waited for: whoever sends has most often fetched them at the door.
    void extras().then(({ limitsOf }) => {
      if (source === "camera" || source === "screen") limitsOf(this).wantsPicture();
      else limitsOf(this);
      this.pace();
    }, this.pace);
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

  /** Sends no more than the link carries, the person allows, and is of use. */
  readonly pace = (): void => {
    if (!this.connection) return;
    const screen = this.connection.published("screen") !== null;
    const { carries, cap, limits } = this;
    const uplink = limits?.limit(carries.value, cap, screen) ?? (cap === "saving" ? "poor" : carries.value);
    if (uplink === this.sends) return;
    this.sends = uplink;
    this.connection.limit(uplink);
  };

  /** Near the data limit pictures are no longer sent, at the limit nothing is. */
  sendLess(nothing: boolean): void {
    if (nothing) {
      this.stopSending();
      return;
    }
    for (const source of ["camera", "screen"] as const) {
      this.devices.close(source);
      this.unpublish(source);
    }
    this.unpublish("screen-audio");
  }

  /** What the person wants to get from now on. */
  async choose(choice: Choice): Promise<void> {
    this.choice.set(choice);
    rememberChoice(choice);
    await this.tellViewing();
  }

  /** How near the person's own data limit is. */
  async limit(level: CapLevel): Promise<void> {
    this.cap = level;
    this.pace();
    await this.tellViewing();
  }

  /** Whom to show when one speaker is wanted. */
  async follow(participant: string | null): Promise<void> {
    this.speaker = participant;
    await this.tellViewing();
  }

  /** Tells the server what is wanted, and receives or stops receiving as that asks for. */
  private async tellViewing(): Promise<void> {
    if (!this.connection) return;
    const viewing = viewingOf(this.choice.value, this.cap, this.speaker);
    const said = JSON.stringify(viewing);
    if (said !== this.told) {
      await this.ask("ChooseViewing", { ...viewing });
      this.told = said;
    }
    await this.receive(viewing);
  }

  private async receive({ pictures, sound }: Viewing): Promise<void> {
    const wanted = pictures !== "none" || sound !== "none";
    if (wanted === this.watching || !this.connection) return;
    this.watching = wanted;
    if (!wanted) return await this.connection.unwatch();
    try {
      await this.connection.watch();
    } catch (error) {
      this.watching = false;
      throw error;
    }
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

export function rememberedChoice(): Choice {
  const choice = stored(CHOICE);
  return isChoice(choice) ? choice : "auto";
}

export function rememberChoice(choice: Choice): void {
  store(CHOICE, choice === "auto" ? null : choice);
}

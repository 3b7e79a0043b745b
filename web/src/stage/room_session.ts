// One visit to the room: the live channel, the media and this tab's devices, behind the acts of the page.

import { LiveClient, LiveError, type LiveState } from "../live/client";
import { MediaConnection, type MediaState, type Quality } from "../media";
import { t } from "../translation";
import { Cell } from "./cell";
import { OwnDevices } from "./own_sources";
import { emptyRoom, fromSnapshot, me, type RoomState, withPresence, withStanding } from "./room_state";
import type {
  PersonHere,
  Phase,
  PresenceChanged,
  RoomPage,
  Source,
  StageSnapshot,
  Standing,
  TrackSource,
} from "./wire";

export interface LinkState {
  readonly live: LiveState;
  readonly waiting: number;
  readonly media: MediaState;
  readonly quality: Quality | null;
}

export interface Note {
  readonly id: number;
  readonly text: string;
  readonly urgent: boolean;
}

export type Tracks = ReadonlyMap<string, MediaStreamTrack>;

/** Why the visit ended; `left` is the person's own wish. */
export interface Ending {
  readonly code: "left" | "closed" | "removed" | "other";
  readonly message: string;
}

export const trackKey = (participant: string, source: TrackSource): string => `${participant} ${source}`;

const NOTE_MS = 7_000;

export class RoomSession {
  readonly room = new Cell<RoomState>(emptyRoom);
  readonly link = new Cell<LinkState>({ live: "connecting", waiting: 0, media: "connecting", quality: null });
  readonly tracks = new Cell<Tracks>(new Map());
  readonly speaking = new Cell<readonly string[]>([]);
  readonly notes = new Cell<readonly Note[]>([]);
  readonly ending = new Cell<Ending | null>(null);
  /** What the person wants with their hand until the server has said so. */
  readonly handWish = new Cell<"up" | "down" | null>(null);
  /** False: sound only, to save data. Remembered on this device. */
  readonly pictures = new Cell(remembered());
  readonly devices: OwnDevices;
  readonly live: LiveClient;
  private media: MediaConnection | null = null;
  private participant = "";
  /** What was chosen at the door; done once, when the room has been entered. */
  private wantsStage: boolean | null = null;
  private noted = 0;

  constructor(
    readonly page: RoomPage,
    devices = new OwnDevices(),
  ) {
    this.devices = devices;
    this.live = new LiveClient({
      session: page.session,
      account: page.account,
      formToken: page.form_token,
      onState: (live, waiting) => this.link.change((link) => ({ ...link, live, waiting })),
      onClosed: ({ code, message }) =>
        this.end({
          code: code === "live.removed" ? "removed" : code === "stage.closed" ? "closed" : "other",
          message,
        }),
    });
    this.live.onSnapshot("stage", (part) => this.room.set(fromSnapshot(part as StageSnapshot)));
    this.live.on("FloorChanged", (event) => this.stands(event as unknown as Standing));
    this.live.on("RoomChanged", (event) => this.doors(event.phase as Phase));
    this.live.on("PresenceChanged", (news) =>
      this.room.change((room) => withPresence(room, news as unknown as PresenceChanged)),
    );
    this.live.on("Speaking", (news) => this.speaking.set(news.participants as string[]));
    this.live.on(
      "MediaOffered",
      (offer) => void this.media?.offered({ version: offer.version as number, sdp: offer.sdp as string }),
    );
    this.live.on("MediaEnded", (ended) => void this.mediaEnded(ended.code as string));
    this.live.onEntered(() => void this.entered());
  }

  /** `onStage`: go on stage at once with what is open (presenters); false: listen. */
  enter(onStage: boolean): void {
    this.wantsStage = onStage;
    this.live.enter();
    addEventListener("pagehide", this.goodbye);
  }

  /** Leave by one's own wish: the place is given up at once. */
  async leave(): Promise<void> {
    await this.live.send("LeaveRoom").catch(() => undefined);
    this.end({ code: "left", message: "" });
  }

  // -- the floor --------------------------------------------------------------------------------

  raiseHand(): Promise<void> {
    return this.wishHand("up");
  }

  lowerHand(): Promise<void> {
    return this.wishHand("down");
  }

  private async wishHand(wish: "up" | "down"): Promise<void> {
    this.handWish.set(wish);
    await this.tell(wish === "up" ? "RaiseHand" : "LowerHand", {}, true);
    if (this.handWish.value === wish) this.handWish.set(null);
  }

  decline(): Promise<void> {
    return this.tell("DeclineFloor", {}, true);
  }

  /** Go on stage and send what is open and switched on. */
  async takeFloor(): Promise<void> {
    await this.ask("TakeFloor");
    await this.publishOpen();
  }

  async leaveFloor(): Promise<void> {
    await this.tell("LeaveFloor", {}, true);
    this.stopSending();
  }

  // -- one's own sources --------------------------------------------------------------------------

  /** Throws `DeviceError` when the microphone cannot be opened, `LiveError` when the server refuses. */
  async setMicrophone(on: boolean): Promise<void> {
    if (on && !this.devices.state.value.microphone) {
      const track = await this.devices.open("microphone");
      await this.publishing().publish("microphone", track);
    }
    this.devices.switchMicrophone(on);
    this.show();
  }

  async setCamera(on: boolean): Promise<void> {
    if (on) {
      const track = await this.devices.open("camera");
      await this.publishing().publish("camera", track);
    } else {
      this.devices.close("camera");
      await this.media?.unpublish("camera").catch(ignore);
    }
    this.show();
  }

  async setScreen(on: boolean): Promise<void> {
    if (on) {
      const { video, audio } = await this.devices.openScreen();
      await this.publishing().publish("screen", video);
      if (audio) await this.publishing().publish("screen-audio", audio);
    } else {
      this.devices.close("screen");
      await this.media?.unpublish("screen-audio").catch(ignore);
      await this.media?.unpublish("screen").catch(ignore);
    }
    this.show();
  }

  /** Another camera or microphone, while sending. */
  async changeDevice(kind: "microphone" | "camera", id: string): Promise<void> {
    const track = await this.devices.open(kind, id);
    if (me(this.room.value).state === "on-stage") await this.publishing().publish(kind, track);
    this.show();
  }

  /** Receive cameras and screens, or sound only. */
  async choosePictures(pictures: boolean): Promise<void> {
    this.pictures.set(pictures);
    remember(pictures);
    await this.live.send("ChoosePictures", { pictures }).catch(ignore);
  }

  // -- for moderators -----------------------------------------------------------------------------

  /** An act on a person or the room; refusals become a note. Never kept for later: an hour on it may be wrong. */
  async moderate(type: string, body: Record<string, unknown> = {}): Promise<void> {
    try {
      await this.live.send(type, body);
    } catch (error) {
      this.explain(error);
    }
  }

  async everybody(): Promise<PersonHere[]> {
    const reply = (await this.live.send("ListPeople")) as { people: PersonHere[] };
    return reply.people;
  }

  note(text: string, urgent = false): void {
    const note = { id: ++this.noted, text, urgent };
    this.notes.change((notes) => [...notes, note].slice(-3));
    setTimeout(() => this.notes.change((notes) => notes.filter(({ id }) => id !== note.id)), NOTE_MS);
  }

  // -- what the server tells ------------------------------------------------------------------------

  private stands(standing: Standing): void {
    const before = me(this.room.value);
    this.room.change((room) => withStanding(room, standing));
    if (standing.person !== this.room.value.me) return;
    if (before.state === "on-stage" && standing.state !== "on-stage") {
      this.stopSending();
      if (standing.state === "audience") this.note(t("You are back in the audience."));
    }
    const lost = standing.stopped.filter((source) => !before.stopped.includes(source));
    for (const source of lost) this.note(stoppedText(source), true);
    const given = before.stopped.filter((source) => !standing.stopped.includes(source));
    if (standing.state === "on-stage" && given.includes("microphone")) {
      this.note(t("You can use your microphone again."));
    }
  }

  private doors(phase: Phase): void {
    this.room.change((room) => ({ ...room, phase }));
    if (phase !== "closed") return;
    this.stopSending();
    if (!this.room.value.moderates)
      this.end({ code: "closed", message: t("The chair has closed the room.") });
  }

  private async entered(): Promise<void> {
    const before = this.participant;
    const fresh = this.live.me?.connection ?? "";
    if (before && this.media) {
      try {
        const reply = (await this.live.send("ResumeTab", { participant: before })) as {
          kept: boolean;
          participant: string;
        };
        this.participant = reply.participant;
        if (reply.kept) {
          this.show();
          this.media.liveAgain();
          return;
        }
      } catch {
        return; // the channel dropped again; the next entry tries anew
      }
    } else {
      this.participant = fresh;
    }
    await this.connectMedia();
  }

  /** Media from nothing: the first time, and when the server no longer knows this tab. */
  private async connectMedia(): Promise<void> {
    this.media?.close();
    this.tracks.set(new Map());
    this.media = new MediaConnection({
      signal: {
        publishOffer: async (sdp, sources) =>
          ((await this.live.send("PublishMedia", { sdp, sources })) as { sdp: string }).sdp,
        subscribe: async () => (await this.live.send("SubscribeMedia")) as { version: number; sdp: string },
        restartSubscribe: async () =>
          (await this.live.send("RestartMedia")) as { version: number; sdp: string },
        answer: async (version, sdp) => void (await this.live.send("AnswerMedia", { version, sdp })),
      },
      onTrack: (participant, source, track) => this.hear(participant, source, track),
      onState: (media) => this.link.change((link) => ({ ...link, media })),
      onQuality: (quality) => this.link.change((link) => ({ ...link, quality })),
      onEnded: (source) => this.sourceEnded(source),
    });
    try {
      // Before anything is received: whoever saves data must not pay for the first seconds.
      if (!this.pictures.value) await this.live.send("ChoosePictures", { pictures: false });
      await this.media.watch();
      const wants = this.wantsStage;
      this.wantsStage = null;
      const there = me(this.room.value).state === "on-stage";
      if (wants === true) await this.takeFloor();
      else if (there && wants === false) await this.leaveFloor();
      else if (there) await this.publishOpen();
    } catch (error) {
      this.explain(error);
    }
  }

  private hear(participant: string, source: TrackSource, track: MediaStreamTrack | null): void {
    this.tracks.change((tracks) => {
      const next = new Map(tracks);
      if (track) next.set(trackKey(participant, source), track);
      else next.delete(trackKey(participant, source));
      return next;
    });
  }

  private async mediaEnded(code: string): Promise<void> {
    if (code !== "stage.moved") return this.media?.liveAgain();
    this.stopSending();
    this.note(t("You are speaking from another window now."));
  }

  // -- sending ------------------------------------------------------------------------------------

  private async publishOpen(): Promise<void> {
    const { microphone, camera, screen } = this.devices.state.value;
    if (microphone) await this.publishing().publish("microphone", microphone);
    if (camera) await this.publishing().publish("camera", camera);
    if (screen) await this.publishing().publish("screen", screen);
    this.show();
  }

  private stopSending(): void {
    this.devices.closeAll();
    this.media?.stopPublishing();
  }

  private sourceEnded(source: TrackSource): void {
    if (source === "screen-audio") return;
    this.devices.close(source);
    this.show();
    if (source === "screen") void this.media?.unpublish("screen-audio").catch(ignore);
    else
      this.note(
        source === "camera" ? t("The camera was disconnected.") : t("The microphone was disconnected."),
        true,
      );
  }

  /** Tell the others what this tab sends, so that their tiles say so. */
  private show(): void {
    if (me(this.room.value).state !== "on-stage" && !this.sending) return;
    const { microphoneOn, camera, screen } = this.devices.state.value;
    const sources = { microphone: microphoneOn, camera: camera !== null, screen: screen !== null };
    this.live.send("ShowSources", sources).catch(ignore);
  }

  private get sending(): boolean {
    return (["microphone", "camera", "screen"] as const).some((source) => this.media?.published(source));
  }

  private publishing(): MediaConnection {
    if (!this.media) throw new LiveError({ code: "live.offline", message: "" });
    return this.media;
  }

  // -- telling the server ---------------------------------------------------------------------------

  private async tell(type: string, body: Record<string, unknown>, durable: boolean): Promise<void> {
    try {
      await this.live.send(type, body, { durable });
    } catch (error) {
      this.explain(error);
    }
  }

  private async ask(type: string): Promise<void> {
    try {
      await this.live.send(type);
    } catch (error) {
      this.explain(error);
      throw error;
    }
  }

  explain(error: unknown): void {
    if (error instanceof LiveError && error.code !== "live.offline") this.note(error.message, true);
    else this.note(t("There is no connection just now. Try again in a moment."), true);
  }

  private readonly goodbye = (): void => {
    // A reload comes back within the time the place is kept; a closed page is noticed by the socket.
    this.live.leave();
  };

  private end(ending: Ending): void {
    if (this.ending.value) return;
    removeEventListener("pagehide", this.goodbye);
    this.devices.closeAll();
    this.media?.close();
    this.media = null;
    this.live.leave();
    this.tracks.set(new Map());
    this.ending.set(ending);
  }
}

const PICTURES = "majlis.pictures";

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

function ignore(): void {
  // Giving something back that the server has already taken is no news to anybody.
}

function stoppedText(source: Source): string {
  switch (source) {
    case "microphone":
      return t("A moderator has muted your microphone.");
    case "camera":
      return t("A moderator has stopped your camera.");
    default:
      return t("A moderator has stopped your shared screen.");
  }
}

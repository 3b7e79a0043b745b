// One visit to the room: the live channel, the media and this tab's devices, behind the acts of the page.

import { extras } from "../later/fetched";
import { LiveClient, LiveError, type LiveState, type Message } from "../live/client";
import type { MediaState, Quality } from "../media";
import { type BellState, followBell } from "../notices/bell_state";
import { t } from "../translation";
import { Cell } from "./cell";
import type { CapLevel } from "./data_cap";
import { DataMeter } from "./data_meter";
import { linkWords, type Reason, type Rung } from "./link_words";
import { followNetwork } from "./network_watch";
import { OwnSending } from "./own_sending";
import { OwnDevices } from "./own_sources";
import {
  emptyRoom,
  fromSnapshot,
  me,
  type RoomState,
  withHandsLowered,
  withPresence,
  withStanding,
} from "./room_state";
import { TabMedia } from "./tab_media";
import type { Choice } from "./viewing";
import { Weakness } from "./weakness";
import type {
  PeopleListed,
  Phase,
  PresenceChanged,
  RoomPage,
  StageRules,
  StageSnapshot,
  Standing,
  Times,
} from "./wire";

export interface LinkState {
  readonly live: LiveState;
  readonly waiting: number;
  readonly media: MediaState;
  readonly quality: Quality | null;
  readonly weak: boolean;
  /** What the server sends this tab, and why. */
  readonly rung: Rung;
  readonly reason: Reason;
}

export interface Note {
  readonly id: number;
  readonly text: string;
  readonly urgent: boolean;
}

/** Why the visit ended; `left` is the person's own wish. */
export interface Ending {
  readonly code: "left" | "closed" | "removed" | "other";
  readonly message: string;
}

interface Resumed {
  kept: boolean;
  participant: string;
}

const NOTE_MS = 7_000;
const FULL_MS = 20_000;
const TICK_MS = 2_000;
/** What one handshake costs a worker. */
const HANDSHAKE_MS = 4;

export class RoomSession {
  readonly room = new Cell<RoomState>(emptyRoom);
  readonly link = new Cell<LinkState>({
    live: "connecting",
    waiting: 0,
    media: "connecting",
    quality: null,
    weak: false,
    rung: "full",
    reason: "ok",
  });
  readonly data: DataMeter;
  /** The participant who spoke last, whom a single picture shows. */
  readonly lead = new Cell<string | null>(null);
  readonly speaking = new Cell<readonly string[]>([]);
  readonly notes = new Cell<readonly Note[]>([]);
  readonly ending = new Cell<Ending | null>(null);
  /** Why there is no place for another viewer, in the server's words; the questions can be used. */
  readonly full = new Cell("");
  /** What the person wants with their hand until the server has said so. */
  readonly handWish = new Cell<"up" | "down" | null>(null);
  /** What the room told last of its reactions and signals: what shows them is worth fetching. */
  readonly lively = new Cell<Message | null>(null);
  readonly bell: Cell<BellState>;
  readonly devices: OwnDevices;
  readonly live: LiveClient;
  readonly media: TabMedia;
  readonly own: OwnSending;
  private participant = "";
  /** What was chosen at the door; done once, when the room has been entered. */
  private wantsStage: boolean | null = null;
  private noted = 0;
  private linkNoted = 0;
  private uplinkWords: ((carries: "weak" | "poor") => ReturnType<typeof linkWords>) | null = null;
  private readonly weakness = new Weakness();
  private readonly stops: (() => void)[] = [];

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
    this.bell = followBell(this.live);
    this.live.onSnapshot("stage", (part) => {
      this.room.set(fromSnapshot(part as StageSnapshot));
      this.heard((part as StageSnapshot).speaking ?? []);
    });
    this.live.on("FloorChanged", (event) => this.stands(event as unknown as Standing));
    this.live.on("HandsLowered", () => this.room.change(withHandsLowered));
    this.live.on("StageRulesChanged", (event) =>
      this.room.change((room) => ({ ...room, rules: event as unknown as StageRules })),
    );
    for (const type of ["ReactionsCounted", "MoodChanged"])
      this.live.on(type, (news) => this.lively.set(news));
    this.live.on("RoomChanged", (event) => this.doors(event.phase as Phase));
    this.live.on("RecordingChanged", (event) =>
      this.recording((event.started_at as string | null) ?? "", (event.error as string) ?? ""),
    );
    this.live.on("TimesChanged", (event) => this.moves(event as unknown as Times));
    this.live.on("PresenceChanged", (news) =>
      this.room.change((room) => withPresence(room, news as unknown as PresenceChanged)),
    );
    this.live.on("Speaking", (news) => this.heard(news.participants as string[]));
    this.live.on("RungChanged", (news) => this.rungChanged(news.rung as Rung, news.reason as Reason));
    this.live.on("RoomMoved", () => this.moved());
    this.live.on("MediaEnded", (ended) => this.mediaEnded(ended.code as string));
    this.live.onEntered(() => void this.entered());
    this.media = new TabMedia(this.live, this.devices, {
      onState: (media) => this.link.change((link) => ({ ...link, media })),
      onQuality: (quality) => {
        const weak = this.weakness.judge(quality);
        this.link.change((link) => ({ ...link, quality, weak }));
        this.data.media(quality.bytesReceived, quality.bytesSent);
      },
      onEnded: (source) => this.own.ended(source),
      onClosed: () => this.data.mediaClosed(),
    });
    this.data = new DataMeter(page.session, Date.parse(page.ends_at), () => this.live.traffic);
    this.own = new OwnSending(this);
    this.data.level.watch((level) => this.limit(level));
    this.media.carries.watch(async () => {
      if (this.media.uphill !== "good") this.uplinkWords = (await extras()).uplinkWords;
      this.linkNote(this.media.uphill !== "good");
    });
  }

  /** `onStage`: go on stage at once with what is open (presenters); false: listen. */
  enter(onStage: boolean): void {
    this.wantsStage = onStage;
    this.live.enter();
    addEventListener("pagehide", this.goodbye);
    addEventListener("pageshow", this.welcome);
    const ticking = setInterval(() => this.data.tick(), TICK_MS);
    this.stops.push(
      () => clearInterval(ticking),
      followNetwork(() => {
        this.live.reconnect();
        this.media.networkChanged();
      }),
      () => this.media.tiles.close(),
      () => this.data.close(),
    );
    if (this.data.level.value !== "free") this.limit(this.data.level.value);
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
    await this.own.sendOpen();
  }

  async leaveFloor(): Promise<void> {
    await this.tell("LeaveFloor", {}, true);
    this.media.stopSending();
  }

  // -- what one gets ------------------------------------------------------------------------------

  async choose(choice: Choice): Promise<void> {
    this.linkNote(false);
    this.data.restart();
    await this.media.choose(choice).catch(this.failed);
  }

  private heard(participants: string[]): void {
    this.speaking.set(participants);
    this.media.limits?.heard(participants.includes(this.room.value.participant));
    const other = participants.find((participant) => participant !== this.room.value.participant);
    if (!other || other === this.lead.value) return;
    this.lead.set(other);
    this.media.follow(other).catch(() => undefined); // told again with the next speaker
  }

  private rungChanged(rung: Rung, reason: Reason): void {
    this.link.change((link) => ({ ...link, rung, reason }));
    this.linkNote(reason === "link" && rung !== "full");
  }

  /** The connection as it is told to the person. */
  words(link = this.link.value): ReturnType<typeof linkWords> {
    const { choice, uphill } = this.media;
    const sends = uphill === "good" ? null : (this.uplinkWords?.(uphill) ?? null);
    return linkWords({ ...link, sends, choice: choice.value, cap: this.data.level.value });
  }

  /** Says how the connection is now, in the place of what was said of it before. */
  private linkNote(weak: boolean): void {
    this.notes.change((notes) => notes.filter(({ id }) => id !== this.linkNoted));
    if (!weak) return;
    this.note(this.words().long);
    this.linkNoted = this.noted;
  }

  private limit(level: CapLevel): void {
    if (level === "warned")
      this.note(t("Three quarters of your data limit are used. Near its end pictures stop."), true);
    else if (level === "saving") this.note(this.words().long, true);
    // The stage itself says it, with the ways to go on: nothing may lie over them.
    else if (level === "reached") this.notes.set([]);
    this.own.spare();
    this.data.restart();
    this.media.limit(level).catch(() => undefined); // the next connection begins with it
    this.own.show();
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

  /** The hall runs late, or is back on time. */
  private moves(times: Times): void {
    this.room.change((room) => ({ ...room, times }));
    this.data.endsAt = Date.parse(times.ends_at);
    void extras().then(({ lateWords }) => this.note(lateWords(times.late)));
  }

  async everybody(search: string): Promise<PeopleListed> {
    return (await this.live.send("ListPeople", search ? { search } : {})) as PeopleListed;
  }

  note(text: string, urgent = false): void {
    if (this.notes.value.some((shown) => shown.text === text)) return;
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
      this.media.stopSending();
      if (standing.state === "audience") this.note(t("You are back in the audience."));
    }
    const lost = standing.stopped.filter((source) => !before.stopped.includes(source));
    const given = before.stopped.filter((source) => !standing.stopped.includes(source));
    const back = standing.state === "on-stage" && given.includes("microphone");
    if (lost.length > 0 || back) {
      void extras().then(({ stoppedText, givenBackText }) => {
        for (const source of lost) this.note(stoppedText(source), true);
        if (back) this.note(givenBackText());
      }, this.failed);
    }
  }

  private doors(phase: Phase): void {
    this.room.change((room) => ({ ...room, phase }));
    if (phase !== "closed") return;
    this.media.stopSending();
    if (!this.room.value.moderates)
      this.end({ code: "closed", message: t("The chair has closed the room.") });
  }

  private recording(since: string, error: string): void {
    const before = this.room.value.recordingSince;
    this.room.change((room) => ({ ...room, recordingSince: since }));
    if (Boolean(since) === Boolean(before) && !error) return;
    void extras().then(({ recordingText }) => this.note(recordingText(since, error), true), this.failed);
  }

  private async entered(): Promise<void> {
    const before = this.participant;
    this.participant = this.live.me?.connection ?? "";
    if (before && this.media.connected) {
      try {
        const reply = (await this.live.send("ResumeTab", { participant: before })) as Resumed;
        this.participant = reply.participant;
        if (reply.kept) {
          this.own.show();
          return this.media.liveAgain();
        }
      } catch {
        this.participant = before; // the channel dropped again; the next entry tries anew
        return;
      }
    }
    await this.connectMedia();
  }

  /** The room's media begin anew elsewhere. Who is heard goes first, listeners as the worker can take them. */
  private moved(): void {
    const spread = Math.min(1_000, this.room.value.here * HANDSHAKE_MS);
    const wait = this.media.sending ? 0 : Math.random() * spread;
    setTimeout(() => {
      if (!this.ending.value) void this.connectMedia();
    }, wait);
  }

  private async connectMedia(): Promise<void> {
    let watched = false;
    try {
      const watching = this.media.connect().then(() => {
        watched = true;
        this.full.set("");
      });
      const there = me(this.room.value).state === "on-stage";
      // Who was on stage all along is waited for: neither connection waits for the other, or fails with it.
      const sending = there && this.wantsStage === null && this.own.sendOpen().catch(this.failed);
      await Promise.all([watching, sending]);
      const wants = this.wantsStage;
      this.wantsStage = null;
      if (wants === true) await this.takeFloor();
      else if (there && wants === false) await this.leaveFloor();
    } catch (error) {
      if (!watched && error instanceof LiveError && error.code === "stage.full")
        this.waitForPlace(error.message);
      else this.explain(error);
    }
  }

  /** Everything but sound and picture works meanwhile. */
  private waitForPlace(why: string): void {
    this.full.set(why);
    setTimeout(() => {
      if (this.full.value && !this.ending.value) void this.connectMedia();
    }, FULL_MS);
  }

  private mediaEnded(code: string): void {
    if (code === "stage.moved") {
      this.media.stopSending();
      this.note(t("You are speaking from another window now."));
    } else this.media.liveAgain();
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

  /** For `catch`. */
  readonly failed = (error: unknown): void => this.explain(error);

  private readonly goodbye = (): void => {
    // A reload comes back within the time the place is kept; a closed page is noticed by the socket.
    this.live.leave();
  };

  private readonly welcome = (event: PageTransitionEvent): void => {
    // Back from another page: browsers may bring this one back as it was.
    if (event.persisted) this.live.enter();
  };

  private end(ending: Ending): void {
    if (this.ending.value) return;
    removeEventListener("pagehide", this.goodbye);
    removeEventListener("pageshow", this.welcome);
    for (const stop of this.stops) stop();
    this.devices.closeAll();
    this.media.close();
    this.live.leave();
    this.ending.set(ending);
  }
}

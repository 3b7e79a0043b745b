// One visit to the room: the live channel, the media and this tab's devices, behind the acts of the page.

import { extras } from "../later/fetched";
import { LiveClient, LiveError, type Message } from "../live/client";
import { type BellState, followBell } from "../notices/bell_state";
import { t } from "../translation";
import { Cell } from "./cell";
import type { CapLevel } from "./data_cap";
import { DataMeter } from "./data_meter";
import type { Reason, Rung } from "./link_words";
import { MediaEntry } from "./media_entry";
import { followNetwork } from "./network_watch";
import { NoteList } from "./note_list";
import { OwnLink } from "./own_link";
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

/** Why the visit ended; `left` is the person's own wish. */
export interface Ending {
  readonly code: "left" | "closed" | "removed" | "other";
  readonly message: string;
}

const TICK_MS = 2_000;

export class RoomSession {
  readonly room = new Cell<RoomState>(emptyRoom);
  readonly link = new OwnLink(this);
  readonly data: DataMeter;
  /** The participant who spoke last, whom a single picture shows. */
  readonly lead = new Cell<string | null>(null);
  readonly speaking = new Cell<readonly string[]>([]);
  readonly notes = new NoteList();
  readonly ending = new Cell<Ending | null>(null);
  /** What the person wants with their hand until the server has said so. */
  readonly handWish = new Cell<"up" | "down" | null>(null);
  /** What the room told last of its reactions and signals: what shows them is worth fetching. */
  readonly lively = new Cell<Message | null>(null);
  readonly bell: Cell<BellState>;
  readonly devices: OwnDevices;
  readonly live: LiveClient;
  readonly media: TabMedia;
  readonly own: OwnSending;
  readonly entry: MediaEntry;
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
      onState: (live, waiting) => this.link.learn({ live, waiting }),
      onReached: () => this.media.connection?.reached(),
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
    this.live.on("RungChanged", (news) => this.link.gets(news.rung as Rung, news.reason as Reason));
    this.live.on("MediaEnded", (ended) => this.mediaEnded(ended.code as string));
    this.media = new TabMedia(this.live, this.devices, {
      onState: (media) => this.link.learn({ media }),
      onQuality: (quality) => {
        this.link.measured(quality);
        this.data.media(quality.bytesReceived, quality.bytesSent);
      },
      onEnded: (source) => this.own.ended(source),
      onClosed: () => this.data.mediaClosed(),
    });
    this.data = new DataMeter(page.session, Date.parse(page.ends_at), () => this.live.traffic);
    this.own = new OwnSending(this);
    this.data.level.watch((level) => this.limit(level));
    this.media.carries.watch(() => this.link.carries());
    this.entry = new MediaEntry(this);
  }

  /** `onStage`: go on stage at once with what is open (presenters); false: listen. */
  enter(onStage: boolean): void {
    this.entry.wantsStage = onStage;
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
    this.link.note(false);
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

  private limit(level: CapLevel): void {
    // The stage itself says it, with the ways to go on: nothing may lie over them.
    if (level === "reached") this.notes.set([]);
    else if (level !== "free") this.noteLimit(level);
    this.own.spare();
    this.data.restart();
    this.media.limit(level).catch(() => undefined); // the next connection begins with it
    this.own.show();
  }

  note(text: string, urgent = false): number {
    return this.notes.say(text, urgent);
  }

  noteLimit(level: Exclude<CapLevel, "free">): void {
    void extras().then(({ limitText }) => this.note(limitText(level), true), this.failed);
  }

  /** Refusals are shown where the list is. */
  async everybody(search: string): Promise<PeopleListed> {
    return (await this.live.send("ListPeople", search ? { search } : {})) as PeopleListed;
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

  /** The hall runs late, or is back on time. */
  private moves(times: Times): void {
    this.room.change((room) => ({ ...room, times }));
    this.data.endsAt = Date.parse(times.ends_at);
    void extras().then(({ lateWords }) => this.note(lateWords(times.late)));
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

// Everything the planner's page knows and does, without saying how it looks: the draft with its acts and clashes, the
// day that is shown, what is chosen and what is held.

import { LiveClient as Live, type LiveClient, type LiveState } from "../live/client";
import { Cell } from "../stage/cell";
import { t } from "../translation";
import { Acts, type Body, type Stale } from "./acts";
import { Api } from "./api";
import { ClashWatch } from "./clash_watch";
import { Draft, isScheduled, type Placement, type Room, type Session, type Track } from "./draft";
import { type Bounds, onAnotherDay } from "./moving";
import { type Closed, closedHours, shownHours } from "./opening_hours";
import { isolated, placeAloud } from "./said";
import { dayOf, daysFrom } from "./wall_time";
import {
  changesOf,
  type DraftEdited,
  type PlannerPage,
  sessionOf,
  type WireDone,
  type WireDraft,
  type WireEvent,
} from "./wire";

/** A session in the air: lifted by keys, or dragged from the list over the grid. */
export interface Held {
  code: string;
  placement: Placement;
  by: "keys" | "list" | "mouse";
}

export type Step = 5 | 15 | 30;

export interface Frame {
  event: WireEvent;
  rooms: Room[];
  tracks: Track[];
  types: WireDraft["types"];
  days: string[];
}

export class Planner {
  readonly draft = new Draft();
  readonly api: Api;
  readonly acts: Acts;
  readonly clashes: ClashWatch;
  /** Raised with every change of the draft. */
  readonly version = new Cell(0);
  readonly frame: Cell<Frame>;
  readonly day: Cell<string>;
  readonly step = new Cell<Step>(15);
  readonly chosen = new Cell<string | null>(null);
  readonly held = new Cell<Held | null>(null);
  readonly stale = new Cell<Stale | null>(null);
  readonly refused = new Cell<string | null>(null);
  /** The last thing somebody else did, in words. */
  readonly news = new Cell<string | null>(null);
  readonly said = new Cell("");
  readonly live = new Cell<LiveState>("connecting");
  readonly offline = new Cell(false);
  private openings: WireDraft["openings"] = [];
  private readonly client: LiveClient;

  constructor(
    readonly page: PlannerPage,
    first: WireDraft,
  ) {
    this.api = new Api(page.api, page.form_token);
    const { zone } = first.event;
    this.clashes = new ClashWatch(this.api, zone);
    this.acts = new Acts(this.api, this.draft, zone, {
      changed: () => this.changed(),
      stale: (stale) => this.stale.set(stale),
      refused: (message) => this.refused.set(message || t("This was not carried out. Try again.")),
      offline: (is) => this.offline.set(is),
    });
    this.frame = new Cell(this.framed(first));
    this.take(first);
    this.day = new Cell(this.firstDay());
    this.client = new Live({
      event: page.event,
      account: page.account,
      formToken: page.form_token,
      onState: (state) => this.live.set(state),
    });
  }

  start(): void {
    this.client.on("DraftEdited", (message) => this.heard(message as unknown as DraftEdited));
    // Other parts of the programme (rooms, opening hours) have no news of their own: they come with the whole.
    this.client.onEntered((whole) => {
      if (whole) void this.reread();
    });
    this.client.enter();
    this.clashes.refresh(0);
    window.addEventListener("beforeunload", (event) => {
      if (this.acts.waiting.value > 0) event.preventDefault();
    });
  }

  get event(): WireEvent {
    return this.frame.value.event;
  }

  get rooms(): Room[] {
    return this.frame.value.rooms;
  }

  get roomSlugs(): string[] {
    return this.rooms.map((room) => room.slug);
  }

  /** A session as it is shown: what is held is where it is held. */
  shown(code: string): Session | undefined {
    const session = this.draft.get(code);
    const held = this.held.value;
    return session && held?.code === code && held.by !== "mouse"
      ? { ...session, ...held.placement }
      : session;
  }

  sessionsOf(day: string): Session[] {
    return this.draft
      .all()
      .map((session) => this.shown(session.code) ?? session)
      .filter((session) => isScheduled(session) && this.dayOf(session) === day);
  }

  unscheduled(): Session[] {
    return this.draft.all().filter((session) => !isScheduled(session));
  }

  dayOf(placement: Placement): string {
    return dayOf(placement.start ?? 0, this.event.day_start_hour);
  }

  /** The part of a day that is shown: opening hours and whatever is outside them. */
  boundsOf(day: string): Bounds {
    return shownHours(day, this.openings, this.sessionsOf(day), this.event.day_start_hour);
  }

  closedOn(day: string): Closed[] {
    return closedHours(day, this.openings, this.roomSlugs, this.boundsOf(day));
  }

  say(text: string): void {
    // The same words twice must be read twice: a live region tells only what is different.
    this.said.set(this.said.value === text ? `${text}\u00a0` : text);
  }

  place(code: string, placement: Placement): void {
    const session = this.draft.get(code);
    if (!session) return;
    this.say(placeAloud(session, placement, this.rooms));
    void this.acts.place(code, placement);
  }

  unschedule(code: string): void {
    const session = this.draft.get(code);
    if (session && session.start !== null) this.place(code, { ...placementKept(session), start: null });
  }

  /** The same time and room on another day. */
  moveToDay(code: string, day: string): void {
    const session = this.draft.get(code);
    if (!session || session.start === null) return;
    const placement = onAnotherDay(placementKept(session), this.dayOf(session), day);
    if (placement.start !== session.start) this.place(code, placement);
    this.day.set(day);
  }

  /** The day before or after the one that is shown; undefined at the ends. */
  dayBeside(way: 1 | -1): string | undefined {
    const { days } = this.frame.value;
    return days[days.indexOf(this.day.value) + way];
  }

  async turnBack(way: "undo" | "redo"): Promise<void> {
    const done = await this.acts.turnBack(way);
    const change = done?.changes[0];
    const session = change?.after && sessionOf(change.after, this.acts.zone);
    if (!session) return;
    const place = placeAloud(session, session, this.rooms);
    this.say(way === "undo" ? t("Undone: {place}", { place }) : t("Done again: {place}", { place }));
    if (isScheduled(session)) this.day.set(this.dayOf(session));
  }

  /** Any act from a form; true when it was carried out. */
  run(body: Body, codes: readonly string[] = []): Promise<WireDone | null> {
    return this.acts.run(body, codes);
  }

  /** Choose a session and go to its day. */
  open(code: string): void {
    const session = this.draft.get(code);
    if (session && isScheduled(session)) this.day.set(this.dayOf(session));
    this.chosen.set(code);
  }

  async reread(): Promise<void> {
    const answer = await this.api.get<WireDraft>("/draft");
    if (!answer.ok || !answer.body) return;
    this.take(answer.body);
    const frame = this.framed(answer.body);
    // A new frame draws the whole grid anew, under the hand of whoever is dragging in it.
    if (JSON.stringify(frame) !== JSON.stringify(this.frame.value)) this.frame.set(frame);
    this.changed();
  }

  private take(wire: WireDraft): void {
    this.openings = wire.openings ?? [];
    this.acts.undoable.set(wire.undo);
    this.acts.redoable.set(wire.redo);
    this.draft.replace(wire.sessions.map((session) => sessionOf(session, wire.event.zone)));
  }

  private framed({ event, rooms, tracks, types, sessions }: WireDraft): Frame {
    const days = new Set(daysFrom(event.starts, event.ends));
    for (const wire of sessions) {
      if (wire.starts_at) days.add(this.dayOfWire(wire.starts_at, event));
    }
    return { event, rooms, tracks, types, days: [...days].sort() };
  }

  private dayOfWire(startsAt: string, event: WireEvent): string {
    const { start } = sessionOf({ starts_at: startsAt } as Parameters<typeof sessionOf>[0], event.zone);
    return dayOf(start ?? 0, event.day_start_hour);
  }

  /** The day of the address (`#2025-10-25`), else the first. */
  private firstDay(): string {
    const wanted = location.hash.slice(1);
    const { days } = this.frame.value;
    return days.includes(wanted) ? wanted : (days[0] ?? this.event.starts);
  }

  private heard({ edit, by, changes }: DraftEdited): void {
    if (changes === null) return void this.reread();
    const changed = this.draft.apply(changesOf(changes, this.acts.zone));
    if (changed.length === 0) return;
    if (by && by.public_id !== this.page.account) {
      const code = changed[0];
      const session = code === undefined ? undefined : this.draft.server(code);
      const place = session ? placeAloud(session, session, this.rooms) : "";
      this.news.set(t("{name}: {place}", { name: isolated(by.name), place: place || `#${edit}` }));
    }
    this.changed();
  }

  private changed(): void {
    this.version.change((version) => version + 1);
    this.clashes.refresh();
  }
}

const placementKept = ({ room, start, minutes }: Session): Placement => ({ room, start, minutes });

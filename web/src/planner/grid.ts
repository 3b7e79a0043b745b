// The grid of one day: @event-calendar/core with its resource time grid, fed with the day's sessions and telling in
// the planner's own terms what was dragged where. It never changes the draft: whoever listens does.

import {
  type Calendar,
  createCalendar,
  destroyCalendar,
  Interaction,
  ResourceTimeGrid,
} from "@event-calendar/core";
import type { Placement, Session } from "./draft";
import { eventOf, type GridDay, optionsFor, roomLabel, shadesOf } from "./grid_day";
import { midnight, type Wall } from "./wall_time";

export interface GridListener {
  /** While something is dragged: where it would be; null when the drag is over. */
  dragging(code: string, placement: Placement | null): void;
  dropped(code: string, placement: Placement): void;
  /** Let go outside the grid, at a point of the page. True when that meant something. */
  letGo(code: string, x: number, y: number): boolean;
  /** What stands in a block; `dragged`: in the one under the pointer. */
  body(code: string, dragged: boolean): HTMLElement;
  /** The block of a session as a whole: its name, its state, its place in the order of keys. */
  mark(article: HTMLElement, code: string): void;
}

/** Pixels of a drag before it is one; less is a click with an unsteady hand. */
const DRAG_PIXELS = 6;
/** The component's own roles describe a table whose cells are empty: the sessions themselves say time and room. */
const TABLE_ROLES = "[role=table],[role=rowgroup],[role=row],[role=cell],[role=columnheader]";

export class Grid {
  private readonly calendar: Calendar;
  private readonly shown = new Map<string, string>();
  day: GridDay;
  private origin: { code: string; placement: Placement } | null = null;
  private cancelled = false;
  private sessions = new Map<string, Session>();

  constructor(
    private readonly host: HTMLElement,
    day: GridDay,
    private readonly listener: GridListener,
  ) {
    this.day = day;
    this.calendar = createCalendar(host, [ResourceTimeGrid, Interaction], {
      view: "resourceTimeGridDay",
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      slotEventOverlap: false,
      editable: true,
      eventDragMinDistance: DRAG_PIXELS,
      longPressDelay: 500,
      // Classes that give every element of the grid a cursor: thousands are styled anew when a drag begins and ends.
      theme: (theme: Calendar.Theme) => ({ ...theme, dragging: "", resizingY: "" }),
      locale: "en-GB",
      slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
      eventTimeFormat: () => "",
      resourceLabelContent: ({ resource }) => ({ domNodes: roomLabel(this.day.rooms, resource.id) }),
      // Nothing: the component would make every block's content anew with every change of any. See `adopt`.
      eventContent: () => ({}) as Calendar.Content,
      eventDidMount: ({ el, event }) => this.adopt(el, event),
      eventDragStart: ({ event }) => this.begin(String(event.id)),
      eventResizeStart: ({ event }) => this.begin(String(event.id)),
      dragConstraint: (info) => this.over(this.draggedTo(info), info),
      resizeConstraint: (info) => this.over(this.resizedTo(info)),
      eventDragStop: ({ jsEvent }) => this.stopped(jsEvent as PointerEvent),
      eventResizeStop: () => this.stopped(null),
      eventDrop: (info) => this.finish(this.draggedTo(info), info),
      eventResize: (info) => this.finish(this.resizedTo(info), info),
      ...optionsFor(this.day),
    } as Calendar.Options);
    window.addEventListener("keydown", this.escape, true);
    this.plain();
  }

  destroy(): void {
    window.removeEventListener("keydown", this.escape, true);
    void destroyCalendar(this.calendar);
  }

  /** Another day, other rooms or another scale: everything is drawn anew. */
  show(day: GridDay, sessions: readonly Session[]): void {
    this.day = day;
    this.shown.clear();
    this.sessions = byCode(sessions);
    for (const session of sessions) this.shown.set(session.code, this.signature(session));
    for (const [name, value] of Object.entries(optionsFor(this.day))) {
      this.calendar.setOption(name as keyof Calendar.Options, value as never);
    }
    const events = sessions.map((session) => eventOf(session, this.day));
    this.calendar.setOption("events", [...events, ...shadesOf(this.day)]);
    this.plain();
  }

  /** The same day after a change: only what is different is drawn. */
  update(sessions: readonly Session[]): void {
    this.sessions = byCode(sessions);
    for (const code of [...this.shown.keys()]) {
      if (this.sessions.has(code)) continue;
      this.shown.delete(code);
      this.calendar.removeEventById(code);
    }
    for (const session of sessions) {
      const signature = this.signature(session);
      const before = this.shown.get(session.code);
      if (before === signature) continue;
      this.shown.set(session.code, signature);
      if (before === undefined) this.calendar.addEvent(eventOf(session, this.day));
      else this.calendar.updateEvent(eventOf(session, this.day));
    }
  }

  /** Where a point of the page is in the grid, for what comes from outside it. */
  at(x: number, y: number): { room: string; start: Wall } | null {
    const found = this.calendar.dateFromPoint(x, y);
    if (!found?.resource) return null;
    const { date } = found;
    const start = midnight(
      [date.getFullYear(), date.getMonth() + 1, date.getDate()]
        .map((n) => String(n).padStart(2, "0"))
        .join("-"),
    );
    return { room: found.resource.id, start: start + date.getHours() * 60 + date.getMinutes() };
  }

  articles(code: string): HTMLElement[] {
    return [...this.host.querySelectorAll<HTMLElement>(`[data-code="${CSS.escape(code)}"]`)];
  }

  private signature({ start, minutes, room, title, state, kind, track }: Session): string {
    return JSON.stringify([start, minutes, room, title, state, kind, track]);
  }

  private adopt(article: HTMLElement, event: Calendar.Event): void {
    const code = String(event.id);
    if (event.display === "background" || !this.sessions.has(code)) return;
    article.dataset.code = code;
    const dragged = event.display === "preview";
    article.querySelector(".ec-event-body")?.replaceChildren(this.listener.body(code, dragged));
    if (dragged) article.setAttribute("aria-hidden", "true");
    else this.listener.mark(article, code);
  }

  private begin(code: string): void {
    const session = this.sessions.get(code);
    this.cancelled = false;
    this.origin = session ? { code, placement: placementOf(session) } : null;
  }

  private draggedTo({ event, delta }: Calendar.EventDropInfo): Placement | null {
    if (!this.origin) return null;
    const { room, start, minutes } = this.origin.placement;
    return {
      room: room === null ? null : String(event.resourceIds.at(-1) ?? room),
      start: (start ?? 0) + wholeMinutes(delta),
      minutes,
    };
  }

  private resizedTo({ endDelta }: Calendar.EventResizeInfo): Placement | null {
    if (!this.origin) return null;
    const { placement } = this.origin;
    return { ...placement, minutes: placement.minutes + wholeMinutes(endDelta) };
  }

  /** Whether it may be dropped there; the preview stays where it last might. */
  private over(placement: Placement | null, info?: Calendar.EventDropInfo): boolean {
    if (!this.origin || !placement || this.cancelled) return false;
    // A break for all rooms stands in every column: it goes up and down only.
    if (info && placement.room === null && info.newResource) return false;
    if ((placement.start ?? 0) < this.day.bounds.from || (placement.start ?? 0) >= this.day.bounds.until)
      return false;
    this.listener.dragging(this.origin.code, placement);
    return true;
  }

  private finish(placement: Placement | null, info: Calendar.EventDropInfo | Calendar.EventResizeInfo): void {
    const origin = this.origin;
    this.origin = null;
    if (!origin || !placement) return;
    this.listener.dragging(origin.code, null);
    const { clientX, clientY } = info.jsEvent as PointerEvent;
    if (this.cancelled || this.listener.letGo(origin.code, clientX, clientY)) info.revert();
    else this.listener.dropped(origin.code, placement);
  }

  /** The button is up. Of what is let go where it may not be dropped, the component says no more than this. */
  private stopped(up: PointerEvent | null): void {
    const { origin } = this;
    queueMicrotask(() => {
      if (!origin || this.origin !== origin) return; // dropped: `finish` has seen to it
      this.origin = null;
      this.listener.dragging(origin.code, null);
      if (up && !this.cancelled) this.listener.letGo(origin.code, up.clientX, up.clientY);
    });
  }

  /** Escape while the mouse holds something: it is let go where it was. */
  private readonly escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.origin) return;
    event.preventDefault();
    event.stopPropagation();
    this.cancelled = true;
    // The component has no way to cancel; to it, the button was let go.
    window.dispatchEvent(
      new PointerEvent("pointerup", { isPrimary: true, pointerType: "mouse", bubbles: true }),
    );
  };

  private plain(): void {
    queueMicrotask(() => {
      for (const one of this.host.querySelectorAll(TABLE_ROLES)) {
        for (const name of ["role", "aria-colindex", "aria-colspan"]) one.removeAttribute(name);
      }
    });
  }
}

export const placementOf = ({ room, start, minutes }: Placement): Placement => ({ room, start, minutes });

const byCode = (sessions: readonly Session[]): Map<string, Session> =>
  new Map(sessions.map((session) => [session.code, session]));

const wholeMinutes = ({ days, seconds }: Calendar.Duration): number => days * 1440 + Math.round(seconds / 60);

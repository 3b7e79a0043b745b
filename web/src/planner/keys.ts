// The grid by keyboard: arrows go from session to session; Enter lifts one, arrows carry it, Enter puts it down.

import { t } from "../translation";
import { isScheduled, type Session, samePlacement } from "./draft";
import { type Direction, firstFree, moved, neighbour, onAnotherDay } from "./moving";
import type { Planner } from "./planner";
import { dayName, isolated, placeAloud, timesOf, titleOf } from "./said";

const isMirrored = (): boolean => document.documentElement.dir === "rtl";

function sideOf(key: string): "before" | "after" | "earlier" | "later" | null {
  switch (key) {
    case "ArrowUp":
      return "earlier";
    case "ArrowDown":
      return "later";
    case "ArrowLeft":
      return isMirrored() ? "after" : "before";
    case "ArrowRight":
      return isMirrored() ? "before" : "after";
    default:
      return null;
  }
}

/** What a key does to the session `code` in the grid. True when it meant something; `focus` moves to another one. */
export function pressed(
  planner: Planner,
  event: KeyboardEvent,
  code: string,
  focus: (code: string) => void,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  return planner.held.value?.by === "keys" ? carried(planner, event) : chosen(planner, event, code, focus);
}

function chosen(
  planner: Planner,
  event: KeyboardEvent,
  code: string,
  focus: (code: string) => void,
): boolean {
  const session = planner.draft.get(code);
  if (!session) return false;
  const side = sideOf(event.key);
  if (side && !event.shiftKey) {
    const next = neighbour(planner.sessionsOf(planner.day.value), session, side, planner.roomSlugs);
    if (next) focus(next.code);
    return true;
  }
  switch (event.key) {
    case "Enter":
      lift(planner, session);
      return true;
    case " ":
      planner.chosen.set(planner.chosen.value === code ? null : code);
      return true;
    case "Delete":
    case "Backspace":
      planner.unschedule(code);
      return true;
    case "PageUp":
    case "PageDown":
      goToDay(planner, event.key);
      return true;
    default:
      return false;
  }
}

const wayOf = (key: string): 1 | -1 => (key === "PageDown" ? 1 : -1);

function goToDay(planner: Planner, key: string): void {
  const day = planner.dayBeside(wayOf(key));
  if (day === undefined) return;
  planner.day.set(day);
  planner.say(dayName(day));
}

function carried(planner: Planner, event: KeyboardEvent): boolean {
  const held = planner.held.value;
  if (!held) return false;
  const side = sideOf(event.key);
  if (side) {
    const lengthens: Partial<Record<Direction, Direction>> = { earlier: "shorter", later: "longer" };
    const direction = event.shiftKey ? lengthens[side] : side;
    if (direction) carry(planner, direction);
    return true;
  }
  switch (event.key) {
    case "Enter":
    case " ":
      putDown(planner);
      return true;
    case "Escape":
      putBack(planner);
      return true;
    case "Delete":
    case "Backspace":
      planner.held.set(null);
      planner.clashes.hold(held.code, null);
      planner.unschedule(held.code);
      return true;
    case "PageUp":
    case "PageDown":
      carryToDay(planner, event.key);
      return true;
    case "Tab": // out of the grid with a session in hand: it would be forgotten
      return true;
    default:
      return false;
  }
}

/** Take a session up; one that is not scheduled begins at the first free place of the day. */
export function lift(planner: Planner, session: Session): void {
  const day = planner.day.value;
  const { room, start, minutes } = session;
  const placement =
    start !== null && (room !== null || session.kind === "break")
      ? { room, start, minutes }
      : firstFree(
          planner.sessionsOf(day),
          planner.roomSlugs,
          minutes,
          planner.step.value,
          planner.boundsOf(day),
        );
  planner.held.set({ code: session.code, placement, by: "keys" });
  planner.clashes.hold(session.code, placement);
  const title = isolated(titleOf(session));
  planner.say(
    t(
      "{title} lifted. Arrow keys move it, Page Up and Page Down carry it to another day, Shift and arrow keys change its length, Enter puts it down, Escape puts it back.",
      { title },
    ),
  );
}

function carry(planner: Planner, direction: Direction): void {
  const held = planner.held.value;
  const session = held && planner.draft.get(held.code);
  if (!held || !session) return;
  const bounds = planner.boundsOf(planner.day.value);
  const placement = moved(held.placement, direction, planner.step.value, planner.roomSlugs, bounds);
  if (samePlacement(placement, held.placement)) return;
  planner.held.set({ ...held, placement });
  planner.clashes.hold(held.code, placement);
  const place = placeAloud(session, placement, planner.rooms);
  const isLength = direction === "shorter" || direction === "longer";
  planner.say(isLength ? `${place}${t(", ")}${isolated(timesOf(placement))}` : place);
}

/** The same time and room on the day before or after. */
function carryToDay(planner: Planner, key: string): void {
  const held = planner.held.value;
  const session = held && planner.draft.get(held.code);
  const day = planner.dayBeside(wayOf(key));
  if (!held || !session || day === undefined) return;
  const placement = onAnotherDay(held.placement, planner.day.value, day);
  planner.held.set({ ...held, placement });
  planner.day.set(day);
  planner.clashes.hold(held.code, placement);
  planner.say(`${dayName(day)}${t(", ")}${placeAloud(session, placement, planner.rooms)}`);
}

export function putDown(planner: Planner): void {
  const held = planner.held.value;
  if (!held) return;
  planner.held.set(null);
  planner.clashes.hold(held.code, null);
  planner.place(held.code, held.placement);
}

export function putBack(planner: Planner): void {
  const held = planner.held.value;
  if (!held) return;
  planner.held.set(null);
  planner.clashes.hold(held.code, null);
  const session = planner.draft.get(held.code);
  if (session && isScheduled(session)) planner.day.set(planner.dayOf(session));
  if (session) planner.say(t("Put back: {place}", { place: placeAloud(session, session, planner.rooms) }));
}

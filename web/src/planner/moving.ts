// Moving by keys, as rules: where a lifted session goes, and which session is beside another. Pure.

import { endOf, type Placement, type Session } from "./draft";
import { midnight, type Wall } from "./wall_time";

/** The part of a day the grid shows. */
export interface Bounds {
  from: Wall;
  until: Wall;
}

export type Direction = "earlier" | "later" | "before" | "after" | "shorter" | "longer";

export const SHORTEST = 5;

/**
 * `placement` one step further: `earlier` and `later` to the next line of the grid, `before` and `after` to the
 * room on that side, `shorter` and `longer` at its end. What is not possible changes nothing.
 */
export function moved(
  placement: Placement,
  direction: Direction,
  step: number,
  rooms: readonly string[],
  bounds: Bounds,
): Placement {
  const start = placement.start ?? bounds.from;
  switch (direction) {
    case "earlier":
      return { ...placement, start: Math.max(bounds.from, lineBefore(start, step)) };
    case "later":
      return {
        ...placement,
        start: Math.max(start, Math.min(bounds.until - placement.minutes, lineAfter(start, step))),
      };
    case "before":
    case "after": {
      if (placement.room === null) return placement;
      const next = rooms[rooms.indexOf(placement.room) + (direction === "after" ? 1 : -1)];
      return next === undefined ? placement : { ...placement, room: next };
    }
    case "shorter": {
      const end = lineBefore(endOf(placement), step);
      return end - start < SHORTEST ? placement : { ...placement, minutes: end - start };
    }
    case "longer":
      return {
        ...placement,
        minutes: Math.max(
          placement.minutes,
          Math.min(bounds.until, lineAfter(endOf(placement), step)) - start,
        ),
      };
  }
}

/** The same room and time of day on another day (both YYYY-MM-DD). */
export function onAnotherDay(placement: Placement, from: string, to: string): Placement {
  const start = placement.start === null ? null : placement.start + midnight(to) - midnight(from);
  return { ...placement, start };
}

const lineAfter = (at: Wall, step: number): Wall => (Math.floor(at / step) + 1) * step;
const lineBefore = (at: Wall, step: number): Wall => (Math.ceil(at / step) - 1) * step;

/** The session beside `from` in the grid of one day, as an eye would look for it; undefined at the edge. */
export function neighbour(
  sessions: readonly Session[],
  from: Placement & { code: string },
  direction: "earlier" | "later" | "before" | "after",
  rooms: readonly string[],
): Session | undefined {
  const start = from.start ?? 0;
  const others = sessions.filter((one) => one.code !== from.code && one.start !== null);
  if (direction === "earlier" || direction === "later") {
    const beside = others.filter((one) => one.room === from.room || one.room === null || from.room === null);
    return direction === "later"
      ? first(
          beside.filter((one) => after(one, from)),
          (one) => (one.start ?? 0) - start,
        )
      : first(
          beside.filter((one) => after(from, one)),
          (one) => start - (one.start ?? 0),
        );
  }
  const column = from.room === null ? (direction === "after" ? -1 : rooms.length) : rooms.indexOf(from.room);
  const sign = direction === "after" ? 1 : -1;
  return first(
    others.filter((one) => one.room !== null && (rooms.indexOf(one.room) - column) * sign > 0),
    (one) => Math.abs(rooms.indexOf(one.room ?? "") - column) * 10_000 + Math.abs((one.start ?? 0) - start),
  );
}

/** By start, and among equal ones by code: an order without ties, so that arrows pass every session. */
function after(one: Placement & { code: string }, other: Placement & { code: string }): boolean {
  const apart = (one.start ?? 0) - (other.start ?? 0);
  return apart === 0 ? one.code > other.code : apart > 0;
}

function first(sessions: readonly Session[], distance: (one: Session) => number): Session | undefined {
  let best: Session | undefined;
  for (const one of sessions) if (!best || distance(one) < distance(best)) best = one;
  return best;
}

/** The first place on a line of the grid where `minutes` fit into a room without touching what is there. */
export function firstFree(
  sessions: readonly Session[],
  rooms: readonly string[],
  minutes: number,
  step: number,
  bounds: Bounds,
): Placement {
  for (let start = Math.ceil(bounds.from / step) * step; start + minutes <= bounds.until; start += step) {
    const room = rooms.find((slug) =>
      sessions.every(
        (one) =>
          one.start === null ||
          (one.room !== slug && one.room !== null) ||
          one.start >= start + minutes ||
          endOf(one) <= start,
      ),
    );
    if (room !== undefined) return { room, start, minutes };
  }
  return { room: rooms[0] ?? null, start: bounds.from, minutes };
}

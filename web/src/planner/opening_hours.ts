// Which part of a day the grid shows, and when rooms are closed in it. Pure.

import { endOf, type Placement } from "./draft";
import type { Bounds } from "./moving";
import { midnight, minutesOf, onDay, type Wall } from "./wall_time";

export interface Hours {
  room: string | null;
  day: string;
  opens: string;
  closes: string;
}

export interface Closed {
  room: string;
  from: Wall;
  until: Wall;
}

const HOUR = 60;
const USUAL = { from: 8 * HOUR, until: 18 * HOUR };

/** From and until of one row; what closes before it opens closes after midnight. */
function spanOf({ day, opens, closes }: Hours): Bounds {
  const from = midnight(day) + (minutesOf(opens.slice(0, 5)) ?? 0);
  const until = midnight(day) + (minutesOf(closes.slice(0, 5)) ?? 0);
  return { from, until: until <= from ? until + 24 * HOUR : until };
}

/**
 * Whole hours from the first opening or session to the last, never less than a usual working day where nothing is
 * known, and never more than the conference day.
 */
export function shownHours(
  day: string,
  openings: readonly Hours[],
  sessions: readonly Placement[],
  dayStartHour: number,
): Bounds {
  const first = onDay(day, dayStartHour * HOUR, dayStartHour);
  const spans = openings.filter((one) => one.day === day).map(spanOf);
  if (spans.length === 0) {
    spans.push({ from: midnight(day) + USUAL.from, until: midnight(day) + USUAL.until });
  }
  for (const one of sessions) if (one.start !== null) spans.push({ from: one.start, until: endOf(one) });
  const from = Math.floor(Math.min(...spans.map((span) => span.from)) / HOUR) * HOUR;
  const until = Math.ceil(Math.max(...spans.map((span) => span.until)) / HOUR) * HOUR;
  return { from: Math.max(first, from), until: Math.min(first + 24 * HOUR, Math.max(until, from + HOUR)) };
}

/** The times within `bounds` at which rooms are closed; none for a room without opening hours. */
export function closedHours(
  day: string,
  openings: readonly Hours[],
  rooms: readonly string[],
  bounds: Bounds,
): Closed[] {
  const closed: Closed[] = [];
  for (const room of rooms) {
    const own = openings.filter((one) => one.day === day && one.room === room);
    const spans = (own.length ? own : openings.filter((one) => one.day === day && one.room === null)).map(
      spanOf,
    );
    if (spans.length === 0) continue;
    let at = bounds.from;
    for (const { from, until } of spans.sort((one, other) => one.from - other.from)) {
      if (from > at) closed.push({ room, from: at, until: from });
      at = Math.max(at, until);
    }
    if (at < bounds.until) closed.push({ room, from: at, until: bounds.until });
  }
  return closed;
}

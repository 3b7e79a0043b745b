// The planner thinks in wall-clock time of the event's zone: what is printed in the programme. A `Wall` is the
// minutes from 1970-01-01 00:00 to what the clock on the wall shows; instants are made and read only here.

export type Wall = number;

const HOUR = 60;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What the clock in `zone` shows at an instant (ISO 8601 with an offset or Z). */
export function wallOf(iso: string, zone: string): Wall {
  return shownAt(Date.parse(iso), zone);
}

/**
 * The instant, in UTC, at which the clock in `zone` shows `wall`. A time that a clock change leaves out becomes
 * the one an hour later; of one that comes twice the first is meant.
 */
export function isoOf(wall: Wall, zone: string): string {
  const naive = wall * 60_000;
  const before = naive - offsetAt(naive - DAY * 60_000, zone);
  const after = naive - offsetAt(naive + DAY * 60_000, zone);
  const found = [Math.min(before, after), Math.max(before, after)].find((at) => shownAt(at, zone) === wall);
  return new Date(found ?? before).toISOString().replace(".000Z", "Z");
}

/** The conference day (YYYY-MM-DD) of `wall`: it begins at `dayStartHour`, so that a late party is still on it. */
export function dayOf(wall: Wall, dayStartHour: number): string {
  return new Date((wall - dayStartHour * HOUR) * 60_000).toISOString().slice(0, 10);
}

/** Midnight at the start of a date (YYYY-MM-DD). */
export function midnight(day: string): Wall {
  return Date.parse(`${day}T00:00:00Z`) / 60_000;
}

/** "09:15". */
export function clock(wall: Wall): string {
  return new Date(wall * 60_000).toISOString().slice(11, 16);
}

/** "2025-10-25T09:15:00": without a zone, as the calendar component takes it. */
export function naive(wall: Wall): string {
  return new Date(wall * 60_000).toISOString().slice(0, 19);
}

/** Minutes after midnight of "09:15"; null when it is no time. */
export function minutesOf(text: string): number | null {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (!found) return null;
  const [hours, minutes] = [Number(found[1]), Number(found[2])];
  return hours < 24 && minutes < 60 ? hours * HOUR + minutes : null;
}

/** The moment of a conference day at which the clock shows `minutes` after midnight. */
export function onDay(day: string, minutes: number, dayStartHour: number): Wall {
  return midnight(day) + minutes + (minutes < dayStartHour * HOUR ? DAY : 0);
}

/** The days from `first` to `last`, both included. */
export function daysFrom(first: string, last: string): string[] {
  const days: string[] = [];
  for (let at = midnight(first); at <= midnight(last) && days.length < 60; at += DAY) {
    days.push(new Date(at * 60_000).toISOString().slice(0, 10));
  }
  return days;
}

function shownAt(at: number, zone: string): Wall {
  return Math.round((at + offsetAt(at, zone)) / 60_000);
}

/** How far the clock in `zone` is ahead of UTC at an instant, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB-u-nu-latn-ca-gregory", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, format);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

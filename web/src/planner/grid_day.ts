// One day in the terms of the calendar component: its hours and scale, its rooms, its sessions, its closed times.

import type { Calendar } from "@event-calendar/core";
import { t } from "../translation";
import type { Room, Session } from "./draft";
import type { Bounds } from "./moving";
import { inLanguage } from "./said";
import { midnight, naive, type Wall } from "./wall_time";

export interface GridDay {
  day: string;
  bounds: Bounds;
  rooms: readonly Room[];
  step: number;
  condensed: boolean;
  /** Times at which a room is closed, for shading. */
  closed: readonly { room: string; from: Wall; until: Wall }[];
}

const SLOT_MINUTES = 30;
const SLOT_PIXELS = { wide: 60, condensed: 30 };

export function optionsFor({ day, bounds, rooms, step, condensed }: GridDay): Partial<Calendar.Options> {
  const from = (bounds.from - midnight(day)) * 60;
  return {
    date: day,
    slotMinTime: { seconds: from },
    slotMaxTime: { seconds: (bounds.until - midnight(day)) * 60 },
    scrollTime: { seconds: from },
    slotDuration: { minutes: SLOT_MINUTES },
    snapDuration: { minutes: step },
    slotHeight: condensed ? SLOT_PIXELS.condensed : SLOT_PIXELS.wide,
    slotLabelInterval: { minutes: 60 },
    columnWidth: `minmax(${condensed ? "6.5rem" : "9.5rem"}, 1fr)`,
    resources: rooms.map((room) => ({ id: room.slug, title: room.slug })),
  } as Partial<Calendar.Options>;
}

export function eventOf(session: Session, { bounds, rooms }: GridDay): Calendar.EventInput {
  const start = session.start ?? bounds.from;
  return {
    id: session.code,
    start: naive(start),
    end: naive(start + session.minutes),
    resourceIds: session.room === null ? rooms.map((room) => room.slug) : [session.room],
  };
}

export function shadesOf({ closed }: GridDay): Calendar.EventInput[] {
  return closed.map(({ room, from, until }, number) => ({
    id: `closed-${number}`,
    start: naive(from),
    end: naive(until),
    resourceIds: [room],
    display: "background",
  }));
}

export function roomLabel(rooms: readonly Room[], slug: string): Node[] {
  const room = rooms.find((one) => one.slug === slug);
  const name = document.createElement("bdi");
  name.textContent = room ? inLanguage(room.name) : slug;
  if (!room?.capacity) return [name];
  const seats = document.createElement("span");
  seats.className = "plan-seats";
  seats.textContent = t("{seats} seats", { seats: room.capacity });
  return [name, seats];
}

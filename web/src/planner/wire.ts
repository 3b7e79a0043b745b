// What web/templates/agenda/planner.html puts into the page, and what /api/events/{event}/… says. docs/api.md.

import type { Change, Person, Room, Session, Texts, Track } from "./draft";
import type { Problem } from "./problems";
import { wallOf } from "./wall_time";

/** `#planner-data` in the page. */
export interface PlannerPage {
  event: string;
  api: string;
  account: string;
  name: string;
  form_token: string;
  /** Pages of other parts: a session's editor and a clash's ways out (what is meant is put at the end), releases. */
  session_url: string;
  clash_url: string;
  release_url: string;
}

export interface WireEvent {
  slug: string;
  title: Texts;
  zone: string;
  languages: string[];
  starts: string;
  ends: string;
  day_start_hour: number;
  timeslot_minutes: number;
}

export interface WireSession {
  code: string;
  kind: "session" | "break";
  state: string;
  title: Texts;
  room: string | null;
  track: string | null;
  type: string | null;
  starts_at: string | null;
  minutes: number;
  language: string | null;
  people: Person[];
  edition: number;
}

export interface Opening {
  room: string | null;
  day: string;
  opens: string;
  closes: string;
}

export interface WireDraft {
  event: WireEvent;
  rooms: Room[];
  tracks: Track[];
  types: { slug: string; name: Texts; minutes: number }[];
  openings: Opening[];
  sessions: WireSession[];
  undo: Step | null;
  redo: Step | null;
}

/** The edit that the reader's next "undo" or "redo" would turn back. */
export interface Step {
  edit: number;
  act: string;
}

export interface WireChange {
  code: string;
  before?: WireSession | null;
  after: WireSession | null;
}

/** The answer to an act; `edit` null: it changed nothing. */
export interface WireDone {
  edit: number | null;
  changes: WireChange[];
  undo: Step | null;
  redo: Step | null;
}

/** In the live channel of the organizers; `changes` null: too many, the draft is to be read again. */
export interface DraftEdited {
  edit: number;
  act: string;
  by: { public_id: string; name: string } | null;
  changes: WireChange[] | null;
}

/** A way out of a clash; `edition` of a move is that of the session it was found for. */
export interface Suggestion {
  act: "move" | "swap" | "shorten";
  text: string;
  outcome: string;
  moves: { session: string; edition: number; room: string | null; starts_at: string; minutes: number }[];
  new: Problem[];
}

/** The `details` of a refusal with the code "agenda.stale". */
export interface StaleDetails {
  session: string;
  yours: WireSession | null;
  theirs: WireSession;
  by: string | null;
  at: string | null;
}

export function sessionOf(wire: WireSession, zone: string): Session {
  const { code, kind, state, title, room, track, type, minutes, language, people, edition } = wire;
  const start = wire.starts_at === null ? null : wallOf(wire.starts_at, zone);
  return { code, kind, state, title, room, track, type, language, people, edition, minutes, start };
}

export function changesOf(wire: readonly WireChange[], zone: string): Change[] {
  return wire.map(({ code, after }) => ({ code, after: after ? sessionOf(after, zone) : null }));
}

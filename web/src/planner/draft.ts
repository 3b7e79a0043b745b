// The draft as the planner holds it: sessions by code, with what this organizer has just done on top of what the
// server has confirmed. Pure: no network, no page.

import type { Wall } from "./wall_time";

export type Texts = Record<string, string>;

export interface Room {
  slug: string;
  name: Texts;
  capacity: number | null;
}

export interface Track {
  slug: string;
  name: Texts;
  colour: string;
}

export interface Person {
  code: string;
  name: Texts;
  role: string;
}

/** Where and when; `start` null: not scheduled. `room` null: in no room yet, or (a break) in all of them. */
export interface Placement {
  room: string | null;
  start: Wall | null;
  minutes: number;
}

export interface Session extends Placement {
  code: string;
  kind: "session" | "break";
  state: string;
  title: Texts;
  track: string | null;
  type: string | null;
  language: string | null;
  people: Person[];
  edition: number;
}

/** One session as an edit left it; `after` null: it is gone. */
export interface Change {
  code: string;
  after: Session | null;
}

export const isCancelled = (session: Session): boolean => session.state === "cancelled";

export const isScheduled = (session: Session): boolean =>
  session.start !== null && (session.room !== null || session.kind === "break");

export const endOf = (placement: Placement): Wall => (placement.start ?? 0) + placement.minutes;

export const samePlacement = (one: Placement, other: Placement): boolean =>
  one.room === other.room && one.start === other.start && one.minutes === other.minutes;

/** Sessions as the server has them, and on top of them what waits for its answer. */
export class Draft {
  private readonly confirmed = new Map<string, Session>();
  private readonly wished = new Map<string, Placement[]>();

  constructor(sessions: Iterable<Session> = []) {
    for (const session of sessions) this.confirmed.set(session.code, session);
  }

  /** The session as this organizer is to see it: with their own latest wish. */
  get(code: string): Session | undefined {
    const session = this.confirmed.get(code);
    const wish = this.wished.get(code)?.at(-1);
    return session && wish ? { ...session, ...wish } : session;
  }

  /** As the server has it. */
  server(code: string): Session | undefined {
    return this.confirmed.get(code);
  }

  all(): Session[] {
    return [...this.confirmed.keys()].map((code) => this.get(code)).filter((one) => one !== undefined);
  }

  isWaiting(code: string): boolean {
    return this.wished.has(code);
  }

  /** Show `placement` until the server has answered. */
  wish(code: string, placement: Placement): void {
    this.wished.set(code, [...(this.wished.get(code) ?? []), placement]);
  }

  /** The oldest wish for this session was answered, whatever the answer was. */
  answered(code: string): void {
    const rest = (this.wished.get(code) ?? []).slice(1);
    if (rest.length > 0) this.wished.set(code, rest);
    else this.wished.delete(code);
  }

  /**
   * Take over what the server says; returns the codes of what is different now. An older edition than the one
   * here is news that has been overtaken (an answer and its announcement come by two ways) and changes nothing.
   */
  apply(changes: readonly Change[]): string[] {
    const changed: string[] = [];
    for (const { code, after } of changes) {
      const known = this.confirmed.get(code);
      if (after === null) {
        if (this.confirmed.delete(code)) changed.push(code);
        this.wished.delete(code);
      } else if (!known || after.edition > known.edition) {
        this.confirmed.set(code, after);
        changed.push(code);
      }
    }
    return changed;
  }

  /** Everything read anew, after a time without news; wishes stay on top. */
  replace(sessions: readonly Session[]): string[] {
    const now = new Set(sessions.map((session) => session.code));
    const gone = [...this.confirmed.keys()].filter((code) => !now.has(code));
    return this.apply([
      ...gone.map((code) => ({ code, after: null })),
      ...sessions.map((session) => ({ code: session.code, after: session })),
    ]);
  }
}

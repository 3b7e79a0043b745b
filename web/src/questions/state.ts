// What a client knows about the questions of its session. Pure.
//
// Three channels tell of a question: the room (what everybody sees), the desk (what moderators see), the
// person (what an asker sees of their own). Each tells the whole view of its channel, so views are kept
// apart and the newest of a channel counts; how the channels interleave never matters.

export type QuestionStep = "waiting" | "approved" | "declined" | "answered" | "hidden" | "merged";
export type Naming = "named" | "pseudonym" | "anonymous";

export interface Panellist {
  person: string;
  name: string;
}

/** A place in a recording, in whole seconds from its start. */
export interface Moment {
  recording: string;
  seconds: number;
}

interface Told {
  id: string;
  text: string;
  asked_at: string;
  slide?: number;
  answer?: string;
  answered_at?: string;
  moment?: Moment;
  merged?: number;
}
export interface Shown extends Told {
  /** The name or the pseudonym. */
  asker?: string;
  pseudonym?: boolean;
  edited?: boolean;
  answered?: boolean;
  pinned?: boolean;
  assigned?: Panellist;
  votes?: number;
}
export interface Filed extends Told {
  state: QuestionStep;
  version: number;
  asker?: string;
  person?: string;
  anonymous?: boolean;
  pseudonym?: string;
  arrived_at?: string;
  /** Kinds of patient identifiers the text seems to hold. */
  flags?: string[];
  original?: string;
  edits?: number;
  tags?: string[];
  reason?: string;
  pinned?: boolean;
  assigned?: Panellist;
  into?: string;
  undoable?: boolean;
}
export interface Own extends Told {
  state: QuestionStep;
  anonymous?: boolean;
  pseudonym?: string;
  original?: string;
  reason?: string;
  answered?: boolean;
  into?: string;
}
export interface Rules {
  moderated: boolean;
  anonymous_allowed: boolean;
  open: boolean;
  pseudonyms_allowed?: boolean;
  paused?: boolean;
  ahead?: boolean;
  afterwards?: boolean;
  /** How long questions go on, when not to the session's end. */
  until?: string | null;
}
export interface Vote {
  on: boolean;
  counter: number;
}
export interface Now {
  question: string;
  since: string;
}

export interface Known {
  readonly rules: Rules;
  readonly moderates: boolean;
  readonly shown: ReadonlyMap<string, Shown>;
  readonly filed: ReadonlyMap<string, Filed>;
  readonly own: ReadonlyMap<string, Own>;
  /** What is asked next, in order. */
  readonly next: readonly string[];
  readonly now: Now | null;
  /** How many of a state the server has not told yet. */
  readonly more: Partial<Record<QuestionStep, number>>;
  /** Whom moderators may assign a question to, and whose questions are not taken. */
  readonly panel: readonly Panellist[];
  readonly blocked: readonly Panellist[];
}

/** A question as the page shows it: the fullest of the views this person has. */
export interface Question {
  id: string;
  text: string;
  askedAt: string;
  slide: number | undefined;
  state: QuestionStep;
  asker: string | null;
  pseudonym: string;
  anonymous: boolean;
  mine: boolean;
  edited: boolean;
  reason: string;
  answer: string;
  answeredAt: string;
  moment: Moment | undefined;
  pinned: boolean;
  now: boolean;
  votes: number;
  into: string;
  merged: number;
  version: number;
  undoable: boolean;
}

export const nothingKnown: Known = {
  rules: { moderated: true, anonymous_allowed: true, open: true },
  moderates: false,
  shown: new Map(),
  filed: new Map(),
  own: new Map(),
  next: [],
  now: null,
  more: {},
  panel: [],
  blocked: [],
};

/** What was listed, searched or found alike: whole views, and the order to show them in. */
export interface Found {
  shown?: Shown[];
  filed?: Filed[];
  own?: Own[];
  order?: string[];
  scores?: Record<string, number>;
  more?: number;
}
export interface Snapshot extends Omit<Found, "more"> {
  rules: Rules;
  next?: string[];
  now?: Now | null;
  more?: Known["more"];
  panel?: Panellist[];
  blocked?: Panellist[];
}

const byId = <T extends Told>(list: T[] = [], known?: ReadonlyMap<string, T>): Map<string, T> =>
  new Map([...(known ?? []), ...list.map((each): [string, T] => [each.id, each])]);

export function started({ rules, shown, filed, own, next, now, more, panel, blocked }: Snapshot): Known {
  return {
    rules,
    moderates: filed !== undefined,
    shown: byId(shown),
    filed: byId(filed),
    own: byId(own),
    next: next ?? [],
    now: now ?? null,
    more: more ?? {},
    panel: panel ?? [],
    blocked: blocked ?? [],
  };
}

export function withFound(known: Known, { shown, filed, own }: Found): Known {
  return {
    ...known,
    shown: byId(shown, known.shown),
    filed: byId(filed, known.filed),
    own: byId(own, known.own),
  };
}

export function withHidden(known: Known, id: string): Known {
  const shown = new Map(known.shown);
  shown.delete(id);
  return { ...known, shown };
}

export function withVotes(known: Known, votes: Record<string, number>): Known {
  const shown = new Map(known.shown);
  for (const [id, count] of Object.entries(votes)) {
    const question = shown.get(id);
    if (question) shown.set(id, { ...question, votes: count });
  }
  return { ...known, shown };
}

/** Every question this person knows of, by id. */
export function questions(known: Known): Map<string, Question> {
  const all = new Map<string, Question>();
  for (const id of new Set([...known.filed.keys(), ...known.own.keys(), ...known.shown.keys()])) {
    const question = merged(known, id);
    if (question) all.set(id, question);
  }
  return all;
}

function merged(known: Known, id: string): Question | null {
  const shown = known.shown.get(id);
  const own = known.own.get(id);
  const filed = known.filed.get(id);
  // Fields at their default are left out on the wire, so the fullest view decides as a whole.
  const full = filed ?? own;
  const told = full ?? shown;
  if (!told) return null;
  return {
    id,
    text: told.text,
    askedAt: told.asked_at,
    slide: told.slide,
    state: full?.state ?? (shown?.answered ? "answered" : "approved"),
    asker: (filed ?? shown)?.asker ?? null,
    pseudonym: full ? (full.pseudonym ?? "") : shown?.pseudonym ? (shown.asker ?? "") : "",
    anonymous: full ? (full.anonymous ?? false) : shown?.asker === undefined,
    mine: own !== undefined,
    edited: shown?.edited ?? full?.original !== undefined,
    reason: full?.reason ?? "",
    answer: told.answer ?? "",
    answeredAt: told.answered_at ?? "",
    moment: told.moment,
    pinned: (filed ?? shown)?.pinned ?? false,
    now: known.now?.question === id,
    votes: shown?.votes ?? 0,
    into: full?.into ?? "",
    merged: told.merged ?? 0,
    version: filed?.version ?? 0,
    undoable: filed?.undoable ?? false,
  };
}

/** What is answered now first, then pinned, then the most votes, then who has waited longest. */
export function byInterest(one: Question, other: Question): number {
  return (
    Number(other.now) - Number(one.now) ||
    Number(other.pinned) - Number(one.pinned) ||
    other.votes - one.votes ||
    one.askedAt.localeCompare(other.askedAt)
  );
}

export function byAge(one: Question, other: Question): number {
  return one.askedAt.localeCompare(other.askedAt);
}

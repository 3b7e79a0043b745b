// What a client knows about the questions of its session. Pure.
//
// Three channels tell of a question: the room (what everybody sees), the desk (what moderators see), the
// person (what an asker sees of their own). Each tells the whole view of its channel, so views are kept
// apart and the newest of a channel counts; how the channels interleave never matters.

export type QuestionStep = "waiting" | "approved" | "declined" | "answered";

interface Told {
  id: string;
  text: string;
  asked_at: string;
  answer?: string;
}
export interface Shown extends Told {
  asker?: string;
  answered?: boolean;
  pinned?: boolean;
  votes?: number;
}
export interface Filed extends Told {
  state: QuestionStep;
  version: number;
  asker?: string;
  anonymous?: boolean;
  reason?: string;
  pinned?: boolean;
  undoable?: boolean;
}
export interface Own extends Told {
  state: QuestionStep;
  anonymous?: boolean;
  reason?: string;
}
export interface Rules {
  moderated: boolean;
  anonymous_allowed: boolean;
  open: boolean;
}
export interface Vote {
  on: boolean;
  counter: number;
}

export interface Known {
  readonly rules: Rules;
  readonly moderates: boolean;
  readonly shown: ReadonlyMap<string, Shown>;
  readonly filed: ReadonlyMap<string, Filed>;
  readonly own: ReadonlyMap<string, Own>;
}

/** A question as the page shows it: the fullest of the views this person has. */
export interface Question {
  id: string;
  text: string;
  askedAt: string;
  state: QuestionStep;
  asker: string | null;
  anonymous: boolean;
  mine: boolean;
  reason: string;
  answer: string;
  pinned: boolean;
  votes: number;
  version: number;
  undoable: boolean;
}

export const nothingKnown: Known = {
  rules: { moderated: true, anonymous_allowed: true, open: true },
  moderates: false,
  shown: new Map(),
  filed: new Map(),
  own: new Map(),
};

export interface Snapshot {
  rules: Rules;
  shown?: Shown[];
  filed?: Filed[];
  own?: Own[];
}

const byId = <T extends Told>(list: T[] = []): Map<string, T> => new Map(list.map((each) => [each.id, each]));

export function started(snapshot: Snapshot): Known {
  return {
    rules: snapshot.rules,
    moderates: snapshot.filed !== undefined,
    shown: byId(snapshot.shown),
    filed: byId(snapshot.filed),
    own: byId(snapshot.own),
  };
}

export function withShown(known: Known, question: Shown): Known {
  return { ...known, shown: new Map(known.shown).set(question.id, question) };
}

export function withHidden(known: Known, id: string): Known {
  const shown = new Map(known.shown);
  shown.delete(id);
  return { ...known, shown };
}

export function withFiled(known: Known, question: Filed): Known {
  return { ...known, filed: new Map(known.filed).set(question.id, question) };
}

export function withNoted(known: Known, question: Own): Known {
  return { ...known, own: new Map(known.own).set(question.id, question) };
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
  // Fields at their default are left out on the wire, so the fullest view decides as a whole.
  const full = known.filed.get(id) ?? own;
  const told = full ?? shown;
  if (!told) return null;
  const filed = known.filed.get(id);
  return {
    id,
    text: told.text,
    askedAt: told.asked_at,
    state: full?.state ?? (shown?.answered ? "answered" : "approved"),
    asker: (filed ?? shown)?.asker ?? null,
    anonymous: full ? (full.anonymous ?? false) : shown?.asker === undefined,
    mine: own !== undefined,
    reason: full?.reason ?? "",
    answer: told.answer ?? "",
    pinned: (filed ?? shown)?.pinned ?? false,
    votes: shown?.votes ?? 0,
    version: filed?.version ?? 0,
    undoable: filed?.undoable ?? false,
  };
}

/** Pinned first, then the most votes, then who has waited longest. */
export function byInterest(one: Question, other: Question): number {
  return (
    Number(other.pinned) - Number(one.pinned) ||
    other.votes - one.votes ||
    one.askedAt.localeCompare(other.askedAt)
  );
}

export function byAge(one: Question, other: Question): number {
  return one.askedAt.localeCompare(other.askedAt);
}

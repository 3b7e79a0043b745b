// The room as this page knows it: pure functions from one state to the next.
//
// Where people stand comes from the durable log (`FloorChanged`), who is connected from presence; a
// person may be known to one and not yet to the other, in either order.

import type {
  Floor,
  ParticipantHere,
  PersonHere,
  Phase,
  PresenceChanged,
  Role,
  Source,
  StageRules,
  StageSnapshot,
  Standing,
  Times,
} from "./wire";

export interface RoomState {
  readonly phase: Phase;
  readonly me: string;
  readonly participant: string;
  readonly moderates: boolean;
  readonly presents: boolean;
  readonly records: boolean;
  readonly recordingSince: string;
  /** Null until the server has said: then the page's own times hold. */
  readonly times: Times | null;
  readonly here: number;
  readonly rules: StageRules;
  readonly turns: readonly number[];
  readonly floor: ReadonlyMap<string, Standing>;
  readonly people: ReadonlyMap<string, PersonHere>;
}

/** One person with everything a tile or a row shows. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly state: Floor;
  readonly handRaisedAt: string;
  readonly handOrder: number;
  readonly country: string;
  readonly stopped: readonly Source[];
  readonly away: boolean;
  readonly isMe: boolean;
  readonly participants: readonly ParticipantHere[];
}

export const emptyRoom: RoomState = {
  phase: "not-yet",
  me: "",
  participant: "",
  moderates: false,
  presents: false,
  records: false,
  recordingSince: "",
  times: null,
  here: 0,
  rules: { hands: true, reactions: true },
  turns: [],
  floor: new Map(),
  people: new Map(),
};

export function fromSnapshot(snapshot: StageSnapshot): RoomState {
  return {
    phase: snapshot.phase,
    me: snapshot.me,
    participant: snapshot.participant,
    moderates: snapshot.moderates,
    presents: snapshot.presents,
    records: snapshot.records ?? false,
    recordingSince: snapshot.recording_since ?? "",
    times:
      snapshot.starts_at && snapshot.ends_at
        ? { starts_at: snapshot.starts_at, ends_at: snapshot.ends_at, late: snapshot.late ?? 0 }
        : null,
    here: snapshot.here,
    rules: snapshot.rules ?? emptyRoom.rules,
    turns: snapshot.turns ?? [],
    floor: new Map(snapshot.floor.map((standing) => [standing.person, standing])),
    people: new Map(snapshot.people.map((person) => [person.person, person])),
  };
}

export function withStanding(room: RoomState, standing: Standing): RoomState {
  const floor = new Map(room.floor);
  if (standing.state === "audience" && standing.stopped.length === 0) floor.delete(standing.person);
  else floor.set(standing.person, standing);
  const turns = standing.turn === undefined ? room.turns : [standing.turn, ...room.turns].slice(0, 9);
  return { ...room, floor, turns };
}

/** Every hand is down. */
export function withHandsLowered(room: RoomState): RoomState {
  return { ...room, floor: new Map([...room.floor].filter(([, { state }]) => state !== "hand-raised")) };
}

export function withPresence(room: RoomState, news: PresenceChanged): RoomState {
  const people = new Map(room.people);
  for (const person of news.changed) people.set(person.person, person);
  for (const id of news.gone) people.delete(id);
  return { ...room, here: news.here, people };
}

export function personOf(room: RoomState, id: string, listed?: PersonHere): Person {
  const standing = room.floor.get(id);
  const here = room.people.get(id) ?? listed;
  return {
    id,
    name: here?.name ?? standing?.name ?? "",
    role: here?.role ?? standing?.role ?? "attendee",
    state: standing?.state ?? "audience",
    handRaisedAt: standing?.hand_raised_at ?? "",
    handOrder: standing?.hand_order ?? 0,
    country: here?.country ?? "",
    stopped: standing?.stopped ?? [],
    away: here?.away ?? here === undefined,
    isMe: id === room.me,
    participants: here?.participants ?? [],
  };
}

export function me(room: RoomState): Person {
  return personOf(room, room.me);
}

function inState(room: RoomState, state: Floor): Person[] {
  return [...room.floor.values()]
    .filter((standing) => standing.state === state)
    .map((standing) => personOf(room, standing.person));
}

/** Everybody on stage who is connected or whose place is kept; chairs before speakers, then by name. */
export function onStage(room: RoomState): Person[] {
  const order: Role[] = ["chair", "moderator", "organizer", "speaker", "attendee"];
  return inState(room, "on-stage")
    .filter((person) => room.people.has(person.id) || person.isMe)
    .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role) || a.name.localeCompare(b.name));
}

/** Raised hands, the next one first: the longest waiting, or as moderators have moved them. */
export function handQueue(room: RoomState): Person[] {
  return inState(room, "hand-raised").sort((a, b) => a.handOrder - b.handOrder);
}

export function invited(room: RoomState): Person[] {
  return inState(room, "invited");
}

export function removed(room: RoomState): Person[] {
  return inState(room, "removed");
}

/** Whether one of the person's tabs says that it sends `source` and no moderator has stopped it. */
export function sends(person: Person, source: Source): boolean {
  return !person.stopped.includes(source) && person.participants.some((tab) => tab[source] === true);
}

// The messages a client knows. Pure.
//
// The room's channel, the desk's, one's own, and pages that were asked for tell of the same messages. Each tells
// a message whole and with its version: of two views the newer counts, of two of one version the fuller. So it
// never matters in which order they come.

export type Audience = "room" | "desk" | "direct";
export type Mode = "open" | "moderators" | "read-only" | "off";

export interface Named {
  person: string;
  name: string;
}

/** A message as the server tells it; fields at their default are left out. */
export interface View {
  id: string;
  at: string;
  text: string;
  version?: number;
  to?: Audience;
  person?: string;
  name?: string;
  role?: string;
  receiver?: Named;
  reply?: string;
  mentions?: Named[];
  edited?: boolean;
  /** "gone" is ours: it was here, and is shown no longer. */
  state?: "shown" | "hidden" | "deleted" | "gone";
  before?: string[];
}

export interface ChatRules {
  mode: Mode;
  slow_seconds: number;
  direct: boolean;
  history_days: number;
  own: boolean;
}

export interface Announcement {
  id: string;
  at: string;
  text: Record<string, string>;
}

export const ROOM = 0;
export const OWN = 1;
export const DESK = 2;
export type Rank = typeof ROOM | typeof OWN | typeof DESK;

interface Entry {
  readonly rank: Rank;
  readonly view: View;
}
export type Known = ReadonlyMap<string, Entry>;

export const nothingKnown: Known = new Map();

export function withView(known: Known, view: View, rank: Rank): Known {
  const before = known.get(view.id);
  const version = view.version ?? 1;
  const older = before?.view.version ?? 1;
  if (before && (version < older || (version === older && rank < before.rank))) return known;
  return new Map(known).set(view.id, { rank, view });
}

/** It is shown no longer. Its place stays, so that nothing moves under a thumb. */
export function withGone(known: Known, id: string, version: number): Known {
  const at = known.get(id)?.view.at ?? "";
  return withView(known, { id, at, text: "", version, state: "gone" }, ROOM);
}

export function withPage(known: Known, views: readonly View[], rank: (view: View) => Rank): Known {
  return views.reduce((all, view) => withView(all, view, rank(view)), known);
}

/** What was said before that moment is erased. */
export function withErased(known: Known, before: string): Known {
  const end = Date.parse(before);
  return new Map([...known].filter(([, { view }]) => Date.parse(view.at) >= end));
}

/** Oldest first; those that came in one moment in the order in which they came. */
export function inOrder(known: Known): View[] {
  const views = [...known.values()].map(({ view }) => view).filter(({ at }) => at !== "");
  return views.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Whether the text of a message is there to be read. */
export function isRead({ state, text }: View): boolean {
  return state !== "gone" && text !== "";
}

const TOGETHER_MS = 5 * 60_000;

/** Whether a message goes on where the one above it ended: the same person to the same people, soon after. */
export function goesOn(message: View, above: View | undefined): boolean {
  return (
    above !== undefined &&
    isRead(message) &&
    isRead(above) &&
    message.person !== undefined &&
    message.person === above.person &&
    (message.to ?? "room") === (above.to ?? "room") &&
    message.receiver?.person === above.receiver?.person &&
    message.reply === undefined &&
    Date.parse(message.at) - Date.parse(above.at) < TOGETHER_MS
  );
}

export interface Piece {
  kind: "text" | "link" | "mention";
  text: string;
}

const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]'،؛؟]/g;

/** A text in pieces: plain, addresses that can be opened, names that were mentioned. */
export function piecesOf(text: string, mentions: readonly Named[] = []): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    pieces.push(...withMentions(text.slice(end, found.index), mentions));
    pieces.push({ kind: "link", text: found[0] });
    end = found.index + found[0].length;
  }
  return [...pieces, ...withMentions(text.slice(end), mentions)];
}

function withMentions(text: string, mentions: readonly Named[]): Piece[] {
  if (!text) return [];
  // The longest name first: "@Ali Hassan" is not "@Ali" and a rest.
  const names = mentions.map(({ name }) => `@${name}`).sort((one, other) => other.length - one.length);
  const first = names.map((name) => ({ name, at: text.indexOf(name) })).filter(({ at }) => at >= 0);
  const next = first.sort((one, other) => one.at - other.at || other.name.length - one.name.length)[0];
  if (!next) return [{ kind: "text", text }];
  const { name, at } = next;
  return [
    ...(at > 0 ? [{ kind: "text" as const, text: text.slice(0, at) }] : []),
    { kind: "mention", text: name },
    ...withMentions(text.slice(at + name.length), mentions),
  ];
}

/** What stands between the last "@" and the caret, when a name is being written there. */
export function nameBeingWritten(text: string, caret: number): { from: number; name: string } | null {
  const found = /(?:^|[\s(])@([^@\n]{0,40})$/u.exec(text.slice(0, caret));
  if (!found) return null;
  const name = found[1] ?? "";
  return { from: caret - name.length - 1, name };
}

/** Those whose name goes with what was written: its beginning, or the beginning of a later word of it. */
export function matching(people: readonly Named[], written: string, most = 6): Named[] {
  const wanted = folded(written);
  const fits = ({ name }: Named): boolean => {
    const whole = folded(name);
    return whole.startsWith(wanted) || whole.includes(` ${wanted}`);
  };
  const done = people.some(({ name }) => folded(name) === wanted.trim() && wanted.endsWith(" "));
  return done ? [] : people.filter(fits).slice(0, most);
}

/** Arabic letters that are typed for one another, and marks, make no difference. */
function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0640\p{M}]/gu, "")
    .replace(/[أإآٱ]/g, "ا")
    .replace(/ى/g, "ي")
    .replace(/ة/g, "ه")
    .toLowerCase();
}

/** Of the people known, those whom a text names. */
export function mentionedIn(text: string, people: readonly Named[]): string[] {
  return people
    .filter(({ name }) => text.includes(`@${name}`))
    .map(({ person }) => person)
    .slice(0, 10);
}

// A session's block in the grid, as elements: what it says, how it is named aloud, what it is marked with.

import { t } from "../translation";
import { isCancelled, type Session, type Track } from "./draft";
import type { Planner } from "./planner";
import { type Severity, SIGNS } from "./problems";
import { inLanguage, isolated, titleOf } from "./said";

export type Marks = Map<string, { worst: Severity; count: number }>;

export function severityWord(severity: Severity): string {
  if (severity === "error") return t("Clash");
  return severity === "warning" ? t("Warning") : t("Hint");
}

export const speakersOf = (session: Session): string =>
  session.people
    .filter((person) => person.role === "speaker")
    .map((person) => isolated(inLanguage(person.name)))
    .join(t(", "));

export const trackOf = (tracks: readonly Track[], session: Session): Track | undefined =>
  tracks.find((track) => track.slug === session.track);

/** The inside of a block; `times` while it is dragged are those of the place below. */
export function blockBody(
  session: Session,
  times: string,
  tracks: readonly Track[],
  room: string,
): HTMLElement {
  const body = element("div", "plan-body");
  const colour = trackOf(tracks, session)?.colour;
  if (colour) body.style.setProperty("--track", colour);
  const line = element("div", "plan-line");
  const clock = element("bdi", "plan-times", times);
  clock.dir = "ltr";
  line.append(clock, element("span", "plan-mark"));
  const title = element("bdi", "plan-title", titleOf(session));
  title.dir = "auto";
  const top = element("div", "plan-top");
  top.append(line, title);
  body.append(top);
  const unseen = [room, isCancelled(session) ? t("cancelled") : ""].filter(Boolean).join(t(", "));
  body.append(element("span", "visually-hidden", unseen));
  const speakers = speakersOf(session);
  if (speakers) body.append(element("div", "plan-people", speakers));
  return body;
}

/** What each block was last marked with: hundreds of them are looked at with every change, and few are different. */
const marked = new WeakMap<HTMLElement, string>();

/** How the block of `session` stands at present: its marks, whether it is chosen or held. */
export function markBlock(article: HTMLElement, session: Session, planner: Planner, marks: Marks): void {
  const { code, kind } = session;
  const mark = marks.get(code);
  const held = planner.held.value?.code === code;
  const state = {
    severity: mark?.worst,
    chosen: planner.chosen.value === code ? "yes" : undefined,
    held: held && planner.held.value?.by !== "mouse" ? "yes" : undefined,
    waiting: planner.draft.isWaiting(code) ? "yes" : undefined,
    cancelled: isCancelled(session) ? "yes" : undefined,
    kind,
  };
  const now = JSON.stringify([state, held]);
  if (marked.get(article) === now) return;
  marked.set(article, now);
  article.setAttribute("role", "button");
  article.setAttribute("aria-describedby", "plan-keys");
  article.setAttribute("aria-pressed", String(held));
  for (const [name, value] of Object.entries(state)) toggle(article, name, value);
  showMark(article, mark);
}

export function showMark(article: HTMLElement, mark: { worst: Severity; count: number } | undefined): void {
  const place = article.querySelector<HTMLElement>(".plan-mark");
  if (!place || place.dataset.shows === mark?.worst) return;
  place.replaceChildren();
  toggle(place, "shows", mark?.worst);
  if (!mark) return;
  const sign = element("span", "", `${SIGNS[mark.worst]} `);
  sign.setAttribute("aria-hidden", "true");
  place.append(sign, severityWord(mark.worst));
}

function toggle(article: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) delete article.dataset[name];
  else if (article.dataset[name] !== value) article.dataset[name] = value;
}

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

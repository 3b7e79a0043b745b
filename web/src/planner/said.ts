// Words of the planner: texts in the reader's language, days, places, what is read aloud.

import { language, locale, t } from "../translation";
import { endOf, type Placement, type Room, type Session, type Texts } from "./draft";
import { clock, midnight } from "./wall_time";

/** Unicode's isolates: a name keeps its own direction within a sentence that is plain text. */
export const isolated = (text: string): string => `\u2068${text}\u2069`;

/** The text in the reader's language, else in any that has one. */
export function inLanguage(texts: Texts): string {
  return texts[language] || Object.values(texts).find(Boolean) || "";
}

export const titleOf = (session: Session): string => inLanguage(session.title) || t("Without a title");

// Arabic months have no short names, and 25/10 reads two ways from the right: weekday and day are enough there.
const dayFormat = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  day: "numeric",
  timeZone: "UTC",
  ...(language === "ar" ? {} : { month: "short" }),
});

/** "Sat 25 Oct". */
export const dayName = (day: string): string => dayFormat.format(midnight(day) * 60_000);

export const timesOf = (placement: Placement): string =>
  placement.start === null ? "" : `${clock(placement.start)}–${clock(endOf(placement))}`;

export function roomName(rooms: readonly Room[], slug: string | null): string {
  if (slug === null) return t("all rooms");
  const room = rooms.find((one) => one.slug === slug);
  return room ? inLanguage(room.name) : slug;
}

/** "Opening, 09:15, Hall B": what a move is announced with. */
export function placeAloud(session: Session, placement: Placement, rooms: readonly Room[]): string {
  const title = isolated(titleOf(session));
  if (placement.start === null) return t("{title}, not scheduled", { title });
  return t("{title}, {time}, {room}", {
    title,
    time: isolated(clock(placement.start)),
    room: isolated(roomName(rooms, placement.room)),
  });
}

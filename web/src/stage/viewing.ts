// What a person wants to get of the room: six choices in plain words, and what each asks of the server. Pure.

import type { CapLevel } from "./data_cap";

export type Choice = "auto" | "low" | "one" | "sound" | "saver" | "text";
export const CHOICES: readonly Choice[] = ["auto", "low", "one", "sound", "saver", "text"];

/** The body of `ChooseViewing` (conference/stage/messages.py). */
export interface Viewing {
  readonly pictures: "auto" | "low" | "none";
  readonly sound: "auto" | "full" | "lean" | "saver" | "none";
  readonly only: string | null;
  readonly max_kbits: number;
}

/** What an hour costs at most, in MB: layers and frames as docs/live-room.md has them, all headers included. */
export const MB_AN_HOUR: Readonly<Record<Choice, number>> = {
  auto: 600,
  low: 200,
  one: 180,
  sound: 25,
  saver: 6,
  text: 1,
};

const ASKED: Readonly<Record<Choice, Omit<Viewing, "only" | "max_kbits">>> = {
  auto: { pictures: "auto", sound: "auto" },
  low: { pictures: "low", sound: "auto" },
  one: { pictures: "low", sound: "auto" },
  sound: { pictures: "none", sound: "auto" },
  saver: { pictures: "none", sound: "saver" },
  text: { pictures: "none", sound: "none" },
};

/** What to ask for: the choice, unless the person's own limit leaves less. `speaker` is the participant to follow. */
export function viewingOf(choice: Choice, cap: CapLevel, speaker: string | null): Viewing {
  const rest = { only: null, max_kbits: 0 };
  if (cap === "reached" || choice === "text") return { ...ASKED.text, ...rest };
  if (cap === "saving") return { ...ASKED.saver, ...rest };
  return { ...ASKED[choice], ...rest, only: choice === "one" ? speaker : null };
}

export function isChoice(value: unknown): value is Choice {
  return CHOICES.some((choice) => choice === value);
}

export const wantsPictures = (choice: Choice): boolean => ASKED[choice].pictures !== "none";

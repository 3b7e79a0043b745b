// Polls as they come over the wire: docs/live-protocol.md. Fields at their default are missing.

export type Kind = "single" | "multiple" | "likert" | "rating" | "ordering" | "text" | "quiz";
export type Stage = "draft" | "open" | "open-shown" | "closed" | "closed-shown";
export type Results = "live" | "on-close" | "by-hand";

export interface Option {
  id: string;
  text: string;
}

export interface Group {
  id: string;
  label: string;
  count: number;
  hidden?: boolean;
  merged?: number;
}

export interface Tally {
  answered?: number;
  counts?: Record<string, number>;
  mean?: number;
  median?: number;
  points?: Record<string, number>;
  ranks?: Record<string, number>;
  groups?: Group[];
  others?: number;
}

export interface Asked {
  id: string;
  kind: Kind;
  question: string;
  options?: Option[];
  least?: number;
  most?: number;
  points?: number;
  low?: string;
  high?: string;
  anonymous?: boolean;
  opened_at?: string;
  shown_at?: string;
  answered?: number;
}

/** What the room sees. */
export interface ShownPoll extends Asked {
  open?: boolean;
  tally?: Tally;
  right?: string[];
}

/** What those who run the session see. */
export interface FiledPoll extends Asked {
  position: number;
  stage: Stage;
  version: number;
  results: Results;
  tally?: Tally;
  right?: string[];
}

export interface Answer {
  choices?: string[];
  value?: number;
  text?: string;
}

/** How a person's answer stands; of an anonymous one the server knows only that it was given. */
export interface Own {
  counter?: number;
  answer?: Answer;
}

/** A poll as it is typed. */
export interface Words {
  kind: Kind;
  question: string;
  options: string[];
  least: number;
  most: number;
  points: number;
  low: string;
  high: string;
  right: number[];
  anonymous: boolean;
  results: Results;
}

export const hasOptions = (kind: Kind): boolean => !["likert", "rating", "text"].includes(kind);
export const isScale = (kind: Kind): boolean => kind === "likert" || kind === "rating";

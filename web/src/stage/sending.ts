// How much of one's own is sent: what the person allows, the way up carries, and the page being in the background. Pure.

import type { Uplink } from "../media/encodings";
import type { CapLevel } from "./data_cap";

export type SendChoice = "auto" | "small" | "voice";
export const SEND_CHOICES: readonly SendChoice[] = ["auto", "small", "voice"];

/** What an hour of camera and voice costs at most, in MB, all headers included; a shared screen comes on top. */
export const SENT_MB_AN_HOUR: Readonly<Record<SendChoice, number>> = { auto: 850, small: 80, voice: 16 };

const ALLOWED: Readonly<Record<SendChoice, Uplink>> = { auto: "good", small: "weak", voice: "poor" };
const ORDER: readonly Uplink[] = ["poor", "weak", "good"];

export interface Sending {
  readonly choice: SendChoice;
  /** Judged from losses and the browser's estimate. */
  readonly carries: Uplink;
  readonly cap: CapLevel;
  readonly idle: boolean;
}

/** Whoever spoke so lately is still looked at, wherever their own page is. */
const SPOKE_MS = 10_000;

export interface Background {
  /** The page is hidden, and the person wants less to be sent then. */
  readonly hidden: boolean;
  readonly wanted: boolean;
  readonly sharesScreen: boolean;
  /** Milliseconds since the person was last heard. */
  readonly silentFor: number;
}

/** Whether a small picture will do: whoever shares a screen or speaks has their own page in the background often. */
export function isIdle({ hidden, wanted, sharesScreen, silentFor }: Background): boolean {
  return hidden && wanted && !sharesScreen && silentFor > SPOKE_MS;
}

/** The least that any of them asks for. */
export function sent({ choice, carries, cap, idle }: Sending): Uplink {
  const limits = [
    ALLOWED[choice],
    carries,
    cap === "saving" ? "poor" : "good",
    idle ? "weak" : "good",
  ] as const;
  return ORDER[Math.min(...limits.map((limit) => ORDER.indexOf(limit)))] ?? "good";
}

export function isSendChoice(value: unknown): value is SendChoice {
  return SEND_CHOICES.some((choice) => choice === value);
}

// How much of one's own is sent: what the person allows, the way up carries, and the page being in the background.
// Fetched by whoever sends something.

import type { Uplink } from "../media/encodings";
import { t } from "../translation";
import { Cell } from "./cell";
import type { CapLevel } from "./data_cap";
import type { LinkWords } from "./link_words";
import { store, stored } from "./stored";
import type { TabMedia } from "./tab_media";

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

/** For somebody whose picture does not go out as it should. */
export function uplinkWords(carries: "weak" | "poor"): LinkWords {
  const quality = "weak";
  return carries === "weak"
    ? {
        quality,
        short: t("Weak: you are seen small"),
        long: t("Your picture is sent small so that your voice arrives. It grows again by itself."),
      }
    : {
        quality,
        short: t("Weak: only your voice"),
        long: t(
          "Only your voice is sent, because your picture does not fit through. It comes back by itself.",
        ),
      };
}

const SEND = "majlis.sending";
const AWAY = "majlis.sending-away";

/** One tab's limits. Remembered on this device. */
export class SendLimits {
  /** What the person wants to send at most, and whether less of it goes out while the page is in the background. */
  readonly choice = new Cell<SendChoice>(remembered());
  readonly lessWhenHidden = new Cell<boolean>(stored(AWAY) !== "same");
  private speaks = false;
  private spoke = Number.NEGATIVE_INFINITY;

  constructor(private readonly media: TabMedia) {
    document.addEventListener("visibilitychange", media.pace);
  }

  choose(choice: SendChoice): void {
    this.choice.set(choice);
    store(SEND, choice === "auto" ? null : choice);
    this.media.pace();
  }

  /** Whoever switches a camera on has thought better of sending their voice alone. */
  wantsPicture(): void {
    if (this.choice.value === "voice") this.choose("small");
  }

  sendLessWhenHidden(less: boolean): void {
    this.lessWhenHidden.set(less);
    store(AWAY, less ? null : "same");
    this.media.pace();
  }

  /** Whether this tab's own voice is among those that are heard. */
  heard(speaks: boolean): void {
    this.speaks = speaks;
    this.media.pace();
  }

  limit(carries: Uplink, cap: CapLevel, sharesScreen: boolean): Uplink {
    const now = performance.now();
    if (this.speaks) this.spoke = now;
    const idle = isIdle({
      hidden: document.visibilityState === "hidden",
      wanted: this.lessWhenHidden.value,
      sharesScreen,
      silentFor: now - this.spoke,
    });
    return sent({ choice: this.choice.value, carries, cap, idle });
  }
}

export function limitsOf(media: TabMedia): SendLimits {
  media.limits ??= new SendLimits(media);
  return media.limits;
}

function remembered(): SendChoice {
  const choice = stored(SEND);
  const found = SEND_CHOICES.find((one) => one === choice);
  if (found) return found;
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData ? "small" : "auto";
}

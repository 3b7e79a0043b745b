// A limit the person sets for what this session may cost, and how the room keeps to it. Pure.

/** free: far from the limit; warned: the person knows; saving: sound in its smallest form; reached: text only. */
export type CapLevel = "free" | "warned" | "saving" | "reached";

const LEVELS: readonly CapLevel[] = ["free", "warned", "saving", "reached"];
/** Share of the limit, and seconds before it at the present rate: whichever comes first. */
const WARN = { share: 0.75, seconds: 90 };
const SAVE = { share: 0.88, seconds: 30 };
/** The meter is read every two seconds and stopping takes a round trip or two. */
const STOP_SECONDS = 5;
/** Kept back for questions and slides, which go on. */
const RESERVE = 0.02;

/** How near the limit is. It never gets better by itself: a level is left by a higher limit only. */
export function capLevel(
  used: number,
  cap: number | null,
  bytesPerSecond: number,
  before: CapLevel = "free",
): CapLevel {
  if (cap === null) return "free";
  const left = cap * (1 - RESERVE) - used;
  const within = ({ share, seconds }: typeof WARN) => used >= cap * share || left < bytesPerSecond * seconds;
  const now: CapLevel =
    left <= bytesPerSecond * STOP_SECONDS
      ? "reached"
      : within(SAVE)
        ? "saving"
        : within(WARN)
          ? "warned"
          : "free";
  return LEVELS.indexOf(now) > LEVELS.indexOf(before) ? now : before;
}

export interface DataUse {
  /** Bytes of this session on this device, reloads included. */
  readonly used: number;
  /** Bytes an hour at the present rate; null until it is known. */
  readonly perHour: number | null;
  /** What will have been used at the end of the session, in bytes. */
  readonly atEnd: number | null;
}

const WINDOW_MS = 60_000;
const LEAST_MS = 8_000;

/** The rate over the last minute, from totals as they were read. */
export class DataRate {
  #readings: { at: number; total: number }[] = [];

  /** `at` in ms on any clock that only goes forward. Returns bytes a second, null until it is known. */
  note(at: number, total: number): number | null {
    this.#readings.push({ at, total });
    // The reading before the window stays, so that the window is whole.
    while ((this.#readings[1]?.at ?? at) <= at - WINDOW_MS) this.#readings.shift();
    const first = this.#readings[0];
    if (!first || at - first.at < LEAST_MS) return null;
    return ((total - first.total) / (at - first.at)) * 1000;
  }

  /** What is wanted has changed: what it cost until now says nothing about what it will. */
  restart(): void {
    this.#readings = this.#readings.slice(-1);
  }
}

/** `left` is how long the session still lasts, in seconds. */
export function dataUse(used: number, bytesPerSecond: number | null, left: number): DataUse {
  if (bytesPerSecond === null) return { used, perHour: null, atEnd: null };
  return { used, perHour: bytesPerSecond * 3600, atEnd: used + bytesPerSecond * Math.max(0, left) };
}

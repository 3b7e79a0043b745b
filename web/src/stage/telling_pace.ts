// When to tell what keeps changing: soon after a calm, then seldom while it goes on, and always how it ended.

/** Long enough for what changes with a first change (all tiles of a new layout), too short to be noticed. */
const SOON_MS = 50;
const PAUSE_MS = 300;

export class TellingPace {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = Number.NEGATIVE_INFINITY;

  /** `tell` says whether there was anything new to tell. */
  constructor(private readonly tell: () => boolean) {}

  /** Something may have changed. */
  readonly changed = (): void => {
    const wait = Math.max(SOON_MS, this.#told + PAUSE_MS - performance.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.tell()) this.#told = performance.now();
    }, wait);
  };

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** How much may be sent without drowning the voice, judged from what the far end reports. Pure. */

import type { Uplink } from "./encodings";
import type { Quality } from "./quality";

const ORDER: readonly Uplink[] = ["poor", "weak", "good"];
/** Two readings of two seconds: a single burst of losses says nothing. */
const WORSE_AFTER = 2;
/** So many good readings before more is tried; each time it failed, twice as many, up to ten minutes. */
const BETTER_AFTER = 10;
const MOST_PATIENCE = 300;

export class UplinkJudge {
  #level: Uplink;
  #worse = 0;
  #better = 0;
  #patience = BETTER_AFTER;

  /** `level`: what is believed before anything was sent. */
  constructor(level: Uplink = "good") {
    this.#level = level;
  }

  judge(quality: Pick<Quality, "lossUp" | "uplinkKbit">): Uplink {
    const now = carries(quality);
    const [rank, held] = [ORDER.indexOf(now), ORDER.indexOf(this.#level)];
    this.#worse = rank < held ? this.#worse + 1 : 0;
    // With little being sent the browser's estimate cannot grow: without losses the next level is tried.
    this.#better = rank >= held && quality.lossUp <= 2 && this.#level !== "good" ? this.#better + 1 : 0;
    if (this.#worse >= WORSE_AFTER) {
      if (this.#better === 0 && this.#level !== "good")
        this.#patience = Math.min(MOST_PATIENCE, this.#patience * 2);
      this.#become(now);
    } else if (this.#better >= this.#patience) this.#become(ORDER[held + 1] ?? "good");
    return this.#level;
  }

  #become(level: Uplink): void {
    this.#level = level;
    this.#worse = 0;
    this.#better = 0;
  }
}

/** `uplinkKbit` is the browser's own estimate; null while nothing is sent. */
function carries({ lossUp, uplinkKbit }: Pick<Quality, "lossUp" | "uplinkKbit">): Uplink {
  const kbit = uplinkKbit ?? Number.POSITIVE_INFINITY;
  if (lossUp > 15 || kbit < 48) return "poor";
  if (lossUp > 6 || kbit < 160) return "weak";
  return "good";
}

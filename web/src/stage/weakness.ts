// Whether a connection is weak, judged by what a listener would notice.

import type { Quality } from "../media/quality";

const READINGS = 4;

/** Weak when two of the last four readings were bad, so that a single burst of losses says nothing. */
export class Weakness {
  #recent: boolean[] = [];

  judge(quality: Quality): boolean {
    this.#recent = [...this.#recent.slice(1 - READINGS), isBad(quality)];
    return this.#recent.filter(Boolean).length >= 2;
  }
}

/** More than 3 % lost, an answer later than 0.6 s, or pictures that arrive only in pieces. */
function isBad({ lossDown, lossUp, rttMs, frozen }: Quality): boolean {
  return lossDown > 3 || lossUp > 3 || (rttMs ?? 0) > 600 || frozen;
}

// Whether one's own voice goes out, and what to do when it does not. Pure, in the caller's time.

export type Remedy = "device" | "connection";

export interface Sending {
  /** The person has the microphone on. */
  readonly on: boolean;
  /** The connection that carries it stands. */
  readonly connected: boolean;
  /** Packets of the microphone that this connection has sent. */
  readonly packets: number;
}

/** Browsers send sound all the time, silence as well: so long without a packet is a fault. */
const SILENT_MS = 10_000;
/** After both remedies have been in vain. */
const AGAIN_MS = 60_000;
/** A look that comes later than this tells that the page was asleep, not that it was silent all the while. */
const LOOK_MS = 4_000;

export class SoundRule {
  #packets = 0;
  #looked: number | null = null;
  #silent = 0;
  #tried = 0;

  /** Something has been tried, and no packet has gone out since. */
  get troubled(): boolean {
    return this.#tried > 0;
  }

  /** Call it every two seconds; `now` in milliseconds. Says what to do now, if anything. */
  look({ on, connected, packets }: Sending, now: number): Remedy | null {
    const since = this.#looked === null ? 0 : Math.min(LOOK_MS, now - this.#looked);
    const flows = packets > 0 && packets !== this.#packets; // a new connection counts from nothing
    this.#looked = now;
    this.#packets = packets;
    if (!on || flows) this.#tried = 0;
    // A connection that is not there is somebody else's to mend (`media/recovery.ts`).
    if (!on || flows || !connected) {
      this.#silent = 0;
      return null;
    }
    this.#silent += since;
    const device = this.#tried % 2 === 0;
    if (this.#silent < (device && this.#tried > 0 ? AGAIN_MS : SILENT_MS)) return null;
    this.#silent = 0;
    this.#tried += 1;
    return device ? "device" : "connection";
  }
}

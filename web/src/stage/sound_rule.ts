// Whether one's own voice goes out, and what to do when it does not. Pure.

export type Remedy = "device" | "connection";

export interface Sending {
  /** The person has the microphone on. */
  readonly on: boolean;
  /** The connection that carries it stands. */
  readonly connected: boolean;
  /** Packets of the microphone that this connection has sent. */
  readonly packets: number;
}

/** Looks, two seconds apart. Browsers send sound all the time, silence as well: so long without a packet is a fault. */
const SILENT = 5;
/** After both remedies have been in vain. */
const AGAIN = 30;

/** It counts looks, not time: a page that was asleep has not been silent. */
export class SoundRule {
  #packets = 0;
  #silent = 0;
  #tried = 0;

  /** Something has been tried, and no packet has gone out since. */
  get troubled(): boolean {
    return this.#tried > 0;
  }

  /** Call it every two seconds. Says what to do now, if anything. */
  look({ on, connected, packets }: Sending): Remedy | null {
    const flows = packets > 0 && packets !== this.#packets; // a new connection counts from nothing
    this.#packets = packets;
    if (!on || flows) this.#tried = 0;
    // A connection that is not there is somebody else's to mend (`media/recovery.ts`).
    if (!on || flows || !connected) {
      this.#silent = 0;
      return null;
    }
    this.#silent += 1;
    const device = this.#tried % 2 === 0;
    if (this.#silent < (device && this.#tried > 0 ? AGAIN : SILENT)) return null;
    this.#silent = 0;
    this.#tried += 1;
    return device ? "device" : "connection";
  }
}

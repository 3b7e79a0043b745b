/** Brings one peer connection back after a drop: ICE restart first, a new connection when that does not help. */

import { isRefusal } from "./signal";

export interface Recoverable {
  /** Whether there is anything to keep connected; false ends the recovery. */
  readonly wanted: boolean;
  readonly connection: RTCPeerConnection | null;
  restart(): Promise<void>;
  rebuild(): Promise<void>;
}

const SETTLE_MS = 1_000;
/** The restarted connection goes on looking for its way beside the new one that is then made. */
const RESTART_MS = 5_000;
/**
 * A new connection checks its paths about twenty times a second until it is called failed (after 15 s in Chromium), and
 * so finds the link back at once; making another one before then would only cost two descriptions more.
 */
const CHECKS_MS = 20_000;
/** Until the next try when nobody could be asked, or when nothing came of it. */
const LONGEST_PAUSE_MS = 2_000;
/** The same when the server has refused: it is there, and asked by everybody it refuses. */
const LONGEST_REFUSED_MS = 8_000;

export class Recovery {
  readonly #link: Recoverable;
  readonly #onState: () => void;
  readonly #onError: (error: unknown) => void;
  #running = false;
  #closed = false;
  #attempts = 0;
  #doubt = false;
  #wake: (() => void) | null = null;

  constructor(link: Recoverable, onState: () => void, onError: (error: unknown) => void) {
    this.#link = link;
    this.#onState = onState;
    this.#onError = onError;
  }

  get running(): boolean {
    return this.#running;
  }

  /** After a few tries in vain people are told; it goes on trying. */
  get hopeless(): boolean {
    return this.#running && this.#attempts >= 3;
  }

  /** Call on every change of the connection's state. */
  changed(): void {
    const state = this.#link.connection?.connectionState;
    if (state === "connected" || (state === "failed" && this.#running)) this.#wake?.();
    else if (state === "failed" || state === "disconnected")
      void this.#recover(state === "failed" ? 0 : SETTLE_MS);
  }

  /** The network or the live channel is back: do not wait out the pause. */
  nudge(): void {
    this.#wake?.();
    const state = this.#link.connection?.connectionState;
    if (state !== undefined && state !== "connected" && state !== "connecting" && state !== "new") {
      void this.#recover(0);
    }
  }

  /** The network is another one, or the device has slept: what looks connected may be dead, and a check tells. */
  doubt(): void {
    if (!this.#link.connection) return;
    this.#doubt = true;
    this.#wake?.();
    void this.#recover(0);
  }

  /** A negotiation was lost on the way: packets may flow, but the two sides no longer agree on what they are. */
  retry(): void {
    this.#doubt = true;
    void this.#recover(SETTLE_MS);
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async #recover(settle: number): Promise<void> {
    if (this.#running || this.#closed) return;
    this.#running = true;
    this.#attempts = 0;
    this.#onState();
    await this.#pause(settle);
    let pause = 1_000;
    while (!this.#closed && !this.#healthy()) {
      this.#attempts += 1;
      this.#onState();
      let longest = LONGEST_PAUSE_MS;
      try {
        await this.#attempt();
      } catch (error) {
        if (isRefusal(error)) longest = LONGEST_REFUSED_MS;
        this.#onError(error); // most often the live channel is down as well; its return nudges us
      }
      if (this.#closed || this.#healthy()) break;
      await this.#pause(Math.min(longest, pause));
      pause = Math.min(LONGEST_REFUSED_MS, pause * 2);
    }
    this.#running = false;
    this.#onState();
  }

  async #attempt(): Promise<void> {
    const state = this.#link.connection?.connectionState;
    if (this.#link.connection && state !== "closed" && this.#attempts === 1) {
      try {
        await this.#link.restart();
        this.#doubt = false;
        if (!this.#healthy()) await this.#pause(RESTART_MS);
        if (this.#healthy() || this.#closed) return;
      } catch (error) {
        // The server answered, and no longer knows this connection: only a new one helps. Anything else means that
        // the live channel is down, and the present connection is worth another restart.
        if (!isRefusal(error)) {
          this.#attempts = 0;
          throw error;
        }
      }
    }
    await this.#link.rebuild();
    this.#doubt = false;
    if (!this.#healthy()) await this.#pause(CHECKS_MS);
  }

  #healthy(): boolean {
    if (!this.#link.wanted) return true;
    return !this.#doubt && this.#link.connection?.connectionState === "connected";
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}

/** What the media connection asks of the live channel. Every method rejects with an error that carries `code`. */

export type Source = "camera" | "microphone" | "screen" | "screen-audio";

export interface Offer {
  readonly version: number;
  readonly sdp: string;
}

export interface Signal {
  /** Sends a publish offer with the source of each sending m-line (by mid); resolves to the answer. */
  publishOffer(sdp: string, sources: Record<string, Source>): Promise<string>;
  /** Asks for a new subscribe connection. */
  subscribe(): Promise<Offer>;
  /** Asks for an offer with new ICE credentials on the existing subscribe connection. */
  restartSubscribe(): Promise<Offer>;
  /** Brings the answer to a subscribe offer. */
  answer(version: number, sdp: string): Promise<void>;
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

/** The server answered and said no; otherwise the channel is down (codes `live.…`, or none) and time may help. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  return code !== "" && !code.startsWith("live.");
}

/** Refused for good. The engine's other codes say that a connection was forgotten or overtaken: a new one helps. */
export function isForbidden(error: unknown): boolean {
  const code = codeOf(error);
  return isRefusal(error) && (code === "media.not-allowed" || !code.startsWith("media."));
}

/** Runs tasks one after another: a peer connection bears only one negotiation at a time. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

// Following one channel's log: every event once and in order, however it came.

export interface LogEvent {
  channel: string;
  seq: number;
  at: string;
  type: string;
  [field: string]: unknown;
}

/** Applies the events of one channel. `receive` says true when something before the event is missing. */
export class Follower {
  /** The seq of the last event applied; null before the first snapshot, when events are only held. */
  last: number | null = null;
  private readonly held = new Map<number, LogEvent>();

  constructor(private readonly apply: (event: LogEvent) => void) {}

  receive(event: LogEvent): boolean {
    if (this.last !== null && event.seq <= this.last) return false;
    this.held.set(event.seq, event);
    return this.drain();
  }

  /** A snapshot holds everything up to `seq`. Returns true when what was held leaves a gap after it. */
  startAt(seq: number): boolean {
    this.last = seq;
    return this.drain();
  }

  private drain(): boolean {
    if (this.last === null) return false;
    for (const seq of this.held.keys()) if (seq <= this.last) this.held.delete(seq);
    for (;;) {
      const next = this.held.get(this.last + 1);
      if (!next) return this.held.size > 0;
      this.held.delete(next.seq);
      this.last = next.seq;
      this.apply(next);
    }
  }
}

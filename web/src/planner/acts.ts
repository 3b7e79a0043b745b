// What this organizer does to the draft, one act after another: shown at once, sent in order, kept while there is no
// connection, and never put over what somebody else has done meanwhile without asking.

import { Cell } from "../stage/cell";
import { type Answer, type Api, type ApiError, isSilence } from "./api";
import { type Draft, type Placement, type Session, samePlacement } from "./draft";
import { isoOf } from "./wall_time";
import { changesOf, type StaleDetails, type Step, sessionOf, type WireDone } from "./wire";

/** An act of mine on a session that somebody has changed since I saw it. */
export interface Stale {
  code: string;
  theirs: Session;
  /** What my act would have made of it. */
  mine: Session | null;
  by: string;
  again: () => void;
}

export interface ActHooks {
  changed(): void;
  stale(stale: Stale): void;
  refused(message: string): void;
  offline(is: boolean): void;
}

/** An act as the API takes it, from the editions it was decided upon. */
export type Body = (edition: (code: string) => number) => Record<string, unknown>;

interface Job {
  body: Body;
  seen: Map<string, number>;
  placement: Placement | null;
  resolve: (done: WireDone | null) => void;
}

const AGAIN_MS = 3_000;

export class Acts {
  readonly undoable = new Cell<Step | null>(null);
  readonly redoable = new Cell<Step | null>(null);
  readonly waiting = new Cell(0);
  private readonly queue: Job[] = [];
  private sending = false;

  constructor(
    private readonly api: Api,
    private readonly draft: Draft,
    readonly zone: string,
    private readonly hooks: ActHooks,
  ) {}

  /** Put a session somewhere: scheduling, moving and resizing are one. */
  place(code: string, placement: Placement): Promise<WireDone | null> {
    const session = this.draft.get(code);
    if (!session || samePlacement(session, placement)) return Promise.resolve(null);
    this.draft.wish(code, placement);
    const { room, start, minutes } = placement;
    return this.push(
      (edition) =>
        start === null
          ? { act: "unschedule", session: code, edition: edition(code) }
          : {
              act: "place",
              session: code,
              edition: edition(code),
              room,
              starts_at: isoOf(start, this.zone),
              minutes,
            },
      [code],
      placement,
    );
  }

  /** Any other act; `codes` are the sessions whose present editions it is decided upon. */
  run(body: Body, codes: readonly string[] = []): Promise<WireDone | null> {
    return this.push(body, codes, null);
  }

  /** `undo` or `redo` of this organizer's own last edit. */
  turnBack(act: "undo" | "redo"): Promise<WireDone | null> {
    return this.push(() => ({ act }), [], null);
  }

  private push(body: Body, codes: readonly string[], placement: Placement | null): Promise<WireDone | null> {
    const seen = new Map(codes.map((code) => [code, this.draft.server(code)?.edition ?? 0]));
    const promise = new Promise<WireDone | null>((resolve) => {
      this.queue.push({ body, seen, placement, resolve });
    });
    this.waiting.set(this.queue.length);
    this.hooks.changed();
    void this.work();
    return promise;
  }

  private async work(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    for (let job = this.queue[0]; job; job = this.queue[0]) {
      const answer = await this.answered(job);
      this.queue.shift();
      this.waiting.set(this.queue.length);
      if (!this.queue[0]) this.sending = false;
      this.settle(job, answer);
    }
    this.sending = false;
  }

  /** Asks until somebody answers; acts that are sent twice are harmless, because the second one is stale. */
  private async answered(job: Job): Promise<Answer<WireDone>> {
    const body = job.body((code) => job.seen.get(code) ?? 0);
    for (;;) {
      const answer = await this.api.post<WireDone>("/acts", body);
      const silent = !answer.ok && isSilence(answer.error);
      this.hooks.offline(silent);
      if (!silent) return answer;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private settle(job: Job, answer: Answer<WireDone>): void {
    const code = [...job.seen.keys()][0];
    if (job.placement && code) this.draft.answered(code);
    if (answer.ok) this.take(job, answer.body);
    else this.refuse(job, code, answer.error);
    this.hooks.changed();
    job.resolve(answer.ok ? answer.body : null);
  }

  private take(job: Job, done: WireDone): void {
    for (const { code, after } of done.changes) {
      const before = job.seen.get(code);
      // What waits was decided with this act of mine in mind: it goes on from its result.
      for (const next of this.queue)
        if (after && next.seen.get(code) === before) next.seen.set(code, after.edition);
    }
    this.draft.apply(changesOf(done.changes, this.zone));
    this.undoable.set(done.undo);
    this.redoable.set(done.redo);
  }

  private refuse(job: Job, code: string | undefined, error: ApiError): void {
    const details = error.details as Partial<StaleDetails>;
    if (error.code !== "agenda.stale" || !details.theirs || code === undefined) {
      this.hooks.refused(error.message);
      return;
    }
    const theirs = sessionOf(details.theirs, this.zone);
    this.draft.apply([{ code: theirs.code, after: theirs }]);
    // Sent twice because the first answer was lost: it is as wished.
    if (job.placement && samePlacement(theirs, job.placement)) return;
    this.hooks.stale({
      code: theirs.code,
      theirs,
      mine: details.yours ? sessionOf(details.yours, this.zone) : null,
      by: details.by ?? "",
      again: () => {
        if (job.placement) void this.place(theirs.code, job.placement);
        else void this.run(job.body, [...job.seen.keys()]);
      },
    });
  }
}

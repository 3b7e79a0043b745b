// The questions of one session as this page knows them: what the server told, and what this person has
// just done that the server has not told yet.

import { LiveError } from "../live/messages";
import { serverNow } from "../stage/server_time";
import { t } from "../translation";
import type { Channel } from "./channel";
import {
  type Filed,
  type Found,
  type Known,
  type Naming,
  type Now,
  nothingKnown,
  type Own,
  type Panellist,
  type Question,
  type QuestionStep,
  questions,
  type Rules,
  type Shown,
  type Snapshot,
  started,
  type Vote,
  withFound,
  withHidden,
  withVotes,
} from "./state";

/** A question as its asker wants it sent. */
export interface Wish {
  text: string;
  name: Naming;
  pseudonym: string;
}
export interface Unsent extends Wish {
  client_id: string;
}
/** The live room around the questions. */
export interface Hall {
  /** The address of the session's page. */
  page: string;
  /** When the session ends, in ms. */
  endsAt: () => number;
  /** Whether this person is on the programme of the session, or runs it. */
  presents: () => boolean;
}
/** A question the server would not take: it goes back to the form. */
export interface Returned extends Wish {
  message: string;
}

/** Milliseconds after a vote was acknowledged: by then the server has told a count that includes it. */
const COUNTED_BY = 2_000;

export class QuestionBoard {
  known: Known = nothingKnown;
  /** False until the server has told for the first time. */
  loaded = false;
  returned: Returned | null = null;
  /** What went wrong with the last act, in words; for a notice. */
  trouble = "";
  /** Asked for by this person: they join a list at its end, where they move nothing. */
  readonly fetched = new Set<string>();
  private readonly votes = new Map<string, Vote>();
  private readonly wanted = new Map<string, Vote>();
  /** How far the shown count is from what it will be once it includes this person's last tap. */
  private readonly ahead = new Map<string, number>();
  private readonly watchers = new Set<() => void>();
  private readonly stops: (() => void)[];

  /** `hall`: null on the session's page. */
  constructor(
    readonly client: Channel,
    readonly hall: Hall | null = null,
  ) {
    const { session } = client.options;
    const set = <K extends keyof Known>(name: K, value: Known[K]) =>
      this.know((known) => ({ ...known, [name]: value }));
    this.stops = [
      client.onSnapshot("questions", (part) => {
        this.ahead.clear();
        this.know(() => started(part as Snapshot));
        this.loaded = true;
        this.tell();
      }),
      client.onSnapshot("question_votes", (part) => this.remember(part as Record<string, [boolean, number]>)),
      client.on("QuestionShown", ({ question }) => {
        this.settle((question as Shown).id);
        this.find({ shown: [question as Shown] });
      }),
      client.on("QuestionHidden", ({ question }) =>
        this.know((known) => withHidden(known, question as string)),
      ),
      client.on("QuestionFiled", ({ question }) => this.find({ filed: [question as Filed] })),
      client.on("QuestionNoted", (event) => {
        if (event.session === session) this.find({ own: [event.question as Own] });
      }),
      client.on("VotesCounted", (event) => {
        const counted = event.votes as Record<string, number>;
        for (const id of Object.keys(counted)) this.settle(id);
        this.know((known) => withVotes(known, counted));
      }),
      client.on("QuestionRulesChanged", (rules) => set("rules", rules as unknown as Rules)),
      client.on("QuestionsLinedUp", (event) => set("next", event.questions as string[])),
      client.on("QuestionBeingAnswered", ({ now }) => set("now", now as Now | null)),
      client.on("AskersBlocked", ({ people }) => set("blocked", people as Panellist[])),
      client.on("VoteKept", (kept) => {
        if (kept.session === session)
          this.remember({ [kept.question as string]: [kept.on as boolean, kept.counter as number] });
      }),
      client.onChange(() => this.tell()),
    ];
    client.onRefused((type, body, error) => {
      if (type === "AskQuestion") this.giveBack(wishOf(body), error);
    });
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.watchers.clear();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  questions(): Map<string, Question> {
    const all = questions(this.known);
    for (const [id, ahead] of this.ahead) {
      const question = all.get(id);
      if (question) question.votes = Math.max(0, question.votes + ahead);
    }
    return all;
  }

  voted(id: string): boolean {
    return (this.newest(id) ?? this.votes.get(id))?.on ?? false;
  }

  /** A tap on the vote that the server has not acknowledged. */
  voting(id: string): boolean {
    return this.newest(id) !== undefined;
  }

  unsent(): Unsent[] {
    return this.client.unsent("AskQuestion").map(({ client_id, body }) => ({ client_id, ...wishOf(body) }));
  }

  /** Resolves when the question is safe on the device; what the server says comes by `returned` or events. */
  ask(wish: Wish): Promise<void> {
    this.returned = null;
    const asked_at = new Date(serverNow()).toISOString();
    const { text, name, pseudonym } = wish;
    const body = { text, name, asked_at, ...(name === "pseudonym" ? { pseudonym } : {}) };
    const { kept, replied } = this.client.keep("AskQuestion", body);
    replied.catch((error: unknown) => this.giveBack(wish, error));
    return kept;
  }

  /** The form has taken `returned` over. */
  taken(): void {
    this.returned = null;
  }

  async vote(id: string, on: boolean): Promise<void> {
    const counter = Math.max(this.votes.get(id)?.counter ?? 0, this.newest(id)?.counter ?? 0) + 1;
    this.ahead.set(id, (this.ahead.get(id) ?? 0) + Number(on) - Number(this.voted(id)));
    this.wanted.set(id, { on, counter });
    this.tell();
    const now = (await this.act("VoteQuestion", { question: id, on, counter })) as Vote | null;
    const newest = this.wanted.get(id)?.counter === counter;
    if (newest) this.wanted.delete(id);
    if (!now) {
      if (newest) this.ahead.delete(id);
    } else {
      this.remember({ [id]: [now.on, now.counter] });
      // A count with this tap may have come before its acknowledgement, which was lost; no other will come.
      setTimeout(() => {
        this.settle(id);
        this.tell();
      }, COUNTED_BY);
      // Another device of this person had counted further: this tap is the newer wish all the same.
      if (newest && now.on !== on && now.counter >= counter) void this.vote(id, on);
    }
    this.tell();
  }

  /** A command whose refusal is told as `trouble`; null then. */
  async act(type: string, body: Record<string, unknown>, durable = true): Promise<unknown> {
    this.trouble = "";
    try {
      return (await this.client.send(type, body, { durable })) ?? {};
    } catch (error) {
      this.trouble = words(error);
      this.tell();
      return null;
    }
  }

  /** The next fifty of a state, which the first telling left out. */
  async fetchMore(state: QuestionStep, before: string | undefined): Promise<void> {
    const body = { state, ...(before ? { before } : {}) };
    const found = (await this.act("ListQuestions", body, false)) as Found | null;
    if (!found) return;
    for (const id of found.order ?? []) this.fetched.add(id);
    this.know((known) => ({
      ...withFound(known, found),
      more: { ...known.more, [state]: found.more ?? 0 },
    }));
  }

  /** Take over views the server has sent in a reply. */
  find(found: Found): void {
    this.know((known) => withFound(known, found));
  }

  /** The last tap on the vote for `id` that waits, also one from before a reload. */
  private newest(id: string): Vote | undefined {
    let newest = this.wanted.get(id);
    for (const { body } of this.client.unsent("VoteQuestion")) {
      const vote = body as unknown as Vote;
      if (body.question === id && vote.counter > (newest?.counter ?? 0)) newest = vote;
    }
    return newest;
  }

  private remember(told: Record<string, [boolean, number]>): void {
    for (const [id, [on, counter]] of Object.entries(told)) {
      if (counter >= (this.votes.get(id)?.counter ?? 0)) this.votes.set(id, { on, counter });
    }
    this.tell();
  }

  /** A count arrived: unless a tap is still on its way, it says everything. */
  private settle(id: string): void {
    if (!this.wanted.has(id)) this.ahead.delete(id);
  }

  private giveBack(wish: Wish, error: unknown): void {
    this.returned = { ...wish, message: words(error) };
    this.tell();
  }

  private know(change: (known: Known) => Known): void {
    this.known = change(this.known);
    this.tell();
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
  }
}

function wishOf({ text, name, pseudonym, anonymous }: Record<string, unknown>): Wish {
  return {
    text: text as string,
    // What an older page kept says `anonymous` alone.
    name: (name as Naming) ?? (anonymous ? "anonymous" : "named"),
    pseudonym: (pseudonym as string) ?? "",
  };
}

function words(error: unknown): string {
  return (error instanceof LiveError && error.message) || t("That did not work. Please try again.");
}

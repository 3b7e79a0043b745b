// The questions of one session as this page knows them: what the server told, and what this person has
// just done that the server has not told yet.

import { type LiveClient, LiveError } from "../live/client";
import { t } from "../translation";
import {
  type Filed,
  type Known,
  nothingKnown,
  type Own,
  type Question,
  questions,
  type Rules,
  type Shown,
  type Snapshot,
  started,
  type Vote,
  withFiled,
  withHidden,
  withNoted,
  withShown,
  withVotes,
} from "./state";

export interface Unsent {
  client_id: string;
  text: string;
  anonymous: boolean;
}

/** A question the server would not take: its text goes back to the form. */
export interface Returned {
  text: string;
  anonymous: boolean;
  message: string;
}

export class QuestionBoard {
  known: Known = nothingKnown;
  /** False until the server has told for the first time. */
  loaded = false;
  returned: Returned | null = null;
  /** What went wrong with the last act, in words; for a notice. */
  trouble = "";
  private readonly votes = new Map<string, Vote>();
  private readonly wanted = new Map<string, Vote>();
  /** How far the shown count is from what it will be once it includes this person's last tap. */
  private readonly ahead = new Map<string, number>();
  private readonly watchers = new Set<() => void>();
  private readonly stops: (() => void)[];

  constructor(readonly client: LiveClient) {
    const { session } = client.options;
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
        this.know((known) => withShown(known, question as Shown));
      }),
      client.on("QuestionHidden", ({ question }) =>
        this.know((known) => withHidden(known, question as string)),
      ),
      client.on("QuestionFiled", ({ question }) => this.know((known) => withFiled(known, question as Filed))),
      client.on("QuestionNoted", (event) => {
        if (event.session === session) this.know((known) => withNoted(known, event.question as Own));
      }),
      client.on("VotesCounted", (event) => {
        const counted = event.votes as Record<string, number>;
        for (const id of Object.keys(counted)) this.settle(id);
        this.know((known) => withVotes(known, counted));
      }),
      client.on("QuestionRulesChanged", ({ moderated, anonymous_allowed, open }) =>
        this.know((known) => ({ ...known, rules: { moderated, anonymous_allowed, open } as Rules })),
      ),
      client.on("VoteKept", (kept) => {
        if (kept.session === session)
          this.remember({ [kept.question as string]: [kept.on as boolean, kept.counter as number] });
      }),
      client.onChange(() => this.tell()),
    ];
    client.onRefused((type, body, error) => {
      if (type === "AskQuestion") this.giveBack(body.text as string, Boolean(body.anonymous), error);
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
    return (this.wanted.get(id) ?? this.votes.get(id))?.on ?? false;
  }

  unsent(): Unsent[] {
    return this.client.unsent("AskQuestion").map(({ client_id, body }) => ({
      client_id,
      text: body.text as string,
      anonymous: Boolean(body.anonymous),
    }));
  }

  /** Resolves when the question is safe on the device; what the server says comes by `returned` or events. */
  ask(text: string, anonymous: boolean): Promise<void> {
    this.returned = null;
    const { kept, replied } = this.client.keep("AskQuestion", { text, anonymous });
    replied.catch((error: unknown) => this.giveBack(text, anonymous, error));
    return kept;
  }

  /** The form has taken `returned` over. */
  taken(): void {
    this.returned = null;
  }

  async vote(id: string, on: boolean): Promise<void> {
    const counter = Math.max(this.votes.get(id)?.counter ?? 0, this.wanted.get(id)?.counter ?? 0) + 1;
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
      // Another device of this person had counted further: this tap is the newer wish all the same.
      if (newest && now.on !== on && now.counter >= counter) void this.vote(id, on);
    }
    this.tell();
  }

  /** A command whose refusal is told as `trouble`; null then. */
  async act(type: string, body: Record<string, unknown>): Promise<unknown> {
    this.trouble = "";
    try {
      return await this.client.send(type, body, { durable: true });
    } catch (error) {
      this.trouble = words(error);
      this.tell();
      return null;
    }
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

  private giveBack(text: string, anonymous: boolean, error: unknown): void {
    this.returned = { text, anonymous, message: words(error) };
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

function words(error: unknown): string {
  return (error instanceof LiveError && error.message) || t("That did not work. Please try again.");
}

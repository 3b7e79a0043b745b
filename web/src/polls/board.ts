// The polls of one session and this person's acts on them.

import { type LiveClient, LiveError } from "../live/client";
import { t } from "../translation";
import { Ballots } from "./ballot";
import { type PollNews, pollNews } from "./heard";
import type { Answer, FiledPoll, ShownPoll } from "./wire";

/** Where this person's answer is: being sent, kept on the device, counted, given on another device, refused. */
export type Standing = "none" | "sending" | "kept" | "counted" | "elsewhere";

export interface Mine {
  standing: Standing;
  answer: Answer | null;
  /** Why the last answer was not taken. */
  trouble: string;
}

export class PollBoard {
  readonly news: PollNews;
  /** What went wrong with a moderator's last act, in words. */
  trouble = "";
  private readonly ballots: Ballots;
  private readonly troubles: Record<string, string>;

  constructor(readonly client: LiveClient) {
    this.news = pollNews(client);
    this.troubles = this.news.refused;
    this.ballots = new Ballots(client.options.account);
  }

  /** Open ones first, the newest of them on top; then the closed ones, the newest first. */
  shown(): ShownPoll[] {
    return [...this.news.shown.values()].sort(
      (one, other) =>
        Number(other.open ?? false) - Number(one.open ?? false) ||
        (other.opened_at ?? "").localeCompare(one.opened_at ?? ""),
    );
  }

  filed(): FiledPoll[] {
    return [...this.news.filed.values()].sort((one, other) => one.position - other.position);
  }

  mine(poll: ShownPoll): Mine {
    const trouble = this.troubles[poll.id] ?? "";
    const unsent = this.client
      .unsent("AnswerPoll")
      .filter(({ body }) => body.poll === poll.id)
      .at(-1)?.body as (Answer & { counter: number }) | undefined;
    if (unsent) {
      const standing = this.client.state === "online" ? "sending" : "kept";
      return { standing, answer: given(unsent), trouble };
    }
    const own = this.news.own[poll.id];
    if (!own) return { standing: "none", answer: null, trouble };
    if (own.answer) return { standing: "counted", answer: own.answer, trouble };
    const answer = this.ballots.read(poll.id)?.answer ?? null;
    return { standing: answer ? "counted" : "elsewhere", answer, trouble };
  }

  /** Kept on the device first, then sent until the server has acknowledged it. */
  async answer(poll: ShownPoll, answer: Answer): Promise<void> {
    delete this.troubles[poll.id];
    const body: Record<string, unknown> = { poll: poll.id, ...answer };
    if (poll.anonymous) {
      const { secret, counter } = this.ballots.write(poll.id, answer);
      Object.assign(body, { ballot: secret, counter });
    } else {
      const known = this.client
        .unsent("AnswerPoll")
        .filter((unsent) => unsent.body.poll === poll.id)
        .map((unsent) => unsent.body.counter as number);
      body.counter = Math.max(this.news.own[poll.id]?.counter ?? 0, ...known) + 1;
    }
    try {
      const sent = this.client.send("AnswerPoll", body, { durable: true });
      this.news.tell();
      const own = (await sent) as { counter: number; answer: Answer };
      this.news.keep(poll.id, poll.anonymous ? {} : own);
    } catch (error) {
      this.troubles[poll.id] = words(error);
    }
    this.news.tell();
  }

  /** Of the quizzes whose right answer is known: how many this person answered, and how many rightly. */
  score(): { answered: number; right: number } {
    let answered = 0;
    let right = 0;
    for (const poll of this.news.shown.values()) {
      const choice = poll.right && this.mine(poll).answer?.choices?.[0];
      if (!poll.right || !choice) continue;
      answered += 1;
      right += Number(poll.right.includes(choice));
    }
    return { answered, right };
  }

  /** A moderator's command; its reply, or null when it was refused (`trouble` says why). */
  async act(type: string, body: Record<string, unknown>): Promise<unknown> {
    this.trouble = "";
    try {
      return await this.client.send(type, body, { durable: type !== "ListAnswers" });
    } catch (error) {
      this.trouble = words(error);
      return null;
    } finally {
      this.news.tell();
    }
  }
}

function given({ choices, value, text }: Answer): Answer {
  return choices ? { choices } : value ? { value } : { text: text ?? "" };
}

function words(error: unknown): string {
  return (error instanceof LiveError && error.message) || t("That did not work. Please try again.");
}

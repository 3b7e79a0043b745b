// What this page has heard of polls: all that the tab shows, and enough for the badge before it is opened.

import type { LiveClient } from "../live/client";
import { Cell } from "../stage/cell";
import type { FiledPoll, Own, ShownPoll, Tally } from "./wire";

type Listening = Pick<LiveClient, "on" | "onSnapshot" | "onRefused" | "options">;

export class PollNews {
  readonly shown = new Map<string, ShownPoll>();
  readonly filed = new Map<string, FiledPoll>();
  own: Record<string, Own> = {};
  /** Answers from before a reload that the server would not take, and why. */
  readonly refused: Record<string, string> = {};
  loaded = false;
  moderates = false;
  /** Counts up with whatever is heard. */
  readonly changed = new Cell(0);

  /** `onOpened`: a poll was opened just now that this person has not answered. */
  constructor(live: Listening, onOpened: () => void = () => {}) {
    const { shown, filed } = this;
    const on = (type: string, hear: (message: never) => void) =>
      live.on(type, (message) => {
        hear(message as never);
        this.tell();
      });
    live.onSnapshot("polls", (part) => {
      const told = part as { shown?: ShownPoll[]; filed?: FiledPoll[] };
      fill(shown, told.shown);
      fill(filed, told.filed);
      this.moderates = Boolean(told.filed);
      this.loaded = true;
      this.tell();
    });
    live.onSnapshot("poll_answers", (part) => {
      this.own = part as Record<string, Own>;
      this.tell();
    });
    on("PollShown", ({ poll }: { poll: ShownPoll }) => {
      const fresh = poll.open && !shown.get(poll.id)?.open && !this.own[poll.id];
      shown.set(poll.id, poll);
      if (fresh) onOpened();
    });
    on("PollGone", ({ poll }: { poll: string }) => shown.delete(poll));
    on("PollFiled", ({ poll }: { poll: FiledPoll }) => filed.set(poll.id, poll));
    on("PollRemoved", ({ poll }: { poll: string }) => filed.delete(poll));
    on("PollsMoved", ({ order }: { order: string[] }) =>
      order.forEach((id, place) => void merge(filed, id, { position: place + 1 })),
    );
    on("PollsCounted", ({ polls }: { polls: Record<string, { answered: number; tally?: Tally }> }) => {
      for (const id in polls) merge(shown, id, polls[id] ?? {});
    });
    on("PollsTallied", ({ polls }: { polls: Record<string, Tally> }) => {
      for (const id in polls)
        merge(filed, id, { answered: polls[id]?.answered ?? 0, tally: polls[id] ?? {} });
    });
    on("AnswerKept", ({ session, poll, own }: { session: string; poll: string; own: Own }) => {
      if (session === live.options.session) this.keep(poll, own);
    });
    live.onRefused((type, body, error) => {
      if (type === "AnswerPoll") this.refused[body.poll as string] = error.message;
      this.tell();
    });
  }

  /** How an answer stands now, as the server has it; an older word of it changes nothing. */
  keep(poll: string, own: Own): void {
    if ((own.counter ?? 0) < (this.own[poll]?.counter ?? 0)) return;
    this.own = { ...this.own, [poll]: own };
    this.tell();
  }

  /** Open polls that this person has not answered. */
  waiting(): number {
    return [...this.shown.values()].filter(({ id, open }) => open && !this.own[id]).length;
  }

  tell(): void {
    this.changed.change((count) => count + 1);
  }
}

function fill<T extends { id: string }>(map: Map<string, T>, list: T[] = []): void {
  map.clear();
  for (const each of list) map.set(each.id, each);
}

function merge<T>(map: Map<string, T>, id: string, more: Partial<T>): void {
  const known = map.get(id);
  if (known) map.set(id, { ...known, ...more });
}

const heard = new WeakMap<Listening, PollNews>();

/** The one `PollNews` of a channel. */
export function pollNews(live: Listening, onOpened?: () => void): PollNews {
  const news = heard.get(live) ?? new PollNews(live, onOpened);
  heard.set(live, news);
  return news;
}

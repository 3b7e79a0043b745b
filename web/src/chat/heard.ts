// What this page has heard of the chat before it is opened: how many messages are new, its rules, announcements.
// In the first bundle, so it is small: messages themselves are asked for when the tab is opened.

import type { LiveClient } from "../live/client";
import { Cell } from "../stage/cell";
import { store, stored } from "../stage/stored";
import type { Announcement, ChatRules, View } from "./state";

interface Part {
  rules: ChatRules;
  said: number;
  announcements: Announcement[];
}

export class ChatNews {
  readonly part = new Cell<Part | null>(null);
  readonly unread = new Cell(0);
  /** While its messages are on the screen nothing is unread. */
  private looking = false;
  private readonly key: string;

  constructor(live: LiveClient) {
    const { account, session } = live.options;
    this.key = `majlis-chat ${account} ${session}`;
    live.onSnapshot("chat", (part) => this.part.set(part as Part));
    live.on("ChatRulesChanged", (rules) => this.change({ rules: rules as unknown as ChatRules }));
    live.on("AnnouncementMade", ({ announcement }) =>
      this.change({ announcements: [announcement as Announcement, ...this.announcements] }),
    );
    live.on("AnnouncementWithdrawn", ({ announcement }) =>
      this.change({ announcements: this.announcements.filter(({ id }) => id !== announcement) }),
    );
    for (const type of ["ChatShown", "ChatFiled", "ChatNoted"]) {
      live.on(type, ({ message }) => {
        const { version, person } = message as View;
        if (!version && person !== account) this.change({ said: (this.part.value?.said ?? 0) + 1 });
      });
    }
    this.part.watch(() => this.count());
    // Refused after a reload: what was typed goes back to where it is written.
    live.onRefused((type, { text }) => {
      if (type === "SendChat" || type === "EditChat") store(`${this.key} draft`, text as string);
    });
  }

  look(looking: boolean): void {
    this.looking = looking;
    this.count();
  }

  private get announcements(): Announcement[] {
    return this.part.value?.announcements ?? [];
  }

  private change(news: Partial<Part>): void {
    this.part.change((part) => part && { ...part, ...news });
  }

  private count(): void {
    const said = this.part.value?.said ?? 0;
    // Who comes for the first time has missed nothing.
    const seen = this.looking ? null : stored(this.key);
    if (seen === null && this.part.value) store(this.key, String(said));
    this.unread.set(seen === null ? 0 : Math.max(0, said - Number(seen)));
  }
}

const heard = new WeakMap<LiveClient, ChatNews>();

/** The one `ChatNews` of a channel. */
export function chatNews(live: LiveClient): ChatNews {
  const news = heard.get(live) ?? new ChatNews(live);
  heard.set(live, news);
  return news;
}

// The chat of one session as this page knows it: what the server told, what was asked for, what is on its way.

import { type LiveClient, LiveError } from "../live/client";
import { t } from "../translation";
import {
  type Audience,
  DESK,
  inOrder,
  type Known,
  type Named,
  nothingKnown,
  OWN,
  type Rank,
  ROOM,
  type View,
  withErased,
  withGone,
  withPage,
  withView,
} from "./state";

interface Page {
  messages: View[];
  quoted?: View[];
  more?: boolean;
  blocked?: string[];
}

/** What is about to be sent. */
export interface Draft {
  text: string;
  to: Audience;
  person?: string;
  reply?: string;
  mentions: string[];
}

export interface Unsent {
  client_id: string;
  text: string;
}

export class ChatBoard {
  known: Known = nothingKnown;
  /** Messages of earlier pages that others quote. */
  private quoted: Known = nothingKnown;
  blocked: readonly string[] = [];
  loaded = false;
  more = false;
  /** What went wrong with the last act, in words. */
  trouble = "";
  /** A text the server would not take: it goes back to where it was written. */
  returned: { text: string; message: string } | null = null;
  private readonly watchers = new Set<() => void>();
  private readonly stops: (() => void)[];
  private readonly asked = new Set<string>();
  /** What was heard since a page was asked for that is to replace everything. */
  private since: Known | null = null;

  constructor(
    readonly client: LiveClient,
    event: string,
    private readonly moderates: () => boolean,
  ) {
    const { session } = client.options;
    this.stops = [
      client.on("ChatShown", ({ message }) => this.hear(message as View, ROOM)),
      client.on("ChatFiled", ({ message }) => this.hear(message as View, DESK)),
      client.on("ChatNoted", (noted) => {
        if (noted.event === event && (noted.session === null || noted.session === session))
          this.hear(noted.message as View, OWN);
      }),
      client.on("ChatGone", ({ message, version }) =>
        this.know((known) => withGone(known, message as string, version as number)),
      ),
      client.on("ChatErased", (erased) => {
        if (erased.event === event) this.know((known) => withErased(known, erased.before as string));
      }),
      client.on("PeopleBlocked", ({ people }) => {
        this.blocked = people as string[];
        this.tell();
      }),
      client.onEntered((whole) => {
        if (whole || !this.loaded) void this.load();
      }),
      client.onChange(() => this.tell()),
    ];
    void this.load();
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.watchers.clear();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  messages(): View[] {
    return inOrder(this.known);
  }

  /** The message that is quoted; undefined while it is not known, null when it cannot be read any more. */
  quote(id: string): View | null | undefined {
    const found = (this.known.get(id) ?? this.quoted.get(id))?.view;
    if (found || this.asked.has(id)) return found ?? null;
    this.asked.add(id);
    void this.ask({ messages: [id] }).then((page) => page && this.remember(page.messages));
    return undefined;
  }

  /** Everybody who has written something here. */
  people(): Named[] {
    const found = new Map<string, string>();
    for (const { person, name } of this.messages()) if (person && name) found.set(person, name);
    return [...found].map(([person, name]) => ({ person, name }));
  }

  /** What is on this device and not acknowledged; what was heard in the meantime is not shown twice. */
  unsent(): Unsent[] {
    const { account } = this.client.options;
    const last = this.messages().slice(-30);
    const heard = new Set(last.filter(({ person }) => person === account).map(({ text }) => text));
    return this.client
      .unsent("SendChat")
      .map(({ client_id, body }) => ({ client_id, text: body.text as string }))
      .filter(({ text }) => !heard.has(text));
  }

  /** Resolves when it is safe on the device. */
  send({ text, to, person, reply, mentions }: Draft): Promise<void> {
    const body: Record<string, unknown> = { text };
    if (to !== "room") body.to = to;
    if (person) body.person = person;
    if (reply) body.reply = reply;
    if (mentions.length > 0) body.mentions = mentions;
    return this.keep("SendChat", body, text);
  }

  edit(message: string, text: string, mentions: string[]): Promise<void> {
    return this.keep("EditChat", { message, text, mentions }, text);
  }

  /** The text is where it is written again. */
  taken(): void {
    this.returned = null;
  }

  async older(): Promise<void> {
    const before = this.messages()[0]?.id;
    const page = before && (await this.ask({ before }));
    if (!page) return;
    this.more = page.more ?? false;
    this.remember(page.quoted);
    this.know((known) => withPage(known, page.messages, this.rank));
  }

  /** A command whose refusal is told as `trouble`. */
  async act(type: string, body: Record<string, unknown>): Promise<void> {
    this.trouble = "";
    try {
      await this.client.send(type, body, { durable: true });
    } catch (error) {
      this.trouble = words(error);
      this.tell();
    }
  }

  /** The newest page replaces all that was known; what is heard while it is on its way is laid over it. */
  private async load(): Promise<void> {
    this.since = nothingKnown;
    const page = await this.ask({});
    if (!page) return; // entering again asks again
    const fresh = withPage(nothingKnown, page.messages, this.rank);
    this.known = [...this.since.values()].reduce((all, { view, rank }) => withView(all, view, rank), fresh);
    this.since = null;
    this.remember(page.quoted);
    this.more = page.more ?? false;
    this.blocked = page.blocked ?? [];
    this.loaded = true;
    this.tell();
  }

  private readonly rank = (view: View): Rank => (this.moderates() && view.to !== "direct" ? DESK : OWN);

  private hear(view: View, rank: Rank): void {
    this.know((known) => withView(known, view, rank));
  }

  private remember(views: View[] = []): void {
    this.quoted = withPage(this.quoted, views, this.rank);
    this.tell();
  }

  private async ask(body: Record<string, unknown>): Promise<Page | null> {
    try {
      return (await this.client.send("ListChat", body)) as Page;
    } catch (error) {
      if (!(error instanceof LiveError && error.code === "live.offline")) this.trouble = words(error);
      this.tell();
      return null;
    }
  }

  private keep(type: string, body: Record<string, unknown>, text: string): Promise<void> {
    this.returned = null;
    this.trouble = "";
    const { kept, replied } = this.client.keep(type, body);
    replied.catch((error: unknown) => {
      this.returned = { text, message: words(error) };
      this.tell();
    });
    return kept;
  }

  private know(change: (known: Known) => Known): void {
    this.known = change(this.known);
    if (this.since) this.since = change(this.since);
    this.tell();
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
  }
}

function words(error: unknown): string {
  return (error instanceof LiveError && error.message) || t("That did not work. Please try again.");
}

// The channel of a page outside the room: what is told is fetched now and then, what is done goes by HTTPS, kept on
// the device until the server has acknowledged it.

import type { LiveState, Message } from "../live/client";
import { LiveError } from "../live/messages";
import { Outbox } from "../live/outbox";
import { Sender } from "../live/sender";
import type { Channel } from "./channel";
import { Draft } from "./draft";

const REFRESH_MS = 60_000;
const AGAIN_MS = 4_000;

interface Options {
  session: string;
  account: string;
  formToken: string;
  /** Where the snapshot is. */
  address: string;
}

export class AwayChannel implements Channel {
  state: LiveState = "connecting";
  private readonly sender: Sender;
  private readonly unsentMark: Draft;
  private readonly parts = new Map<string, (part: unknown) => void>();
  private readonly watchers = new Set<() => void>();
  private refreshing: Promise<void> | null = null;

  constructor(readonly options: Options) {
    this.unsentMark = new Draft(`majlis-unsent ${options.session}`);
    this.sender = new Sender(new Outbox(options.account, options.session), options, () => this.changed());
    addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.now();
    });
    setInterval(() => {
      if (!document.hidden) void this.refresh();
    }, REFRESH_MS);
    // HTTPS has no connection that tells when it is back.
    setInterval(() => {
      if (this.sender.waiting > 0) void this.flush();
    }, AGAIN_MS);
  }

  /** Asks for the questions now, and sends what waits. */
  now(): void {
    void this.refresh();
    void this.flush();
  }

  keep(type: string, body: Record<string, unknown>): { kept: Promise<void>; replied: Promise<unknown> } {
    const { kept, replied } = this.sender.keep(type, body);
    const known = replied.then(async (reply) => {
      await this.refresh();
      return reply;
    });
    return { kept, replied: known };
  }

  send(type: string, body: Record<string, unknown> = {}, { durable = false } = {}): Promise<unknown> {
    if (durable) return this.keep(type, body).replied;
    return Promise.reject(new LiveError({ code: "live.offline", message: "" }));
  }

  unsent(type: string): { client_id: string; body: Record<string, unknown> }[] {
    return this.sender.unsent(type);
  }

  onRefused(handler: (type: string, body: Record<string, unknown>, error: LiveError) => void): void {
    this.sender.onRefused = handler;
  }

  onSnapshot(part: string, handler: (part: unknown) => void): () => void {
    this.parts.set(part, handler);
    return () => this.parts.delete(part);
  }

  /** Nothing is told one by one here. */
  on(_type: string, _handler: (message: Message) => void): () => void {
    return () => undefined;
  }

  onChange(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private flush(): Promise<void> {
    return this.sender.flush();
  }

  /** One at a time; a second wish waits for the first and asks again, because it may want to see more. */
  private async refresh(): Promise<void> {
    await this.refreshing;
    this.refreshing ??= this.fetched().finally(() => {
      this.refreshing = null;
    });
    await this.refreshing;
  }

  private async fetched(): Promise<void> {
    try {
      const answer = await fetch(this.options.address, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = (await answer.json()) as Record<string, unknown>;
      this.state = "online";
      for (const [part, value] of Object.entries(told)) this.parts.get(part)?.(value);
    } catch {
      this.state = "offline";
    }
    this.changed();
  }

  private changed(): void {
    this.unsentMark.write(this.sender?.waiting ? "yes" : "");
    for (const watcher of this.watchers) watcher();
  }
}

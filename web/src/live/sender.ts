// Sending commands: durable ones in order, one at a time, again until they are acknowledged.

import type { Socket } from "socket.io-client";
import { LiveError, type Reply } from "./messages";
import type { Kept, Outbox } from "./outbox";
import { keyOf, type Place, placeOf } from "./place";
import { post } from "./post";
import { uuid7 } from "./uuid7";

const ACKNOWLEDGED_WITHIN = 15_000;

interface Waiting {
  resolve: (reply: unknown) => void;
  reject: (error: LiveError) => void;
}

export class Sender {
  onRefused: (type: string, body: Record<string, unknown>, error: LiveError) => void = () => {};
  private readonly awaited = new Map<string, Waiting>();
  private readonly loaded: Promise<unknown>;
  private socket: Socket | null = null;
  private flushing = false;
  private asked = false;
  private tries = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly options: Place & { account: string; formToken: string },
    private readonly changed: () => void,
  ) {
    this.loaded = outbox.load().then(changed);
  }

  get waiting(): number {
    return this.outbox.size;
  }

  unsent(type: string): Kept[] {
    return this.outbox.all().filter((kept) => kept.type === type);
  }

  attach(socket: Socket): void {
    this.socket = socket;
    this.tries = 0;
    void this.flush();
  }

  detach(): void {
    this.socket = null;
  }

  keep(type: string, body: Record<string, unknown>): { kept: Promise<void>; replied: Promise<unknown> } {
    const { account } = this.options;
    const command: Kept = { client_id: uuid7(), account, session: keyOf(this.options), type, body };
    const replied = new Promise((resolve, reject) =>
      this.awaited.set(command.client_id, { resolve, reject }),
    );
    const kept = this.outbox.add(command);
    this.changed();
    // On the device before on the wire: what the server may have heard is never forgotten here.
    void kept.then(() => this.flush());
    return { kept, replied };
  }

  async once(type: string, body: Record<string, unknown>): Promise<unknown> {
    const reply = await this.bySocket({ client_id: uuid7(), type, ...body });
    if (!reply) throw new LiveError({ code: "live.offline", message: "" });
    if (reply.error) throw new LiveError(reply.error);
    return reply.reply;
  }

  /** Send what waits, oldest first: over the socket, or by HTTPS while there is none. */
  async flush(): Promise<void> {
    if (this.flushing) {
      this.asked = true;
      return;
    }
    this.flushing = true;
    await this.loaded;
    let done = true;
    for (let kept = this.outbox.all()[0]; done && kept; kept = this.outbox.all()[0]) {
      this.asked = false;
      done = await this.deliver(kept);
      this.changed();
    }
    this.flushing = false;
    // A socket that opened while an attempt by HTTPS was failing has asked in vain.
    if (this.asked && this.outbox.size > 0) void this.flush();
  }

  /** True when the command is done with, one way or the other. */
  private async deliver(kept: Kept): Promise<boolean> {
    const message = { client_id: kept.client_id, type: kept.type, ...kept.body };
    const reply = this.socket ? await this.bySocket(message) : await this.byPost(message);
    // Not in the room: entering again comes first and flushes again.
    if (!reply || reply.error?.code === "live.not-entered") {
      if (this.socket) this.later();
      return false;
    }
    if (reply.error?.retry_after !== undefined) {
      this.later(reply.error.retry_after * 1000);
      return false;
    }
    await this.outbox.remove(kept.client_id);
    this.tries = 0;
    this.settle(kept, reply);
    return true;
  }

  private settle(kept: Kept, reply: Reply): void {
    const awaited = this.awaited.get(kept.client_id);
    this.awaited.delete(kept.client_id);
    if (!reply.error) {
      awaited?.resolve(reply.reply);
    } else if (awaited) {
      awaited.reject(new LiveError(reply.error));
    } else {
      this.onRefused(kept.type, kept.body, new LiveError(reply.error));
    }
  }

  private later(least = 0): void {
    const wait = Math.max(least, Math.min(10_000, 500 * 2 ** this.tries++)) * (0.5 + Math.random());
    setTimeout(() => {
      if (this.socket) void this.flush();
    }, wait);
  }

  private async bySocket(message: object): Promise<Reply | null> {
    try {
      return (await this.socket?.timeout(ACKNOWLEDGED_WITHIN).emitWithAck("command", message)) ?? null;
    } catch {
      return null;
    }
  }

  private byPost(message: object): Promise<Reply | null | undefined> {
    const path = `/live/command?room=${encodeURIComponent(keyOf(this.options))}`;
    return post(path, this.options.formToken, { ...placeOf(this.options), ...message });
  }
}

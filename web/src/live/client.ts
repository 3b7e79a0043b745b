// The live channel of one place: what the server tells, in order and without a gap; what the person
// does, kept until it is acknowledged. The contract is docs/live-protocol.md.

import type { Socket } from "socket.io-client";
import { Connector, type Spoken } from "./connector";
import { Follower, type LogEvent } from "./follower";
import type { LiveError, Refusal, Reply } from "./messages";
import { Outbox } from "./outbox";
import { keyOf, type Place, placeOf } from "./place";
import { Sender } from "./sender";

export { LiveError } from "./messages";
export type { Place } from "./place";
export type LiveState = "connecting" | "online" | "offline";
export type Message = { type: string; [field: string]: unknown };
export interface Me {
  id: string;
  name: string;
  connection: string;
  roles: string[];
}

interface Entered {
  me: Me;
  heads: Record<string, number>;
  snapshot: Record<string, unknown>;
  events: LogEvent[] | null;
  error?: Refusal;
}

/** `{ session: code }` for a live room, `{ event: slug }` for what concerns the whole event. */
export type LiveOptions = Place & {
  /** The public id of the signed-in account; what is not sent yet is kept under it. */
  account: string;
  formToken: string;
  onState?: (state: LiveState, waiting: number) => void;
  /** The server answers again after an outage; the channel itself takes some round trips more. */
  onReached?: () => void;
  /** The server ended it for good: signed out, removed, not allowed. `enter()` tries again. */
  onClosed?: (closed: Refusal) => void;
};

export class LiveClient {
  state: LiveState = "offline";
  me: Me | null = null;
  private readonly followers = new Map<string, Follower>();
  private readonly handlers = new Map<string, Set<(message: Message) => void>>();
  private readonly parts = new Map<string, Set<(part: unknown) => void>>();
  private readonly entered = new Set<(whole: boolean) => void>();
  private readonly watchers = new Set<() => void>();
  private readonly catching = new Set<string>();
  private readonly missed = new Set<string>();
  private socket: Socket | null = null;
  private readonly connector: Connector;
  private readonly sender: Sender;

  constructor(readonly options: LiveOptions) {
    const outbox = new Outbox(options.account, keyOf(options));
    this.sender = new Sender(outbox, options, () => this.report());
    this.connector = new Connector(options.formToken, keyOf(options), {
      connecting: () => this.become("connecting"),
      reached: () => options.onReached?.(),
      connected: (socket) => this.greet(socket),
      lost: (blocked) => {
        this.become("offline");
        // The server is there but no socket can be opened (a proxy, a captive network): plain HTTPS.
        if (blocked) void this.sender.flush();
      },
      refused: (closed) => this.end(closed),
    });
  }

  /** Actions that the server has not acknowledged. */
  get waiting(): number {
    return this.sender.waiting;
  }

  /** What the channel has carried since the page was opened. */
  get traffic(): { heard: Spoken; said: Spoken } {
    const { heard, said } = this.connector;
    return { heard, said };
  }

  /** The network is another, or the device has slept: the present socket is not trusted. */
  reconnect(): void {
    this.connector.now();
  }

  /** Connect and go into the room; from then on the connection is kept until `leave`. */
  enter(): void {
    this.connector.start();
  }

  leave(): void {
    this.sender.detach();
    this.connector.stop();
    this.become("offline");
  }

  /**
   * Send a command. `durable`: kept on the device and re-sent until acknowledged, over reloads too;
   * otherwise it is refused with `live.offline` when there is no connection.
   * Rejects with `LiveError` when the server refuses.
   */
  send(type: string, body: Record<string, unknown> = {}, { durable = false } = {}): Promise<unknown> {
    return durable ? this.keep(type, body).replied : this.sender.once(type, body);
  }

  /** A durable command; `kept` resolves when it is on the device, `replied` as for `send`. */
  keep(type: string, body: Record<string, unknown>): { kept: Promise<void>; replied: Promise<unknown> } {
    return this.sender.keep(type, body);
  }

  /** Commands of one type that wait to be sent, oldest first. */
  unsent(type: string): { client_id: string; body: Record<string, unknown> }[] {
    return this.sender.unsent(type);
  }

  /** Durable commands the server refused that nobody awaits (they are from before a reload). */
  onRefused(handler: (type: string, body: Record<string, unknown>, error: LiveError) => void): void {
    const others = this.sender.onRefused;
    this.sender.onRefused = (...refused) => {
      others(...refused);
      handler(...refused);
    };
  }

  /** Call `handler` for every event or ephemeral message of `type`. Returns how to stop. */
  on(type: string, handler: (message: Message) => void): () => void {
    return add(this.handlers, type, handler);
  }

  /** Call `handler` whenever the server sends the part of the snapshot called `part`. */
  onSnapshot(part: string, handler: (part: unknown) => void): () => void {
    // Who comes late missed the part and perhaps events after it: the whole state is asked for again.
    if (this.missed.delete(part) && this.socket?.connected) void this.goIn(this.socket, true);
    return add(this.parts, part, handler);
  }

  /**
   * Call `handler` whenever the place was entered, the first time and after each reconnection. `whole`: not
   * every event since was told one by one; what no snapshot holds has to be asked for again.
   */
  onEntered(handler: (whole: boolean) => void): () => void {
    this.entered.add(handler);
    return () => this.entered.delete(handler);
  }

  /** Call `watcher` whenever `state` or what waits to be sent has changed. */
  onChange(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private greet(socket: Socket): void {
    this.socket = socket;
    socket.on("event", (event: LogEvent) => {
      if (this.follower(event.channel).receive(event)) void this.catchUp(socket, event.channel);
    });
    socket.on("ephemeral", (message: Message) => this.dispatch(message));
    socket.on("resync", () => void this.goIn(socket));
    socket.on("closed", (closed: Refusal) => {
      if (closed.code !== "live.restarting") this.end(closed);
    });
    void this.goIn(socket);
  }

  private async goIn(socket: Socket, fresh = false): Promise<void> {
    const last: Record<string, number> = {};
    for (const [channel, follower] of this.followers) {
      if (!fresh && follower.last !== null) last[channel] = follower.last;
    }
    const reply = await this.ask<Entered>(socket, "enter", { ...placeOf(this.options), last });
    if (!reply || !socket.connected) return;
    if (reply.error) {
      if (reply.error.retry_after === undefined) return this.end(reply.error);
      return this.connector.again();
    }
    this.me = reply.me;
    const whole = reply.events === null;
    for (const channel of this.followers.keys())
      if (!(channel in reply.heads)) this.followers.delete(channel);
    for (const [name, part] of Object.entries(reply.snapshot)) {
      if (!this.parts.get(name)?.size) this.missed.add(name);
      for (const handler of this.parts.get(name) ?? []) safely(() => handler(part));
    }
    for (const event of reply.events ?? []) this.follower(event.channel).receive(event);
    for (const [channel, head] of Object.entries(reply.heads)) {
      const follower = this.follower(channel);
      const gap = whole ? follower.startAt(head) : (follower.last ?? 0) < head;
      if (gap) void this.catchUp(socket, channel);
    }
    this.connector.settled();
    this.become("online");
    // Before the handlers, who may ask at once; what was kept is sent after what they ask.
    this.sender.attach(socket);
    for (const handler of this.entered) safely(() => handler(whole));
  }

  private async catchUp(socket: Socket, channel: string): Promise<void> {
    if (this.catching.has(channel)) return;
    this.catching.add(channel);
    const after = this.follower(channel).last ?? 0;
    const reply = await this.ask<{ events: LogEvent[] | null; error?: Refusal }>(socket, "catch_up", {
      channel,
      after,
    });
    this.catching.delete(channel);
    if (!reply || !socket.connected) return;
    if (!reply.events) return this.goIn(socket, true);
    let gap = false;
    for (const event of reply.events) gap = this.follower(channel).receive(event);
    if (gap) void this.catchUp(socket, channel);
  }

  /** An acknowledged question to the server; null when the connection was given up instead. */
  private async ask<T>(socket: Socket, name: string, body: object): Promise<T | null> {
    try {
      return (await socket.timeout(30_000).emitWithAck(name, body)) as T;
    } catch {
      if (socket.connected) this.connector.again();
      return null;
    }
  }

  private follower(channel: string): Follower {
    let follower = this.followers.get(channel);
    if (!follower) {
      follower = new Follower((event) => this.dispatch(event));
      this.followers.set(channel, follower);
    }
    return follower;
  }

  private dispatch(message: Message): void {
    for (const handler of this.handlers.get(message.type) ?? []) safely(() => handler(message));
  }

  private end(closed: Refusal): void {
    this.leave();
    this.options.onClosed?.(closed);
  }

  private become(state: LiveState): void {
    if (state !== "online") this.sender.detach();
    if (this.state === state) return;
    this.state = state;
    this.report();
  }

  private report(): void {
    this.options.onState?.(this.state, this.waiting);
    for (const watcher of this.watchers) safely(watcher);
  }
}

function add<H>(table: Map<string, Set<H>>, name: string, handler: H): () => void {
  const set = table.get(name) ?? new Set();
  table.set(name, set.add(handler));
  return () => set.delete(handler);
}

/** One part's fault must not stop the events of the others. */
function safely(work: () => void): void {
  try {
    work();
  } catch (error) {
    reportError(error);
  }
}

export type { Reply };

// One socket at a time, and a new one at once whenever there is reason to think that it would help.

import { io, type Socket } from "socket.io-client";
import type { Refusal } from "./messages";
import { post } from "./post";

/** The server pings every 10 s: this long without a byte means that the line is dead. */
const SILENCE = 15_000;
const LONGEST_PAUSE = 10_000;

interface Listener {
  connecting(): void;
  connected(socket: Socket): void;
  /** `blocked`: the server answers HTTPS, yet the socket did not open twice in a row. */
  lost(blocked: boolean): void;
  /** Not for us: no more attempts. */
  refused(closed: Refusal): void;
}

/** Messages and the bytes in them, as the socket carries them. */
export interface Spoken {
  messages: number;
  bytes: number;
}

const encoder = new TextEncoder();

function count(spoken: Spoken, data: unknown): void {
  spoken.messages += 1;
  spoken.bytes += 1 + (typeof data === "string" ? encoder.encode(data).length : 0);
}

export class Connector {
  /** Since the page was opened, over all sockets. */
  readonly heard: Spoken = { messages: 0, bytes: 0 };
  readonly said: Spoken = { messages: 0, bytes: 0 };
  private socket: Socket | null = null;
  private running = false;
  private attempt = 0;
  private failures = 0;
  private reachable = false;
  private heardAt = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  /** `room` goes along, so that a proxy can lead all of a room's people to one of several processes. */
  constructor(
    private readonly formToken: string,
    private readonly room: string,
    private readonly listener: Listener,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    addEventListener("online", this.now);
    document.addEventListener("visibilitychange", this.seen);
    this.watch = setInterval(this.listen, 1000);
    void this.connect();
  }

  stop(): void {
    this.running = false;
    removeEventListener("online", this.now);
    document.removeEventListener("visibilitychange", this.seen);
    clearInterval(this.watch);
    this.drop();
  }

  /** The room was entered: the next loss starts with a short pause again. */
  settled(): void {
    this.failures = 0;
  }

  /** Give this connection up and make another after a pause. */
  again(): void {
    if (!this.running) return;
    this.drop();
    this.listener.lost(this.reachable && this.failures >= 2);
    const longest = Math.min(LONGEST_PAUSE, 500 * 2 ** this.failures++);
    this.pause = setTimeout(() => void this.connect(), longest * (0.5 + Math.random() / 2));
  }

  /** Give up the present socket and open another at once. */
  readonly now = (): void => {
    if (!this.running) return;
    this.drop();
    void this.connect();
  };

  private readonly seen = (): void => {
    // Background tabs are frozen with their sockets: what was not heard from lately is not trusted.
    if (document.visibilityState === "visible" && !this.isFresh(11_000)) this.now();
  };

  private readonly listen = (): void => {
    if (this.socket && !this.isFresh(SILENCE)) this.again();
  };

  private isFresh(within: number): boolean {
    return this.socket !== null && performance.now() - this.heardAt < within;
  }

  private drop(): void {
    this.attempt++;
    clearTimeout(this.pause);
    const socket = this.socket;
    this.socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
  }

  private async connect(): Promise<void> {
    const attempt = ++this.attempt;
    clearTimeout(this.pause);
    this.listener.connecting();
    const ticket = await this.ticket();
    if (attempt !== this.attempt || !this.running) return;
    this.reachable = ticket !== null;
    if (ticket === null) return this.again();
    if (typeof ticket !== "string") return this.listener.refused(ticket);
    const socket = io({
      path: "/live/socket",
      transports: ["websocket"],
      auth: { ticket },
      query: { room: this.room },
      reconnection: false,
      forceNew: true,
      timeout: 15_000,
    });
    this.socket = socket;
    this.heardAt = performance.now();
    socket.io.on("open", () => {
      socket.io.engine.on("packet", ({ data }) => {
        this.heardAt = performance.now();
        count(this.heard, data);
      });
      socket.io.engine.on("packetCreate", ({ data }) => count(this.said, data));
    });
    socket.on("connect", () => this.listener.connected(socket));
    socket.on("connect_error", () => this.again());
    socket.on("disconnect", () => this.again());
  }

  /** A join ticket; null when there is no connection; a refusal when we may not have one. */
  private async ticket(): Promise<string | Refusal | null> {
    const answer = await post<{ ticket?: string; error?: Refusal }>(
      `/live/ticket?room=${encodeURIComponent(this.room)}`,
      this.formToken,
    );
    return answer?.ticket ?? answer?.error ?? null;
  }
}

// One socket at a time, and a new one at once whenever there is reason to think that it would help.

import { io, type Socket } from "socket.io-client";
import { knock } from "./knocking";
import type { Refusal } from "./messages";
import { post } from "./post";

/** The server pings every 10 s: this long without a byte means that the line is dead. */
const SILENCE = 15_000;
const LONGEST_PAUSE = 10_000;
/** The same while there is nobody to be burdened: the network itself says no. */
const LONGEST_ALONE = 2_000;
/** Milliseconds an answer may take; less where nobody has answered lately, for a knock finds out sooner. */
const ANSWER = 15_000;
const ANSWER_ALONE = 5_000;
/** An answer that takes so long and never comes is silence, and no refusal. */
const AT_ONCE = 1_000;
const PATH = "/live/socket";

/** To join with; null or undefined when there is none to be had now; a refusal when we may not have one. */
type Ticket = string | Refusal | null | undefined;

interface Listener {
  connecting(): void;
  /** Somebody answers again. */
  reached(): void;
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
  /** Nobody answered when last asked. */
  private alone = false;
  private heardAt = 0;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;
  private stopKnocking: (() => void) | undefined;

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

  /** Give this connection up and make another after a pause, or when the silence is over. */
  again(silence = false): void {
    if (!this.running) return;
    this.drop();
    this.listener.lost(this.reachable && this.failures >= 2);
    // Where sockets are not let through, silence is all a knock would hear.
    if (silence && this.heard.messages) {
      this.knock();
      return;
    }
    const longest = Math.min(this.alone ? LONGEST_ALONE : LONGEST_PAUSE, 500 * 2 ** this.failures++);
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
    if (this.socket && !this.isFresh(SILENCE)) this.again(true);
  };

  private isFresh(within: number): boolean {
    return this.socket !== null && performance.now() - this.heardAt < within;
  }

  private drop(): void {
    this.attempt++;
    clearTimeout(this.pause);
    this.stopKnocking?.();
    this.stopKnocking = undefined;
    const socket = this.socket;
    this.socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
  }

  /** `sure`: a socket has just been let through, so the next is opened while the ticket is on its way. */
  private async connect(sure = false): Promise<void> {
    const attempt = ++this.attempt;
    clearTimeout(this.pause);
    this.listener.connecting();
    const asked = performance.now();
    const asking = this.ticket();
    if (sure) this.open(asking);
    const ticket = await asking;
    if (attempt !== this.attempt || !this.running) return;
    this.alone = ticket === undefined;
    this.reachable = Boolean(ticket);
    if (!ticket) return this.again(this.alone && performance.now() - asked > AT_ONCE);
    if (typeof ticket !== "string") return this.listener.refused(ticket);
    if (!sure) this.open(asking);
  }

  private open(asking: Promise<Ticket>): void {
    this.listener.reached();
    const socket = io({
      path: PATH,
      transports: ["websocket"],
      auth: (give) => void asking.then((ticket) => typeof ticket === "string" && give({ ticket })),
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

  /** Until somebody is there to ask for a ticket. */
  private knock(): void {
    this.alone = true;
    this.stopKnocking = knock("/healthz", `${PATH}/?EIO=4&transport=websocket`, (how) => {
      if (how === "refused") return this.again();
      this.alone = false;
      void this.connect(true);
    });
  }

  private async ticket(): Promise<Ticket> {
    const answer = await post<{ ticket?: string; error?: Refusal }>(
      `/live/ticket?room=${encodeURIComponent(this.room)}`,
      this.formToken,
      {},
      this.alone ? ANSWER_ALONE : ANSWER,
    );
    return answer && (answer.ticket ?? answer.error);
  }
}

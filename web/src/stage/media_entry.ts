// When sound and picture begin, and begin anew: after each entry into the room, and when the room's media have moved.

import { LiveError } from "../live/client";
import { Cell } from "./cell";
import type { RoomSession } from "./room_session";
import { me } from "./room_state";

interface Resumed {
  kept: boolean;
  participant: string;
}

const FULL_MS = 20_000;
/** What one handshake costs a worker. */
const HANDSHAKE_MS = 4;

export class MediaEntry {
  /** Why there is no place for another viewer, in the server's words; the questions can be used. */
  readonly full = new Cell("");
  /** What was chosen at the door; done once, when the room has been entered. */
  wantsStage: boolean | null = null;
  private participant = "";

  constructor(private readonly visit: RoomSession) {
    visit.live.onEntered(() => void this.entered());
    visit.live.on("RoomMoved", () => this.moved());
  }

  private async entered(): Promise<void> {
    const { live, media, own } = this.visit;
    const before = this.participant;
    this.participant = live.me?.connection ?? "";
    if (before && media.connected) {
      try {
        const reply = (await live.send("ResumeTab", { participant: before })) as Resumed;
        this.participant = reply.participant;
        if (reply.kept) {
          own.show();
          return media.liveAgain();
        }
      } catch {
        this.participant = before; // the channel dropped again; the next entry tries anew
        return;
      }
    }
    await this.connect();
  }

  /** The room's media begin anew elsewhere. Who is heard goes first, listeners as the worker can take them. */
  private moved(): void {
    const spread = Math.min(1_000, this.visit.room.value.here * HANDSHAKE_MS);
    this.connectIn(this.visit.media.sending ? 0 : Math.random() * spread);
  }

  private connectIn(wait: number, still = () => true): void {
    setTimeout(() => {
      if (still() && !this.visit.ending.value) void this.connect();
    }, wait);
  }

  private async connect(): Promise<void> {
    const { visit } = this;
    let watched = false;
    try {
      const watching = visit.media.connect().then(() => {
        watched = true;
        this.full.set("");
      });
      const there = me(visit.room.value).state === "on-stage";
      // Who was on stage all along is waited for: neither connection waits for the other, or fails with it.
      const sending = there && this.wantsStage === null && visit.own.sendOpen().catch(visit.failed);
      await Promise.all([watching, sending]);
      const wants = this.wantsStage;
      this.wantsStage = null;
      if (wants === true) await visit.takeFloor();
      else if (there && wants === false) await visit.leaveFloor();
    } catch (error) {
      if (!watched && error instanceof LiveError && error.code === "stage.full")
        this.waitForPlace(error.message);
      else visit.explain(error);
    }
  }

  /** Everything but sound and picture works meanwhile. */
  private waitForPlace(why: string): void {
    this.full.set(why);
    this.connectIn(FULL_MS, () => this.full.value !== "");
  }
}

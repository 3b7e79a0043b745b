// A tab that shows a session's room without being in it with sound or picture: the projector's and the speaker's.

import { LiveClient, type LiveState } from "../live/client";
import { type BellState, followBell } from "../notices/bell_state";
import { type PollNews, pollNews } from "../polls/heard";
import { QuestionBoard } from "../questions/board";
import { Cell } from "../stage/cell";

/** The JSON the page carries: conference/stage/view_pages.py. */
export interface HallPage {
  session: string;
  account: string;
  /** The address of the event, without a slash at its end. */
  event: string;
  title: string;
  /** BCP 47 tag of the title, and its direction. */
  title_language: string;
  title_direction: "rtl" | "ltr";
  starts_at: string;
  ends_at: string;
  /** Where people go to ask, without its scheme. */
  ask_address: string;
  /** The same with its scheme as a QR code: conference/stage/address_code.py. */
  ask_code: { size: number; path: string };
  form_token: string;
  /** The server's clock when it made the page. */
  now: string;
}

interface Times {
  starts_at?: string;
  ends_at?: string;
}

export class HallTab {
  readonly live: LiveClient;
  readonly board: QuestionBoard;
  readonly polls: PollNews;
  readonly bell: Cell<BellState>;
  /** Whether there has been no connection for a while: coming in takes its time on a slow link. */
  readonly cutOff = new Cell(false);
  /** When the session ends, in ms; it moves when the hall runs late. */
  readonly endsAt: Cell<number>;
  readonly startsAt: Cell<number>;
  /** Why the room cannot be shown, in words; it is tried again now and then. */
  readonly refused = new Cell("");
  private static readonly againMs = 20_000;
  private static readonly patienceMs = 8_000;
  private waits: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly page: HallPage) {
    this.endsAt = new Cell(Date.parse(page.ends_at));
    this.startsAt = new Cell(Date.parse(page.starts_at));
    this.live = new LiveClient({
      session: page.session,
      account: page.account,
      formToken: page.form_token,
      onState: (state) => this.becomes(state),
      onClosed: ({ message }) => {
        this.refused.set(message);
        // The doors may open later, and nobody stands beside a projector to load the page again.
        setTimeout(() => this.live.enter(), HallTab.againMs);
      },
    });
    this.live.onEntered(() => this.refused.set(""));
    this.live.onSnapshot("stage", (part) => this.moves(part as Times));
    this.live.on("TimesChanged", (event) => this.moves(event as Times));
    this.board = new QuestionBoard(this.live);
    this.polls = pollNews(this.live);
    this.bell = followBell(this.live);
  }

  private becomes(state: LiveState): void {
    if (state === "online") {
      clearTimeout(this.waits);
      this.waits = undefined;
      this.cutOff.set(false);
    } else {
      this.waits ??= setTimeout(() => this.cutOff.set(true), HallTab.patienceMs);
    }
  }

  private moves({ starts_at, ends_at }: Times): void {
    if (starts_at) this.startsAt.set(Date.parse(starts_at));
    if (ends_at) this.endsAt.set(Date.parse(ends_at));
  }
}

// How this tab is connected, and how that is told to the person.

import { extras } from "../later/fetched";
import type { LiveState } from "../live/client";
import type { MediaState, Quality } from "../media";
import { Cell } from "./cell";
import { type LinkWords, linkWords, type Reason, type Rung } from "./link_words";
import type { RoomSession } from "./room_session";
import { Weakness } from "./weakness";

export interface LinkState {
  readonly live: LiveState;
  readonly waiting: number;
  readonly media: MediaState;
  readonly quality: Quality | null;
  readonly weak: boolean;
  /** What the server sends this tab, and why. */
  readonly rung: Rung;
  readonly reason: Reason;
  /** Why one is not heard although the connection stands. */
  readonly unheard: LinkWords | null;
}

export class OwnLink extends Cell<LinkState> {
  private readonly weakness = new Weakness();
  /** The words for what is rare. */
  private rare: Awaited<ReturnType<typeof extras>> | null = null;
  private noted = 0;

  constructor(private readonly visit: RoomSession) {
    super({
      live: "connecting",
      waiting: 0,
      media: "connecting",
      quality: null,
      weak: false,
      rung: "full",
      reason: "ok",
      unheard: null,
    });
  }

  learn(news: Partial<LinkState>): void {
    this.change((link) => ({ ...link, ...news }));
  }

  measured(quality: Quality): void {
    this.learn({ quality, weak: this.weakness.judge(quality) });
  }

  gets(rung: Rung, reason: Reason): void {
    this.learn({ rung, reason });
    this.note(reason === "link" && rung !== "full");
  }

  /** What the way up carries is another. */
  async carries(): Promise<void> {
    const weak = this.visit.media.uphill !== "good";
    if (weak) await this.fetchRare();
    this.note(weak);
  }

  /** The connection as it is told to the person. */
  words(link = this.value): LinkWords {
    const { media, data } = this.visit;
    const { uphill } = media;
    const [choice, cap] = [media.choice.value, data.level.value];
    if (choice === "text" || cap === "saving" || cap === "reached") this.fetchRare().catch(() => undefined);
    const limited = this.rare?.limitWords(choice, cap) ?? null;
    const sends = uphill === "good" ? null : (this.rare?.uplinkWords(uphill) ?? null);
    const words = linkWords({ ...link, limited, sends, choice, cap });
    return (words.quality === "good" || words.quality === "weak") && link.unheard ? link.unheard : words;
  }

  private async fetchRare(): Promise<void> {
    if (this.rare) return;
    this.rare = await extras();
    this.learn({});
  }

  /** Says how the connection is now, in the place of what was said of it before. */
  note(weak: boolean): void {
    this.visit.notes.withdraw(this.noted);
    if (weak) this.noted = this.visit.note(this.words().long);
  }
}

// How many notifications of this event are unread, as the server says it.

import type { LiveClient } from "../live/client";
import { Cell } from "../stage/cell";

export interface BellState {
  /** The event's number, as announcements name it: the person's channel is that of all their events. */
  readonly event: number;
  readonly unread: number;
  /** The one that came last while this page was open. */
  readonly newest: string | null;
}

export function followBell(live: LiveClient): Cell<BellState> {
  const bell = new Cell<BellState>({ event: 0, unread: 0, newest: null });
  live.onSnapshot("notifications", (part) => bell.change((known) => ({ ...known, ...(part as BellState) })));
  live.on("NotificationsChanged", (news) => {
    const { event, unread, newest } = news as unknown as BellState;
    bell.change((known) =>
      event === known.event ? { event, unread, newest: newest ?? known.newest } : known,
    );
  });
  return bell;
}

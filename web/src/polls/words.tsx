// The tab's name, with a badge while a poll waits for this person's answer.

import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { useCell } from "../stage/cell";
import type { RoomSession } from "../stage/room_session";
import { n, t } from "../translation";
import { pollNews } from "./heard";

export function PollsWords({ session }: { session: RoomSession }): VNode {
  const news = useMemo(
    () => pollNews(session.live, () => session.note(t("A poll is open. It is in the tab “Polls”."))),
    [session],
  );
  useCell(news.changed);
  const waiting = news.waiting();
  return (
    <>
      {t("Polls")}
      {waiting > 0 && (
        <span class="badge badge-live">
          <span aria-hidden="true">{waiting}</span>
          <span class="visually-hidden">{n("{count} open", "{count} open", waiting)}</span>
        </span>
      )}
    </>
  );
}

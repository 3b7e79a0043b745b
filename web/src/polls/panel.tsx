// The tab of polls: for everybody those that are open or were shown; for those who run the session the whole desk.

import type { VNode } from "preact";
import { useEffect, useMemo, useReducer } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { useCell } from "../stage/cell";
import { n, t } from "../translation";
import { PollBoard } from "./board";
import { PollCard } from "./card";
import { PollDesk } from "./desk";

export function PollsPanel({ session }: { session: { live: LiveClient } }): VNode {
  const board = useMemo(() => new PollBoard(session.live), [session]);
  const [, redraw] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => board.client.onChange(() => redraw(undefined)), [board]);
  useCell(board.news.changed);
  if (!board.news.loaded) return <p class="empty">{t("Loading the polls…")}</p>;
  if (board.news.moderates) return <PollDesk board={board} />;
  const polls = board.shown();
  const { answered, right } = board.score();
  return (
    <div class="polls">
      {polls.length === 0 && (
        <p class="empty">{t("No poll yet. When the moderators open one, it appears here.")}</p>
      )}
      {polls.map((poll) => (
        <PollCard key={poll.id} board={board} poll={poll} />
      ))}
      {answered > 1 && (
        <p class="poll-score">
          {n(
            "{right} of {count} quiz answer was right. Only this device shows it.",
            "{right} of {count} quiz answers were right. Only this device shows it.",
            answered,
            { right },
          )}
        </p>
      )}
    </div>
  );
}

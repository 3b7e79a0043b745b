// One poll as the room has it: what is asked, then the way to answer, the results, or why there are none yet.

import type { VNode } from "preact";
import { n, t } from "../translation";
import { Answering } from "./answering";
import { Results } from "./bars";
import type { PollBoard } from "./board";
import type { ShownPoll } from "./wire";

export function PollCard({ board, poll }: { board: PollBoard; poll: ShownPoll }): VNode {
  const mine = board.mine(poll);
  const answered = poll.answered ?? 0;
  return (
    <article class="poll" aria-labelledby={`poll-${poll.id}`}>
      <p class="poll-line">
        {poll.open ? (
          <span class="badge badge-live">{t("Open")}</span>
        ) : (
          <span class="badge">{t("Closed")}</span>
        )}
        {!poll.tally && answered > 0 && (
          <span>{n("{count} person answered", "{count} people answered", answered)}</span>
        )}
      </p>
      <h2 class="poll-question" id={`poll-${poll.id}`}>
        <bdi>{poll.question}</bdi>
      </h2>
      {poll.open && <Answering board={board} poll={poll} mine={mine} />}
      {poll.right && mine.answer && (
        <p class={poll.right.includes(mine.answer.choices?.[0] ?? "") ? "notice notice-ok" : "notice"}>
          {poll.right.includes(mine.answer.choices?.[0] ?? "")
            ? t("You had it right.")
            : t("Your answer was another one. The right one is marked.")}
        </p>
      )}
      {!poll.open && mine.trouble && (
        <p class="notice notice-warn" role="alert">
          {mine.trouble}
        </p>
      )}
      {poll.tally ? (
        <Results poll={poll} tally={poll.tally} mine={mine.answer} />
      ) : (
        <p class="poll-empty">
          {poll.open ? t("The results are shown later.") : t("The results are not shown.")}
        </p>
      )}
    </article>
  );
}

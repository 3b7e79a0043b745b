// A poll on the wall: the question large, how many have answered, and the results when they are shown. No controls.

import type { VNode } from "preact";
import { n, t } from "../translation";
import { Results } from "./bars";
import type { ShownPoll } from "./wire";

export function ProjectedPoll({ poll }: { poll: ShownPoll }): VNode {
  const answered = poll.answered ?? 0;
  return (
    <section class="poll-projected" aria-labelledby={`projected-${poll.id}`}>
      <p class="poll-projected-line">
        <span>{poll.open ? t("Poll, open now") : t("Poll, closed")}</span>
        {!poll.tally?.answered && (
          <span class="numbers">{n("{count} person answered", "{count} people answered", answered)}</span>
        )}
      </p>
      <h2 class="poll-projected-question" id={`projected-${poll.id}`}>
        <bdi>{poll.question}</bdi>
      </h2>
      {poll.tally?.answered ? <Results poll={poll} tally={poll.tally} /> : <Offered poll={poll} />}
    </section>
  );
}

/** What can be chosen, while people think and the results are hidden. */
function Offered({ poll }: { poll: ShownPoll }): VNode | null {
  if (poll.kind === "text")
    return <p class="poll-projected-hint">{t("Answer in the tab “Polls” of the room.")}</p>;
  if (poll.points) {
    return (
      <p class="poll-projected-hint">
        <span class="numbers">1</span> {poll.low && <bdi>{poll.low}</bdi>} …{" "}
        <span class="numbers">{poll.points}</span> {poll.high && <bdi>{poll.high}</bdi>}
      </p>
    );
  }
  return (
    <ul class="poll-projected-options">
      {(poll.options ?? []).map(({ id, text }) => (
        <li key={id}>
          <bdi>{text}</bdi>
        </li>
      ))}
    </ul>
  );
}

/** When a poll last began to concern the hall: it was opened, or its results were shown. */
export function concernsSince(poll: ShownPoll): string {
  const opened = poll.open ? (poll.opened_at ?? "") : "";
  const shown = poll.tally ? (poll.shown_at ?? "") : "";
  return opened > shown ? opened : shown;
}

/** The poll for the wall: the one that was opened or shown last; null when none is open or shown. */
export function newestShown(polls: Iterable<ShownPoll>): ShownPoll | null {
  let newest: ShownPoll | null = null;
  for (const poll of polls) {
    if (concernsSince(poll) > (newest ? concernsSince(newest) : "")) newest = poll;
  }
  return newest;
}

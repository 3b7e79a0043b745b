// Two sessions change places: the other one is found by its title among those that are scheduled.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import { isCancelled, isScheduled, type Session } from "./draft";
import { matches } from "./folding";
import type { Planner } from "./planner";
import { dayName, isolated, roomName, timesOf, titleOf } from "./said";

const FIRST = 8;

export function SwapForm({ planner, session }: { planner: Planner; session: Session }): VNode {
  const [query, setQuery] = useState("");
  const others = planner.draft
    .all()
    .filter(
      (one) => one.code !== session.code && one.kind === "session" && isScheduled(one) && !isCancelled(one),
    )
    .filter((one) => matches(query, [...Object.values(one.title), one.code]))
    .sort((one, other) => nearness(one, session) - nearness(other, session));
  const swap = (other: Session) =>
    void planner
      .run(
        (edition) => ({
          act: "swap",
          one: session.code,
          one_edition: edition(session.code),
          other: other.code,
          other_edition: edition(other.code),
        }),
        [session.code, other.code],
      )
      .then((done) => {
        if (!done) return;
        const titles = { one: isolated(titleOf(session)), other: isolated(titleOf(other)) };
        planner.say(t("{one} and {other} have changed places.", titles));
      });
  return (
    <div class="plan-form">
      <input
        type="search"
        class="plan-search"
        dir="auto"
        value={query}
        aria-label={t("Search the other session")}
        placeholder={t("Search the other session")}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      <ul class="plan-items">
        {others.slice(0, FIRST).map((other) => (
          <li key={other.code}>
            <button type="button" class="plan-item" onClick={() => swap(other)}>
              <bdi dir="auto" class="plan-item-title">
                {titleOf(other)}
              </bdi>
              <span class="plan-item-facts">
                <span>{dayName(planner.dayOf(other))}</span>
                <bdi dir="ltr">{timesOf(other)}</bdi>
                <bdi>{roomName(planner.rooms, other.room)}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const nearness = (one: Session, session: Session): number =>
  Math.abs((one.start ?? 0) - (session.start ?? 0));

// Choosing another session by its title, the nearest in time first.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../translation";
import type { Session } from "./draft";
import { matches } from "./folding";
import type { Planner } from "./planner";
import { dayName, roomName, timesOf, titleOf } from "./said";

const FIRST = 8;

interface Props {
  planner: Planner;
  /** The session another one is looked for. */
  session: Session;
  isOffered: (other: Session) => boolean;
  onPick: (other: Session) => void;
}

export function SessionPick({ planner, session, isOffered, onPick }: Props): VNode {
  const [query, setQuery] = useState("");
  const others = planner.draft
    .all()
    .filter((one) => one.code !== session.code && isOffered(one))
    .filter((one) => matches(query, [...Object.values(one.title), one.code]))
    .sort((one, other) => nearness(one, session) - nearness(other, session));
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
      {others.length === 0 ? <p class="soft small">{t("Nothing found.")}</p> : null}
      <ul class="plan-items">
        {others.slice(0, FIRST).map((other) => (
          <li key={other.code}>
            <button type="button" class="plan-item" onClick={() => onPick(other)}>
              <bdi dir="auto" class="plan-item-title">
                {titleOf(other)}
              </bdi>
              <span class="plan-item-facts">
                {other.start === null ? (
                  <span>{t("not scheduled")}</span>
                ) : (
                  <>
                    <span>{dayName(planner.dayOf(other))}</span>
                    <bdi dir="ltr">{timesOf(other)}</bdi>
                    <bdi>{roomName(planner.rooms, other.room)}</bdi>
                  </>
                )}
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

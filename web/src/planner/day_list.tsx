// The planner on a phone: one room at a time, as a list by time; a tap opens the session, where it can be moved.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useCell } from "../stage/cell";
import { t } from "../translation";
import { severityWord, speakersOf, trackOf } from "./blocks";
import { isCancelled, type Session } from "./draft";
import type { Planner } from "./planner";
import { bySession, SIGNS } from "./problems";
import { inLanguage, timesOf, titleOf } from "./said";

export function DayList({ planner }: { planner: Planner }): VNode {
  useCell(planner.version);
  const day = useCell(planner.day);
  const { rooms } = useCell(planner.frame);
  const marks = bySession(useCell(planner.clashes.problems));
  const [wanted, setWanted] = useState("");
  const room = rooms.find((one) => one.slug === wanted) ?? rooms[0];
  const sessions = planner
    .sessionsOf(day)
    .filter((session) => session.room === room?.slug || session.room === null)
    .sort((one, other) => (one.start ?? 0) - (other.start ?? 0));
  return (
    <section class="plan-day" aria-labelledby="plan-day-room">
      <div class="field">
        <label for="plan-room-choice" id="plan-day-room">
          {t("Room")}
        </label>
        <select
          id="plan-room-choice"
          value={room?.slug}
          onChange={(event) => setWanted(event.currentTarget.value)}
        >
          {rooms.map((one) => (
            <option key={one.slug} value={one.slug}>
              {inLanguage(one.name)}
            </option>
          ))}
        </select>
      </div>
      {sessions.length === 0 ? <p class="soft">{t("Nothing in this room on this day.")}</p> : null}
      <ol class="plan-items">
        {sessions.map((session) => (
          <li key={session.code}>
            <Entry planner={planner} session={session} mark={marks.get(session.code)?.worst} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface EntryProps {
  planner: Planner;
  session: Session;
  mark: "error" | "warning" | "hint" | undefined;
}

function Entry({ planner, session, mark }: EntryProps): VNode {
  const colour = trackOf(planner.frame.value.tracks, session)?.colour;
  const speakers = speakersOf(session);
  return (
    <button
      type="button"
      class="plan-item plan-entry"
      data-severity={mark}
      data-kind={session.kind}
      data-cancelled={isCancelled(session) ? "yes" : undefined}
      data-waiting={planner.draft.isWaiting(session.code) ? "yes" : undefined}
      ref={(button) => {
        if (colour) button?.style.setProperty("--track", colour);
      }}
      onClick={() => planner.chosen.set(session.code)}
    >
      <span class="plan-item-facts">
        <bdi dir="ltr" class="plan-times">
          {timesOf(session)}
        </bdi>
        {mark ? <span class="plan-mark">{`${SIGNS[mark]} ${severityWord(mark)}`}</span> : null}
        {isCancelled(session) ? <span>{t("cancelled")}</span> : null}
      </span>
      <bdi dir="auto" class="plan-item-title">
        {titleOf(session)}
      </bdi>
      {speakers ? <span class="plan-item-facts">{speakers}</span> : null}
    </button>
  );
}

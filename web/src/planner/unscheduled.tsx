// What has no place yet: searched as people type, dragged or lifted into the grid; what is let go here loses its place.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useCell } from "../stage/cell";
import { t } from "../translation";
import { speakersOf, trackOf } from "./blocks";
import { isCancelled, type Session } from "./draft";
import { matches } from "./folding";
import { lift } from "./keys";
import type { Planner } from "./planner";
import { inLanguage, titleOf } from "./said";

interface Props {
  planner: Planner;
  /** Without a grid there is nothing to drag into: a press opens the session instead of lifting it. */
  draggable: boolean;
}

const FIRST = 200;

export function Unscheduled({ planner, draggable }: Props): VNode {
  useCell(planner.version);
  const held = useCell(planner.held);
  const [query, setQuery] = useState("");
  const all = planner.unscheduled();
  const found = all.filter((session) => matches(query, textsOf(session))).sort(byTitle);
  const over = held?.by === "mouse";
  return (
    <section
      class="plan-list"
      aria-labelledby="plan-unscheduled"
      data-unschedule
      data-over={over ? "yes" : undefined}
    >
      <h2 id="plan-unscheduled">
        {t("Not scheduled")} <span class="plan-count">{all.length}</span>
      </h2>
      <input
        type="search"
        class="plan-search"
        value={query}
        dir="auto"
        placeholder={t("Search by title or name")}
        aria-label={t("Search what is not scheduled")}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {found.length === 0 ? (
        <p class="soft small">{all.length ? t("Nothing found.") : t("Every session has its place.")}</p>
      ) : null}
      <ul class="plan-items">
        {found.slice(0, FIRST).map((session) => (
          <Item key={session.code} session={session} planner={planner} draggable={draggable} />
        ))}
      </ul>
      {over ? <p class="plan-drop">{t("Let go here to take it off the schedule.")}</p> : null}
    </section>
  );
}

function Item({ session, planner, draggable }: { session: Session } & Props): VNode {
  const { tracks } = planner.frame.value;
  const colour = trackOf(tracks, session)?.colour;
  const chosen = useCell(planner.chosen) === session.code;
  const speakers = speakersOf(session);
  return (
    <li>
      <button
        type="button"
        class="plan-item"
        data-chosen={chosen ? "yes" : undefined}
        data-item={session.code}
        draggable={draggable}
        ref={(button) => {
          if (colour) button?.style.setProperty("--track", colour);
        }}
        aria-describedby={draggable ? "plan-list-keys" : undefined}
        onClick={(event) => {
          // A press of Enter lifts it; a click, which comes with a place, opens it.
          if (draggable && event.detail === 0) lift(planner, session);
          else planner.chosen.set(session.code);
        }}
        onDragStart={(event) => {
          event.dataTransfer?.setData("text/plain", titleOf(session));
          if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
          const { room, minutes } = session;
          planner.held.set({ code: session.code, placement: { room, start: null, minutes }, by: "list" });
        }}
        onDragEnd={() => {
          if (planner.held.value?.by !== "list") return;
          planner.held.set(null);
          planner.clashes.hold(session.code, null);
        }}
      >
        <bdi dir="auto" class="plan-item-title">
          {titleOf(session)}
        </bdi>
        <span class="plan-item-facts">
          <span>{t("{minutes} min", { minutes: session.minutes })}</span>
          {speakers ? <span>{speakers}</span> : null}
          {isCancelled(session) ? <span>{t("cancelled")}</span> : null}
        </span>
      </button>
    </li>
  );
}

function textsOf(session: Session): string[] {
  const names = session.people.flatMap((person) => Object.values(person.name));
  return [...Object.values(session.title), ...names, session.code];
}

const byTitle = (one: Session, other: Session): number =>
  Number(isCancelled(one)) - Number(isCancelled(other)) ||
  inLanguage(one.title).localeCompare(inLanguage(other.title));

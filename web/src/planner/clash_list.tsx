// The clashes beside the grid: those of the day that is shown first, and what the held session would bring on top.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useCell } from "../stage/cell";
import { t } from "../translation";
import { severityWord } from "./blocks";
import type { Planner } from "./planner";
import { type Problem, SIGNS } from "./problems";

const FIRST = 60;

export function ClashList({ planner }: { planner: Planner }): VNode {
  useCell(planner.version);
  const day = useCell(planner.day);
  const problems = useCell(planner.clashes.problems);
  const preview = useCell(planner.clashes.preview);
  const held = useCell(planner.held);
  const [whole, setWhole] = useState(false);
  const today = problems.filter((problem) => problem.sessions.some((code) => isOn(planner, code, day)));
  const shown = whole ? problems : today;
  return (
    <section class="plan-list plan-clashes" aria-labelledby="plan-clashes">
      <h2 id="plan-clashes">
        {t("Clashes")} <span class="plan-count">{problems.length}</span>
      </h2>
      {held && preview ? <Would preview={preview} planner={planner} /> : null}
      <fieldset class="plan-which">
        <legend class="visually-hidden">{t("Which clashes")}</legend>
        <button type="button" aria-pressed={!whole} onClick={() => setWhole(false)}>
          {t("This day")} <span class="plan-count">{today.length}</span>
        </button>
        <button type="button" aria-pressed={whole} onClick={() => setWhole(true)}>
          {t("All days")}
        </button>
      </fieldset>
      {shown.length === 0 ? <p class="soft small">{t("No clashes.")}</p> : null}
      <ul class="plan-items">
        {shown.slice(0, FIRST).map((problem) => (
          <li key={problem.id}>
            <Line problem={problem} planner={planner} />
          </li>
        ))}
      </ul>
      {shown.length > FIRST ? (
        <p class="soft small">{t("and {count} more", { count: shown.length - FIRST })}</p>
      ) : null}
    </section>
  );
}

function Would({
  preview,
  planner,
}: {
  preview: { gone: Problem[]; new: Problem[] };
  planner: Planner;
}): VNode {
  if (preview.new.length === 0) {
    return <p class="plan-would plan-would-well">{t("No new clash there.")}</p>;
  }
  return (
    <div class="plan-would">
      <p>{t("There it would bring:")}</p>
      <ul class="plan-items">
        {preview.new.slice(0, 6).map((problem) => (
          <li key={problem.id}>
            <Line problem={problem} planner={planner} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Line({ problem, planner }: { problem: Problem; planner: Planner }): VNode {
  return (
    <button
      type="button"
      class="plan-clash"
      data-severity={problem.severity}
      onClick={() => {
        const code = problem.sessions.find((one) => planner.draft.get(one));
        if (code) planner.open(code);
      }}
    >
      <b class="plan-clash-word">
        <span aria-hidden="true">{SIGNS[problem.severity]} </span>
        {severityWord(problem.severity)}
      </b>{" "}
      <span>{problem.text}</span>
    </button>
  );
}

function isOn(planner: Planner, code: string, day: string): boolean {
  const session = planner.draft.get(code);
  return session !== undefined && session.start !== null && planner.dayOf(session) === day;
}

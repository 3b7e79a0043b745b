// The line above the grid: which day, how fine, back and forth, and what concerns more than one session.

import type { VNode } from "preact";
import { useCell } from "../stage/cell";
import { t } from "../translation";
import type { Planner, Step } from "./planner";
import { dayName } from "./said";

export type Tool = "session" | "break" | "shift";

interface Props {
  planner: Planner;
  condensed: boolean;
  onCondensed: (condensed: boolean) => void;
  onTool: (tool: Tool) => void;
  /** On a phone there is no grid: nothing about steps and scale. */
  small: boolean;
}

const STEPS: Step[] = [5, 15, 30];

export function Toolbar({ planner, condensed, onCondensed, onTool, small }: Props): VNode {
  const day = useCell(planner.day);
  const held = useCell(planner.held);
  const { days } = useCell(planner.frame);
  return (
    <div class="plan-bar">
      <fieldset class="plan-days" data-over={held?.by === "mouse" ? "yes" : undefined}>
        <legend class="visually-hidden">{t("Day")}</legend>
        {days.map((one) => (
          <button
            key={one}
            type="button"
            data-day={one}
            aria-pressed={one === day}
            onClick={() => planner.day.set(one)}
            // From the list one drags on into the grid of that day.
            onDragEnter={() => planner.held.value?.by === "list" && planner.day.set(one)}
          >
            {dayName(one)}
          </button>
        ))}
      </fieldset>
      <div class="plan-tools">
        <BackAndForth planner={planner} />
        {small ? null : <StepChoice planner={planner} />}
        {small ? null : (
          <button
            type="button"
            class="button button-quiet button-small"
            aria-pressed={condensed}
            onClick={() => onCondensed(!condensed)}
          >
            {t("Condensed")}
          </button>
        )}
        <button type="button" class="button button-quiet button-small" onClick={() => onTool("session")}>
          {t("Add a session…")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={() => onTool("break")}>
          {t("Add a break…")}
        </button>
        <button type="button" class="button button-quiet button-small" onClick={() => onTool("shift")}>
          {t("Shift a room…")}
        </button>
        <a class="button button-small" href={planner.page.release_url}>
          {t("Release…")}
        </a>
      </div>
    </div>
  );
}

function BackAndForth({ planner }: { planner: Planner }): VNode {
  const undoable = useCell(planner.acts.undoable);
  const redoable = useCell(planner.acts.redoable);
  return (
    <span class="plan-pair">
      <button
        type="button"
        class="button button-quiet button-small"
        aria-disabled={undoable === null}
        aria-keyshortcuts="Control+Z"
        onClick={() => undoable && void planner.turnBack("undo")}
      >
        {t("Undo")}
      </button>
      <button
        type="button"
        class="button button-quiet button-small"
        aria-disabled={redoable === null}
        aria-keyshortcuts="Control+Shift+Z"
        onClick={() => redoable && void planner.turnBack("redo")}
      >
        {t("Redo")}
      </button>
    </span>
  );
}

function StepChoice({ planner }: { planner: Planner }): VNode {
  const step = useCell(planner.step);
  return (
    <label class="plan-step">
      <span>{t("Step")}</span>
      <select value={step} onChange={(event) => planner.step.set(Number(event.currentTarget.value) as Step)}>
        {STEPS.map((minutes) => (
          <option key={minutes} value={minutes}>
            {t("{minutes} min", { minutes })}
          </option>
        ))}
      </select>
    </label>
  );
}

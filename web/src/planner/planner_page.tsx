// The planner's page: on a wide screen the lists, the grid and the chosen session side by side; on a phone one room
// as a list. The grid's code is fetched only where there is a grid.

import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useCell } from "../stage/cell";
import { Sheet } from "../stage/dialogs";
import { t } from "../translation";
import { BreakForm } from "./break_form";
import { ClashList } from "./clash_list";
import { DayList } from "./day_list";
import type { Planner } from "./planner";
import { titleOf } from "./said";
import { SessionForm } from "./session_form";
import { SessionSheet } from "./session_sheet";
import { ShiftForm } from "./shift_form";
import { StaleSheet } from "./stale_sheet";
import { StatusLine } from "./status_line";
import { type Tool, Toolbar } from "./toolbar";
import { Unscheduled } from "./unscheduled";

type GridProps = { planner: Planner; condensed: boolean };

const wide = window.matchMedia("(min-width: 48rem)");

export function PlannerPage({ planner }: { planner: Planner }): VNode {
  const isWide = useMedia(wide);
  const [condensed, setCondensed] = useState(false);
  const [tool, setTool] = useState<Tool | null>(null);
  const stale = useCell(planner.stale);
  useEffect(() => listenForUndo(planner), [planner]);
  const close = () => setTool(null);
  return (
    <div class="plan">
      <Toolbar
        planner={planner}
        condensed={condensed}
        onCondensed={setCondensed}
        onTool={setTool}
        small={!isWide}
      />
      <StatusLine planner={planner} />
      {isWide ? <Desk planner={planner} condensed={condensed} /> : <Phone planner={planner} />}
      {tool === "session" ? <SessionForm planner={planner} onClose={close} /> : null}
      {tool === "break" ? <BreakForm planner={planner} onClose={close} /> : null}
      {tool === "shift" ? <ShiftForm planner={planner} onClose={close} /> : null}
      {stale ? <StaleSheet planner={planner} stale={stale} /> : null}
      <Words planner={planner} />
    </div>
  );
}

function Desk({ planner, condensed }: GridProps): VNode {
  const chosen = useCell(planner.chosen);
  const Grid = useGrid();
  return (
    <div class="plan-desk" data-open={chosen ? "yes" : undefined}>
      <div class="plan-side">
        <Unscheduled planner={planner} draggable />
        <ClashList planner={planner} />
      </div>
      {Grid ? (
        <Grid planner={planner} condensed={condensed} />
      ) : (
        <p class="soft">{t("Fetching the grid…")}</p>
      )}
      {chosen ? (
        <aside class="plan-sheet" aria-labelledby="plan-chosen">
          <ChosenTitle planner={planner} code={chosen} />
          <SessionSheet planner={planner} code={chosen} />
        </aside>
      ) : null}
    </div>
  );
}

function ChosenTitle({ planner, code }: { planner: Planner; code: string }): VNode {
  useCell(planner.version);
  const session = planner.draft.get(code);
  return (
    <div class="plan-sheet-head">
      <h2 id="plan-chosen">
        <bdi dir="auto">{session ? titleOf(session) : ""}</bdi>
      </h2>
      <button type="button" class="link-button" onClick={() => planner.chosen.set(null)}>
        {t("Close")}
      </button>
    </div>
  );
}

function Phone({ planner }: { planner: Planner }): VNode {
  const chosen = useCell(planner.chosen);
  useCell(planner.version);
  const session = chosen ? planner.draft.get(chosen) : undefined;
  return (
    <div class="plan-phone">
      <DayList planner={planner} />
      <Unscheduled planner={planner} draggable={false} />
      <ClashList planner={planner} />
      {chosen && session ? (
        <Sheet
          title={<bdi dir="auto">{titleOf(session)}</bdi>}
          onClose={() => planner.chosen.set(null)}
          fromTop
        >
          <SessionSheet planner={planner} code={chosen} />
          <button type="button" class="button button-quiet" onClick={() => planner.chosen.set(null)}>
            {t("Close")}
          </button>
        </Sheet>
      ) : null}
    </div>
  );
}

/** What is read aloud, and how the keys work, for those who cannot see it. */
function Words({ planner }: { planner: Planner }): VNode {
  const said = useCell(planner.said);
  return (
    <>
      <p class="visually-hidden" aria-live="assertive" id="plan-said">
        {said}
      </p>
      <p hidden id="plan-keys">
        {t(
          "Enter lifts it, Space opens it, Delete takes it off the schedule, arrow keys go to its neighbours, Page Up and Page Down to another day.",
        )}
      </p>
      <p hidden id="plan-list-keys">
        {t("Enter lifts it into the grid.")}
      </p>
    </>
  );
}

function useGrid(): ComponentType<GridProps> | null {
  const [found, setFound] = useState<ComponentType<GridProps> | null>(null);
  useEffect(() => {
    void import("./grid_view").then((module) => setFound(() => module.default));
  }, []);
  return found;
}

function useMedia(media: MediaQueryList): boolean {
  const [is, set] = useState(media.matches);
  useEffect(() => {
    const changed = () => set(media.matches);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, [media]);
  return is;
}

/** Ctrl+Z and Ctrl+Shift+Z anywhere but in a field, which has its own. */
function listenForUndo(planner: Planner): () => void {
  const pressed = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.code !== "KeyZ") return;
    if ((event.target as HTMLElement).closest("input, textarea, select, dialog")) return;
    event.preventDefault();
    void planner.turnBack(event.shiftKey ? "redo" : "undo");
  };
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}

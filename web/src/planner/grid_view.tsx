// The grid's place on the page; fetched only where there is room for a grid.

import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../translation";
import { GridDesk } from "./grid_desk";
import type { Planner } from "./planner";

export default function GridView({ planner, condensed }: { planner: Planner; condensed: boolean }): VNode {
  const host = useRef<HTMLElement>(null);
  const desk = useRef<GridDesk | null>(null);
  useEffect(() => {
    if (!host.current) return;
    const made = new GridDesk(host.current, planner, condensed);
    desk.current = made;
    return () => made.destroy();
  }, [planner]);
  useEffect(() => desk.current?.scale(condensed), [condensed]);
  return <section class="plan-grid" ref={host} aria-label={t("Rooms and times")} />;
}

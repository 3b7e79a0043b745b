// One line under the tools: whether others' moves arrive, what waits to be sent, what was refused, who did what.

import type { VNode } from "preact";
import { useCell } from "../stage/cell";
import { n, t } from "../translation";
import type { Planner } from "./planner";

export function StatusLine({ planner }: { planner: Planner }): VNode {
  const refused = useCell(planner.refused);
  const news = useCell(planner.news);
  const live = useCell(planner.live);
  const offline = useCell(planner.offline);
  const waiting = useCell(planner.acts.waiting);
  if (refused !== null) {
    return (
      <div class="plan-status plan-refused" role="alert">
        <p>{refused}</p>
        <button type="button" class="link-button" onClick={() => planner.refused.set(null)}>
          {t("Understood")}
        </button>
      </div>
    );
  }
  return (
    <p class="plan-status soft small" role="status">
      {stateWords(live === "online", offline, waiting)}
      {news && live === "online" && !offline ? <span class="plan-news">{news}</span> : null}
    </p>
  );
}

function stateWords(online: boolean, offline: boolean, waiting: number): string {
  if (offline || (!online && waiting > 0)) {
    const kept = n("{count} change waits here", "{count} changes wait here", waiting);
    return t("No connection just now. {kept} and will be sent when it is back; leave this page open.", {
      kept,
    });
  }
  if (!online) return t("Connecting; moves of others may be missing for a moment.");
  return waiting > 0 ? t("Saving…") : t("Every move is saved at once.");
}

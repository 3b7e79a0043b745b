// Where the stage was when the person's own data limit is reached: the way on, in one tap.

import type { VNode } from "preact";
import { t } from "../translation";
import { useCell } from "./cell";
import type { RoomSession } from "./room_session";

const MB = 1_000_000;
const MORE = 20 * MB;

export function LimitReached({ session }: { session: RoomSession }): VNode {
  const { used } = useCell(session.data.use);
  const cap = useCell(session.data.cap) ?? used;
  return (
    <div class="stage-empty" role="status">
      <p class="stage-empty-title">{t("Your data limit is reached.")}</p>
      <p>{t("Sound and pictures have stopped. Questions, text and slides go on.")}</p>
      <div class="stage-ways">
        <button type="button" class="button" onClick={() => session.data.setCap(Math.max(used, cap) + MORE)}>
          {t("Go on with {size} MB more", { size: MORE / MB })}
        </button>
        <button type="button" class="button button-stage" onClick={() => session.data.setCap(null)}>
          {t("Go on without a limit")}
        </button>
      </div>
    </div>
  );
}

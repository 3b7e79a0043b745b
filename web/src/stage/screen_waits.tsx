// Over a shared screen whose picture does not fit through the link: that it is there, and that it comes by itself.

import type { VNode } from "preact";
import { t } from "../translation";
import { useCell } from "./cell";
import type { RoomSession } from "./room_session";

export function ScreenWaits({ session }: { session: RoomSession }): VNode | null {
  const { rung, reason } = useCell(session.link);
  if (reason !== "link" || rung === "full" || rung === "one") return null;
  return (
    <p class="stage-hint" role="status">
      {t("A screen is being shared. Its picture comes as soon as your connection carries it.")}
    </p>
  );
}

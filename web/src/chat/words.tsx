// The tab's name, with the number of messages that are new.

import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { useCell } from "../stage/cell";
import { t } from "../translation";
import { chatNews } from "./heard";

export function ChatWords({ session }: { session: { live: LiveClient } }): VNode {
  const unread = useCell(useMemo(() => chatNews(session.live), [session]).unread);
  return (
    <>
      {t("Chat")}
      {unread > 0 && <span class="badge">{t("{count} new", { count: unread })}</span>}
    </>
  );
}

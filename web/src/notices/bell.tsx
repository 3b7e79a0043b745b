// The quiet bell: a count, and the list when somebody asks for it.

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { aroundParts } from "../stage/around_parts";
import { type Cell, useCell } from "../stage/cell";
import { Icon } from "../stage/icons";
import { n, t } from "../translation";
import type { BellState } from "./bell_state";

export interface BellProps {
  live: LiveClient;
  bell: Cell<BellState>;
  /** The event's address, without a slash at its end. */
  base: string;
  /** The code of the session this page shows: what is on the screen need not be announced. */
  here: string;
  /** Says one sentence where nothing is covered and nothing moves. */
  say: (text: string) => void;
}

const Notices = aroundParts.show(({ Notices }) => Notices);
const NoticeList = aroundParts.show(({ NoticeList }) => NoticeList);

export function BellButton(props: BellProps): VNode {
  const { unread, newest } = useCell(props.bell);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="bell" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Icon name="bell" />
        <span class="visually-hidden">
          {unread ? n("{count} new notification", "{count} new notifications", unread) : t("Notifications")}
        </span>
        {unread > 0 && (
          <span class="badge" aria-hidden="true">
            {unread}
          </span>
        )}
      </button>
      {newest && <Notices {...props} />}
      {open && <NoticeList {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

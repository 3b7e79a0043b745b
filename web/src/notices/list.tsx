// The list of notifications, and the sentence that says a new one. The words are the server's.

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LiveClient } from "../live/client";
import { useCell } from "../stage/cell";
import { Sheet } from "../stage/dialogs";
import { locale, n, t } from "../translation";
import type { BellProps } from "./bell";

interface Notice {
  id: string;
  kind: string;
  at: string;
  /** Our sentence; the rest is what people wrote. */
  words: string;
  quote?: string;
  title?: string;
  session?: string;
  unread?: boolean;
}

interface Listed {
  notifications: Notice[];
  more: boolean;
}

const TOGETHER_MS = 400;

const ask = (live: LiveClient, before?: string): Promise<Listed> =>
  live.send("ListNotifications", before ? { before } : {}) as Promise<Listed>;

/** Says what has just come. Several at once, as after an outage, are one sentence. */
export function Notices({ live, bell, here, say }: BellProps): null {
  const { newest } = useCell(bell);
  const told = useRef(new Set<string>());
  useEffect(() => {
    if (!newest || told.current.has(newest)) return;
    const timer = setTimeout(() => {
      ask(live).then(
        ({ notifications }) => {
          const at = notifications.findIndex(({ id }) => told.current.has(id));
          const fresh = notifications
            .slice(0, at < 0 ? undefined : at)
            .filter((one) => one.unread && !told.current.has(one.id));
          for (const { id } of notifications) told.current.add(id);
          const worth = fresh.filter((one) => !isOnScreen(one, here));
          const first = worth[0];
          if (worth.length === 1 && first) say(first.words);
          else if (first) say(n("{count} new notification", "{count} new notifications", worth.length));
        },
        () => undefined, // the count beside the bell says so all the same
      );
    }, TOGETHER_MS);
    return () => clearTimeout(timer);
  }, [newest]);
  return null;
}

/** The room itself says that one is invited, and that its session begins. */
function isOnScreen({ kind, session }: Notice, here: string): boolean {
  return session === here && (kind === "session-soon" || kind === "invited");
}

export function NoticeList({ live, bell, base, here, onClose }: BellProps & { onClose: () => void }): VNode {
  const { newest } = useCell(bell);
  const [list, setList] = useState<Listed | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    ask(live).then(
      (listed) => {
        setList(listed);
        const first = listed.notifications[0];
        if (first && listed.notifications.some(({ unread }) => unread))
          void live.send("ReadNotifications", { upto: first.id }, { durable: true }).catch(() => undefined);
      },
      () => setFailed(true),
    );
  }, [newest]);
  const older = () => {
    const last = list?.notifications.at(-1);
    if (!list || !last) return;
    ask(live, last.id).then(
      ({ notifications, more }) =>
        setList({ notifications: [...list.notifications, ...notifications], more }),
      () => setFailed(true),
    );
  };
  return (
    <Sheet title={t("Notifications")} onClose={onClose} fromTop>
      {failed && <p role="alert">{t("There is no connection just now. Try again in a moment.")}</p>}
      {!list && !failed && <p class="soft">{t("Loading…")}</p>}
      {list?.notifications.length === 0 && (
        <p class="soft">
          {t("Nothing yet. What concerns you is told here: answers, your turn, what starts soon.")}
        </p>
      )}
      {list && list.notifications.length > 0 && (
        <ul class="notices">
          {list.notifications.map((notice) => (
            <NoticeRow key={notice.id} notice={notice} base={base} here={here} />
          ))}
        </ul>
      )}
      {list?.more && (
        <button type="button" class="button button-quiet" onClick={older}>
          {t("Older ones")}
        </button>
      )}
      <button type="button" class="button button-quiet" onClick={onClose}>
        {t("Close")}
      </button>
    </Sheet>
  );
}

const clock = new Intl.DateTimeFormat(locale, {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function NoticeRow({ notice, base, here }: { notice: Notice; base: string; here: string }): VNode {
  const { words, quote, title, session, at, unread } = notice;
  return (
    <li class={unread ? "notice-row notice-new" : "notice-row"}>
      <p class="notice-words">
        {words}
        {unread && <span class="visually-hidden"> {t("new")}</span>}
      </p>
      {quote && (
        <p class="notice-quote" dir="auto">
          {quote}
        </p>
      )}
      <p class="notice-line">
        <time dateTime={at}>{clock.format(new Date(at))}</time>
        {session && session !== here && title && (
          // In a window of its own: a look must not cost the place in this room.
          <a href={`${base}/session/${session}`} target="_blank" rel="noopener">
            <bdi>{title}</bdi>
          </a>
        )}
      </p>
    </li>
  );
}
